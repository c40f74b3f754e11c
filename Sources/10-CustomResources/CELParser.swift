/// Builds the tree of an expression, with one function for each rule of the grammar. Specified by cel-spec, "Syntax".
struct CELParser {
  private let tokens: [CELToken]
  private var next = 0
  private var depth = 0

  private init(_ tokens: [CELToken]) { self.tokens = tokens }

  static func parse(_ source: String) throws(CELFault) -> CELNode {
    var parser = CELParser(try CELLexer.tokens(of: source))
    let expression = try parser.expression()
    if parser.token.kind != .end { throw parser.unexpected("<EOF>") }
    return expression
  }

  private var token: CELToken { tokens[next] }

  private mutating func take(_ sign: String) -> Bool {
    guard token.kind == .sign(sign) else { return false }
    next += 1
    return true
  }

  private mutating func expect(_ sign: String) throws(CELFault) {
    if !take(sign) { throw unexpected("'\(sign)'") }
  }

  private func unexpected(_ expected: String) -> CELFault {
    let found =
      switch token.kind {
      case .name(let text), .number(let text), .sign(let text): text
      case .literal(.string(let text)): "\"\(text)\""
      case .literal(let value): value.typeName
      case .end: "<EOF>"
      }
    return CELFault(token.position, "Syntax error: mismatched input '\(found)' expecting \(expected)")
  }
}

// MARK: - Operators

extension CELParser {
  private static let levels: [[String]] = [
    ["||"], ["&&"], ["<", "<=", ">=", ">", "==", "!=", "in"], ["+", "-"], ["*", "/", "%"],
  ]

  private mutating func expression() throws(CELFault) -> CELNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= CELNode.greatestDepth else {
      throw CELFault(token.position, "expression recursion limit exceeded: \(CELNode.greatestDepth)")
    }
    let condition = try binary(from: 0)
    let position = token.position
    guard take("?") else { return condition }
    let then = try binary(from: 0)
    try expect(":")
    let otherwise = try expression()
    return try CELNode(.call("_?_:_", isMethod: false), [condition, then, otherwise], at: position)
  }

  /// Operands with the operators of this level or a higher one between them. A chain of && or || is one node, so that
  /// a long one is not deep.
  private mutating func binary(from level: Int) throws(CELFault) -> CELNode {
    var left = try unary()
    var chain = ""
    while let (sign, found) = operatorAhead, found >= level {
      let position = token.position
      next += 1
      let right = try binary(from: found + 1)
      if found < 2, chain == sign {
        try left.append(right)
      } else {
        left = try CELNode(.call(sign == "in" ? "@in" : "_\(sign)_", isMethod: false), [left, right], at: position)
      }
      chain = sign
    }
    return left
  }

  private var operatorAhead: (sign: String, level: Int)? {
    guard case .sign(let sign) = token.kind else { return nil }
    return Self.levels.firstIndex { $0.contains(sign) }.map { (sign, $0) }
  }

  /// Two signs undo each other.
  private mutating func unary() throws(CELFault) -> CELNode {
    for (sign, name) in [("!", "!_"), ("-", "-_")] {
      let position = token.position
      var count = 0
      while take(sign) { count += 1 }
      if count == 0 { continue }
      // The smallest integer is a number only with its sign.
      if sign == "-", count == 1, case .number(let digits) = token.kind {
        let literal = try number("-" + digits, at: position)
        return try suffixes(of: literal)
      }
      let operand = try member()
      return count % 2 == 0 ? operand : try CELNode(.call(name, isMethod: false), [operand], at: position)
    }
    return try member()
  }
}

// MARK: - Operands

extension CELParser {
  private mutating func member() throws(CELFault) -> CELNode { try suffixes(of: primary()) }

  /// `.field`, `.method()`, `[index]`, again and again.
  private mutating func suffixes(of operand: CELNode) throws(CELFault) -> CELNode {
    var operand = operand
    while true {
      let position = token.position
      if take(".") {
        let isOptional = take("?")
        guard case .name(let field) = token.kind else { throw unexpected("IDENTIFIER") }
        next += 1
        let open = token.position
        if !isOptional, take("(") {
          operand = try method(field, on: operand, arguments(), at: open)
        } else {
          operand = try CELNode(isOptional ? .optionalSelect(field) : .select(field), [operand], at: position)
        }
      } else if take("[") {
        let name = take("?") ? "_[?_]" : "_[_]"
        let index = try expression()
        try expect("]")
        operand = try CELNode(.call(name, isMethod: false), [operand, index], at: position)
      } else {
        return operand
      }
    }
  }

