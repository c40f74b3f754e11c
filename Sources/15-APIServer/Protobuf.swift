// What stands on the wire of a protobuf message: numbered fields, each a number or a run of bytes. What they mean
// is not said there. Specified by the protobuf documentation, "Encoding".

/// One field as it stands on the wire.
enum ProtobufValue {
  case varint(UInt64)
  case fixed64(UInt64)
  case fixed32(UInt32)
  /// Text, bytes, a message, or several numbers in a row.
  case bytes(ArraySlice<UInt8>)
}

/// Why bytes are not the message that they should be.
struct ProtobufError: Error, CustomStringConvertible {
  /// A sentence's end: "the message ends in the middle of a field".
  let description: String

  init(_ description: String) { self.description = description }

  static let truncated = ProtobufError("the message ends in the middle of a field")
}

/// Reads a message from its beginning to its end. Bytes come from anybody, so every length is checked.
struct ProtobufReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  /// The next field's number and value; nil at the end.
  mutating func next() throws(ProtobufError) -> (number: Int, value: ProtobufValue)? {
    if rest.isEmpty { return nil }
    let tag = try varint()
    let number = tag >> 3
    guard 1...Self.largestNumber ~= number else { throw ProtobufError("\(number) is not a field number") }
    let value: ProtobufValue =
      switch tag & 7 {
      case 0: .varint(try varint())
      case 1: .fixed64(try fixed(bytes: 8))
      case 2: .bytes(try bytes())
      case 5: .fixed32(UInt32(truncatingIfNeeded: try fixed(bytes: 4)))
      default: throw ProtobufError("field \(number) has the unknown wire type \(tag & 7)")
      }
    return (Int(number), value)
  }

  private static let largestNumber: UInt64 = 1 << 29 - 1

  /// Seven bits a byte, the lowest first; ten bytes at most.
  mutating func varint() throws(ProtobufError) -> UInt64 {
    var number: UInt64 = 0
    for position in 0..<10 {
      guard let byte = rest.popFirst() else { throw .truncated }
      if position == 9, byte > 1 { break }
      number |= UInt64(byte & 0x7F) << UInt64(7 * position)
      if byte < 0x80 { return number }
    }
    throw ProtobufError("a number is longer than 64 bits")
  }

  /// The lowest byte first.
  mutating func fixed(bytes count: Int) throws(ProtobufError) -> UInt64 {
    guard rest.count >= count else { throw .truncated }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func bytes() throws(ProtobufError) -> ArraySlice<UInt8> {
    let length = try varint()
    guard length <= UInt64(rest.count) else { throw .truncated }
    defer { rest = rest.dropFirst(Int(length)) }
    return rest.prefix(Int(length))
  }
}

extension ProtobufValue {
  func varint() throws(ProtobufError) -> UInt64 {
    guard case .varint(let number) = self else { throw ProtobufError("a number was expected") }
    return number
  }

  func bytes() throws(ProtobufError) -> ArraySlice<UInt8> {
    guard case .bytes(let bytes) = self else { throw ProtobufError("bytes were expected") }
    return bytes
  }

  func text() throws(ProtobufError) -> String {
    guard let text = String(validating: try bytes(), as: UTF8.self) else {
      throw ProtobufError("a string is not UTF-8")
    }
    return text
  }
}
