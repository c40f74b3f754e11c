import Objects

/// What an unquoted scalar means: YAML 1.1 as the Go library of Kubernetes reads it. The reader asks it for the value,
/// the writer whether a string has to be quoted so as to stay one.
enum PlainScalar: Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  case double(Double)
  /// Read as a string, but quoted when written.
  case timestamp
  case string

  init(_ text: String) {
    self = Self.words[text] ?? Self.number(text) ?? .string
  }

  private static let words: [String: PlainScalar] = {
    var words: [String: PlainScalar] = ["": .null, "~": .null]
    func add(_ word: String, _ meaning: PlainScalar) {
      words[word] = meaning
      words[word.uppercased()] = meaning
      words[word.prefix(1).uppercased() + word.dropFirst()] = meaning
    }
    add("null", .null)
    for word in ["y", "yes", "true", "on"] { add(word, .bool(true)) }
    for word in ["n", "no", "false", "off"] { add(word, .bool(false)) }
    for (word, value) in [(".inf", Double.infinity), ("+.inf", .infinity), ("-.inf", -.infinity), (".nan", .nan)] {
      words[word] = .double(value)
      words[word.uppercased()] = .double(value)
      words[word.replacing("i", with: "I").replacing("nan", with: "NaN")] = .double(value)
    }
    return words
  }()

  private static func number(_ text: String) -> PlainScalar? {
    guard let first = text.utf8.first else { return nil }
    switch first {
    case UInt8(ascii: "."): return isDecimal(text.utf8) ? Double(text).map { .double($0) } : nil
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"): break
    default: return nil
    }
    if isTimestamp(text.utf8) { return .timestamp }
    let text = text.utf8.contains(UInt8(ascii: "_")) ? text.filter { $0 != "_" } : text
    if let integer = integer(text) { return integer }
    guard isDecimal(text.utf8), let double = Double(text), double.isFinite else { return nil }
    return .double(double)
  }

  /// Decimal, or with a prefix: 0x, 0b, 0o, and 0 alone for octal.
  private static func integer(_ text: String) -> PlainScalar? {
    var digits = Substring(text)
    let sign = digits.first == "-" || digits.first == "+" ? digits.removeFirst() : nil
    guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
    var radix = 10
    if digits.count > 1, digits.first == "0" {
      radix = 8
      switch digits.dropFirst().first {
      case "x", "X": radix = 16
      case "b", "B": radix = 2
      case "o", "O": break
      default: digits = "o" + digits
      }
      digits = digits.dropFirst(2)
    }
    if let value = Int64((sign == "-" ? "-" : "") + digits, radix: radix) { return .integer(value) }
    // What is too large for an integer but not for Go's unsigned one is a number all the same.
    guard sign == nil, let value = UInt64(digits, radix: radix) else { return nil }
    return .double(Double(value))
  }

  /// Digits with at most one point and an exponent: `1`, `1.`, `.5`, `-1.5e+3`.
  private static func isDecimal(_ text: String.UTF8View) -> Bool {
    var rest = text[...]
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    let whole = rest.prefix(while: isDigit)
    rest = rest.dropFirst(whole.count)
    var fraction = rest.prefix(0)
    if rest.first == UInt8(ascii: ".") {
      fraction = rest.dropFirst().prefix(while: isDigit)
      rest = rest.dropFirst(1 + fraction.count)
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return false }
    guard rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") else { return rest.isEmpty }
    rest = rest.dropFirst()
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    return !rest.isEmpty && rest.allSatisfy(isDigit)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  /// A date, alone or with a time: `2001-2-3`, `2001-02-03T04:05:06.7Z`, `2001-02-03 04:05:06`.
  private static func isTimestamp(_ text: String.UTF8View) -> Bool {
    var rest = text[...]
    func number(upTo digits: Int, from fewest: Int = 1) -> Int? {
      let number = rest.prefix(digits).prefix(while: isDigit)
      guard number.count >= fewest else { return nil }
      rest = rest.dropFirst(number.count)
      return number.reduce(0) { 10 * $0 + Int($1 - UInt8(ascii: "0")) }
    }
    func skip(_ characters: String) -> Bool {
      guard let first = rest.first, characters.utf8.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard let year = number(upTo: 4, from: 4), skip("-"), let month = number(upTo: 2), skip("-"),
      let day = number(upTo: 2), (1...12).contains(month), day >= 1, day <= days(of: month, in: year)
    else { return false }
    guard !rest.isEmpty else { return true }
    let hasZone = rest.first != UInt8(ascii: " ")
    guard skip("Tt "), let hour = number(upTo: 2), skip(":"), let minute = number(upTo: 2), skip(":"),
      let second = number(upTo: 2), hour < 24, minute < 60, second < 60
    else { return false }
    if skip("."), number(upTo: .max) == nil { return false }
    guard hasZone else { return rest.isEmpty }
    if skip("Z") { return rest.isEmpty }
    guard skip("+-"), let hours = number(upTo: 2, from: 2), skip(":"), let minutes = number(upTo: 2, from: 2) else {
      return false
    }
    return rest.isEmpty && hours <= 24 && minutes < 60
  }

  private static func days(of month: Int, in year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
