/// How a string is written so that it is read as the same string again.
enum ScalarStyle {
  case plain, singleQuoted, doubleQuoted, literal

  init(_ text: String, _ scalars: [Unicode.Scalar], isSimpleKey: Bool) {
    let found = Findings(text, scalars)
    if text.utf8.contains(UInt8(ascii: "\n")) {
      self =
        isSimpleKey || found.hasSpecial || found.hasSpaceBeforeBreak || found.endsWithSpace
        ? .doubleQuoted : .literal
    } else if PlainScalar(text) != .string || Self.isSexagesimal(text) || found.hasSpecial {
      self = .doubleQuoted
    } else {
      self = found.hasIndicator || found.beginsWithSpace || found.endsWithSpace ? .singleQuoted : .plain
    }
  }

  /// What a string holds that one style or another cannot.
  private struct Findings {
    /// A character that has to be escaped.
    var hasSpecial = false
    var hasSpaceBeforeBreak = false
    /// A character that means something else where it stands.
    var hasIndicator = false
    var beginsWithSpace: Bool
    var endsWithSpace: Bool

    init(_ text: String, _ scalars: [Unicode.Scalar]) {
      beginsWithSpace = scalars.first == " "
      endsWithSpace = scalars.last == " "
      hasIndicator = text.hasPrefix("---") || text.hasPrefix("...")
      var before: Unicode.Scalar?
      for (index, scalar) in scalars.enumerated() {
        let next = index + 1 < scalars.count ? scalars[index + 1] : nil
        if scalar.escape != nil, scalar != "\"", scalar != "\\", scalar != "\n" { hasSpecial = true }
        if scalar.isBreak, before == " " { hasSpaceBeforeBreak = true }
        if scalar.isIndicator(after: before, before: next) { hasIndicator = true }
        before = scalar
      }
    }
  }

  /// `12:30`, which YAML 1.1 reads as a number to the base of 60.
  private static func isSexagesimal(_ text: String) -> Bool {
    var rest = text.utf8[...]
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    func isDigitOrLine(_ byte: UInt8) -> Bool { isDigit(byte) || byte == UInt8(ascii: "_") }
    guard let first = rest.first, isDigit(first) else { return false }
    var parts = rest.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)[...]
    guard parts.count > 1, let whole = parts.popFirst(), whole.allSatisfy(isDigitOrLine) else { return false }
    if let last = parts.popLast() {
      let point = last.firstIndex(of: UInt8(ascii: ".")) ?? last.endIndex
      guard last[point...].dropFirst().allSatisfy(isDigitOrLine) else { return false }
      parts.append(last[..<point])
    }
    return parts.allSatisfy { part in
      part.allSatisfy(isDigit)
        && (part.count == 1 || part.count == 2 && part.first.map { $0 < UInt8(ascii: "6") } == true)
    }
  }
}

extension Unicode.Scalar {
  /// A line break, as YAML 1.1 counts them.
  var isBreak: Bool {
    switch self {
    case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
  }

  private var isBlankOrBreak: Bool { self == " " || self == "\t" || isBreak }

  /// Whether it ends or changes the meaning of a plain scalar here.
  fileprivate func isIndicator(after before: Unicode.Scalar?, before next: Unicode.Scalar?) -> Bool {
    let isFollowedByBlank = next?.isBlankOrBreak ?? true
    guard let before else {
      switch self {
      case "#", ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`": return true
      case "?", ":", "-": return isFollowedByBlank
      default: return false
      }
    }
    switch self {
    case ":": return isFollowedByBlank
    case "#": return before.isBlankOrBreak
    default: return false
    }
  }

  /// How it is written between double quotes, when it cannot stand for itself.
  var escape: String? {
    switch value {
    case 0x22: "\\\""
    case 0x5c: "\\\\"
    case 0x20...0x7e, 0xa0...0x2027, 0x202a...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd: nil
    case 0x00: "\\0"
    case 0x07: "\\a"
    case 0x08: "\\b"
    case 0x09: "\\t"
    case 0x0a: "\\n"
    case 0x0b: "\\v"
    case 0x0c: "\\f"
    case 0x0d: "\\r"
    case 0x1b: "\\e"
    case 0x85: "\\N"
    case 0x2028: "\\L"
    case 0x2029: "\\P"
    case ...0xff: "\\x" + hexadecimal(2)
    case ...0xffff: "\\u" + hexadecimal(4)
    default: "\\U" + hexadecimal(8)
    }
  }

  private func hexadecimal(_ digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
