public import Objects
public import Pods

// A node repels pods by its taints; a pod that tolerates a taint is not repelled by it. Nodes are tainted by people
// (`kubectl taint`) and, when something ails them, by the cluster itself.

/// Keeps pods off a node, unless they tolerate it.
public struct Taint: Structure {
  public static let schemaName = "core.v1.Taint"
  public static let documentation = "Keeps pods off a node, unless they tolerate it."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let key = Field<String>(1, "What sort of taint it is.", .listedAsRequired)
    public let value = Field<String>(2, "Says more about it; may be empty.")
    public let effect = Field<TaintEffect>(3, "What becomes of pods that do not tolerate it.", .required)
    public let timeAdded = Field<Time>(4, "Since when the node has it.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      let (key, value) = (Taint(json: structure).key ?? "", Taint(json: structure).value ?? "")
      return Names.qualifiedNameProblems(key).map { .invalid(path["key"], .string(key), $0) }
        + Names.labelValueProblems(value).map { .invalid(path["value"], .string(value), $0) }
    }
  }
}

/// What becomes of pods that do not tolerate a taint.
public enum TaintEffect: String, Enumeration {
  /// New pods go elsewhere.
  case noSchedule = "NoSchedule"
  /// New pods go elsewhere if they can.
  case preferNoSchedule = "PreferNoSchedule"
  /// New pods go elsewhere, and those that are there have to leave.
  case noExecute = "NoExecute"
}

extension Taint {
  public init(_ key: String, _ effect: TaintEffect, value: String? = nil, since time: Time? = nil) {
    self.init {
      $0.key = key
      $0.value = value
      $0.effect = effect
      $0.timeAdded = time
    }
  }

  /// Whether the two are one taint, whatever its value: a node has at most one of a key and an effect.
  public func isSame(as other: Taint) -> Bool { self.key == other.key && self.effect == other.effect }
}

/// What this chapter adds to the spec of a node.
public struct NodeTaints: Facet {
  public init() {}
  public static let all = named()

  public let taints = List<Taint>(5, "Keep pods off the node, unless they tolerate them.", .atomic)

  public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
    let taints = NodeSpec(json: structure).taints
    return taints.indices.filter { index in taints[..<index].contains { $0.isSame(as: taints[index]) } }.map {
      FieldError(.duplicate, path["taints"][$0], taints[$0].json, "taints must be unique by key and effect pair")
    }
  }
}

extension NodeSpec {
  public subscript<D: Declaration>(dynamicMember path: KeyPath<NodeTaints, D>) -> D.Reading {
    get { NodeTaints.all[keyPath: path].read(from: json) }
    set { NodeTaints.all[keyPath: path].write(newValue, to: &json) }
  }
}
