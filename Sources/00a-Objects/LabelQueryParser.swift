extension LabelQuery {
  /// Reads the form that queries are written in: `app=web,tier in (a,b),zone notin (x),owner,!old,size>3`.
  /// Throws a ``SelectorError`` that says where it stopped understanding.
  public init(parsing text: String) throws(SelectorError) {
    var parser = LabelQueryParser(text)
    self.init(try parser.requirements())
  }
}

/// Why a selector could not be read.
public struct SelectorError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Reads one token after the other: names and values are runs of anything but spaces and signs.
private struct LabelQueryParser {
  private var rest: Substring

  init(_ text: String) { rest = text[...] }

  mutating func requirements() throws(SelectorError) -> [LabelQuery.Requirement] {
    var found: [LabelQuery.Requirement] = []
    skipSpaces()
    while !rest.isEmpty {
      found.append(try requirement())
      skipSpaces()
      if rest.isEmpty { break }
      guard take(",") else { throw unexpected("',' or the end") }
      skipSpaces()
      if rest.isEmpty { throw unexpected("a label's name after ','") }
    }
    return found
  }

  private mutating func requirement() throws(SelectorError) -> LabelQuery.Requirement {
    if take("!") { return .doesNotExist(try name()) }
    let name = try name()
    skipSpaces()
    if rest.isEmpty || rest.first == "," { return .exists(name) }
    if take("!=") { return .isNoneOf(name, [try value()]) }
    if take("==") || take("=") { return .isOneOf(name, [try value()]) }
    if take(">") { return .isGreater(name, try number()) }
    if take("<") { return .isLess(name, try number()) }
    switch word() {
    case "in": return .isOneOf(name, try values())
    case "notin": return .isNoneOf(name, try values())
    case let other: throw SelectorError("found '\(other)', expected: in, notin, =, ==, !=, gt, lt")
    }
  }

  private mutating func name() throws(SelectorError) -> String {
    skipSpaces()
    let name = word()
    if name.isEmpty { throw unexpected("a label's name") }
    if let problem = Names.qualifiedNameProblems(name).first {
      throw SelectorError("key: Invalid value: \"\(name)\": \(problem)")
    }
    return name
  }

  private mutating func value() throws(SelectorError) -> String {
    skipSpaces()
    let value = word()
    if let problem = Names.labelValueProblems(value).first {
      throw SelectorError("values[0][\"\(value)\"]: Invalid value: \"\(value)\": \(problem)")
    }
    return value
  }

  private mutating func number() throws(SelectorError) -> Int64 {
    let text = try value()
    guard let number = Int64(text) else {
      throw SelectorError("values[0]: Invalid value: \"\(text)\": for 'Gt', 'Lt' operators, the value must be an integer")
    }
    return number
  }

  private mutating func values() throws(SelectorError) -> [String] {
    skipSpaces()
    guard take("(") else { throw unexpected("'('") }
    var values = [try value()]
    skipSpaces()
    while take(",") {
      values.append(try value())
      skipSpaces()
    }
    guard take(")") else { throw unexpected("',' or ')'") }
    return values.sorted()
  }

  private mutating func word() -> String {
    let word = rest.prefix { !$0.isWhitespace && !"!=<>(),".contains($0) }
    rest.removeFirst(word.count)
    return String(word)
  }

  private mutating func take(_ sign: String) -> Bool {
    guard rest.hasPrefix(sign) else { return false }
    rest.removeFirst(sign.count)
    return true
  }

  private mutating func skipSpaces() { rest = rest.drop(while: \.isWhitespace) }

  private func unexpected(_ expected: String) -> SelectorError {
    SelectorError("found '\(rest)', expected: \(expected)")
  }
}
