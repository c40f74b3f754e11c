import ControlLoop
public import Objects
public import Pods

/// Keeps a number of equal pods alive.
///
/// Users write the spec (a Deployment does, as a rule), the ``ReplicaSetController`` writes the status, and it is woken
/// by changes of the set, of its pods, and of pods that its selector matches.
public struct ReplicaSet: Resource {
  public static let schemaName = "apps.v1.ReplicaSet"
  public static let documentation = "Keeps a number of pods made from one template alive."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<ReplicaSetSpec>(2, "How many pods of which template there should be.")
    public let status = Part<ReplicaSetStatus>(3, "How many there are.")
  }
}

public struct ReplicaSetSpec: Structure {
  public static let schemaName = "apps.v1.ReplicaSetSpec"
  public static let documentation = "How many pods of which template there should be."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let replicas = Field<Int>(1, "How many pods there should be.", .default(1), .atLeast(0))
    public let minReadySeconds = Field<Int>(
      4, "How long a pod must be ready, without a container crashing, to count as available.", .atLeast(0))
    public let selector = Field<LabelSelector>(
      2, "Which pods belong to the set. Must match the template's labels. Cannot change.",
      .required, .immutable, .atomicMap)
    public let template = Part<PodTemplateSpec>(3, "What a missing pod is made from.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      let spec = ReplicaSetSpec(json: structure)
      return TemplateRules.validate(spec.selector, spec.template, at: path)
    }
  }
}

public struct ReplicaSetStatus: Structure {
  public static let schemaName = "apps.v1.ReplicaSetStatus"
  public static let documentation = "How many pods the set has, as far as its controller has seen."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let replicas = Field<Int>(1, "Pods of the set that have not ended.", .listedAsRequired)
    public let fullyLabeledReplicas = Field<Int>(2, "Those among them that have all labels of the template.")
    public let readyReplicas = Field<Int>(4, "Those among them that are ready.")
    public let availableReplicas = Field<Int>(5, "Those among them that have been ready for minReadySeconds.")
    public let terminatingReplicas = Field<Int>(7, "Pods of the set that are being deleted.")
    public let observedGeneration = Field<Int64>(3, "The generation of the set that this status is about.")
    public let conditions = List<ReplicaSetCondition>(
      6, "What hinders the set.", .keyed(by: ["type"]), .merge(by: "type"))
  }
}

public struct ReplicaSetCondition: Structure {
  public static let schemaName = "apps.v1.ReplicaSetCondition"
  public static let documentation = "One thing that hinders the set."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<String>(1, "ReplicaFailure.", .required)
    public let status = Field<String>(2, "True, False or Unknown.", .required)
    public let lastTransitionTime = Field<Time>(3, "When the status last changed.")
    public let reason = Field<String>(4, "One word for programs: why.")
    public let message = Field<String>(5, "A sentence for people: why.")
  }
}

extension ReplicaSet {
  /// How many pods the set should have.
  public var replicas: Int { self.spec.replicas ?? 1 }

  public var selector: LabelQuery { LabelQuery(self.spec.selector) }

  public static let kind = Kind(
    ReplicaSet.self, group: "apps", name: "ReplicaSet", resource: "replicasets", shortNames: ["rs"], categories: ["all"]
  ).with {
    $0.hasStatus = true
    $0.countsGenerations = true
    $0.scale = ScalePaths()
    $0.selectableFields = [
      SelectableField("status.replicas") { String(ReplicaSet(json: $0).status.replicas ?? 0) }
    ]
    $0.columns =
      [
        Column("Desired", type: "integer", "How many pods there should be.") { set, _ in
          .integer(Int64(ReplicaSet(json: set).replicas))
        },
        Column("Current", type: "integer", "How many pods there are.") { set, _ in
          .integer(Int64(ReplicaSet(json: set).status.replicas ?? 0))
        },
        Column("Ready", type: "integer", "How many of them are ready.") { set, _ in
          .integer(Int64(ReplicaSet(json: set).status.readyReplicas ?? 0))
        },
        .age,
      ]
      + TemplateColumns.columns(
        template: { ReplicaSet(json: $0).spec.template }, selector: { ReplicaSet(json: $0).spec.selector })
  }
}
