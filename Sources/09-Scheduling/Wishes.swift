public import Objects
public import Pods
public import Volumes

// What a pod may wish of its place. A pod's author writes these fields, the scheduler reads them, and nobody else
// looks at them: once the pod has a node they say nothing any more.

/// What chapter 9 adds to a pod's spec about where it goes.
public struct PodWishes: Facet {
  public init() {}
  public static let all = named()

  public let nodeSelector = Map<String>(7, "Labels that the node must have.", .atomicMap)
  public let affinity = Field<Affinity>(18, "Which nodes, and which neighbours, the pod wants or does not want.")
  public let runtimeClassName = Field<String>(29, "Which RuntimeClass runs the pod.")
  public let overhead = Map<Quantity>(32, "What the pod takes beside its containers. Filled in from its RuntimeClass.")
  public let topologySpreadConstraints = List<TopologySpreadConstraint>(
    33, "How evenly pods like this one must be spread.",
    .keyed(by: ["topologyKey", "whenUnsatisfiable"], unique: false), .merge(by: "topologyKey"))
  public let schedulingGates = List<PodSchedulingGate>(
    38, "As long as there is one the scheduler leaves the pod alone. They can only be taken away.",
    .keyed(by: ["name"]), .merge(by: "name"))

  public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
    PodSpec(json: structure).wishProblems(at: path)
  }
}

extension PodSpec {
  public subscript<D: Declaration>(dynamicMember path: KeyPath<PodWishes, D>) -> D.Reading {
    get { PodWishes.all[keyPath: path].read(from: json) }
    set { PodWishes.all[keyPath: path].write(newValue, to: &json) }
  }
}

public struct Affinity: Structure {
  public static let schemaName = "core.v1.Affinity"
  public static let documentation = "Which nodes, and which neighbours, a pod wants or does not want."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let nodeAffinity = Field<NodeAffinity>(1, "Which nodes it wants.")
    public let podAffinity = Field<PodAffinity>(2, "Which pods it wants to be near.")
    public let podAntiAffinity = Field<PodAntiAffinity>(3, "Which pods it wants to be away from.")
  }
}

public struct NodeAffinity: Structure {
  public static let schemaName = "core.v1.NodeAffinity"
  public static let documentation = "Which nodes a pod wants."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let requiredDuringSchedulingIgnoredDuringExecution = Field<NodeSelector>(
      1, "It goes to no other node.", .atomicMap)
    public let preferredDuringSchedulingIgnoredDuringExecution = List<PreferredSchedulingTerm>(
      2, "Of the nodes that it can go to, those that meet the heaviest of these come first.", .atomic)
  }
}

public struct PreferredSchedulingTerm: Structure {
  public static let schemaName = "core.v1.PreferredSchedulingTerm"
  public static let documentation = "Nodes that a pod likes, and how much."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let weight = Field<Int>(1, "1 to 100.", .listedAsRequired)
    public let preference = Part<NodeSelectorTerm>(2, "Which nodes.", .required, .atomicMap)
  }
}

public struct PodAffinity: Structure {
  public static let schemaName = "core.v1.PodAffinity"
  public static let documentation = "Which pods a pod wants to be near."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let requiredDuringSchedulingIgnoredDuringExecution = List<PodAffinityTerm>(
      1, "All of these must be met.", .atomic)
    public let preferredDuringSchedulingIgnoredDuringExecution = List<WeightedPodAffinityTerm>(
      2, "These count by their weight.", .atomic)
  }
}

/// The same fields with the opposite meaning.
public struct PodAntiAffinity: Structure {
  public static let schemaName = "core.v1.PodAntiAffinity"
  public static let documentation = "Which pods a pod wants to be away from."
  public var json: Value
  public init(json: Value) { self.json = json }

  public typealias Fields = PodAffinity.Fields
}

public struct PodAffinityTerm: Structure {
  public static let schemaName = "core.v1.PodAffinityTerm"
  public static let documentation = "Which pods count, and what being near them means."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let labelSelector = Field<LabelSelector>(1, "Which pods count; none when it is absent.", .atomicMap)
    public let namespaces = List<String>(2, "Where they are; the pod's own namespace when nothing is said.", .atomic)
    public let topologyKey = Field<String>(
      3, "Nodes with the same value of this label are one place.", .listedAsRequired)
    public let namespaceSelector = Field<LabelSelector>(
      4, "Also namespaces with these labels; all of them if empty.", .atomicMap)
    public let matchLabelKeys = List<String>(
      5, "Only pods count that have the same values of these labels as this one.", .atomic)
    public let mismatchLabelKeys = List<String>(
      6, "Only pods count that have other values of these labels than this one.", .atomic)
  }
}

public struct WeightedPodAffinityTerm: Structure {
  public static let schemaName = "core.v1.WeightedPodAffinityTerm"
  public static let documentation = "Neighbours that a pod likes or dislikes, and how much."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let weight = Field<Int>(1, "1 to 100.", .listedAsRequired)
    public let podAffinityTerm = Part<PodAffinityTerm>(2, "Which neighbours.", .required)
  }
}

public struct TopologySpreadConstraint: Structure {
  public static let schemaName = "core.v1.TopologySpreadConstraint"
  public static let documentation = "How evenly pods are spread over places."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let maxSkew = Field<Int>(
      1, "How many pods a place may have more than the one with the fewest.", .listedAsRequired)
    public let topologyKey = Field<String>(
      2, "Nodes with the same value of this label are one place.", .listedAsRequired)
    public let whenUnsatisfiable = Field<WhenUnsatisfiable>(
      3, "DoNotSchedule: rather wait. ScheduleAnyway: rather go.", .listedAsRequired)
    public let labelSelector = Field<LabelSelector>(4, "Which pods are counted; none when it is absent.", .atomicMap)
    public let minDomains = Field<Int>(5, "While there are fewer places than this, the smallest count is taken as 0.")
    public let nodeAffinityPolicy = Field<NodeInclusionPolicy>(
      6, "Whether nodes that the pod's affinity excludes are counted. Honor, unless it says.")
    public let nodeTaintsPolicy = Field<NodeInclusionPolicy>(
      7, "Whether nodes whose taints the pod does not tolerate are left out. Ignore, unless it says.")
    public let matchLabelKeys = List<String>(
      8, "Only pods are counted that have the same values of these labels as this one.", .atomic)
  }
}

public enum WhenUnsatisfiable: String, Enumeration {
  case doNotSchedule = "DoNotSchedule"
  case scheduleAnyway = "ScheduleAnyway"
}

public enum NodeInclusionPolicy: String, Enumeration {
  case honor = "Honor"
  case ignore = "Ignore"
}

public struct PodSchedulingGate: Structure {
  public static let schemaName = "core.v1.PodSchedulingGate"
  public static let documentation = "A reason to leave a pod waiting, in the name of whoever will take it away."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "Whose gate it is: example.com/quota.", .required)
  }
}

extension Pod {
  /// Whether the node has the labels of the pod's node selector and is one that its required node affinity names.
  public func matchesNodeAffinity(_ node: Node) -> Bool {
    let labels = node.metadata.labels
    return self.spec.nodeSelector.allSatisfy { labels[$0.name] == $0.value }
      && self.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.matches(node) ?? true
  }
}
