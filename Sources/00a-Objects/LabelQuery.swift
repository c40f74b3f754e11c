// Selecting by labels. A ReplicaSet finds its pods, a Service its endpoints and `kubectl get -l` its rows in the same
// way: by a list of requirements that an object's labels must all meet.

/// Requirements on labels, all of which must hold. Without any, everything matches.
public struct LabelQuery: Sendable, Hashable {
  /// In the order of their keys.
  public let requirements: [LabelRequirement]

  public init(_ requirements: [LabelRequirement]) {
    // In one order, so that queries that mean the same look the same.
    self.requirements = requirements.sorted { $0.key.precedesInBytes($1.key) }
  }

  public static let everything = LabelQuery([])

  /// What an absent selector selects.
  public static let nothing = LabelQuery([LabelRequirement(unchecked: "", .in, [])])

  public var isEmpty: Bool { requirements.isEmpty }

  /// - Parameter label: the value of the label with this key; nil when there is none.
  public func matches(_ label: (String) -> String?) -> Bool {
    requirements.allSatisfy { $0.isMet(by: label($0.key)) }
  }

  public func matches(_ labels: Mapping<String>) -> Bool { matches { labels[$0] } }

  /// A label that all matching objects have, with its value: where an index can begin the search.
  public var equality: (name: String, value: String)? {
    for requirement in requirements where requirement.values.count == 1 {
      if [.equals, .in].contains(requirement.operator) { return (requirement.key, requirement.values[0]) }
    }
    return nil
  }
}

/// What one label has to be like.
public struct LabelRequirement: Sendable, Hashable {
  public enum Operator: String, Sendable {
    case equals = "="
    case notEquals = "!="
    case `in`
    case notIn = "notin"
    case exists
    case doesNotExist = "!"
    case greaterThan = "gt"
    case lessThan = "lt"
  }

  public let key: String
  public let `operator`: Operator
  /// Sorted, each once.
  public let values: [String]

  fileprivate init(unchecked key: String, _ operator: Operator, _ values: [String]) {
    self.key = key
    self.operator = `operator`
    self.values = Set(values).sorted { $0.precedesInBytes($1) }
  }

  func isMet(by label: String?) -> Bool {
    switch `operator` {
    case .equals, .in: label.map(values.contains) ?? false
    case .notEquals, .notIn: !(label.map(values.contains) ?? false)
    case .exists: label != nil
    case .doesNotExist: label == nil
    case .greaterThan: compare(label, by: >)
    case .lessThan: compare(label, by: <)
    }
  }

  private func compare(_ label: String?, by isInOrder: (Int64, Int64) -> Bool) -> Bool {
    guard let label = label.flatMap({ Int64($0) }), let bound = values.first.flatMap({ Int64($0) }) else {
      return false
    }
    return isInOrder(label, bound)
  }
}

/// Why a text or an object is not a selector; a sentence as Kubernetes puts it.
public struct SelectorError: Error, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

// MARK: - Checking

extension LabelRequirement {
  /// - Throws: what the key, the number of values or a value lacks. Which of them a value is said to be at depends on
  ///   the form it was written in, so the sentence speaks of `key` and `values`.
  public init(_ key: String, _ operator: Operator, _ values: [String]) throws(SelectorError) {
    let (problem, limits): (String, ClosedRange<Int>) =
      switch `operator` {
      case .in, .notIn: ("for 'in', 'notin' operators, values set can't be empty", 1...Int.max)
      case .equals, .notEquals: ("exact-match compatibility requires one single value", 1...1)
      case .exists, .doesNotExist: ("values set must be empty for exists and does not exist", 0...0)
      case .greaterThan, .lessThan: ("for 'Gt', 'Lt' operators, exactly one value is required", 1...1)
      }
    var errors = Names.qualifiedNameProblems(key).map { FieldError.invalid(FieldPath("key"), .string(key), $0) }
    let path = FieldPath("values")
    if !limits.contains(values.count) {
      errors.append(.invalid(path, .array(values.map(Value.string)), problem))
    }
    for (index, value) in values.enumerated() {
      if [.greaterThan, .lessThan].contains(`operator`), Int64(value) == nil {
        errors.append(
          .invalid(path[index], .string(value), "for 'Gt', 'Lt' operators, the value must be an integer"))
      }
      errors += Names.labelValueProblems(value).map { .invalid(path[index][key: key], .string(value), $0) }
    }
    guard errors.isEmpty else {
      throw SelectorError(
        errors.count == 1 ? "\(errors[0])" : "[" + errors.map(\.description).joined(separator: ", ") + "]")
    }
    self.init(unchecked: key, `operator`, values)
  }
}

// MARK: - As text

extension LabelQuery: CustomStringConvertible {
  /// The form that ``init(parsing:)`` reads.
  public var description: String { requirements.map(\.description).joined(separator: ",") }
}

extension LabelRequirement: CustomStringConvertible {
  public var description: String {
    let values = values.joined(separator: ",")
    return switch `operator` {
    case .equals, .notEquals: "\(key)\(`operator`.rawValue)\(values)"
    case .in, .notIn: "\(key) \(`operator`.rawValue) (\(values))"
    case .exists: key
    case .doesNotExist: "!\(key)"
    case .greaterThan: "\(key)>\(values)"
    case .lessThan: "\(key)<\(values)"
    }
  }
}

// MARK: - From an object

extension LabelQuery {
  /// The query of a `LabelSelector`: `matchLabels` and `matchExpressions` together. An absent selector selects
  /// nothing, and so does one with an operator that does not exist; an empty one selects everything.
  public init(_ selector: LabelSelector?) {
    let expressions = selector?.matchExpressions.map(LabelRequirement.init) ?? [nil]
    let equal = selector?.matchLabels.map { LabelRequirement(unchecked: $0.name, .equals, [$0.value]) } ?? []
    self = expressions.contains(nil) ? .nothing : LabelQuery(equal + expressions.compactMap(\.self))
  }
}

extension LabelRequirement {
  fileprivate init?(_ expression: LabelSelectorRequirement) {
    guard let `operator` = Operator(expression: expression.operator) else { return nil }
    self.init(unchecked: expression.key ?? "", `operator`, expression.values)
  }
}

extension LabelRequirement.Operator {
  fileprivate init?(expression: String?) {
    switch expression {
    case "In": self = .in
    case "NotIn": self = .notIn
    case "Exists": self = .exists
    case "DoesNotExist": self = .doesNotExist
    default: return nil
    }
  }
}
