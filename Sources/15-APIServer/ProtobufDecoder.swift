import ControlLoop
import Objects

// Bodies in protobuf, as Go's typed clients send them, become the JSON that the same clients would have sent. The
// schema that describes the JSON also knows the numbers of the fields, so one decoder reads every kind.
// Specified by the Kubernetes documentation, "API concepts" ("Kubernetes Protobuf encoding").

/// Reads bodies of the type application/vnd.kubernetes.protobuf.
struct ProtobufDecoder: Sendable {
  static let mediaType = "application/vnd.kubernetes.protobuf"

  private let scheme: Scheme
  /// By the name of the structure.
  private let messages: [String: ProtobufMessage]

  init(scheme: Scheme) {
    self.scheme = scheme
    messages = Dictionary(
      scheme.allStructures.map { ($0.name, ProtobufMessage($0)) }, uniquingKeysWith: { first, _ in first })
  }

  /// The object in a body. Fields that no schema knows are left out, as in Kubernetes.
  /// Throws when the bytes are not a message, or one of a kind that the scheme does not know.
  func value(of body: [UInt8]) throws -> Value {
    guard body.starts(with: Self.prefix) else { throw ProtobufError("the body does not begin with \"k8s\" and a zero") }
    let envelope = try Envelope(body.dropFirst(Self.prefix.count))
    guard let type = type(of: envelope) else {
      throw ProtobufError("no kind \"\(envelope.kind)\" is served in version \"\(envelope.apiVersion)\"")
    }
    var members = Members([("kind", .string(envelope.kind)), ("apiVersion", .string(envelope.apiVersion))])
    try read(envelope.raw, message(type), into: &members, depth: 0)
    return .object(members)
  }

  private static let prefix: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

  private func type(of envelope: Envelope) -> (any Structure.Type)? {
    if let kind = scheme.kind(apiVersion: envelope.apiVersion, name: envelope.kind) { return kind.type }
    // Every group knows the options of a deletion under its own version.
    if envelope.kind == "DeleteOptions" { return DeletionOptions.self }
    let others = scheme.kinds.flatMap { $0.subresources.compactMap(\.body) } + [Scale.kind]
    return others.first { $0.apiVersion == envelope.apiVersion && $0.name == envelope.kind }?.type
  }

  private func message(_ type: any Structure.Type) -> ProtobufMessage {
    messages[type.schemaName] ?? ProtobufMessage(scheme.schema(of: type))
  }
}

/// What the object is, and its bytes. Specified by runtime.Unknown.
private struct Envelope {
  var apiVersion = ""
  var kind = ""
  var raw: ArraySlice<UInt8> = []

  init(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) {
    var reader = ProtobufReader(bytes)
    while let (number, value) = try reader.next() {
      switch number {
      case 1: try readType(value.bytes())
      case 2: raw = try value.bytes()
      case 3, 4:
        let encoding = try value.text()
        guard ["", ProtobufDecoder.mediaType].contains(encoding) else {
          throw ProtobufError("the object is encoded as \"\(encoding)\" once more")
        }
      default: break
      }
    }
  }

  private mutating func readType(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) {
    var reader = ProtobufReader(bytes)
    while let (number, value) = try reader.next() {
      switch number {
      case 1: apiVersion = try value.text()
      case 2: kind = try value.text()
      default: break
      }
    }
  }
}

// MARK: - Messages

extension ProtobufDecoder {
  private static let deepest = 64

  private func read(
    _ bytes: ArraySlice<UInt8>, _ message: ProtobufMessage, into members: inout Members, depth: Int
  ) throws {
    guard depth < Self.deepest else { throw ProtobufError("messages are nested more than \(Self.deepest) deep") }
    var reader = ProtobufReader(bytes)
    while let (number, value) = try reader.next() {
      if let field = message.fields[number] {
        try read(value, field, of: message, into: &members, depth: depth)
      } else if let inner = message.inlined[number] {
        try read(value.bytes(), inner, into: &members, depth: depth + 1)
      }
    }
  }

  private func read(
    _ value: ProtobufValue, _ field: FieldSchema, of message: ProtobufMessage, into members: inout Members, depth: Int
  ) throws {
    do {
      switch field.type {
      case .array(let element):
        var elements = members[field.name]?.array ?? []
        members[field.name] = .null
        elements += try self.elements(value, element, depth: depth)
        members[field.name] = .array(elements)
      case .map(let element):
        let (key, entry) = try self.entry(value.bytes(), element, depth: depth)
        var map = members[field.name] ?? .emptyObject
        members[field.name] = .null
        map[key] = entry
        members[field.name] = map
      default:
        if let read = try self.value(value, field.type, depth: depth), !message.isUnset(read, field) {
          members[field.name] = read
        }
      }
    } catch let error as ProtobufError {
      throw ProtobufError("\(field.name): \(error)")
    }
  }

