/// A file's tokens and the ways through them: past brackets, from statement to statement.
public struct Tokens: Sendable {
  public let bytes: [UInt8]
  public let all: [Token]
  /// For each opening bracket the one that closes it; the last token where none does.
  private let closings: [Int: Int]

  init(bytes: [UInt8], all: [Token]) {
    self.bytes = bytes
    self.all = all
    var closings: [Int: Int] = [:]
    var open: [Int] = []
    for (index, token) in all.enumerated() {
      if token.kind == .open { open.append(index) }
      if token.kind == .close, let start = open.popLast() { closings[start] = index }
    }
    for start in open { closings[start] = all.count - 1 }
    self.closings = closings
  }

  public func text(_ index: Int) -> String {
    all.indices.contains(index) ? String(decoding: bytes[all[index].range], as: UTF8.self) : ""
  }

  public func isSign(_ index: Int, _ sign: Unicode.Scalar) -> Bool {
    all.indices.contains(index) && all[index].isSign(sign)
  }

  /// The next token that is no line break.
  public func next(from index: Int) -> Int {
    var index = index
    while index < all.count, all[index].kind == .newline { index += 1 }
    return index
  }

  public func closing(of index: Int) -> Int { closings[index] ?? index }

  /// The first token from `start` on that is not inside brackets and satisfies a condition.
  public func first(from start: Int, to end: Int, where matches: (Int) -> Bool) -> Int? {
    var index = start
    while index < end {
      if matches(index) { return index }
      index = all[index].kind == .open ? closing(of: index) + 1 : index + 1
    }
    return nil
  }

  public func isBlank(_ offset: Int) -> Bool {
    guard bytes.indices.contains(offset) else { return true }
    return bytes[offset] == 0x20 || bytes[offset] == 0x0A || bytes[offset] == 0x09
  }

  /// An operator with blanks on both sides.
  public func isBinary(_ index: Int) -> Bool {
    guard all.indices.contains(index), all[index].kind == .operation else { return false }
    return isBlank(all[index].range.lowerBound - 1) && isBlank(all[index].range.upperBound)
  }

  // MARK: Statements

  /// The statements between two tokens, each from its first token to past its last.
  public func statements(in range: Range<Int>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start = next(from: range.lowerBound)
    while start < range.upperBound {
      let end = endOfStatement(from: start, to: range.upperBound)
      found.append(start..<end)
      start = end
      while start < range.upperBound, all[start].kind == .newline || isSign(start, ";") { start += 1 }
    }
    return found
  }

  /// Past the last token of the statement that begins at `start`.
  public func endOfStatement(from start: Int, to limit: Int) -> Int {
    var index = start
    while index < limit {
      if isSign(index, ";") { return index }
      if all[index].kind == .newline, !continues(start, past: index, limit: limit) { return index }
      index = all[index].kind == .open ? closing(of: index) + 1 : index + 1
    }
    return limit
  }

  /// Whether the line break at `newline` is inside a statement.
  private func continues(_ start: Int, past newline: Int, limit: Int) -> Bool {
    let before = newline - 1
    let after = next(from: newline)
    guard after < limit, before >= start else { return false }
    if isBinary(before) || isSign(before, ",") || isSign(before, ":") || isBinary(after) { return true }
    if ["return", "else", "where", "try", "await", "in", "throws", "async"].contains(text(before)) { return true }
    if isSign(after, ".") || isSign(after, ",") || isSign(after, ":") || isSign(after, "{") { return true }
    let word = text(after)
    if word == "while" { return text(start) == "repeat" }
    return ["else", "catch", "where", "throws", "async", "rethrows", "as", "is"].contains(word)
  }

  /// Whether these tokens are one expression, the value of a function without `return`.
  public func isSingleExpression(_ range: Range<Int>, hasResult: Bool) -> Bool {
    let statements = statements(in: range)
    guard statements.count == 1, let only = statements.first else { return false }
    switch text(only.lowerBound) {
    case "if", "switch":
      // As an expression it has values in its branches, not ways out of the function.
      return hasResult && !only.contains { text($0) == "return" }
    case let word: return !Self.statementWords.contains(word)
    }
  }

  private static let statementWords: Set<String> = [
    "let", "var", "return", "for", "while", "repeat", "guard", "do", "defer", "throw", "break", "continue", "func",
    "struct", "enum", "class", "typealias", "#if",
  ]
}
