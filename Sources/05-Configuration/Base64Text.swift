import Foundation
public import Objects

/// Bytes, as JSON carries them. Specified by RFC 4648, section 4.
public struct Base64Text: FieldValue, Hashable {
  public let text: String

  public init?(_ value: Value) {
    guard case .string(let text) = value else { return nil }
    self.text = text
  }

  public init(bytes: some Sequence<UInt8>) { text = Data(bytes).base64EncodedString() }

  public var asValue: Value { .string(text) }
  public static var fieldType: FieldType { .bytes }

  /// Nil when the text is no base64. Line breaks are skipped.
  public var bytes: [UInt8]? {
    let lines = text.utf8.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    return Data(base64Encoded: lines ? text.filter { !$0.isNewline } : text).map { Array($0) }
  }

  /// Where it stops being base64, if it is none: at a character that does not belong, or in the last group of four.
  var flaw: Int {
    let marks = "+/=\r\n".utf8
    let wrong = text.utf8.enumerated().first { _, byte in
      !(0x61...0x7A).contains(byte | 0x20) && !(0x30...0x39).contains(byte) && !marks.contains(byte)
    }
    return wrong?.offset ?? text.utf8.count / 4 * 4
  }
}
