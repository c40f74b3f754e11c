import ControlLoop
import Objects

// The same schemas in the words of OpenAPI 2, all in one document and without paths. kubectl checks a List's items with
// it, since no path takes a List as a whole; so does every client that knows no OpenAPI 3, and most read it as protobuf.
// Specified by the OpenAPI Specification 2.0 and the Kubernetes documentation, "The Kubernetes API" ("OpenAPI V2").

/// Makes the document.
enum OpenAPI2 {
  /// - Parameter scheme: the kinds of the layers and what they are made of.
  static func document(of kinds: [Kind], in scheme: Scheme) -> Value {
    var schemas = OpenAPISchemas(scheme: scheme)
    for kind in kinds {
      schemas.add(kind)
      for part in kind.parts where part.type.schema == nil { schemas.add(part.type.type) }
    }
    for type: any Structure.Type in [DeletionOptions.self, Status.self] { schemas.add(type) }
    let definitions = schemas.all.members ?? Members()
    return [
      "swagger": "2.0", "info": ["title": "Kubernetes", "version": "v1.36.0"], "paths": [:],
      "definitions": .object(Members(definitions.map { ($0.name, schema($0.value)) })),
    ]
  }

  /// What OpenAPI 3 says of a value, as far as OpenAPI 2 and its readers have words for it.
  static func schema(_ schema: Value) -> Value {
    guard let members = schema.members else { return schema }
    var result = Members()
    for (name, member) in members {
      switch name {
      case "$ref": result.append(new: name, reference(member))
      // A reference that needed a place beside it.
      case "allOf": if let inner = member[0]?["$ref"] { result.append(new: "$ref", reference(inner)) }
      // A number that may be written as text: text takes both.
      case "oneOf": if members["type"] == nil { result.append(new: "type", "string") }
      case "anyOf", "not", "nullable", "x-kubernetes-validations", "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-int-or-string", "x-kubernetes-embedded-resource":
        break
      case "items", "additionalProperties": result.append(new: name, self.schema(member))
      case "properties":
        let properties = (member.members ?? Members()).map { ($0.name, self.schema($0.value)) }
        result.append(new: name, .object(Members(properties)))
      default: result.append(new: name, member)
      }
    }
    // Readers take a type at its word, so nothing is said of a value that may be otherwise.
    let isOpen = ["nullable", "x-kubernetes-preserve-unknown-fields"].contains { schema[$0] == true }
    let isAnything = schema["type"] == "object" && schema["properties"] == nil && schema["additionalProperties"] == nil
    if isAnything { result["type"] = nil }
    if isOpen { for name in ["type", "properties", "items", "additionalProperties"] { result[name] = nil } }
    return .object(result)
  }

  private static func reference(_ reference: Value) -> Value {
    let name = reference.string?.split(separator: "/").last ?? ""
    return .string("#/definitions/\(name)")
  }
}

// MARK: - As protobuf

extension OpenAPI2 {
  /// The media type of the document as protobuf.
  static let mediaType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
  /// What kubectl asks for. It could not read an answer of this name: "@" may not stand in a media type.
  static let oldMediaType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"

  /// The document as a message. Specified by OpenAPIv2.proto of the project gnostic.
  static func protobuf(_ document: Value) -> [UInt8] {
    var message = ProtobufWriter()
    message.write(1, document["swagger"])
    message.write(2) { info in
      info.write(1, document["info"]?["title"])
      info.write(2, document["info"]?["version"])
    }
    message.write(8) { _ in }
    message.write(9) { named(&$0, 1, document["definitions"]) { write($1, to: &$0) } }
    return message.bytes
  }

  private static func write(_ schema: Value, to message: inout ProtobufWriter) {
    message.write(1, schema["$ref"])
    message.write(2, schema["format"])
    message.write(4, schema["description"])
    if let value = schema["default"] { message.write(5) { $0.write(2, yaml(value)) } }
    message.write(13, schema["pattern"])
    for name in schema["required"]?.array ?? [] { message.write(19, name) }
    for value in schema["enum"]?.array ?? [] { message.write(20) { $0.write(2, yaml(value)) } }
    if let others = schema["additionalProperties"] {
      message.write(21) { item in
        if others.members != nil { item.write(1) { write(others, to: &$0) } } else { item.write(2, others == true) }
      }
    }
    if let type = schema["type"] { message.write(22) { $0.write(1, type) } }
    if let items = schema["items"] { message.write(23) { $0.write(1) { write(items, to: &$0) } } }
    if let properties = schema["properties"] {
      message.write(25) { named(&$0, 1, properties) { write($1, to: &$0) } }
    }
    let extensions = (schema.members ?? Members()).filter { $0.name.hasPrefix("x-") }
    named(&message, 31, .object(Members(extensions.map { ($0.name, $0.value) }))) { $0.write(2, yaml($1)) }
  }

  /// A map, which is a list of names with their values.
  private static func named(
    _ message: inout ProtobufWriter, _ number: Int, _ map: Value?,
    _ write: (inout ProtobufWriter, Value) -> Void
  ) {
    for (name, value) in map?.members ?? Members() {
      message.write(number) { pair in
        pair.write(1, .string(name))
        pair.write(2) { write(&$0, value) }
      }
    }
  }

  // JSON is YAML as well.
  private static func yaml(_ value: Value) -> Value { .string(value.encodedString) }
}

/// Writes a message, field by field. Specified by the protobuf documentation, "Encoding".
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  /// Text; nothing where there is none.
  mutating func write(_ number: Int, _ text: Value?) {
    if let text = text?.string { append(number, Array(text.utf8)) }
  }

  mutating func write(_ number: Int, _ flag: Bool) {
    bytes += Self.varint(UInt64(number) << 3) + [flag ? 1 : 0]
  }

  /// A message within this one.
  mutating func write(_ number: Int, _ write: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    write(&inner)
    append(number, inner.bytes)
  }

  private mutating func append(_ number: Int, _ content: [UInt8]) {
    bytes += Self.varint(UInt64(number) << 3 | 2) + Self.varint(UInt64(content.count)) + content
  }

  private static func varint(_ number: UInt64) -> [UInt8] {
    var (rest, bytes): (UInt64, [UInt8]) = (number, [])
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
