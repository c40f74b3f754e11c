public import Objects
public import Pods

/// Lets a pod onto nodes with certain taints, or lets it stay there for a while.
public struct Toleration: Structure {
  public static let schemaName = "core.v1.Toleration"
  public static let documentation = "Lets a pod onto nodes with certain taints, or lets it stay there for a while."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let key = Field<String>(1, "The taint's key; every key when empty.")
    public let `operator` = Field<TolerationOperator>(2, "How the values are compared; Equal when empty.")
    public let value = Field<String>(3, "What the taint's value is compared with.")
    public let effect = Field<TaintEffect>(4, "The taint's effect; every effect when empty.")
    public let tolerationSeconds = Field<Int64>(
      5, "For NoExecute: how long the pod may stay once the node has the taint; for ever when absent.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      Toleration(json: structure).problems(at: path)
    }
  }
}

/// How a toleration compares the taint's value with its own.
public enum TolerationOperator: String, Enumeration {
  case equal = "Equal"
  /// Any value will do.
  case exists = "Exists"
  /// Both are integers, and the taint's is the greater one.
  case greater = "Gt"
  case less = "Lt"
}

extension Toleration {
  public init(
    _ key: String, _ operator: TolerationOperator = .exists, value: String? = nil, effect: TaintEffect? = nil,
    seconds: Int64? = nil
  ) {
    self.init {
      $0.key = key.isEmpty ? nil : key
      $0.operator = `operator`
      $0.value = value
      $0.effect = effect
      $0.tolerationSeconds = seconds
    }
  }

  public func tolerates(_ taint: Taint) -> Bool {
    if let effect = self.effect, effect != taint.effect { return false }
    if let key = self.key, !key.isEmpty, key != taint.key { return false }
    let (mine, theirs) = (self.value ?? "", taint.value ?? "")
    switch self.operator ?? .equal {
    case .equal: return mine == theirs
    case .exists: return true
    case .greater, .less:
      guard let mine = Int64(mine), let theirs = Int64(theirs) else { return false }
      return self.operator == .greater ? theirs > mine : theirs < mine
    }
  }

  // The sentences are Kubernetes'.
  fileprivate func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    let (key, value) = (self.key ?? "", self.value ?? "")
    if !key.isEmpty {
      errors += Names.qualifiedNameProblems(key).map { .invalid(path["key"], .string(key), $0) }
    } else if self.operator != .exists {
      let rule = "operator must be Exists when `key` is empty, which means \"match all values and all keys\""
      errors.append(.invalid(path["operator"], json["operator"] ?? "", rule))
    }
    if self.tolerationSeconds != nil, self.effect != .noExecute {
      let rule = "effect must be 'NoExecute' when `tolerationSeconds` is set"
      errors.append(.invalid(path["effect"], json["effect"] ?? "", rule))
    }
    switch self.operator ?? .equal {
    case .equal:
      errors += Names.labelValueProblems(value).map { .invalid(path["operator"], .string(value), $0) }
    case .exists where !value.isEmpty:
      errors.append(.invalid(path["operator"], json, "value must be empty when `operator` is 'Exists'"))
    case .greater, .less:
      if Int64(value) == nil { errors.append(.invalid(path["value"], .string(value), "must be a valid integer")) }
    case .exists: break
    }
    return errors
  }
}

/// What this chapter adds to the spec of a pod so that it gets past taints.
public struct PodTolerations: Facet {
  public init() {}
  public static let all = named()

  public let tolerations = List<Toleration>(22, "Which taints do not keep the pod off a node.", .atomic)
}

extension PodSpec {
  public subscript<D: Declaration>(dynamicMember path: KeyPath<PodTolerations, D>) -> D.Reading {
    get { PodTolerations.all[keyPath: path].read(from: json) }
    set { PodTolerations.all[keyPath: path].write(newValue, to: &json) }
  }
}

extension Pod {
  public func tolerates(_ one: Taint) -> Bool { self.spec.tolerations.contains { $0.tolerates(one) } }

  /// The first taint of the node that keeps the pod off; nil when none does.
  /// - Parameter effects: which taints count.
  public func untoleratedTaint(
    on node: Node, effects: Set<TaintEffect> = [.noSchedule, .noExecute]
  ) -> Taint? {
    node.spec.taints.first { taint in taint.effect.map(effects.contains) == true && !tolerates(taint) }
  }
}

// MARK: On the way into the store

extension Kind {
  /// A pod may be given tolerations while it runs, and none may be taken away.
  @Sendable static func letTolerationsGrow(_ kind: inout Kind) {
    kind.validate = { [validate = kind.validate] new, old in
      guard let old, new["spec"] != old["spec"] else { return validate(new, old) }
      var (same, before) = (Pod(json: new), Pod(json: old).spec.tolerations)
      let after = same.spec.tolerations
      same.spec.tolerations = before
      // What is new has been checked; how long it lasts may change as well.
      before.removeAll { toleration in after.contains { $0.with(seconds: nil) == toleration.with(seconds: nil) } }
      return validate(same.json, old)
        + before.prefix(1).map { _ in
          .forbidden(
            FieldPath("spec")["tolerations"], "existing toleration can not be modified except its tolerationSeconds")
        }
    }
  }
}

extension Toleration {
  fileprivate func with(seconds: Int64?) -> Toleration {
    var toleration = self
    toleration.tolerationSeconds = seconds
    return toleration
  }
}
