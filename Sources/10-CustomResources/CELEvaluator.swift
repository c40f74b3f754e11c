/// Why an expression has no value.
public enum CELFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// An operation that could not be done. Another operand of && or || can make it irrelevant.
  case fault(String)
  /// The budget is used up, and nothing can make that irrelevant.
  case exhausted

  static let noOverload = CELFailure.fault("no such overload")

  public var description: String {
    switch self {
    case .fault(let message): message
    case .exhausted: "operation cancelled: actual cost limit exceeded"
    }
  }
}

/// Walks along a checked tree and pays for every step before it is taken, so that no expression takes longer than its
/// budget. Specified by cel-spec, "Evaluation".
struct CELEvaluator {
  private var variables: [String: CELValue]
  private(set) var remaining: Int

  init(variables: [String: CELValue], budget: Int) {
    self.variables = variables
    remaining = budget
  }

  private mutating func pay(_ cost: Int) throws {
    guard cost <= remaining else {
      remaining = 0
      throw CELFailure.exhausted
    }
    remaining -= cost
  }

  mutating func value(of node: CELNode) throws -> CELValue {
    switch node.form {
    case .literal(let value): return value
    case .name(let name):
      try pay(1)
      guard let value = variables[name] else { throw CELFailure.fault("no such attribute(s): \(name)") }
      return value
    case .select(let field):
      let operand = try value(of: node.children[0])
      try pay(1)
      return try select(field, in: operand)
    case .optionalSelect(let field):
      let operand = try value(of: node.children[0])
      try pay(1)
      return .optional(try find(field, in: operand))
    case .has(let field): return .bool(try find(field, in: value(of: node.children[0])) != nil)
    case .call(let name, _): return try call(name, node)
    case .list(let optional): return try list(node, optional)
    case .map(let optional): return try map(node, optional)
    case .macro(let macro, let names): return try self.macro(macro, names, node)
    }
  }
}

// MARK: - Fields

extension CELEvaluator {
  private func select(_ field: String, in operand: CELValue) throws -> CELValue {
    if case .optional = operand { return .optional(try find(field, in: operand)) }
    guard let value = try find(field, in: operand) else { throw CELFailure.fault("no such key: \(field)") }
    return value
  }

  /// Nil when there is no such field, or nothing to have one.
  private func find(_ field: String, in operand: CELValue) throws -> CELValue? {
    switch operand {
    case .map(let map): return map[field]
    case .optional(nil): return nil
    case .optional(let inner?): return try find(field, in: inner)
    default: throw CELFailure.noOverload
    }
  }
}

// MARK: - Calls

extension CELEvaluator {
  private mutating func call(_ name: String, _ node: CELNode) throws -> CELValue {
    switch name {
    case "_&&_": return try logical(node.children, decidedBy: false)
    case "_||_": return try logical(node.children, decidedBy: true)
    case "_?_:_":
      guard case .bool(let condition) = try value(of: node.children[0]) else { throw CELFailure.noOverload }
      return try value(of: node.children[condition ? 1 : 2])
    default:
      var arguments: [CELValue] = []
      for child in node.children { arguments.append(try value(of: child)) }
      return try apply(node.functions, to: arguments)
    }
  }

  /// One operand that decides is enough, whatever becomes of the others: && and || do not care on which side an error
  /// is.
  private mutating func logical(_ operands: [CELNode], decidedBy deciding: Bool) throws -> CELValue {
    var failure: CELFailure?
    for operand in operands {
      do {
        let value = try value(of: operand)
        guard case .bool(let bool) = value else { throw CELFailure.noOverload }
        if bool == deciding { return value }
      } catch let fault as CELFailure where fault != .exhausted {
        failure = failure ?? fault
      }
    }
    if let failure { throw failure }
    return .bool(!deciding)
  }

  /// Of several functions that the checker could not choose from, the one that takes these values.
  private mutating func apply(_ functions: [CELFunction], to arguments: [CELValue]) throws -> CELValue {
    let before = remaining
    for function in functions {
      let limit = remaining.saturatingTimes(10)
      try pay(function.effort.cost(arguments.map { function.effort.size(of: $0, upTo: limit) }))
      if let result = try function.body(arguments) { return result }
      remaining = before
    }
    throw CELFailure.noOverload
  }
}

// MARK: - Lists and maps

extension CELEvaluator {
  /// The value of an element; nil when it is an empty optional.
  private mutating func element(_ node: CELNode, isOptional: Bool) throws -> CELValue? {
    let value = try value(of: node)
    if !isOptional { return value }
    guard case .optional(let inner) = value else { throw CELFailure.noOverload }
    return inner
  }

