/// A word of an expression: what it is, and where it begins, counted in characters.
struct CELToken: Sendable {
  enum Kind: Sendable, Hashable {
    case name(String)
    /// Digits with what belongs to them; its value depends on the sign before it.
    case number(String)
    case literal(CELValue)
    /// `&&`, `(`, `in` and their like.
    case sign(String)
    case end
  }

  var kind: Kind
  var position: Int
}

/// Cuts an expression into words. Specified by cel-spec, "Syntax".
struct CELLexer {
  private let text: [Unicode.Scalar]
  private var position = 0

  static let longestSource = 100_000

  private init(_ text: [Unicode.Scalar]) { self.text = text }

  /// - Throws: the place at which no word begins.
  static func tokens(of source: String) throws(CELFault) -> [CELToken] {
    var lexer = CELLexer(Array(source.unicodeScalars))
    guard lexer.text.count <= longestSource else {
      throw CELFault(
        0, "expression code point size exceeds limit: size: \(lexer.text.count), limit \(longestSource)")
    }
    var tokens: [CELToken] = []
    repeat { tokens.append(try lexer.token()) } while tokens.last?.kind != .end
    return tokens
  }

  private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
    position + offset < text.count ? text[position + offset] : nil
  }

  private mutating func take(while condition: (Unicode.Scalar) -> Bool) -> String {
    var taken = String.UnicodeScalarView()
    while let next = peek(), condition(next) {
      taken.append(next)
      position += 1
    }
    return String(taken)
  }

  private func unrecognized(from start: Int) -> CELFault {
    var rest = String.UnicodeScalarView()
    rest.append(contentsOf: text[start..<min(position + 1, text.count)])
    return CELFault(start, "Syntax error: token recognition error at: '\(String(rest))'")
  }
}

// MARK: - Words

extension CELLexer {
  private static let signs: Set<String> = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]",
    "{", "}",
  ]

  private mutating func token() throws(CELFault) -> CELToken {
    skipSpace()
    let start = position
    guard let first = peek() else { return CELToken(kind: .end, position: start) }
    if let prefix = textPrefix() { return CELToken(kind: .literal(try textLiteral(prefix)), position: start) }
    if first.isNameStart { return CELToken(kind: word(), position: start) }
    if first.isDecimal || first == "." && peek(1)?.isDecimal == true {
      return CELToken(kind: .number(number()), position: start)
    }
    for length in [2, 1] {
      var sign = ""
      for offset in 0..<length { peek(offset).map { sign.unicodeScalars.append($0) } }
      if Self.signs.contains(sign) {
        position += length
        return CELToken(kind: .sign(sign), position: start)
      }
    }
    throw unrecognized(from: start)
  }

  /// Space, and comments to the end of their line.
  private mutating func skipSpace() {
    while let next = peek() {
      if next == "/", peek(1) == "/" {
        _ = take { $0 != "\n" }
      } else if " \t\r\n\u{c}".unicodeScalars.contains(next) {
        position += 1
      } else {
        return
      }
    }
  }

  private mutating func word() -> CELToken.Kind {
    switch take(while: \.isNamePart) {
    case "true": .literal(.bool(true))
    case "false": .literal(.bool(false))
    case "null": .literal(.null)
    case "in": .sign("in")
    case let name: .name(name)
    }
  }

  private mutating func number() -> String {
    let isHexadecimal = peek() == "0" && (peek(1) == "x" || peek(1) == "X")
    var digits = isHexadecimal ? take { $0.isNamePart } : take(while: \.isDecimal)
    if isHexadecimal { return digits }
    if peek() == ".", peek(1)?.isDecimal == true {
      position += 1
      digits += "." + take(while: \.isDecimal)
    }
    let signs = peek(1) == "-" || peek(1) == "+" ? 1 : 0
    if peek() == "e" || peek() == "E", peek(1 + signs)?.isDecimal == true {
      digits += "e" + (peek(1) == "-" ? "-" : "")
      position += 1 + signs
      digits += take(while: \.isDecimal)
    }
    return digits + take { $0 == "u" || $0 == "U" }
  }
}

// MARK: - Texts

extension CELLexer {
  /// What stands before the quote: r for raw, b for bytes; nil when no text begins here.
  private func textPrefix() -> String? {
    for length in 0...2 {
      guard let next = peek(length) else { return nil }
      if next == "\"" || next == "'" {
        let prefix = text[position..<position + length].map { String($0).lowercased() }.joined()
        return ["", "r", "b", "rb", "br"].contains(prefix) ? prefix : nil
      }
    }
    return nil
  }

  private mutating func textLiteral(_ prefix: String) throws(CELFault) -> CELValue {
    let start = position
    position += prefix.count
    guard let quote = peek() else { throw unrecognized(from: start) }
    let isTripled = peek(1) == quote && peek(2) == quote
    position += isTripled ? 3 : 1
    let isBytes = prefix.contains("b")
    var scalars = String.UnicodeScalarView()
    var bytes: [UInt8] = []
    while true {
      guard let next = peek(), isTripled || next != "\n" else { throw unrecognized(from: start) }
      if next == quote, !isTripled || peek(1) == quote && peek(2) == quote { break }
      position += 1
      if next == "\\", !prefix.contains("r") {
        guard let scalar = escape(inBytes: isBytes) else { throw unrecognized(from: start) }
        scalars.append(scalar.value)
        if isBytes {
          bytes += scalar.isByte ? [UInt8(truncatingIfNeeded: scalar.value.value)] : Array(String(scalar.value).utf8)
        }
      } else {
        scalars.append(next)
        if isBytes { bytes += String(next).utf8 }
      }
    }
    position += isTripled ? 3 : 1
    return isBytes ? .bytes(bytes) : .string(String(scalars))
  }

  private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
    "a": "\u{7}", "b": "\u{8}", "f": "\u{c}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{b}", "\\": "\\", "\"": "\"",
    "'": "'", "`": "`", "?": "?",
  ]

  /// What stands behind a backslash. In bytes, numbers mean bytes; in strings, characters.
  private mutating func escape(inBytes: Bool) -> (value: Unicode.Scalar, isByte: Bool)? {
    guard let letter = peek() else { return nil }
    position += 1
    if let plain = Self.escapes[letter] { return (plain, false) }
    let lengths: [Unicode.Scalar: Int] = inBytes ? ["x": 2, "X": 2] : ["x": 2, "X": 2, "u": 4, "U": 8]
    let isOctal = ("0"..."3").contains(letter)
    guard let length = isOctal ? 3 : lengths[letter] else { return nil }
    if isOctal { position -= 1 }
    var digits = String.UnicodeScalarView()
    for _ in 0..<length {
      guard let digit = peek() else { return nil }
      digits.append(digit)
      position += 1
    }
    guard String(digits).allSatisfy(\.isHexDigit), let value = UInt32(String(digits), radix: isOctal ? 8 : 16),
      let scalar = Unicode.Scalar(value)
    else { return nil }
    return (scalar, true)
  }
}
