/// A word of Swift.
public struct Token: Sendable, Hashable {
  public enum Kind: Sendable {
    /// A name, a keyword, a number, an attribute (`@escaping`) or a directive (`#if`).
    case word
    /// A run of operator signs, the dots of ranges among them.
    case operation
    case open, close
    /// A comma, a colon, a semicolon, or the dot before a member.
    case separator
    /// A stretch of a literal; an interpolation stands between two of them.
    case literal
    case newline
  }

  public let kind: Kind
  public let range: Range<Int>
  /// The first byte tells brackets and separators apart.
  public let first: UInt8

  public func isSign(_ sign: Unicode.Scalar) -> Bool {
    first == UInt8(ascii: sign) && (kind == .open || kind == .close || kind == .separator)
  }
}

extension Token {
  static func all(in bytes: [UInt8], _ marks: [Marks.Mark]) -> [Token] {
    var tokens: [Token] = []
    var start = 0
    while start < bytes.count {
      let mark = marks[start]
      var end = start + 1
      func extend(while belongs: (UInt8) -> Bool) {
        while end < bytes.count, marks[end] == mark, belongs(bytes[end]) { end += 1 }
      }
      var kind: Kind?
      switch (mark, bytes[start]) {
      case (.literal, _):
        extend { _ in true }
        kind = .literal
      case (.comment, _): extend { _ in true }
      case (.code, UInt8(ascii: "\n")): kind = .newline
      case (.code, UInt8(ascii: "(")), (.code, UInt8(ascii: "[")), (.code, UInt8(ascii: "{")): kind = .open
      case (.code, UInt8(ascii: ")")), (.code, UInt8(ascii: "]")), (.code, UInt8(ascii: "}")): kind = .close
      case (.code, UInt8(ascii: ",")), (.code, UInt8(ascii: ":")), (.code, UInt8(ascii: ";")): kind = .separator
      case (.code, UInt8(ascii: ".")):
        extend { $0 == UInt8(ascii: ".") || (end > start + 1 && $0 == UInt8(ascii: "<")) }
        kind = end == start + 1 ? .separator : .operation
      case (.code, let byte) where isOperator(byte):
        extend(while: isOperator)
        kind = .operation
      case (.code, let byte) where !isBlank(byte):
        let isNumber = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        extend { isWord($0) || (isNumber && isDecimalPoint(at: end, in: bytes)) }
        kind = .word
      default: break
      }
      if let kind { tokens.append(Token(kind: kind, range: start..<end, first: bytes[start])) }
      start = end
    }
    return tokens
  }

  private static func isDecimalPoint(at place: Int, in bytes: [UInt8]) -> Bool {
    bytes[place] == UInt8(ascii: ".") && place + 1 < bytes.count && (48...57).contains(bytes[place + 1])
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

  private static func isOperator(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "!"),
      UInt8(ascii: "*"), UInt8(ascii: "%"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"),
      UInt8(ascii: "|"), UInt8(ascii: "^"), UInt8(ascii: "~"), UInt8(ascii: "?"):
      true
    default: false
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "`"), 0x80...:
      true
    default: false
    }
  }
}
