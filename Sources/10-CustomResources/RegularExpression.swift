/// A pattern, in what RE2's syntax and everybody's have in common: characters, `.`, classes, `^` `$` `\b`, groups,
/// `|`, `*` `+` `?` `{2,5}` and their reluctant forms, and the flags i, s and m.
///
/// All ways of matching are followed side by side, one character after the other, so that the time grows with text times
/// pattern and never with two to the power of either. That is why there are no references back to groups.
public struct RegularExpression: Sendable {
  private let program: [Step]

  /// - Throws: what is wrong with the pattern.
  public init(_ pattern: String) throws(PatternError) {
    var reader = PatternReader(pattern)
    let piece = try reader.whole()
    var program: [Step] = []
    try piece.append(to: &program)
    self.program = program + [.found]
  }

  /// How many letters may be compared before nobody wants to know any more.
  private static let patience = 2_000_000

  /// Whether the pattern matches a part of the text. A text that is too long for the pattern does not.
  public func matches(_ text: String) -> Bool { (try? find(in: text)) ?? false }

  /// - Throws: ``CELFailure/exhausted`` when it takes too long.
  func find(in text: String) throws(CELFailure) -> Bool {
    var patience = Self.patience
    return try next(in: text.letters, from: 0, stopsEarly: true, &patience) != nil
  }

  /// The parts that it matches, from left to right, at most so many.
  func findAll(in text: String, limit: Int = .max) throws(CELFailure) -> [String] {
    let letters = text.letters
    var (found, start, patience): ([String], Int, Int) = ([], 0, Self.patience)
    var end: Int?
    while found.count < limit, start <= letters.count, let range = try next(in: letters, from: start, &patience) {
      // Right behind a match, nothing is not another one.
      if !range.isEmpty || range.lowerBound != end { found.append(String(letters: letters[range])) }
      end = range.upperBound
      start = range.isEmpty ? range.upperBound + 1 : range.upperBound
    }
    return found
  }
}

/// Why a text is not a pattern, in Go's words.
public struct PatternError: Error, CustomStringConvertible {
  public let description: String

  init(_ problem: String) { description = "error parsing regexp: \(problem)" }
}

/// What a program for finding a pattern consists of.
enum Step: Sendable {
  case letter(LetterSet)
  /// Both ways from here; the first is preferred.
  case fork(Int, Int)
  case jump(Int)
  case edge(Edge)
  case found

  enum Edge: Sendable { case start, end, lineStart, lineEnd, word, noWord }
}

struct LetterSet: Sendable {
  var ranges: [ClosedRange<UInt32>] = []
  var isInverted = false
  var ignoresCase = false

  func contains(_ letter: Unicode.Scalar) -> Bool {
    var isInside = has(letter.value)
    if ignoresCase, !isInside {
      let forms = [letter.properties.lowercaseMapping, letter.properties.uppercaseMapping]
      isInside = forms.contains {
        $0.unicodeScalars.count == 1 && $0.unicodeScalars.first.map { has($0.value) } == true
      }
    }
    return isInside != isInverted
  }

  private func has(_ value: UInt32) -> Bool { ranges.contains { $0.contains(value) } }
}

// MARK: - Running

extension RegularExpression {
  /// A way of matching that is still open: where it is in the program, and where in the text it began.
  private struct Way {
    var step: Int
    var start: Int
  }

  /// The leftmost match, of several there the preferred one.
  private func next(
    in text: [Unicode.Scalar], from first: Int, stopsEarly: Bool = false, _ patience: inout Int
  ) throws(CELFailure) -> Range<Int>? {
    var found: Range<Int>?
    var ways: [Way] = []
    var seen = [Int](repeating: -1, count: program.count)
    for position in first...text.count {
      var ahead: [Way] = []
      if found == nil { ways.append(Way(step: 0, start: position)) }
      for way in ways {
        if let end = follow(way, in: text, at: position, &seen, &ahead, &patience) {
          // What is less preferred than a match is of no interest any more.
          found = end
          break
        }
      }
      guard patience > 0 else { throw .exhausted }
      if found != nil, stopsEarly || ahead.isEmpty { break }
      ways = ahead
    }
    return found
  }

  /// Goes on until every branch has met a letter, which is where the next position begins, or one is through.
  private func follow(
    _ way: Way, in text: [Unicode.Scalar], at position: Int, _ seen: inout [Int], _ ahead: inout [Way],
    _ patience: inout Int
  ) -> Range<Int>? {
    var open = [way.step]
    while let step = open.popLast() {
      if seen[step] == position { continue }
      seen[step] = position
      patience -= 1
      switch program[step] {
      case .letter(let set):
        if position < text.count, set.contains(text[position]) { ahead.append(Way(step: step + 1, start: way.start)) }
      case .fork(let preferred, let other): open += [other, preferred]
      case .jump(let target): open.append(target)
      case .edge(let edge): if holds(edge, in: text, at: position) { open.append(step + 1) }
      case .found: return way.start..<position
      }
    }
    return nil
  }

  private func holds(_ edge: Step.Edge, in text: [Unicode.Scalar], at position: Int) -> Bool {
    let before = position > 0 ? text[position - 1] : nil
    let after = position < text.count ? text[position] : nil
    return switch edge {
    case .start: before == nil
    case .end: after == nil
    case .lineStart: before == nil || before == "\n"
    case .lineEnd: after == nil || after == "\n"
    case .word: (before?.isNamePart ?? false) != (after?.isNamePart ?? false)
    case .noWord: (before?.isNamePart ?? false) == (after?.isNamePart ?? false)
    }
  }
}
