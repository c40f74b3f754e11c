public import Objects
import Pods

/// A wish for storage: how much, how it is to be used, of which class. A pod names the claim and never the volume.
///
/// Users write the spec, all but `volumeName`, which they may leave to the ``VolumeController``, as the status is. It is
/// woken by changes of the claim, of its volume, and of volumes and classes that might fit.
public struct PersistentVolumeClaim: Resource {
  public static let schemaName = "core.v1.PersistentVolumeClaim"
  public static let documentation = "A wish for storage, and what has come of it."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<PersistentVolumeClaimSpec>(2, "What is wished for.")
    public let status = Part<PersistentVolumeClaimStatus>(3, "What has come of it.")
  }
}

public struct PersistentVolumeClaimSpec: Structure {
  public static let schemaName = "core.v1.PersistentVolumeClaimSpec"
  public static let documentation = "What storage is wished for."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let accessModes = List<String>(1, "How the pods want to use it; the volume must allow all of it.", .atomic)
    public let selector = Field<LabelSelector>(4, "Labels that the volume must have.", .atomicMap)
    public let resources = Part<VolumeResourceRequirements>(2, "How much; may grow once the claim is bound.")
    public let volumeName = Field<String>(3, "The volume that the claim has, or that it insists on.")
    public let storageClassName = Field<String>(
      5, "The class. Absent: the default class; empty: volumes of no class.")
    public let volumeMode = Field<VolumeMode>(6, "Filesystem or Block.", .default("Filesystem"))

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      PersistentVolumeClaimSpec(json: structure).problems(at: path)
    }
  }
}

public struct VolumeResourceRequirements: Structure {
  public static let schemaName = "core.v1.VolumeResourceRequirements"
  public static let documentation = "How much storage is wished for."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let limits = Map<Quantity>(1, "Has no effect on which volume is found.")
    public let requests = Map<Quantity>(2, "The least that will do: storage.")
  }
}

public struct PersistentVolumeClaimStatus: Structure {
  public static let schemaName = "core.v1.PersistentVolumeClaimStatus"
  public static let documentation = "What has come of a wish for storage."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let phase = Field<ClaimPhase>(1, "Pending, Bound or Lost.")
    public let accessModes = List<String>(2, "How the volume can be used.", .atomic)
    public let capacity = Map<Quantity>(3, "How much the volume holds; may be more than was asked for.")
  }
}

public enum ClaimPhase: String, Enumeration {
  case pending = "Pending"
  case bound = "Bound"
  /// It had a volume, which is gone or somebody else's. No other one is looked for: it would be empty.
  case lost = "Lost"
}

/// How storage may be used at a time.
public enum AccessMode: String, Enumeration {
  /// By all pods of one node.
  case readWriteOnce = "ReadWriteOnce"
  /// From everywhere, by readers.
  case readOnlyMany = "ReadOnlyMany"
  /// From everywhere.
  case readWriteMany = "ReadWriteMany"
  /// By one pod.
  case readWriteOncePod = "ReadWriteOncePod"

  /// "RWO", as tables show it.
  var abbreviation: String {
    switch self {
    case .readWriteOnce: "RWO"
    case .readOnlyMany: "ROX"
    case .readWriteMany: "RWX"
    case .readWriteOncePod: "RWOP"
    }
  }
}

/// A claim that is made for a pod.
public struct PersistentVolumeClaimTemplate: Structure {
  public static let schemaName = "core.v1.PersistentVolumeClaimTemplate"
  public static let documentation = "A claim that is made for a pod."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let metadata = Part<ObjectMeta>(1, "Labels and annotations for the claim.")
    public let spec = Part<PersistentVolumeClaimSpec>(2, "The claim's spec.", .required)
  }
}
