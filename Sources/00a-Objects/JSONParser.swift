// Reading JSON, as RFC 8259 defines it, strictly: what two readers could understand differently is refused.
//
// The parser goes through the bytes once, from left to right, with one function for each rule of the grammar.
// Every byte is read through a bounds check, so that no input can make it read, or trap, outside the document.

extension Value {
  /// Reads one JSON document in UTF-8 and nothing after it but white space.
  ///
  /// Whole numbers that fit keep all 64 bits and become integers; all other numbers become the nearest double.
  /// An escaped half of a surrogate pair becomes U+FFFD, as in Go, because that is what clients rely on.
  /// Invalid UTF-8, a name that an object has twice, and anything beyond the limits are refused.
  ///
  /// - Throws: what is wrong first, with its offset.
  public init(parsing bytes: some Sequence<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONError) {
    var parser = JSONParser(bytes: Array(bytes), limits: limits)
    self = try parser.document()
  }

  /// The same for a document whose writer may have been careless: of several members with one name the last one counts.
  ///
  /// - Parameter repeated: gets the place of each name that was given again, at most a hundred of them.
  public init(
    parsing bytes: some Sequence<UInt8>, limits: JSONLimits = JSONLimits(), repeated: inout [FieldPath]
  ) throws(JSONError) {
    var parser = JSONParser(bytes: Array(bytes), limits: limits, allowsRepeats: true)
    self = try parser.document()
    repeated = parser.repeated
  }

  /// Reads one JSON document from a string.
  public init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
    try self.init(parsing: text.utf8, limits: limits)
  }
}

struct JSONParser {
  private let bytes: [UInt8]
  private let limits: JSONLimits
  private var position = 0
  private var depth = 0
  private var names = NameTable.current
  private let allowsRepeats: Bool
  /// Names that their objects had already, as they are found from inside the value that is being read.
  private(set) var repeated: [FieldPath] = []

  init(bytes: [UInt8], limits: JSONLimits, allowsRepeats: Bool = false) {
    self.bytes = bytes
    self.limits = limits
    self.allowsRepeats = allowsRepeats
  }

  mutating func document() throws(JSONError) -> Value {
    guard bytes.count <= limits.bytes else {
      throw JSONError(offset: limits.bytes, reason: "a document longer than \(limits.bytes) bytes is refused")
    }
    skipSpace()
    let value = try value()
    skipSpace()
    guard position == bytes.count else { throw expected("the end of the document") }
    names.publish()
    return value
  }

  private mutating func value() throws(JSONError) -> Value {
    switch next {
    case "{": try object()
    case "[": try array()
    case "\"": .string(try string())
    case "-": try number()
    case _ where next.isDigit: try number()
    case "t": try literal("true", .bool(true))
    case "f": try literal("false", .bool(false))
    case "n": try literal("null", .null)
    default: throw expected("a value")
    }
  }
}

// MARK: - Arrays and objects

extension JSONParser {
  private mutating func array() throws(JSONError) -> Value {
    try open()
    var elements: [Value] = []
    if !take("]") {
      repeat {
        skipSpace()
        elements.append(try value(at: FieldPath()[elements.count]))
        skipSpace()
      } while take(",")
      guard take("]") else { throw expected("',' or ']' after an element") }
    }
    depth -= 1
    return .array(elements)
  }

  private mutating func object() throws(JSONError) -> Value {
    try open()
    var members = Members()
    var seen = NamesSeen()
    var repeats = 0
    let noted = repeated.count
    if !take("}") {
      repeat {
        skipSpace()
        let start = position
        guard next == "\"" else { throw expected("a name in quotes") }
        let name = try name()
        let isNew = seen.insert(name, after: members)
        guard isNew || allowsRepeats else {
          throw JSONError(offset: start, reason: "the name \"\(name)\" appears twice in one object")
        }
        guard members.count + repeats < limits.members else {
          throw JSONError(offset: start, reason: "an object of more than \(limits.members) members is refused")
        }
        skipSpace()
        guard take(":") else { throw expected("':' after a name") }
        skipSpace()
        let value = try value(at: FieldPath(name))
        if isNew {
          members.append(new: name, value)
        } else {
          members[name] = value
          repeats += 1
          note(FieldPath(name), after: noted)
        }
        skipSpace()
      } while take(",")
      guard take("}") else { throw expected("',' or '}' after a member") }
    }
    depth -= 1
    return .object(members)
  }

  private mutating func open() throws(JSONError) {
    guard depth < limits.depth else {
      throw JSONError(offset: position, reason: "nesting deeper than \(limits.depth) levels is refused")
    }
    depth += 1
    position += 1
    skipSpace()
  }
}

extension JSONParser {
  private static let mostNoted = 100

  /// - Parameter noted: how many places were noted before this object began.
  private mutating func note(_ path: FieldPath, after noted: Int) {
    if repeated.count < Self.mostNoted, !repeated[noted...].contains(path) { repeated.append(path) }
  }

  /// A value inside another. Places are spelled on the way out, and only those that something is noted of.
  private mutating func value(at path: @autoclosure () -> FieldPath) throws(JSONError) -> Value {
    let known = repeated.count
    let value = try value()
    for index in known..<repeated.count { repeated[index] = repeated[index].below(path()) }
    return value
  }
}

/// The names of the object that is being read. A few are compared one by one; many go into a set, so that
/// a body made of names costs its sender as much as us.
private struct NamesSeen {
  private var set: Set<String> = []

  /// False when the name is among the members already.
  mutating func insert(_ name: String, after members: Members) -> Bool {
    if members.count < 16 { return members.index(of: name) == nil }
    if set.isEmpty { set.formUnion(members.names) }
    return set.insert(name).inserted
  }
}

