public import SwiftSource

/// A small mistake in a function, as somebody could make it.
public struct Mutant: Sendable, Hashable {
  /// The file's path from the repository's root.
  public var file: String
  public var line: Int
  /// `Rollout.nextStep`
  public var function: String
  /// The line with the mistake, before and after.
  public var before: String
  public var after: String
  public var change: Change

  /// What stays the same when lines above it come or go: the name under which reasons are listed.
  public var name: String {
    let name = file.split(separator: "/").last ?? ""
    return "\(name) \(function): \(before) ⇒ \(after)"
  }
}

/// Makes mistakes in functions: one comparison, boundary, sign, condition, branch, constant or statement at a time.
struct Mutator {
  let file: SwiftFile
  let function: Function
  private let tokens: Tokens
  /// The body's tokens.
  private let body: Range<Int>
  private var found: [Mistake] = []

  struct Mistake: Hashable {
    var range: Range<Int>
    var text: String
    var what: String?
  }

  /// All mistakes that the function's body offers.
  static func mistakes(in function: Function, of file: SwiftFile) -> [Mistake] {
    var mutator = Mutator(file, function)
    mutator.signs()
    mutator.constants()
    mutator.conditions()
    mutator.branches()
    mutator.statements()
    mutator.results()
    return mutator.found
  }

  private init(_ file: SwiftFile, _ function: Function) {
    self.file = file
    self.function = function
    tokens = file.tokens
    let start = tokens.all.firstIndex { $0.range.lowerBound >= function.body.lowerBound } ?? tokens.all.count
    let end = tokens.all[start...].firstIndex { $0.range.lowerBound >= function.body.upperBound } ?? tokens.all.count
    body = start..<end
  }

  private mutating func add(_ range: Range<Int>, _ text: String, _ what: String? = nil) {
    found.append(Mistake(range: range, text: text, what: what))
  }

  private func isWord(_ index: Int, _ word: String) -> Bool {
    tokens.all.indices.contains(index) && tokens.all[index].kind == .word && tokens.text(index) == word
  }

  // MARK: Signs and constants

