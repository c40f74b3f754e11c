// The text form of a label query, as `kubectl get -l` and the API's `labelSelector` parameter take it:
//
//     query       = [ requirement { "," requirement } ]
//     requirement = [ "!" ] key | key ( "=" | "==" | "!=" | ">" | "<" ) value | key ( "in" | "notin" ) values
//     values      = "(" value { "," value } ")"            a value may be empty

extension LabelQuery {
  /// - Throws: a sentence in Kubernetes' words for the first thing that does not fit.
  public init(parsing text: String) throws(SelectorError) {
    var parser = LabelQueryParser(text)
    self = try parser.query()
  }
}

private struct LabelQueryParser {
  private var tokens: ArraySlice<Substring>

  init(_ text: String) { tokens = Self.tokens(of: text)[...] }

  mutating func query() throws(SelectorError) -> LabelQuery {
    guard let first = tokens.first else { return .everything }
    guard isWord(first) || first == "!" else {
      throw SelectorError("found '\(first)', expected: !, identifier, or 'end of string'")
    }
    var requirements: [LabelRequirement] = []
    repeat {
      guard isWord(next) || next == "!" else {
        throw SelectorError("found '\(next)', expected: identifier after ','")
      }
      do {
        requirements.append(try requirement())
      } catch {
        throw SelectorError("unable to parse requirement: \(error)")
      }
    } while take(",")
    guard tokens.isEmpty else { throw SelectorError("found '\(next)', expected: ',' or 'end of string'") }
    return LabelQuery(requirements)
  }

  private mutating func requirement() throws(SelectorError) -> LabelRequirement {
    let isNegated = take("!")
    let key = String(try word())
    let problems = Names.qualifiedNameProblems(key)
    guard problems.isEmpty else {
      throw SelectorError("\(FieldError.invalid(FieldPath("<nil>"), .string(key), problems.joined(separator: "; ")))")
    }
    if isNegated { return try LabelRequirement(key, .doesNotExist, []) }
    if tokens.isEmpty || next == "," { return try LabelRequirement(key, .exists, []) }
    let (sign, `operator`) = (next, Self.operators[next])
    guard let `operator` else {
      throw SelectorError("found '\(sign)', expected: in, notin, =, ==, !=, gt, lt")
    }
    tokens.removeFirst()
    let values = [.in, .notIn].contains(`operator`) ? try values() : [try value()]
    return try LabelRequirement(key, `operator`, values)
  }

  private static let operators: [Substring: LabelRequirement.Operator] = [
    "=": .equals, "==": .equals, "!=": .notEquals, "in": .in, "notin": .notIn, ">": .greaterThan, "<": .lessThan,
  ]

  private mutating func value() throws(SelectorError) -> String {
    tokens.isEmpty || next == "," ? "" : String(try word())
  }

  private mutating func values() throws(SelectorError) -> [String] {
    guard take("(") else { throw SelectorError("found '\(next)' expected: '('") }
    var values: [String] = []
    repeat {
      values.append(isWord(next) ? String(try word()) : "")
    } while take(",")
    guard take(")") else { throw SelectorError("found '\(next)', expected: ',' or ')'") }
    return values
  }

  private mutating func word() throws(SelectorError) -> Substring {
    guard isWord(next) else { throw SelectorError("found '\(next)', expected: identifier") }
    return tokens.removeFirst()
  }
}

// MARK: - Tokens

extension LabelQueryParser {
  private var next: Substring { tokens.first ?? "" }

  private mutating func take(_ token: Substring) -> Bool {
    guard next == token else { return false }
    tokens.removeFirst()
    return true
  }

  private func isWord(_ token: Substring) -> Bool { token.utf8.first.map { !Self.signs.contains($0) } ?? false }

  private static let signs = Array("=!(),><".utf8)
  private static let spaces = Array(" \t\r\n".utf8)

  private static func tokens(of text: String) -> [Substring] {
    var tokens: [Substring] = []
    var rest = text.utf8[...]
    while let first = rest.first {
      var token = rest.prefix { !signs.contains($0) && !spaces.contains($0) }
      if token.isEmpty {
        token = rest.prefix(rest.starts(with: "==".utf8) || rest.starts(with: "!=".utf8) ? 2 : 1)
      }
      rest = rest[token.endIndex...]
      if !spaces.contains(first) { tokens.append(Substring(token)) }
    }
    return tokens
  }
}
