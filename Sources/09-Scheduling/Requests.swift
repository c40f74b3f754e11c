public import Objects
public import Pods

// What a pod asks of its node: the scheduler's only measure. What its containers really use is never looked at.

/// Amounts of resources by name. Millionths of the truth are never lost: amounts are exact.
public typealias Resources = Mapping<Quantity>

extension Mapping<Quantity> {
  mutating func add(_ other: Resources) {
    for (name, amount) in other { self[name] = (self[name] ?? .zero) + amount }
  }

  fileprivate func larger(of other: Resources) -> Resources {
    var result = self
    for (name, amount) in other { result[name] = Swift.max(result[name] ?? .zero, amount) }
    return result
  }

  fileprivate func plus(_ other: Resources) -> Resources {
    var sum = self
    sum.add(other)
    return sum
  }
}

extension Pod {
  /// What the node must have free for the pod: its containers and sidecars together, or the moment of its start that
  /// takes more, and what its runtime takes beside them. An init container runs alone with the sidecars before it, so it
  /// counts only where it asks for more than all the others will.
  public var requests: Resources { self.spec.total(\.requests) }

  /// The same of what the containers may use at most.
  public var limits: Resources { self.spec.total(\.limits) }
}

extension PodSpec {
  fileprivate func total(_ amounts: KeyPath<ResourceRequirements, Resources>) -> Resources {
    var sidecars = Resources()
    var start = Resources()
    for container in self.initContainers {
      let needs = container.resources[keyPath: amounts]
      if container.isSidecar {
        sidecars.add(needs)
        start = start.larger(of: sidecars)
      } else {
        start = start.larger(of: sidecars.plus(needs))
      }
    }
    let running = self.containers.reduce(sidecars) { $0.plus($1.resources[keyPath: amounts]) }
    return running.larger(of: start).plus(self.overhead)
  }
}

// MARK: - Rules

/// What chapter 9 knows of a container's resources: rules, no fields.
public struct ResourceRules: Facet {
  public init() {}
  public static let all = named()

  public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
    ResourceRequirements(json: structure).problems(at: path)
  }
}

extension ResourceRequirements {
  fileprivate func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    for (name, amount) in self.limits { errors += amount.problems(as: name, at: path["limits"][key: name]) }
    for (name, amount) in self.requests {
      errors += amount.problems(as: name, at: path["requests"][key: name])
      let place = path["requests"]
      if let limit = self.limits[name] {
        if amount != limit, ResourceName.isExtended(name) {
          errors.append(.invalid(place, amount.asValue, "must be equal to \(name) limit of \(limit)"))
        } else if amount > limit {
          errors.append(.invalid(place, amount.asValue, "must be less than or equal to \(name) limit of \(limit)"))
        }
      } else if ResourceName.isExtended(name) {
        errors.append(.required(path["limits"], "Limit must be set for non overcommitable resources"))
      }
    }
    return errors
  }
}

extension Quantity {
  fileprivate func problems(as name: String, at path: FieldPath) -> [FieldError] {
    var errors = Names.qualifiedNameProblems(name).map { FieldError.invalid(path, .string(name), $0) }
    if !name.contains("/"), !ResourceName.isStandard(name) {
      errors.append(.invalid(path, .string(name), "must be a standard resource type or fully qualified"))
      errors.append(.invalid(path, .string(name), "must be a standard resource for containers"))
    }
    if self < .zero { errors.append(.invalid(path, asValue, "must be greater than or equal to 0")) }
    if ResourceName.isExtended(name), milliValue % 1000 != 0 {
      errors.append(.invalid(path, asValue, "must be an integer"))
    }
    return errors
  }
}

enum ResourceName {
  /// What Kubernetes itself counts: names without a domain, or of its own.
  static func isStandard(_ name: String) -> Bool {
    ["cpu", "memory", "ephemeral-storage"].contains(name) || name.hasPrefix("hugepages-")
  }

  /// What a vendor counts: "example.com/gpu". Whole numbers, and nothing is promised twice.
  static func isExtended(_ name: String) -> Bool { name.contains("/") && !name.contains("kubernetes.io/") }
}