  private static let exchanges: [String: [String]] = [
    "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="], "!=": ["=="],
    "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["/"], "+=": ["-="], "-=": ["+="], "&&": ["||"], "||": ["&&"],
    "&+": ["&-"], "&-": ["&+"], "&": ["|"], "|": ["&"], "<<": [">>"], ">>": ["<<"],
  ]

  private mutating func signs() {
    for index in body where tokens.all[index].kind == .operation {
      let sign = tokens.text(index)
      if tokens.isBinary(index) {
        for other in Self.exchanges[sign] ?? [] { add(tokens.all[index].range, other) }
      } else if sign == "!", tokens.isBlank(tokens.all[index].range.lowerBound - 1) || follows(index, "(") {
        add(tokens.all[index].range, "")
      } else if sign == "..<" {
        add(tokens.all[index].range, "...")
      } else if sign == "...", tokens.all[index - 1].kind != .newline, !follows(index, "[") {
        add(tokens.all[index].range, "..<")
      }
    }
  }

  private func follows(_ index: Int, _ sign: Unicode.Scalar) -> Bool { tokens.isSign(index - 1, sign) }

  private mutating func constants() {
    for index in body where tokens.all[index].kind == .word && !tokens.isSign(index - 1, ".") {
      let word = tokens.text(index)
      if word == "true" || word == "false" {
        add(tokens.all[index].range, word == "true" ? "false" : "true")
      } else if let number = Int(word), number < .max {
        add(tokens.all[index].range, "\(number + 1)")
        if number > 1 { add(tokens.all[index].range, "\(number - 1)") }
      }
    }
  }

  // MARK: Conditions and branches

  private mutating func conditions() {
    for index in body where isWord(index, "if") || isWord(index, "guard") {
      let isGuard = isWord(index, "guard")
      let end = tokens.first(from: index + 1, to: body.upperBound) { position in
        isGuard ? isWord(position, "else") : tokens.isSign(position, "{")
      }
      guard let end else { continue }
      for clause in parts(of: index + 1..<end) where isPlain(clause) {
        let range = tokens.all[clause.lowerBound].range.lowerBound..<tokens.all[clause.upperBound - 1].range.upperBound
        add(range, "!(\(file[range]))")
      }
    }
  }

  /// A range of tokens at its commas, without line breaks at the edges.
  private func parts(of range: Range<Int>) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = range.lowerBound
    while start < range.upperBound {
      let comma = tokens.first(from: start, to: range.upperBound) { tokens.isSign($0, ",") } ?? range.upperBound
      let first = tokens.next(from: start)
      var last = comma
      while last > first, tokens.all[last - 1].kind == .newline { last -= 1 }
      if first < last { parts.append(first..<last) }
      start = comma + 1
    }
    return parts
  }

  /// A condition that only its negation changes: no binding, and no sign in it that is exchanged anyway.
  private func isPlain(_ clause: Range<Int>) -> Bool {
    let word = tokens.text(clause.lowerBound)
    guard !["let", "var", "case", "#available", "!"].contains(word) else { return false }
    return tokens.first(from: clause.lowerBound, to: clause.upperBound) { index in
      tokens.isBinary(index) && ["<", "<=", ">", ">=", "==", "!=", "&&", "||"].contains(tokens.text(index))
    } == nil
  }

  /// `condition ? a : b` with its branches exchanged.
  private mutating func branches() {
    for index in body where tokens.isBinary(index) && tokens.text(index) == "?" {
      guard let colon = matchingColon(after: index), let end = endOfExpression(from: colon + 1) else { continue }
      let first = tokens.all[tokens.next(from: index + 1)].range.lowerBound..<tokens.all[colon].range.lowerBound
      let second = tokens.all[tokens.next(from: colon + 1)].range.lowerBound..<tokens.all[end - 1].range.upperBound
      guard first.lowerBound < first.upperBound, second.lowerBound < second.upperBound else { continue }
      let (one, other) = (SwiftFile(file[first]), file[second])
      let kept = one.tokens.all.last.map { one[0..<$0.range.upperBound] } ?? ""
      add(first.lowerBound..<second.upperBound, "\(other) : \(kept)")
    }
  }

  private func matchingColon(after question: Int) -> Int? {
    var depth = 0
    return tokens.first(from: question + 1, to: body.upperBound) { index in
      if tokens.isBinary(index), tokens.text(index) == "?" { depth += 1 }
      guard tokens.isSign(index, ":") else { return tokens.all[index].kind == .close }
      depth -= 1
      return depth < 0
    }.flatMap { tokens.isSign($0, ":") ? $0 : nil }
  }

  private func endOfExpression(from start: Int) -> Int? {
    let limit = tokens.endOfStatement(from: tokens.next(from: start), to: body.upperBound)
    let end = tokens.first(from: start, to: limit) { index in
      tokens.all[index].kind == .close || tokens.isSign(index, ",") || tokens.isSign(index, ";")
        || tokens.isSign(index, "{")
    }
    return max(end ?? limit, start) > start ? end ?? limit : nil
  }

  // MARK: Statements

  private static let kept: Set<String> = [
    "let", "var", "return", "throw", "if", "guard", "switch", "for", "while", "repeat", "do", "defer", "break",
    "continue", "fallthrough", "func", "case", "default", "typealias", "struct", "enum", "yield", "super", "#if",
  ]

  private mutating func statements() {
    guard !(function.isSingleExpression && function.result != nil) else { return remove(in: blocks(body)) }
    remove(in: [body] + blocks(body))
  }

  private mutating func remove(in lists: [Range<Int>]) {
    for list in lists {
      for statement in tokens.statements(in: list) where !Self.kept.contains(tokens.text(statement.lowerBound)) {
        // A value alone does nothing; and what an initialiser does not set, the compiler misses.
        let isAssignment = statement.contains { tokens.isBinary($0) && tokens.text($0).hasSuffix("=") }
        if isAssignment ? function.kind == .initializer : !statement.contains(where: { tokens.isSign($0, "(") }) {
          continue
        }
        let start = tokens.all[statement.lowerBound].range.lowerBound
        add(start..<tokens.all[statement.upperBound - 1].range.upperBound, "do {}", "removed")
      }
    }
  }

  /// The lists of statements in the braces of a range: blocks, closures, the cases of switches.
  private func blocks(_ range: Range<Int>) -> [Range<Int>] {
    range.filter { tokens.isSign($0, "{") }.flatMap { brace in
      let inner = brace + 1..<tokens.closing(of: brace)
      let first = tokens.text(tokens.next(from: inner.lowerBound))
      return first == "case" || first == "default" ? cases(inner) : [afterParameters(inner)]
    }
  }

  private func cases(_ range: Range<Int>) -> [Range<Int>] {
    let labels = range.filter { index in
      (isWord(index, "case") || isWord(index, "default")) && tokens.all[index - 1].kind != .word
        && !tokens.isSign(index - 1, ",") && tokens.first(from: range.lowerBound, to: index + 1) { $0 == index } != nil
    }
    return zip(labels, labels.dropFirst() + [range.upperBound]).compactMap { label, next in
      tokens.first(from: label, to: next) { tokens.isSign($0, ":") }.map { $0 + 1..<next }
    }
  }

  /// A closure's statements begin after `in`.
  private func afterParameters(_ range: Range<Int>) -> Range<Int> {
    guard !isWord(tokens.next(from: range.lowerBound), "for") else { return range }
    let line = tokens.first(from: range.lowerBound, to: range.upperBound) { tokens.all[$0].kind == .newline }
    let word = tokens.first(from: range.lowerBound, to: line ?? range.upperBound) { isWord($0, "in") }
    return word.map { $0 + 1..<range.upperBound } ?? range
  }

  /// The whole function gives back something simple, or does nothing.
  private mutating func results() {
    let values: [String]
    switch function.result {
    case nil:
      guard function.kind == .function, tokens.statements(in: body).count > 1 else { return }
      values = [""]
    case "Bool": values = ["true", "false"]
    case "Int": values = ["0"]
    case "String": values = ["\"\""]
    case "Plan": values = [".nothing"]
    case .some(let type) where type.hasSuffix("?"): values = ["nil"]
    case .some(let type) where type.hasPrefix("["): values = [type.contains(":") ? "[:]" : "[]"]
    default: return
    }
    let own = file[function.body].filter { !$0.isWhitespace }
    for value in values where value.filter({ !$0.isWhitespace }) != own {
      add(function.body, " \(value) ", value.isEmpty ? "does nothing" : "always \(value)")
    }
  }
}

