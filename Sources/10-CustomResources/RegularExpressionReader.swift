/// A pattern as it is written: what follows what, and what is repeated.
indirect enum PatternPiece {
  case step(Step)
  case sequence([PatternPiece])
  case either(PatternPiece, PatternPiece)
  case repeated(PatternPiece, Int, Int?, isReluctant: Bool)

  /// A pattern of a few letters can stand for a program of any size: `((a{99}){99}){99}`.
  static let longestProgram = 10_000

  func append(to program: inout [Step]) throws(PatternError) {
    guard program.count < Self.longestProgram else { throw PatternError("expression too large") }
    switch self {
    case .step(let step): program.append(step)
    case .sequence(let pieces): for piece in pieces { try piece.append(to: &program) }
    case .either(let left, let right):
      let fork = program.count
      program.append(.found)
      try left.append(to: &program)
      let jump = program.count
      program.append(.found)
      program[fork] = .fork(fork + 1, program.count)
      try right.append(to: &program)
      program[jump] = .jump(program.count)
    case .repeated(let piece, let least, let most, let isReluctant):
      for _ in 0..<least { try piece.append(to: &program) }
      for _ in least..<(most ?? least + 1) {
        let fork = program.count
        program.append(.found)
        try piece.append(to: &program)
        if most == nil { program.append(.jump(fork)) }
        let (on, past) = (fork + 1, program.count)
        program[fork] = isReluctant ? .fork(past, on) : .fork(on, past)
      }
    }
  }
}

/// Reads patterns, with one function for each rule of their grammar.
struct PatternReader {
  private let text: [Unicode.Scalar]
  private var next = 0
  private var depth = 0
  private var flags: Set<Unicode.Scalar> = []

  init(_ pattern: String) { text = pattern.letters }

  mutating func whole() throws(PatternError) -> PatternPiece {
    let piece = try alternatives()
    if peek != nil { throw PatternError("unexpected ): `\(String(letters: text))`") }
    return piece
  }

  private var peek: Unicode.Scalar? { next < text.count ? text[next] : nil }

  private mutating func take(_ letter: Unicode.Scalar) -> Bool {
    guard peek == letter else { return false }
    next += 1
    return true
  }

  private mutating func takeNumber() -> Int? {
    let digits = text[next...].prefix(while: \.isDecimal)
    next += digits.count
    return Int(String(letters: digits))
  }

  private mutating func alternatives() throws(PatternError) -> PatternPiece {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 100 else { throw PatternError("expression nests too deeply") }
    let outer = flags
    defer { flags = outer }
    var pieces: [PatternPiece] = [.sequence([])]
    while let letter = peek, letter != ")" {
      if take("|") {
        pieces.append(.sequence([]))
      } else if case .sequence(let before)? = pieces.popLast() {
        pieces.append(.sequence(before + [try repeated()]))
      }
    }
    let last = pieces.removeLast()
    return pieces.reversed().reduce(last) { .either($1, $0) }
  }

  private mutating func repeated() throws(PatternError) -> PatternPiece {
    let start = next
    var piece = try single()
    var isRepeated = false
    while let (least, most) = try count() {
      if isRepeated {
        throw PatternError("invalid nested repetition operator: `\(String(letters: text[start..<next]))`")
      }
      piece = .repeated(piece, least, most, isReluctant: take("?"))
      isRepeated = true
    }
    return piece
  }

  /// How often the piece before may stand here; nil when it is not said.
  private mutating func count() throws(PatternError) -> (Int, Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    let start = next
    guard take("{"), let least = takeNumber() else {
      next = start
      return nil
    }
    let most = take(",") ? takeNumber() : least
    guard take("}") else {
      next = start
      return nil
    }
    guard least <= 1000, most ?? 0 <= 1000, most ?? least >= least else {
      throw PatternError("invalid repeat count: `\(String(letters: text[start..<next]))`")
    }
    return (least, most)
  }

  private mutating func single() throws(PatternError) -> PatternPiece {
    guard let letter = peek else { return .sequence([]) }
    next += 1
    switch letter {
    case "(": return try group()
    case "[": return try .step(.letter(set()))
    case ".": return .step(.letter(LetterSet(ranges: flags.contains("s") ? [] : [10...10], isInverted: true)))
    case "^": return .step(.edge(flags.contains("m") ? .lineStart : .start))
    case "$": return .step(.edge(flags.contains("m") ? .lineEnd : .end))
    case "*", "+", "?": throw PatternError("missing argument to repetition operator: `\(letter)`")
    case "\\":
      let edges: [Unicode.Scalar: Step.Edge] = ["b": .word, "B": .noWord, "A": .start, "z": .end]
      if let edge = peek.flatMap({ edges[$0] }) {
        next += 1
        return .step(.edge(edge))
      }
      return try .step(.letter(escape()))
    default: return .step(.letter(one(letter.value)))
    }
  }

