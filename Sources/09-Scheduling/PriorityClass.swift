public import Objects
public import Pods

/// A name for how much pods matter, as a number: the higher, the earlier they get a node, if need be that of others.
///
/// Administrators write it; it has no status and no controller. Pods name it, and get its number when they are created.
public struct PriorityClass: Resource {
  public static let schemaName = "scheduling.v1.PriorityClass"
  public static let documentation = "A name for how much pods matter."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let value = Field<Int>(2, "The priority of pods of this class.", .default(0))
    public let globalDefault = Field<Bool>(3, "Whether pods that name no class are of this one.")
    public let description = Field<String>(4, "When to use the class, for people.")
    public let preemptionPolicy = Field<PreemptionPolicy>(
      5, "Whether pods of this class may drive others away.", .default("PreemptLowerPriority"))
  }
}

/// Whether a pod that finds no room may drive pods of lower priority away.
public enum PreemptionPolicy: String, Enumeration {
  case lower = "PreemptLowerPriority"
  case never = "Never"
}

extension PriorityClass {
  public static let kind = Kind(
    PriorityClass.self, group: "scheduling.k8s.io", name: "PriorityClass", resource: "priorityclasses",
    shortNames: ["pc"], isNamespaced: false
  ).with {
    $0.countsGenerations = true
    $0.validate = { PriorityClass(json: $0).problems(replacing: $1.map(PriorityClass.init(json:))) }
    $0.columns = [
      Column("Value", type: "integer", "The priority of its pods.") { value, _ in
        .integer(Int64(PriorityClass(json: value).value ?? 0))
      },
      Column("Global-Default", type: "boolean", "Whether pods that name no class are of this one.") { value, _ in
        .bool(PriorityClass(json: value).globalDefault ?? false)
      },
      .age,
      Column("PreemptionPolicy", "Whether its pods may drive others away.") { value, _ in
        .string(PriorityClass(json: value).preemptionPolicy?.rawValue ?? "")
      },
    ]
  }

  /// For what the cluster cannot do without: above everything that users may define.
  static let system = [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)].map {
    name, value in
    PriorityClass(name: name) {
      $0.value = value
      $0.description =
        name == "system-cluster-critical"
        ? "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."
        : "Used for system critical pods that must not be moved from their current node."
    }
  }

  private static let systemPrefix = "system-"
  private static let highest = 1_000_000_000

  private func problems(replacing old: PriorityClass?) -> [FieldError] {
    var errors: [FieldError] = []
    if name.hasPrefix(Self.systemPrefix) {
      errors += systemProblem.map { problem in
        .forbidden(
          FieldPath("metadata")["name"],
          "priority class names with '\(Self.systemPrefix)' prefix are reserved for system use only. error: \(problem)")
      }
    } else if let value = self.value, value > Self.highest {
      let rule = "maximum allowed value of a user defined priority is \(Self.highest)"
      errors.append(.forbidden(FieldPath("value"), rule))
    }
    guard let old else { return errors }
    if self.value != old.value { errors.append(.forbidden(FieldPath("value"), "may not be changed in an update.")) }
    if self.preemptionPolicy != old.preemptionPolicy {
      let path = FieldPath("preemptionPolicy")
      errors.append(.invalid(path, json["preemptionPolicy"] ?? .null, "field is immutable"))
    }
    return errors
  }

  private var systemProblem: [String] {
    guard let known = Self.system.first(where: { $0.name == name }) else {
      return ["\(name) is not a known system priority class"]
    }
    if self.value != known.value { return ["value of \(name) PriorityClass must be \(known.value ?? 0)"] }
    return self.globalDefault == true ? ["globalDefault of \(name) PriorityClass must be false"] : []
  }
}

/// What this chapter adds to the spec of a pod to say how much it matters.
public struct PodPriority: Facet {
  public init() {}
  public static let all = named()

  public let priorityClassName = Field<String>(24, "The class from which the pod gets its priority.")
  public let priority = Field<Int>(25, "How much the pod matters; from its class.")
  public let preemptionPolicy = Field<PreemptionPolicy>(31, "Whether the pod may drive others away; from its class.")
}

extension PodSpec {
  public subscript<D: Declaration>(dynamicMember path: KeyPath<PodPriority, D>) -> D.Reading {
    get { PodPriority.all[keyPath: path].read(from: json) }
    set { PodPriority.all[keyPath: path].write(newValue, to: &json) }
  }
}

extension Pod {
  public var priority: Int { self.spec.priority ?? 0 }
}