// MARK: - Numbers and literals

extension JSONParser {
  private mutating func number() throws(JSONError) -> Value {
    let start = position
    var isWhole = true
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") {
      isWhole = false
      try digits()
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let integer = Int64(text) { return .integer(integer) }
    guard let double = Double(text), double.isFinite else {
      throw JSONError(offset: start, reason: "a number too large for a 64-bit double")
    }
    return .double(double)
  }

  private mutating func digits() throws(JSONError) {
    guard next.isDigit else { throw expected("a digit") }
    repeat { position += 1 } while next.isDigit
  }

  private mutating func literal(_ word: String, _ value: Value) throws(JSONError) -> Value {
    for byte in word.utf8 {
      guard next == byte else { throw expected("'\(word)'") }
      position += 1
    }
    return value
  }
}

// MARK: - Strings

extension JSONParser {
  private mutating func string() throws(JSONError) -> String {
    position += 1
    let run = try plainRun()
    let plain = try run.text(in: bytes)
    return run.endsString ? plain : try escapedString(after: plain)
  }

  /// A member's name. Almost every one has been seen before, and then its string is shared.
  private mutating func name() throws(JSONError) -> String {
    position += 1
    let run = try plainRun()
    let isShared = run.endsString && run.range.count > NameTable.longestInline
    if isShared, let known = names.name(spelled: bytes[run.range]) { return known }
    let plain = try run.text(in: bytes)
    if isShared { names.learn(plain, spelled: bytes[run.range]) }
    return run.endsString ? plain : try escapedString(after: plain)
  }

  /// The rest of a string whose first backslash has been read.
  private mutating func escapedString(after plain: String) throws(JSONError) -> String {
    var string = plain
    while true {
      string.unicodeScalars.append(try escapedScalar())
      let run = try plainRun()
      string += try run.text(in: bytes)
      if run.endsString { return string }
    }
  }

  private mutating func plainRun() throws(JSONError) -> PlainRun {
    let run = try PlainRun(in: bytes.span, from: position)
    position = run.range.upperBound + 1
    return run
  }

  private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
    let escape = next
    guard "\"\\/bfnrtu".utf8.contains(escape) else { throw expected("an escape (one of \" \\ / b f n r t u)") }
    position += 1
    return switch escape {
    case "b": "\u{8}"
    case "f": "\u{C}"
    case "n": "\n"
    case "r": "\r"
    case "t": "\t"
    case "u": try escapedCodePoint()
    default: Unicode.Scalar(escape)
    }
  }

  /// Code points beyond U+FFFF are written as two escapes, the halves of a surrogate pair.
  private mutating func escapedCodePoint() throws(JSONError) -> Unicode.Scalar {
    let unit = try fourHexadecimalDigits()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    let afterFirstHalf = position
    if unit < 0xDC00, take("\\"), take("u") {
      let second = try fourHexadecimalDigits()
      if 0xDC00...0xDFFF ~= second {
        let offset = (UInt32(unit) - 0xD800) << 10 | (UInt32(second) - 0xDC00)
        return Unicode.Scalar(0x10000 + offset) ?? "\u{FFFD}"
      }
    }
    position = afterFirstHalf
    return "\u{FFFD}"
  }

  private mutating func fourHexadecimalDigits() throws(JSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(next)).hexDigitValue else { throw expected("a hexadecimal digit") }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}

/// A piece of a string without escapes, up to the quote or the backslash that stops it.
private struct PlainRun {
  let range: Range<Int>
  let isASCII: Bool
  let endsString: Bool

  init(in document: Span<UInt8>, from start: Int) throws(JSONError) {
    var end = start
    var union: UInt8 = 0
    while end < document.count, document[end] != quote, document[end] != backslash {
      guard document[end] >= 0x20 else {
        throw JSONError(offset: end, reason: "a control character in a string must be escaped")
      }
      union |= document[end]
      end += 1
    }
    guard end < document.count else {
      throw JSONError(offset: end, reason: "expected '\"' at the end of a string, found the end of the document")
    }
    range = start..<end
    isASCII = union < 0x80
    endsString = document[end] == quote
  }

  func text(in document: [UInt8]) throws(JSONError) -> String {
    let bytes = document[range]
    if isASCII { return String(decoding: bytes, as: UTF8.self) }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var offset = bytes.startIndex
    var rest = bytes.makeIterator()
    var decoder = UTF8.ForwardParser()
    while case .valid(let scalar) = decoder.parseScalar(from: &rest) { offset += scalar.count }
    throw JSONError(offset: offset, reason: "a string that is not valid UTF-8")
  }
}

private let quote = UInt8(ascii: "\"")
private let backslash = UInt8(ascii: "\\")

// MARK: - Looking ahead

extension JSONParser {
  /// The byte to read next. At the end it is zero, which no rule of the grammar accepts.
  private var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  @inline(__always)
  private mutating func skipSpace() {
    while next <= 0x20, next == " " || next == "\n" || next == "\r" || next == "\t" { position += 1 }
  }

  private func expected(_ rule: String) -> JSONError {
    let found =
      if position == bytes.count {
        "the end of the document"
      } else if 0x20..<0x7F ~= next {
        "'\(Unicode.Scalar(next))'"
      } else {
        "the byte 0x" + String(next, radix: 16, uppercase: true)
      }
    return JSONError(offset: position, reason: "expected \(rule), found \(found)")
  }
}

extension UInt8 {
  // Lets `case "{":` match a byte.
  fileprivate static func ~= (scalar: Unicode.Scalar, byte: UInt8) -> Bool { byte == scalar }
  fileprivate static func == (byte: UInt8, scalar: Unicode.Scalar) -> Bool { UInt32(byte) == scalar.value }
}
