import Deployments
public import Objects
public import Pods
import ReplicaSets
public import Volumes

/// Keeps a number of pods that are not interchangeable: each has a name, a place in an order, and storage of its own
/// that it finds again.
///
/// Users write the spec, the ``StatefulSetController`` writes the status, and it is woken by changes of the set, of its
/// pods and revisions, and of its pods' claims.
public struct StatefulSet: Resource {
  public static let schemaName = "apps.v1.StatefulSet"
  public static let documentation = "Keeps a number of pods alive, each with a name and storage of its own."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<StatefulSetSpec>(2, "Which pods there should be.")
    public let status = Part<StatefulSetStatus>(3, "Which there are.")
  }
}

public struct StatefulSetSpec: Structure {
  public static let schemaName = "apps.v1.StatefulSetSpec"
  public static let documentation = "Which pods there should be, and in which order they come and go."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let replicas = Field<Int>(1, "How many pods there should be.", .default(1), .atLeast(0))
    public let selector = Field<LabelSelector>(
      2, "Which pods belong to the set. Must match the template's labels. Cannot change.", .required, .atomicMap)
    public let template = Part<PodTemplateSpec>(3, "What the pods are made from.", .listedAsRequired)
    public let volumeClaimTemplates = List<PersistentVolumeClaim>(
      4, "Claims that each pod gets for its own, and keeps. Cannot change.", .atomic)
    public let serviceName = Field<String>(
      5, "The headless service below whose name each pod has its name in DNS. Cannot change.", .default(""))
    public let podManagementPolicy = Field<PodManagementPolicy>(
      6, "OrderedReady or Parallel. Cannot change.", .default("OrderedReady"))
    public let updateStrategy = Part<StatefulSetUpdateStrategy>(7, "How pods get a changed template.")
    public let revisionHistoryLimit = Field<Int>(
      8, "How many old revisions are kept to go back to.", .default(10), .atLeast(0))
    public let minReadySeconds = Field<Int>(
      9, "How long a pod must be ready, without a container crashing, to count as available.", .atLeast(0))
    public let persistentVolumeClaimRetentionPolicy = Part<ClaimRetentionPolicy>(
      10, "Whether claims outlive the set, and a smaller size.")
    public let ordinals = Field<StatefulSetOrdinals>(11, "Where the numbers begin.")

    public static func applyDefaults(to structure: inout Value) {
      var spec = StatefulSetSpec(json: structure)
      spec.updateStrategy = spec.updateStrategy.withDefaults
      spec.persistentVolumeClaimRetentionPolicy = spec.persistentVolumeClaimRetentionPolicy.withDefaults
      spec.volumeClaimTemplates = spec.volumeClaimTemplates.map { template in
        var template = template
        (template.apiVersion, template.kindName) = (PersistentVolumeClaim.kind.apiVersion, "PersistentVolumeClaim")
        if template.status.lacks("phase") { template.status.phase = .pending }
        return template
      }
      structure = spec.json
    }

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      StatefulSetSpec(json: structure).problems(at: path)
    }
  }
}

public enum PodManagementPolicy: String, Enumeration {
  /// One pod at a time: the next comes when all before it are ready, and goes when all after it are gone.
  case orderedReady = "OrderedReady"
  /// All at once.
  case parallel = "Parallel"
}

public struct StatefulSetUpdateStrategy: Structure {
  public static let schemaName = "apps.v1.StatefulSetUpdateStrategy"
  public static let documentation = "How pods get a changed template."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<StatefulSetUpdateStrategyType>(1, "RollingUpdate (the default) or OnDelete.")
    public let rollingUpdate = Field<RollingUpdateStatefulSetStrategy>(2, "The bounds of a rolling update.")
  }
}

public enum StatefulSetUpdateStrategyType: String, Enumeration {
  /// The controller replaces pods, from the highest number down.
  case rollingUpdate = "RollingUpdate"
  /// A pod gets the new template when somebody deletes it.
  case onDelete = "OnDelete"
}

public struct RollingUpdateStatefulSetStrategy: Structure {
  public static let schemaName = "apps.v1.RollingUpdateStatefulSetStrategy"
  public static let documentation = "The bounds of a rolling update."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let partition = Field<Int>(1, "How many pods, from the lowest number, keep the old template.", .atLeast(0))
    public let maxUnavailable = Field<IntOrString>(
      2, "How many pods may be missing; percentages are rounded down, but never to nothing.")
  }
}

public struct ClaimRetentionPolicy: Structure {
  public static let schemaName = "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy"
  public static let documentation = "What becomes of a pod's claims without the pod."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let whenDeleted = Field<ClaimRetention>(1, "When the set is deleted: Retain or Delete.")
    public let whenScaled = Field<ClaimRetention>(2, "When the set is made smaller: Retain or Delete.")
  }
}

public enum ClaimRetention: String, Enumeration {
  case retain = "Retain"
  case delete = "Delete"
}

public struct StatefulSetOrdinals: Structure {
  public static let schemaName = "apps.v1.StatefulSetOrdinals"
  public static let documentation = "How the pods of a set are numbered."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let start = Field<Int>(1, "The first number.", .default(0), .atLeast(0))
  }
}

public struct StatefulSetStatus: Structure {
  public static let schemaName = "apps.v1.StatefulSetStatus"
  public static let documentation = "Which pods there are, as far as the set's controller has seen."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let observedGeneration = Field<Int64>(1, "The generation of the set that this status is about.")
    public let replicas = Field<Int>(2, "Pods of the set.", .listedAsRequired)
    public let readyReplicas = Field<Int>(3, "Those among them that run and are ready.")
    public let currentReplicas = Field<Int>(4, "Those among them that are made from the current revision.")
    public let updatedReplicas = Field<Int>(5, "Those among them that are made from the update revision.")
    public let currentRevision = Field<String>(6, "The revision before the roll-out that is under way.")
    public let updateRevision = Field<String>(7, "The revision of the template.")
    public let collisionCount = Field<Int>(9, "How many names of revisions were taken; part of the next name.")
    public let conditions = List<StatefulSetCondition>(
      10, "None is in use.", .keyed(by: ["type"]), .merge(by: "type"))
    public let availableReplicas = Field<Int>(11, "Those among them that have been ready for minReadySeconds.")
  }
}

public struct StatefulSetCondition: Structure {
  public static let schemaName = "apps.v1.StatefulSetCondition"
  public static let documentation = "One aspect of the set's state."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<String>(1, "What is said.", .required)
    public let status = Field<String>(2, "True, False or Unknown.", .required)
    public let lastTransitionTime = Field<Time>(3, "When the status last changed.")
    public let reason = Field<String>(4, "One word for programs: why.")
    public let message = Field<String>(5, "A sentence for people: why.")
  }
}