  private mutating func list(_ node: CELNode, _ optional: Set<Int>) throws -> CELValue {
    try pay(CELCost.list)
    var elements: [CELValue] = []
    for (index, child) in node.children.enumerated() {
      if let value = try element(child, isOptional: optional.contains(index)) { elements.append(value) }
    }
    return .list(elements)
  }

  private mutating func map(_ node: CELNode, _ optional: Set<Int>) throws -> CELValue {
    try pay(CELCost.map)
    var map = CELMap()
    for index in stride(from: 0, to: node.children.count - 1, by: 2) {
      let key = try value(of: node.children[index])
      guard let value = try element(node.children[index + 1], isOptional: optional.contains(index + 1)) else {
        continue
      }
      try map.add(value, for: key)
    }
    return .map(map)
  }
}

extension CELMap {
  fileprivate mutating func add(_ value: CELValue, for key: CELValue) throws {
    switch key {
    case .bool, .int, .uint, .string: break
    default: throw CELFailure.fault("unsupported key type: \(key.typeName)")
    }
    if self[key] != nil { throw CELFailure.fault("Failed with repeated key") }
    self[key] = value
  }

  fileprivate mutating func add(_ entries: CELValue) throws {
    guard case .map(let entries) = entries else { throw CELFailure.noOverload }
    for key in entries.keys {
      if self[key] != nil { throw CELFailure.fault("insert failed: key \(key.plainText) already exists") }
      self[key] = entries[key]
    }
  }
}

// MARK: - Macros

extension CELEvaluator {
  private mutating func macro(_ macro: CELMacro, _ names: [String], _ node: CELNode) throws -> CELValue {
    let range = try value(of: node.children[0])
    let outer = variables
    defer { variables = outer }
    switch (macro, range) {
    case (.optMap, .optional(let inner)), (.optFlatMap, .optional(let inner)):
      guard let inner else { return .optional(nil) }
      variables[names[0]] = inner
      let result = try value(of: node.children[1])
      return macro == .optMap ? .optional(result) : result
    case (.optMap, _), (.optFlatMap, _), (.sortBy, .map): throw CELFailure.noOverload
    case (_, .list(let elements)):
      return try loop(macro, names, node, rounds: elements.count) { index in
        (names.count == 1 ? elements[index] : .int(Int64(index)), elements[index])
      }
    case (_, .map(let map)):
      return try loop(macro, names, node, rounds: map.count) { (map.keys[$0], map[map.keys[$0]] ?? .null) }
    default: throw CELFailure.noOverload
    }
  }

  /// - Parameter bound: what the variables are in a round.
  private mutating func loop(
    _ macro: CELMacro, _ names: [String], _ node: CELNode, rounds: Int, bound: (Int) -> (CELValue, CELValue)
  ) throws -> CELValue {
    var (kept, made, failure): ([CELValue], CELMap, CELFailure?) = ([], CELMap(), nil)
    for index in 0..<rounds {
      try pay(macro.effort)
      let round = bound(index)
      for (name, value) in zip(names, [round.0, round.1]) { variables[name] = value }
      do {
        if try macro.hasCondition(node) && !isTrue(node.children[1]) {
          if macro == .all { return .bool(false) }
          continue
        }
        switch macro {
        case .exists: return .bool(true)
        case .map, .transformList, .sortBy: kept.append(try value(of: node.children[node.children.count - 1]))
        case .transformMap: try made.add(value(of: node.children[node.children.count - 1]), for: round.0)
        case .transformMapEntry: try made.add(value(of: node.children[node.children.count - 1]))
        default: kept.append(round.0)
        }
      } catch let fault as CELFailure where fault != .exhausted && (macro == .all || macro == .exists) {
        failure = failure ?? fault
      }
    }
    if let failure { throw failure }
    switch macro {
    case .all: return .bool(true)
    case .exists: return .bool(false)
    case .existsOne: return .bool(kept.count == 1)
    case .transformMap, .transformMapEntry: return .map(made)
    case .sortBy:
      try pay(CELEffort.pairing.cost([CELValue.list(kept).weight(upTo: remaining)]))
      return .list(try CELLibrary.sorted((0..<rounds).map { bound($0).0 }, by: kept))
    default: return .list(kept)
    }
  }

  private mutating func isTrue(_ node: CELNode) throws -> Bool {
    guard case .bool(let bool) = try value(of: node) else { throw CELFailure.noOverload }
    return bool
  }
}