  private func one(_ value: UInt32) -> LetterSet {
    LetterSet(ranges: [value...value], ignoresCase: flags.contains("i"))
  }

  /// `(x)`, `(?:x)`, `(?P<name>x)`, `(?i:x)`, and `(?i)`, which holds until the group around it ends.
  private mutating func group() throws(PatternError) -> PatternPiece {
    let start = next - 1
    let outer = flags
    if take("?") {
      if take("P") || peek == "<" {
        while let letter = peek, letter != ">" { next += letter == ")" ? text.count : 1 }
        next += 1
      } else {
        var isOn = true
        while let letter = peek, letter != ":", letter != ")" {
          next += 1
          if letter == "-" {
            isOn = false
          } else if !"ism".unicodeScalars.contains(letter) {
            throw PatternError("invalid or unsupported Perl syntax: `(?\(letter)`")
          } else if isOn {
            flags.insert(letter)
          } else {
            flags.remove(letter)
          }
        }
        if take(")") { return .sequence([]) }
        next += 1
      }
    }
    guard next <= text.count else { throw PatternError("missing closing ): `\(String(letters: text))`") }
    let piece = try alternatives()
    flags = outer
    guard take(")") else { throw PatternError("missing closing ): `\(String(letters: text[start...]))`") }
    return piece
  }
}

// MARK: - Classes

extension PatternReader {
  private static let perl: [Unicode.Scalar: [ClosedRange<UInt32>]] = [
    "d": [48...57], "s": [9...10, 12...13, 32...32], "w": [48...57, 65...90, 95...95, 97...122],
  ]

  private static let posix: [String: [ClosedRange<UInt32>]] = [
    "alpha": [65...90, 97...122], "digit": [48...57], "alnum": [48...57, 65...90, 97...122], "upper": [65...90],
    "lower": [97...122], "space": [9...13, 32...32], "punct": [33...47, 58...64, 91...96, 123...126],
    "xdigit": [48...57, 65...70, 97...102], "word": [48...57, 65...90, 95...95, 97...122],
  ]

  private static let controls: [Unicode.Scalar: UInt32] = ["a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11]

  /// What stands behind a backslash.
  private mutating func escape() throws(PatternError) -> LetterSet {
    guard let letter = peek else { throw PatternError("trailing backslash at end of expression: ``") }
    next += 1
    if let control = Self.controls[letter] { return one(control) }
    let small = Unicode.Scalar(letter.value | 32) ?? letter
    if let ranges = Self.perl[small] { return LetterSet(ranges: ranges, isInverted: letter != small) }
    if letter == "x" {
      let isLong = take("{")
      let digits = text[next...].prefix(isLong ? 6 : 2).prefix { $0.properties.isASCIIHexDigit }
      next += digits.count
      if let value = UInt32(String(letters: digits), radix: 16), isLong ? take("}") : digits.count == 2 {
        return one(value)
      }
    } else if letter.isASCII, !letter.isNamePart || letter == "_" {
      return one(letter.value)
    }
    throw PatternError("invalid escape sequence: `\\\(letter)`")
  }

  private mutating func set() throws(PatternError) -> LetterSet {
    var set = LetterSet(isInverted: take("^"), ignoresCase: flags.contains("i"))
    let start = next
    while let letter = peek, letter != "]" || next == start {
      let (low, ranges) = try member()
      guard let low else {
        set.ranges += ranges
        continue
      }
      var high = low
      if peek == "-", next + 1 < text.count, text[next + 1] != "]" {
        next += 1
        high = try member().single ?? low
      }
      guard low <= high else {
        throw PatternError("invalid character class range: `\(String(letters: text[start..<next]))`")
      }
      set.ranges.append(low...high)
    }
    guard take("]") else { throw PatternError("missing closing ]: `[\(String(letters: text[start...]))`") }
    return set
  }

  /// One letter of a class, or several that have a name.
  private mutating func member() throws(PatternError) -> (single: UInt32?, ranges: [ClosedRange<UInt32>]) {
    if peek == "[", next + 1 < text.count, text[next + 1] == ":" {
      let name = String(letters: text[(next + 2)...].prefix { $0 != ":" })
      guard let ranges = Self.posix[name] else { throw PatternError("invalid character class range: `[:\(name):]`") }
      next += name.count + 4
      return (nil, ranges)
    }
    guard let letter = peek else { throw PatternError("missing closing ]: ``") }
    next += 1
    guard letter == "\\" else { return (letter.value, []) }
    let set = try escape()
    if set.ranges.count == 1, let range = set.ranges.first, range.count == 1, !set.isInverted {
      return (range.lowerBound, [])
    }
    return (nil, set.isInverted ? Self.inverted(set.ranges) : set.ranges)
  }

  private static func inverted(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var (gaps, next): ([ClosedRange<UInt32>], UInt32) = ([], 0)
    for range in ranges {
      if next < range.lowerBound { gaps.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    return gaps + [next...0x10FFFF]
  }
}