extension Mutator {
  /// The mutants of a file, numbered from `first`.
  static func mutants(of file: SwiftFile, path: String, from first: Int) -> [Mutant] {
    var mutants: [Mutant] = []
    for (index, function) in file.functions.enumerated() where isChangeable(function, in: file) {
      var bodies: Set<String> = [file[function.body]]
      for mistake in mistakes(in: function, of: file) {
        let body = replaced(mistake.range, with: mistake.text, in: function.body, of: file)
        guard bodies.insert(body).inserted else { continue }
        let place = mistake.range == function.body ? function.start : mistake.range.lowerBound
        let line = mistake.range == function.body ? function.line : file.line(at: place)
        mutants.append(
          Mutant(
            file: path, line: line, function: function.qualifiedName, before: file.trimmedLine(line),
            after: mistake.what ?? changedLine(mistake, line, in: file),
            change: Change(variant: first + mutants.count, function: index, body: body)))
      }
    }
    return mutants
  }

  /// Result builders read bodies in their own way, and directives choose lines.
  static func isChangeable(_ function: Function, in file: SwiftFile) -> Bool {
    let known: Set<String> = ["@discardableResult", "@inlinable", "@inline", "@usableFromInline", "@available"]
    return function.attributes.allSatisfy(known.contains) && !file[function.body].contains("#if")
  }

  private static func replaced(_ range: Range<Int>, with text: String, in body: Range<Int>, of file: SwiftFile)
    -> String
  {
    file[body.lowerBound..<range.lowerBound] + text + file[range.upperBound..<body.upperBound]
  }

  private static func changedLine(_ mistake: Mistake, _ line: Int, in file: SwiftFile) -> String {
    let start = file.bytes[..<mistake.range.lowerBound].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let end = file.bytes[mistake.range.upperBound...].firstIndex(of: UInt8(ascii: "\n")) ?? file.bytes.count
    let changed = file[start..<mistake.range.lowerBound] + mistake.text + file[mistake.range.upperBound..<end]
    return changed.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
