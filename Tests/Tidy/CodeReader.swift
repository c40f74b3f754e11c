/// Reads Swift just closely enough to tell code from comments and literals, so that a rule about code is not tripped
/// by a sentence. Code inside an interpolation is code.
struct CodeReader {
  private enum Context {
    /// `parentheses` counts those open inside an interpolation.
    case code(parentheses: Int)
    case literal(hashes: Int, isMultiline: Bool)
  }

  private var contexts: [Context] = [.code(parentheses: 0)]
  private var commentDepth = 0

  /// Each line with comments and literals taken out; the number of lines stays.
  static func code(of lines: [String]) -> [String] {
    var reader = CodeReader()
    return lines.map { reader.code(of: $0) }
  }

  private mutating func code(of line: String) -> String {
    var rest = line[...]
    var code = ""
    while !rest.isEmpty {
      if commentDepth > 0 {
        skipComment(&rest)
        continue
      }
      switch contexts.last {
      case .literal(let hashes, let isMultiline): readLiteral(&rest, hashes, isMultiline)
      case .code(let parentheses): readCode(&rest, parentheses, into: &code)
      case nil: return code
      }
    }
    // A literal of one line ends with it, whatever it contains.
    while case .literal(_, isMultiline: false) = contexts.last { contexts.removeLast() }
    return code
  }

  private mutating func skipComment(_ rest: inout Substring) {
    if rest.hasPrefix("*/") {
      commentDepth -= 1
      rest = rest.dropFirst(2)
    } else if rest.hasPrefix("/*") {
      commentDepth += 1
      rest = rest.dropFirst(2)
    } else {
      rest = rest.dropFirst()
    }
  }

  private mutating func readLiteral(_ rest: inout Substring, _ hashes: Int, _ isMultiline: Bool) {
    let sign = String(repeating: "#", count: hashes)
    let end = (isMultiline ? "\"\"\"" : "\"") + sign
    if rest.hasPrefix("\\\(sign)(") {
      contexts.append(.code(parentheses: 0))
      rest = rest.dropFirst(2 + hashes)
    } else if rest.hasPrefix("\\\(sign)") {
      rest = rest.dropFirst(2 + hashes)
    } else if rest.hasPrefix(end) {
      contexts.removeLast()
      rest = rest.dropFirst(end.count)
    } else {
      rest = rest.dropFirst()
    }
  }

  private mutating func readCode(_ rest: inout Substring, _ parentheses: Int, into code: inout String) {
    if rest.hasPrefix("//") {
      rest = ""
    } else if rest.hasPrefix("/*") {
      commentDepth = 1
      rest = rest.dropFirst(2)
    } else if let literal = literalStart(rest) {
      contexts.append(.literal(hashes: literal.hashes, isMultiline: literal.isMultiline))
      code += "\"\""
      rest = rest.dropFirst(literal.length)
    } else {
      readSign(rest.removeFirst(), parentheses, into: &code)
    }
  }

  private mutating func readSign(_ sign: Character, _ parentheses: Int, into code: inout String) {
    let isInterpolation = contexts.count > 1
    if sign == ")", isInterpolation, parentheses == 0 {
      contexts.removeLast()
      return
    }
    if isInterpolation, sign == "(" || sign == ")" {
      contexts[contexts.count - 1] = .code(parentheses: parentheses + (sign == "(" ? 1 : -1))
    }
    code.append(sign)
  }

  private func literalStart(_ rest: Substring) -> (hashes: Int, isMultiline: Bool, length: Int)? {
    let hashes = rest.prefix { $0 == "#" }.count
    let quotes = rest.dropFirst(hashes)
    if quotes.hasPrefix("\"\"\"") { return (hashes, true, hashes + 3) }
    if quotes.hasPrefix("\"") { return (hashes, false, hashes + 1) }
    return nil
  }
}