  // Numbers may stand one by one or, packed, in one run of bytes.
  private func elements(_ value: ProtobufValue, _ type: FieldType, depth: Int) throws -> [Value] {
    guard type.isPackable, case .bytes(let bytes) = value else {
      return [try self.value(value, type, depth: depth) ?? .null]
    }
    var reader = ProtobufReader(bytes)
    var elements: [Value] = []
    while !reader.isAtEnd {
      let number: ProtobufValue =
        if case .double = type { .fixed64(try reader.fixed(bytes: 8)) } else { .varint(try reader.varint()) }
      if let element = try self.value(number, type, depth: depth) { elements.append(element) }
    }
    return elements
  }

  private func entry(_ bytes: ArraySlice<UInt8>, _ type: FieldType, depth: Int) throws -> (key: String, value: Value) {
    var key = ""
    var entry: Value?
    var reader = ProtobufReader(bytes)
    while let (number, value) = try reader.next() {
      switch number {
      case 1: key = try value.text()
      case 2: entry = try self.value(value, type, depth: depth)
      default: break
      }
    }
    return (key, entry ?? type.empty)
  }

  /// Nil for a time that is none: Go writes its zero time as an empty message.
  private func value(_ value: ProtobufValue, _ type: FieldType, depth: Int) throws -> Value? {
    switch type {
    case .boolean: return .bool(try value.varint() != 0)
    case .int32: return .integer(Int64(Int32(truncatingIfNeeded: try value.varint())))
    case .int64: return .integer(Int64(bitPattern: try value.varint()))
    case .double:
      guard case .fixed64(let bits) = value else { throw ProtobufError("a 64-bit number was expected") }
      return .double(Double(bitPattern: bits))
    case .string, .enumeration: return .string(try value.text())
    case .bytes: return .string(Base64.encoded(try value.bytes()))
    case .time: return try moment(value)?.asValue
    case .microTime: return try moment(value).map { MicroTime($0).asValue }
    case .quantity: return .string(try fields(of: value)[1]?.text() ?? "0")
    case .intOrString:
      let parts = try fields(of: value)
      guard try parts[1]?.varint() ?? 0 == 0 else { return .string(try parts[3]?.text() ?? "") }
      return .integer(Int64(Int32(truncatingIfNeeded: try parts[2]?.varint() ?? 0)))
    case .any:
      guard let json = try fields(of: value)[1]?.bytes(), !json.isEmpty else { return nil }
      return try Value(parsing: json)
    case .structure(let type):
      var members = Members()
      try read(value.bytes(), message(type), into: &members, depth: depth + 1)
      return .object(members)
    case .array, .map: throw ProtobufError("a list in a list has no form in protobuf")
    }
  }

  private func moment(_ value: ProtobufValue) throws -> Time? {
    let parts = try fields(of: value)
    let seconds = Int64(bitPattern: try parts[1]?.varint() ?? 0)
    let nanoseconds = Int64(Int32(truncatingIfNeeded: try parts[2]?.varint() ?? 0))
    if seconds == 0, nanoseconds == 0 { return nil }
    guard Self.secondsOfText.contains(seconds), 0..<1_000_000_000 ~= nanoseconds else {
      throw ProtobufError("a time is not between the years 1 and 9999")
    }
    return Time(microseconds: seconds * 1_000_000 + nanoseconds / 1000)
  }

  private static let secondsOfText: Range<Int64> = -62_135_596_800..<253_402_300_800

  /// The fields of a small message; of a repeated one, the last.
  private func fields(of value: ProtobufValue) throws(ProtobufError) -> [Int: ProtobufValue] {
    var reader = ProtobufReader(try value.bytes())
    var fields: [Int: ProtobufValue] = [:]
    while let (number, value) = try reader.next() { fields[number] = value }
    return fields
  }
}

extension FieldType {
  fileprivate var isPackable: Bool {
    switch self {
    case .boolean, .int32, .int64, .double: true
    default: false
    }
  }

  /// What an entry of a map has that says nothing.
  fileprivate var empty: Value {
    switch self {
    case .boolean: false
    case .int32, .int64: 0
    case .double: 0.0
    case .string, .enumeration, .bytes: ""
    case .quantity: "0"
    case .structure: [:]
    default: .null
    }
  }
}

extension Base64 {
  /// The usual alphabet, with padding (section 4).
  static func encoded(_ bytes: some Sequence<UInt8>) -> String {
    let digits = urlEncoded(bytes).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
    return String(digits) + String(repeating: "=", count: (4 - digits.count % 4) % 4)
  }
}
