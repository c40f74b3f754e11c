/// What evaluating costs. One unit is about what it takes to look up a field; what reads a text costs a tenth for each
/// byte. The same prices hold for the estimate, from sizes that schemas allow, and for the evaluation, from real ones.
public enum CELCost {
  /// The largest estimate for one expression, times the places that it is for.
  public static let perExpression = 10_000_000
  /// The largest estimate for all expressions of a CustomResourceDefinition.
  public static let perDefinition = 100_000_000
  /// What one evaluation may spend.
  public static let perCall = 1_000_000
  /// What all evaluations for one request may spend.
  public static let perRequest = 10_000_000

  static let list = 10
  static let map = 30

  /// By how much a cost is too high, in Kubernetes' words.
  public static func excess(_ name: String, _ cost: Int, over limit: Int) -> String {
    let factor = Double(cost) / Double(limit)
    let tenths = Int((min(factor, 100) * 10).rounded())
    let millionths = String(Int((min(factor, 100) * 1_000_000).rounded()) % 1_000_000 + 1_000_000).dropFirst()
    let text =
      factor > 100
      ? "more than 100x" : factor < 1.5 ? "\(Int(factor)).\(millionths)x" : "\(tenths / 10).\(tenths % 10)x"
    return "\(name) exceeds budget by factor of \(text) (try simplifying the rule, or adding maxItems, maxProperties, "
      + "and maxLength where arrays, maps, and strings are declared)"
  }
}

/// How the work of a function grows with its arguments.
enum CELEffort: Sendable, Hashable {
  case constant
  /// Reads all of its arguments.
  case reading
  /// Reads two arguments side by side, until the shorter one ends.
  case comparing
  /// Looks for one in the other, at every place.
  case searching
  /// Makes something as large as the product of its arguments.
  case multiplying
  /// Follows a pattern, its second argument.
  case matching
  /// Compares every element of a list with every other.
  case pairing
  /// Fills in a template, its first argument, six letters of which may become four hundred.
  case filling
  /// Makes as many values as its argument says.
  case counting

  func cost(_ sizes: [Int]) -> Int {
    let parts = sizes.map { $0 / 10 + 1 }
    let first = parts.first ?? 1
    return switch self {
    case .constant: 1
    case .reading: parts.reduce(0) { $0.saturatingPlus($1) }
    case .comparing: parts.min() ?? 1
    case .searching, .multiplying: parts.reduce(1) { $0.saturatingTimes($1) }
    case .matching: first.saturatingTimes((sizes.last ?? 1) / 4 + 1)
    case .pairing: first.saturatingTimes(sizes.first ?? 1)
    case .filling: parts.reduce(sizes.first ?? 1) { $0.saturatingPlus($1) }
    case .counting: sizes.first ?? 1
    }
  }

  func size(of value: CELValue, upTo limit: Int) -> Int {
    switch (self, value) {
    case (.constant, _): 0
    case (.counting, .int(let count)): Int(clamping: max(0, count))
    default: value.weight(upTo: limit)
    }
  }

  /// A number that is not written down may be any.
  func largestSize(of node: CELNode) -> Int {
    switch (self, node.form) {
    case (.counting, .literal(let value)): size(of: value, upTo: .max)
    case (.counting, _): .max
    default: node.type.largestWeight
    }
  }
}

extension CELMacro {
  /// What a round costs beside its body.
  var effort: Int {
    switch self {
    case .map, .filter, .transformList, .transformMap, .transformMapEntry, .sortBy: CELCost.list + 2
    default: 2
    }
  }
}

extension CELNode {
  var estimatedCost: Int {
    let costs = children.map(\.estimatedCost)
    let sum = costs.reduce(0) { $0.saturatingPlus($1) }
    switch form {
    case .literal: return 0
    case .name: return 1
    case .select, .optionalSelect: return sum.saturatingPlus(1)
    case .has: return sum
    case .list: return sum.saturatingPlus(CELCost.list)
    case .map: return sum.saturatingPlus(CELCost.map)
    case .call("_?_:_", _): return costs[0].saturatingPlus(max(costs[1], costs[2]))
    case .call:
      let prices = functions.map { function in function.effort.cost(children.map(function.effort.largestSize)) }
      return sum.saturatingPlus(prices.max() ?? 0)
    case .macro(.optMap, _), .macro(.optFlatMap, _): return sum
    case .macro(let macro, _):
      let rounds = children[0].type.largestSize
      let round = (sum - costs[0]).saturatingPlus(macro.effort)
      let keys = CELType.list(of: children[1].type, maxItems: rounds)
      let sorting = macro == .sortBy ? CELEffort.pairing.cost([keys.largestWeight]) : 0
      return costs[0].saturatingPlus(round.saturatingTimes(rounds)).saturatingPlus(sorting).saturatingPlus(1)
    }
  }
}
