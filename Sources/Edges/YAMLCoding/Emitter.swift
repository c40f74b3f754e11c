import Objects

/// Writes block style the way libyaml does, whose every habit Go's library has kept, down to where it folds a line.
///
/// Three facts say what the next thing has to put before itself: the column, whether a space or a line's beginning
/// stands there already, and whether the line holds nothing but indentation and indicators so far.
struct Emitter {
  private(set) var output: [UInt8] = []
  private var column = 0
  private var afterSpace = true
  private var inIndentation = true

  /// Longer keys are written with `?` before them (libyaml's bound, in bytes).
  private static let longestSimpleKey = 128
  /// The column after which a line is folded at the next space.
  private static let width = 80
  private static let step = 2

  mutating func write(document value: Value) {
    write(value, indent: -Self.step, inMapping: false)
    breakLine(indent: 0)
  }

  /// - Parameters:
  ///   - indent: The column of the collection that holds the value.
  ///   - inMapping: Whether that is a mapping.
  private mutating func write(_ value: Value, indent: Int, inMapping: Bool) {
    switch value {
    case .null: write(word: "null")
    case .bool(let flag): write(word: flag ? "true" : "false")
    case .integer(let number): write(word: String(number))
    case .double(let number): write(word: GoFloat.text(number))
    case .string(let text): write(text, indent: max(indent, 0), isSimpleKey: false)
    case .array(let elements) where elements.isEmpty: write(word: "[]")
    case .object(let members) where members.isEmpty: write(word: "{}")
    case .array(let elements): write(elements, indent: inMapping && !inIndentation ? indent : indent + Self.step)
    case .object(let members): write(members, indent: indent + Self.step)
    }
  }

  private mutating func write(_ elements: [Value], indent: Int) {
    for element in elements {
      breakLine(indent: indent)
      write(indicator: "-", isIndentation: true)
      write(element, indent: indent, inMapping: false)
    }
  }

  private mutating func write(_ members: Members, indent: Int) {
    for (name, value) in members.sorted(by: { KeyOrder.areInIncreasingOrder($0.name, $1.name) }) {
      breakLine(indent: indent)
      if name.utf8.count <= Self.longestSimpleKey, !name.unicodeScalars.contains(where: \.isBreak) {
        write(name, indent: indent, isSimpleKey: true)
        put(":")
      } else {
        write(indicator: "?", isIndentation: true)
        write(name, indent: indent, isSimpleKey: false)
        breakLine(indent: indent)
        write(indicator: ":", isIndentation: true)
      }
      write(value, indent: indent, inMapping: true)
    }
  }

  // MARK: Scalars

  private mutating func write(_ text: String, indent: Int, isSimpleKey: Bool) {
    let scalars = Array(text.unicodeScalars)
    let inner = indent + Self.step
    switch ScalarStyle(text, scalars, isSimpleKey: isSimpleKey) {
    case .plain:
      space()
      fold(scalars, indent: inner, mayFold: !isSimpleKey, first: 0, end: scalars.count) { emitter, scalar in
        emitter.put(scalar)
      }
    case .singleQuoted:
      write(indicator: "'")
      fold(scalars, indent: inner, mayFold: !isSimpleKey, first: 1, end: scalars.count - 1) { emitter, scalar in
        if scalar == "'" { emitter.put("'") }
        emitter.put(scalar)
      }
      put("'")
    case .doubleQuoted: writeDoubleQuoted(scalars, indent: inner, mayFold: !isSimpleKey)
    case .literal: return writeLiteral(scalars, indent: inner)
    }
    afterSpace = false
    inIndentation = false
  }

  /// Writes scalars, and a line break in place of a single space beyond the width.
  private mutating func fold(
    _ scalars: [Unicode.Scalar], indent: Int, mayFold: Bool, first: Int, end: Int,
    _ write: (inout Emitter, Unicode.Scalar) -> Void
  ) {
    var afterSpace = false
    for (index, scalar) in scalars.enumerated() {
      let isSpace = scalar == " "
      if isSpace, mayFold, !afterSpace, column > Self.width, index >= first, index < end,
        index + 1 == scalars.count || scalars[index + 1] != " "
      {
        breakLine(indent: indent)
      } else {
        write(&self, scalar)
        inIndentation = false
      }
      afterSpace = isSpace
    }
  }

  private mutating func writeDoubleQuoted(_ scalars: [Unicode.Scalar], indent: Int, mayFold: Bool) {
    write(indicator: "\"")
    var afterSpace = false
    for (index, scalar) in scalars.enumerated() {
      if let escape = scalar.escape {
        put(escape)
        afterSpace = false
      } else if scalar == " ", mayFold, !afterSpace, column > Self.width, index > 0, index < scalars.count - 1 {
        breakLine(indent: indent)
        // A space at a line's beginning would be lost.
        if scalars[index + 1] == " " { put("\\") }
        afterSpace = true
      } else {
        put(scalar)
        afterSpace = scalar == " "
      }
    }
    put("\"")
  }

  private mutating func writeLiteral(_ scalars: [Unicode.Scalar], indent: Int) {
    write(indicator: "|")
    if scalars.first == " " || scalars.first == "\n" { put(String(Self.step)) }
    switch (scalars.last, scalars.dropLast().last) {
    case ("\n", "\n"), ("\n", nil): put("+")
    case ("\n", _): break
    default: put("-")
    }
    put("\n")
    inIndentation = true
    afterSpace = true
    var atLineStart = true
    for scalar in scalars {
      if scalar == "\n" {
        put("\n")
        inIndentation = true
      } else {
        if atLineStart { breakLine(indent: indent) }
        put(scalar)
        inIndentation = false
      }
      atLineStart = scalar == "\n"
    }
  }

  // MARK: Characters

  private mutating func write(word: String) {
    space()
    put(word)
    afterSpace = false
    inIndentation = false
  }

  private mutating func write(indicator: String, isIndentation: Bool = false) {
    space()
    put(indicator)
    afterSpace = false
    inIndentation = inIndentation && isIndentation
  }

  private mutating func space() {
    if !afterSpace { put(" ") }
  }

  /// Goes to the beginning of a line with this indentation, if it is not there already.
  private mutating func breakLine(indent: Int) {
    if !inIndentation || column > indent || column == indent && !afterSpace { put("\n") }
    while column < indent { put(" ") }
    afterSpace = true
    inIndentation = true
  }

  private mutating func put(_ text: String) {
    for scalar in text.unicodeScalars { put(scalar) }
  }

  private mutating func put(_ scalar: Unicode.Scalar) {
    if scalar.value < 0x80 {
      output.append(UInt8(truncatingIfNeeded: scalar.value))
    } else {
      output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
    column = scalar == "\n" ? 0 : column + 1
  }
}