  private mutating func primary() throws(CELFault) -> CELNode {
    let start = token
    next += start.kind == .end ? 0 : 1
    switch start.kind {
    case .literal(let value): return try CELNode(.literal(value), at: start.position)
    case .number(let digits):
      next -= 1
      return try number(digits, at: start.position)
    case .name(let name):
      let open = token.position
      if take("(") { return try function(name, arguments(), at: open) }
      if CELNames.reserved.contains(name) { throw CELFault(start.position, "reserved identifier: \(name)") }
      return try CELNode(.name(name), at: start.position)
    case .sign("("):
      let inner = try expression()
      try expect(")")
      return inner
    case .sign("["):
      let (elements, optional) = try items(until: "]", areEntries: false)
      return try CELNode(.list(optional: optional), elements, at: start.position)
    case .sign("{"):
      let (entries, optional) = try items(until: "}", areEntries: true)
      return try CELNode(.map(optional: optional), entries, at: start.position)
    default:
      next -= start.kind == .end ? 0 : 1
      throw unexpected(
        "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
      )
    }
  }

  private mutating func arguments() throws(CELFault) -> [CELNode] {
    var arguments: [CELNode] = []
    if take(")") { return arguments }
    repeat { arguments.append(try expression()) } while take(",")
    try expect(")")
    return arguments
  }

  /// The elements of a list, or keys and values by turns, and which of them are optional. A last comma is allowed.
  private mutating func items(until end: String, areEntries: Bool) throws(CELFault) -> ([CELNode], Set<Int>) {
    var items: [CELNode] = []
    var optional: Set<Int> = []
    while !take(end) {
      if take("?") { optional.insert(items.count + (areEntries ? 1 : 0)) }
      items.append(try expression())
      if areEntries {
        try expect(":")
        items.append(try expression())
      }
      if !take(",") {
        try expect(end)
        break
      }
    }
    return (items, optional)
  }

  private mutating func number(_ text: String, at position: Int) throws(CELFault) -> CELNode {
    next += 1
    let isNegative = text.hasPrefix("-")
    let digits = isNegative ? text.dropFirst() : text[...]
    let isUnsigned = digits.last == "u" || digits.last == "U"
    let isHexadecimal = digits.hasPrefix("0x") || digits.hasPrefix("0X")
    let plain = String((isUnsigned ? digits.dropLast() : digits).dropFirst(isHexadecimal ? 2 : 0))
    let radix = isHexadecimal ? 16 : 10
    let value: CELValue?
    let name: String
    if isUnsigned {
      (value, name) = (isNegative ? nil : UInt64(plain, radix: radix).map(CELValue.uint), "uint")
    } else if !isHexadecimal, plain.contains(where: { ".e".contains($0) }) {
      (value, name) = (Double(plain).flatMap { $0.isFinite ? .double(isNegative ? -$0 : $0) : nil }, "double")
    } else {
      (value, name) = (Int64((isNegative ? "-" : "") + plain, radix: radix).map(CELValue.int), "int")
    }
    guard let value else { throw CELFault(position, "invalid \(name) literal") }
    return try CELNode(.literal(value), at: position)
  }
}

// MARK: - Macros

extension CELParser {
  private func function(_ name: String, _ arguments: [CELNode], at position: Int) throws(CELFault) -> CELNode {
    guard name == "has", arguments.count == 1 else {
      return try CELNode(.call(name, isMethod: false), arguments, at: position)
    }
    guard case .select(let field) = arguments[0].form else {
      throw CELFault(arguments[0].position, "invalid argument to has() macro")
    }
    return try CELNode(.has(field), arguments[0].children, at: position)
  }

  /// By name and number of arguments: the macro, and how many of the first arguments are names of variables.
  private static let macros: [String: (CELMacro, names: Int)] = [
    "all 2": (.all, 1), "all 3": (.all, 2), "exists 2": (.exists, 1), "exists 3": (.exists, 2),
    "exists_one 2": (.existsOne, 1), "existsOne 2": (.existsOne, 1), "existsOne 3": (.existsOne, 2),
    "exists_one 3": (.existsOne, 2), "filter 2": (.filter, 1), "map 2": (.map, 1), "map 3": (.map, 1),
    "transformList 3": (.transformList, 2), "transformList 4": (.transformList, 2),
    "transformMap 3": (.transformMap, 2), "transformMap 4": (.transformMap, 2),
    "transformMapEntry 3": (.transformMapEntry, 2), "transformMapEntry 4": (.transformMapEntry, 2),
    "sortBy 2": (.sortBy, 1), "optMap 2": (.optMap, 1), "optFlatMap 2": (.optFlatMap, 1),
  ]

  private func method(
    _ name: String, on target: CELNode, _ arguments: [CELNode], at position: Int
  ) throws(CELFault) -> CELNode {
    guard let (macro, names) = Self.macros["\(name) \(arguments.count)"] else {
      return try CELNode(.call(name, isMethod: true), [target] + arguments, at: position)
    }
    return try self.macro(
      macro, over: target, names: arguments.prefix(names), bodies: arguments.dropFirst(names), at: position)
  }

  private func macro(
    _ macro: CELMacro, over range: CELNode, names: ArraySlice<CELNode>, bodies: ArraySlice<CELNode>, at position: Int
  ) throws(CELFault) -> CELNode {
    var variables: [String] = []
    for name in names {
      guard case .name(let variable) = name.form else {
        throw CELFault(name.position, "argument must be a simple name")
      }
      variables.append(variable)
    }
    return try CELNode(.macro(macro, variables), [range] + bodies, at: position)
  }
}
