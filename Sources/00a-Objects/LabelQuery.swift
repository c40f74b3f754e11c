/// A question to labels: which objects have these?
///
/// A label selector is written in two ways, as an object in a spec and as text in a query; both become the same list of
/// requirements, and an object is selected when it meets them all. Specified by the Kubernetes documentation ("Labels
/// and Selectors").
public struct LabelQuery: Sendable, Hashable {
  /// What is asked of one label.
  public enum Requirement: Sendable, Hashable {
    case isOneOf(String, [String])
    /// True also when the label is absent.
    case isNoneOf(String, [String])
    case exists(String)
    case doesNotExist(String)
    case isGreater(String, Int64)
    case isLess(String, Int64)
  }

  public var requirements: [Requirement]
  /// An absent selector selects nothing; an empty one selects everything.
  private let selectsNothing: Bool

  public init(_ requirements: [Requirement]) {
    self.requirements = requirements
    selectsNothing = false
  }

  /// The query that a selector in a spec stands for. Requirements with an unknown operator select nothing.
  public init(_ selector: LabelSelector?) {
    guard let selector else {
      requirements = []
      selectsNothing = true
      return
    }
    let equal = selector.matchLabels.sorted { $0.name < $1.name }.map { Requirement.isOneOf($0.name, [$0.value]) }
    let expressions = selector.matchExpressions.map(Requirement.init)
    requirements = equal + expressions.compactMap(\.self)
    selectsNothing = expressions.contains(nil)
  }

  public var isEmpty: Bool { requirements.isEmpty && !selectsNothing }

  public func matches(_ labels: Mapping<String>) -> Bool {
    !selectsNothing && requirements.allSatisfy { $0.matches(labels) }
  }

  /// A label and the value that every selected object has for it, if there is one: an index can find those.
  public var equality: (name: String, value: String)? {
    for case .isOneOf(let name, let values) in requirements where values.count == 1 { return (name, values[0]) }
    return nil
  }
}

extension LabelQuery.Requirement {
  init?(_ expression: LabelSelectorRequirement) {
    let name = expression.key ?? ""
    switch expression.operator {
    case "In": self = .isOneOf(name, expression.values.sorted())
    case "NotIn": self = .isNoneOf(name, expression.values.sorted())
    case "Exists": self = .exists(name)
    case "DoesNotExist": self = .doesNotExist(name)
    default: return nil
    }
  }

  func matches(_ labels: Mapping<String>) -> Bool {
    switch self {
    case .isOneOf(let name, let values): labels[name].map(values.contains) ?? false
    case .isNoneOf(let name, let values): !(labels[name].map(values.contains) ?? false)
    case .exists(let name): labels[name] != nil
    case .doesNotExist(let name): labels[name] == nil
    case .isGreater(let name, let bound): labels[name].flatMap(Int64.init).map { $0 > bound } ?? false
    case .isLess(let name, let bound): labels[name].flatMap(Int64.init).map { $0 < bound } ?? false
    }
  }
}

extension LabelQuery: CustomStringConvertible {
  /// "app=web,tier in (a,b),!old": the form that queries are written in.
  public var description: String {
    if selectsNothing { return "<none>" }
    return requirements.map(\.description).joined(separator: ",")
  }
}

extension LabelQuery.Requirement: CustomStringConvertible {
  public var description: String {
    switch self {
    case .isOneOf(let name, let values) where values.count == 1: "\(name)=\(values[0])"
    case .isOneOf(let name, let values): "\(name) in (\(values.joined(separator: ",")))"
    case .isNoneOf(let name, let values): "\(name) notin (\(values.joined(separator: ",")))"
    case .exists(let name): name
    case .doesNotExist(let name): "!\(name)"
    case .isGreater(let name, let bound): "\(name)>\(bound)"
    case .isLess(let name, let bound): "\(name)<\(bound)"
    }
  }
}

extension LabelSelector {
  /// What is wrong with the selector: unknown operators, values where there may be none, names that are none.
  public func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    for (name, value) in self.matchLabels {
      errors += Names.qualifiedNameProblems(name).map { .invalid(path["matchLabels"], .string(name), $0) }
      errors += Names.labelValueProblems(value).map { .invalid(path["matchLabels"][key: name], .string(value), $0) }
    }
    for (index, expression) in self.matchExpressions.enumerated() {
      errors += expression.problems(at: path["matchExpressions"][index])
    }
    return errors
  }
}

extension LabelSelectorRequirement {
  fileprivate func problems(at path: FieldPath) -> [FieldError] {
    var errors = Names.qualifiedNameProblems(self.key ?? "").map {
      FieldError.invalid(path["key"], .string(self.key ?? ""), $0)
    }
    switch self.operator {
    case "In", "NotIn":
      if self.values.isEmpty {
        errors.append(.required(path["values"], "must be specified when `operator` is 'In' or 'NotIn'"))
      }
    case "Exists", "DoesNotExist":
      if !self.values.isEmpty {
        errors.append(.forbidden(path["values"], "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
      }
    default:
      errors.append(.invalid(path["operator"], .string(self.operator ?? ""), "not a valid selector operator"))
    }
    return errors
  }
}
