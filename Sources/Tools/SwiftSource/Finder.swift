/// Goes through a file's declarations and collects those that have a body.
struct Finder {
  private let tokens: Tokens
  private let lines: LineIndex
  private var found: [Function] = []

  init(_ tokens: Tokens, _ lines: LineIndex) {
    self.tokens = tokens
    self.lines = lines
  }

  mutating func functions() -> [Function] {
    declarations(in: 0..<tokens.all.count, scope: [])
    return found
  }

  private static let modifiers: Set<String> = [
    "public", "private", "internal", "fileprivate", "package", "open", "static", "final", "mutating", "nonmutating",
    "override", "required", "convenience", "lazy", "weak", "unowned", "indirect", "dynamic", "optional", "prefix",
    "postfix", "infix", "nonisolated", "consuming", "borrowing", "async",
  ]
  private static let types: Set<String> = ["struct", "class", "enum", "extension", "protocol", "actor"]

  /// Where a declaration began, and what stood before its word.
  private struct Opening {
    var start: Int
    var attributes: [String] = []
    var modifiers: Set<String> = []
  }

  private mutating func declarations(in range: Range<Int>, scope: [String]) {
    var index = range.lowerBound
    var opening: Opening?
    while index < range.upperBound {
      let word = tokens.text(index)
      switch tokens.all[index].kind {
      case .newline:
        index += 1
      case .word where word.hasPrefix("@"):
        opening = opening ?? Opening(start: index)
        opening?.attributes.append(word)
        index += 1
        if tokens.isSign(index, "("), tokens.all[index - 1].range.upperBound == tokens.all[index].range.lowerBound {
          index = tokens.closing(of: index) + 1
        }
      case .word where isModifier(index):
        opening = opening ?? Opening(start: index)
        opening?.modifiers.insert(word)
        index += 1
        // `private(set)`, `nonisolated(unsafe)`
        if tokens.isSign(index, "(") { index = tokens.closing(of: index) + 1 }
      case .word where word == "func" || word == "init" || word == "deinit":
        index = function(at: index, opening ?? Opening(start: index), scope)
        opening = nil
      case .word where word == "subscript" || word == "var" || word == "let":
        index = property(at: index, limit: range.upperBound, opening ?? Opening(start: index), scope)
        opening = nil
      case .word where Self.types.contains(word):
        index = type(at: index, limit: range.upperBound, scope)
        opening = nil
      case .open:
        index = tokens.closing(of: index) + 1
        opening = nil
      default:
        index += 1
        opening = nil
      }
    }
  }

  private func isModifier(_ index: Int) -> Bool {
    let word = tokens.text(index)
    // `class func` is a modifier, `class Name` a type.
    if word == "class" { return ["func", "var", "subscript"].contains(tokens.text(tokens.next(from: index + 1))) }
    return Self.modifiers.contains(word)
  }

  private mutating func type(at index: Int, limit: Int, _ scope: [String]) -> Int {
    guard let brace = tokens.first(from: index, to: limit, where: { tokens.isSign($0, "{") }) else { return index + 1 }
    var name = tokens.text(tokens.next(from: index + 1))
    var position = index + 2
    while tokens.isSign(position, ".") {
      name += "." + tokens.text(position + 1)
      position += 2
    }
    let end = tokens.closing(of: brace)
    declarations(in: brace + 1..<end, scope: scope + [name])
    return end + 1
  }

  // MARK: Functions

  private mutating func function(at index: Int, _ opening: Opening, _ scope: [String]) -> Int {
    let word = tokens.text(index)
    let end = endOfHeader(from: index)
    guard tokens.isSign(end, "{") else { return end }
    let closing = tokens.closing(of: end)
    var function = outline(
      word == "func" ? .function : word == "init" ? .initializer : .deinitializer,
      name: word == "func" ? tokens.text(tokens.next(from: index + 1)) : word, word: index, brace: end, opening, scope)
    if word == "init" { function.result = nil }
    found.append(function)
    return closing + 1
  }

  /// The brace that opens the body, or where the next declaration begins if there is none.
  private func endOfHeader(from index: Int) -> Int {
    let end = tokens.endOfStatement(from: index, to: tokens.all.count)
    return tokens.first(from: index, to: end) { tokens.isSign($0, "{") } ?? end
  }

  /// What a header says, from the declaring word to the brace of the body.
  private func outline(
    _ kind: Function.Kind, name: String, word: Int, brace: Int, _ opening: Opening, _ scope: [String]
  ) -> Function {
    // Effects and the result come after the parameters.
    let parameters = tokens.first(from: word, to: brace) { tokens.isSign($0, "(") }
    let rest = parameters.map { tokens.closing(of: $0) + 1..<brace } ?? brace..<brace
    let result = result(in: rest)
    let body = tokens.all[brace].range.upperBound..<tokens.all[tokens.closing(of: brace)].range.lowerBound
    let start = tokens.all[opening.start].range.lowerBound
    return Function(
      kind: kind, name: name, scope: scope, start: start, line: lines.line(at: tokens.all[word].range.lowerBound),
      header: header(from: start, to: tokens.all[brace].range.lowerBound), attributes: opening.attributes,
      isAsync: contains("async", rest), isMutating: opening.modifiers.contains("mutating"),
      throwing: throwing(in: rest),
      result: result, body: body,
      isSingleExpression: tokens.isSingleExpression(
        brace + 1..<tokens.closing(of: brace), hasResult: result != nil))
  }

