import ControlLoop
import Objects
import Store

/// Writes objects of one kind in the form that a client asked for.
///
/// An object is encoded once, when it is stored; an answer is put together from those bytes and a few words around
/// them, without a look inside. Only where a kind was defined while the cluster runs may an object have to look
/// different from what was stored: in another version, or with defaults that came later.
struct Presentation: Sendable {
  let kind: Kind
  let form: Form
  private let table: Table?

  init(of kind: Kind, as form: Form) {
    self.kind = kind
    self.form = form
    table = if case .table(let inclusion) = form { Table(of: kind, including: inclusion) } else { nil }
  }

  /// Whether all who ask in this form get the same at all times: not tables, which show ages, and not objects that
  /// another version shows otherwise.
  var isTimeless: Bool { table == nil && kind.schema == nil }

  /// One object: the body of an answer, or a part of a watch event.
  /// - Parameter isFirst: of its watch; later tables leave out the columns.
  func object(
    _ value: @autoclosure () -> Value, _ bytes: @autoclosure () -> [UInt8], isFirst: Bool = true, at now: Time
  ) -> [UInt8] {
    let item = item(value(), bytes(), at: now)
    return table.map { $0.head(ListMetadata(of: value()), withColumns: isFirst) + item + Self.listEnd } ?? item
  }

  /// A list as pieces, which are joined nowhere before the wire.
  func list(_ records: [Record], _ metadata: ListMetadata, at now: Time) -> [[UInt8]] {
    var pieces = [head(of: metadata)]
    for record in records {
      if pieces.count > 1 { pieces.append(Self.comma) }
      pieces.append(item(record.value, record.bytes, at: now))
    }
    return pieces + [Self.listEnd]
  }

  private func head(of metadata: ListMetadata) -> [UInt8] {
    if let table { return table.head(metadata, withColumns: true) }
    let (name, version) =
      form == .object ? (kind.listName, kind.apiVersion) : ("PartialObjectMetadataList", "meta.k8s.io/v1")
    return Array("{\"kind\":\"\(name)\",\"apiVersion\":\"\(version)\",\"metadata\":".utf8) + metadata.encoded
      + Array(",\"items\":[".utf8)
  }

  // The object is looked at, and its bytes are made, only if that is shown.
  private func item(
    _ value: @autoclosure () -> Value, _ bytes: @autoclosure () -> [UInt8], at now: Time
  ) -> [UInt8] {
    if kind.schema != nil {
      let shown = kind.reading(value())
      return written(shown, shown == value() ? bytes() : shown.encoded(), at: now)
    }
    return written(value(), bytes(), at: now)
  }

  private func written(
    _ value: @autoclosure () -> Value, _ bytes: @autoclosure () -> [UInt8], at now: Time
  ) -> [UInt8] {
    if let table { return table.row(value(), bytes(), at: now) }
    return form == .object ? bytes() : Self.metadata(of: value())
  }

  private static let comma = [UInt8(ascii: ",")]
  private static let listEnd = Array("]}".utf8)

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
