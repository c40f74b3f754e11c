import ControlLoop
import Objects
import Store

/// Writes objects of one kind in the form that a client asked for.
///
/// An object is encoded once, when it is stored; an answer is put together from those bytes and a few words around
/// them, without a look inside.
struct Presentation: Sendable {
  let kind: Kind
  let form: Form
  private let table: Table?

  init(of kind: Kind, as form: Form) {
    self.kind = kind
    self.form = form
    table = if case .table(let inclusion) = form { Table(of: kind, including: inclusion) } else { nil }
  }

  /// One object as the body of an answer.
  func document(_ value: Value, _ bytes: @autoclosure () -> [UInt8], at now: Time) -> [[UInt8]] {
    switch form {
    case .object: return [bytes()]
    case .metadata: return [Self.metadata(of: value)]
    case .table: return list([(value, bytes())], ListMetadata(of: value), at: now)
    }
  }

  func list(_ records: [Record], _ metadata: ListMetadata, at now: Time) -> [[UInt8]] {
    guard form == .object else { return list(records.map { ($0.value, $0.bytes) }, metadata, at: now) }
    return splice(
      Array("{\"kind\":\"\(kind.listName)\",\"apiVersion\":\"\(kind.apiVersion)\",\"metadata\":".utf8)
        + metadata.encoded + Array(",\"items\":[".utf8), records.lazy.map(\.bytes))
  }

  private func list(_ objects: [(value: Value, bytes: [UInt8])], _ metadata: ListMetadata, at now: Time) -> [[UInt8]] {
    guard let table else {
      return splice(
        Array("{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":".utf8)
          + metadata.encoded + Array(",\"items\":[".utf8), objects.map { Self.metadata(of: $0.value) })
    }
    return splice(
      table.head(metadata, withColumns: true),
      objects.map { table.row($0.value, $0.bytes, at: now) })
  }

  // Every form of a list ends with the list.
  private func splice(_ head: [UInt8], _ items: some Sequence<[UInt8]>) -> [[UInt8]] {
    var pieces = [head]
    for item in items {
      if pieces.count > 1 { pieces.append(Self.comma) }
      pieces.append(item)
    }
    pieces.append(Self.listEnd)
    return pieces
  }

  private static let comma = [UInt8(ascii: ",")]
  private static let listEnd = Array("]}".utf8)

  /// One object inside a watch event.
  /// - Parameter isFirst: of its watch; later tables leave out the columns.
  func embedded(_ value: Value, _ bytes: @autoclosure () -> [UInt8], isFirst: Bool, at now: Time) -> [UInt8] {
    switch form {
    case .object: return bytes()
    case .metadata: return Self.metadata(of: value)
    case .table:
      guard let table else { return bytes() }
      return table.head(ListMetadata(of: value), withColumns: isFirst) + table.row(value, bytes(), at: now)
        + Self.listEnd
    }
  }

  static func metadata(of value: Value) -> [UInt8] {
    let partial: Value = [
      "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": value["metadata"] ?? [:],
    ]
    return partial.encoded()
  }
}

/// What a list says of itself.
struct ListMetadata {
  var version: String
  /// Fetches the next page; nil on the last one.
  var continuation: String?
  var remaining: Int?

  init(version: String, continuation: String? = nil, remaining: Int? = nil) {
    self.version = version
    self.continuation = continuation
    self.remaining = remaining
  }

  /// Of a table with one object.
  init(of value: Value) {
    self.init(version: Object(json: value).metadata.resourceVersion ?? "")
  }

  var encoded: [UInt8] {
    var metadata: Value = ["resourceVersion": .string(version)]
    metadata["continue"] = continuation.map(Value.string)
    metadata["remainingItemCount"] = remaining.map { .integer(Int64($0)) }
    return metadata.encoded()
  }
}

extension Response {
  /// The same document for human eyes.
  var prettyPrinted: Response {
    guard case .pieces(let pieces) = body, headers.contains(where: { $0 == Self.json }),
      let value = try? Value(parsing: Array(pieces.joined()))
    else { return self }
    var response = self
    response.body = .pieces([value.encoded(as: JSONLayout(indentation: 2)) + [UInt8(ascii: "\n")]])
    return response
  }
}