  private func header(from start: Int, to end: Int) -> String {
    String(decoding: tokens.bytes[start..<end], as: UTF8.self).split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
  }

  private func contains(_ word: String, _ range: Range<Int>) -> Bool {
    tokens.first(from: range.lowerBound, to: range.upperBound) { tokens.text($0) == word } != nil
  }

  private func throwing(in range: Range<Int>) -> Function.Throws {
    if contains("rethrows", range) { return .again }
    guard let word = tokens.first(from: range.lowerBound, to: range.upperBound, where: { tokens.text($0) == "throws" })
    else { return .nothing }
    guard tokens.isSign(word + 1, "(") else { return .anything }
    let type = header(
      from: tokens.all[word + 1].range.upperBound, to: tokens.all[tokens.closing(of: word + 1)].range.lowerBound)
    return type == "any Error" || type == "Error" ? .anything : .only(type)
  }

  private func result(in range: Range<Int>) -> String? {
    guard let arrow = tokens.first(from: range.lowerBound, to: range.upperBound, where: { tokens.text($0) == "->" })
    else { return nil }
    let end = tokens.first(from: arrow, to: range.upperBound) { tokens.text($0) == "where" } ?? range.upperBound
    let type = header(from: tokens.all[arrow].range.upperBound, to: tokens.all[end].range.lowerBound)
    return type == "Void" || type == "()" ? nil : type
  }

  // MARK: Properties

  private mutating func property(at index: Int, limit: Int, _ opening: Opening, _ scope: [String]) -> Int {
    let isSubscript = tokens.text(index) == "subscript"
    let end = tokens.endOfStatement(from: index, to: limit)
    let assignment = tokens.first(from: index, to: end) { tokens.text($0) == "=" }
    // A stored property's first value may hold closures; only observers can stand after it.
    guard isSubscript || assignment == nil,
      let brace = tokens.first(from: index, to: end, where: { tokens.isSign($0, "{") })
    else { return end }
    let name = isSubscript ? "subscript" : tokens.text(tokens.next(from: index + 1))
    var property = outline(.getter, name: name, word: index, brace: brace, opening, scope)
    if !isSubscript { property.result = type(after: index, before: brace) }
    let closing = tokens.closing(of: brace)
    if isAccessor(tokens.next(from: brace + 1)) {
      accessors(in: brace + 1..<closing, of: property)
    } else {
      property.isSingleExpression = tokens.isSingleExpression(brace + 1..<closing, hasResult: true)
      found.append(property)
    }
    return closing + 1
  }

  private func type(after word: Int, before brace: Int) -> String? {
    tokens.first(from: word, to: brace) { tokens.isSign($0, ":") }.map {
      header(from: tokens.all[$0].range.upperBound, to: tokens.all[brace].range.lowerBound)
    }
  }

  private static let accessorWords: Set<String> = ["get", "set", "_read", "_modify", "willSet", "didSet"]

  private func isAccessor(_ index: Int) -> Bool {
    let word = tokens.text(index)
    if word == "mutating" || word == "nonmutating" || word.hasPrefix("@") {
      return isAccessor(tokens.next(from: index + 1))
    }
    guard Self.accessorWords.contains(word) else { return false }
    let after = tokens.text(tokens.next(from: index + 1))
    return ["{", "(", "}", "async", "throws", "set", "get"].contains(after)
  }

  private mutating func accessors(in range: Range<Int>, of property: Function) {
    var index = tokens.next(from: range.lowerBound)
    while index < range.upperBound {
      guard Self.accessorWords.contains(tokens.text(index)),
        let brace = tokens.first(from: index, to: range.upperBound, where: { tokens.isSign($0, "{") })
      else {
        index += 1
        continue
      }
      let word = tokens.text(index)
      let between = index + 1..<brace
      let closing = tokens.closing(of: brace)
      var accessor = property
      accessor.kind = word == "get" ? .getter : .setter
      accessor.isMutating = word != "get"
      if word != "get" { accessor.result = nil }
      accessor.start = tokens.all[index].range.lowerBound
      accessor.isAsync = contains("async", between)
      accessor.throwing = throwing(in: between)
      accessor.body = tokens.all[brace].range.upperBound..<tokens.all[closing].range.lowerBound
      accessor.isSingleExpression = tokens.isSingleExpression(
        brace + 1..<closing, hasResult: accessor.result != nil)
      found.append(accessor)
      index = closing + 1
    }
  }
}
