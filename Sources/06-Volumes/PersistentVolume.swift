public import Objects
public import Pods

/// A piece of storage that outlives the pods that use it.
///
/// An administrator or a provisioner writes the spec, all but `claimRef`; that one and the status are the
/// ``VolumeController``'s. It is woken by changes of the volume and of the claims that might get it.
public struct PersistentVolume: Resource {
  public static let schemaName = "core.v1.PersistentVolume"
  public static let documentation = "A piece of storage that outlives the pods that use it."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<PersistentVolumeSpec>(2, "What the storage is, and who has it.")
    public let status = Part<PersistentVolumeStatus>(3, "What has become of it.")
  }
}

public struct PersistentVolumeSpec: Structure {
  public static let schemaName = "core.v1.PersistentVolumeSpec"
  public static let documentation = "What a piece of storage is, and who has it."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let capacity = Map<Quantity>(1, "How much fits: storage, and nothing else.")
    public let hostPath = Field<HostPathVolumeSource>(3, "A file or directory of whatever node.", .inlined(in: 2))
    public let local = Field<LocalVolumeSource>(20, "A directory of one node, named in nodeAffinity.", .inlined(in: 2))
    public let accessModes = List<String>(3, "All the ways in which it can be used.", .atomic)
    public let claimRef = Field<ObjectReference>(4, "The claim that has it.")
    public let persistentVolumeReclaimPolicy = Field<ReclaimPolicy>(
      5, "What becomes of it when its claim has gone: Retain or Delete.", .default("Retain"))
    public let storageClassName = Field<String>(6, "The class that claims must ask for; none when empty.")
    public let mountOptions = List<String>(7, "For mount; none of this chapter's storage takes any.", .atomic)
    public let volumeMode = Field<VolumeMode>(8, "Filesystem or Block.", .default("Filesystem"))
    public let nodeAffinity = Field<VolumeNodeAffinity>(9, "The nodes from which it can be reached; all when absent.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      PersistentVolumeSpec(json: structure).problems(at: path)
    }
  }
}

public struct PersistentVolumeStatus: Structure {
  public static let schemaName = "core.v1.PersistentVolumeStatus"
  public static let documentation = "What has become of a piece of storage."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let phase = Field<VolumePhase>(1, "Available, Bound, Released or Failed.")
    public let message = Field<String>(2, "A sentence for people: why it failed.")
    public let reason = Field<String>(3, "One word for programs: why it failed.")
    public let lastPhaseTransitionTime = Field<Time>(4, "When the phase last changed.")
  }
}

public enum VolumePhase: String, Enumeration {
  /// Not yet looked at.
  case pending = "Pending"
  /// Free for a claim.
  case available = "Available"
  case bound = "Bound"
  /// Its claim has gone; the data is still there, and nobody else's.
  case released = "Released"
  /// It could not be deleted as its policy says.
  case failed = "Failed"
}

public enum ReclaimPolicy: String, Enumeration {
  /// An administrator decides.
  case retain = "Retain"
  /// It goes with its claim, and the data with it.
  case delete = "Delete"
}

public enum VolumeMode: String, Enumeration {
  case filesystem = "Filesystem"
  /// A raw device: nothing of this chapter offers one.
  case block = "Block"
}

/// A file or directory of the machine that the pod runs on.
public struct HostPathVolumeSource: Structure {
  public static let schemaName = "core.v1.HostPathVolumeSource"
  public static let documentation = "A file or directory of the machine that the pod runs on."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let path = Field<String>(1, "Where on the machine.", .required)
    public let type = Field<HostPathType>(
      2, "What must be there; empty: whatever there is, a directory made when there is nothing.", .default(""))

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      HostPath.problems(HostPathVolumeSource(json: structure).path, at: path["path"])
    }
  }
}

/// What has to be at a path before a pod may use it.
public enum HostPathType: String, Enumeration {
  case unset = ""
  case directoryOrCreate = "DirectoryOrCreate"
  case directory = "Directory"
  case fileOrCreate = "FileOrCreate"
  case file = "File"
  case socket = "Socket"
  case charDevice = "CharDevice"
  case blockDevice = "BlockDevice"
}

/// A directory of one node. Unlike a hostPath it is never made by looking for it: a disk that is not there is missed.
public struct LocalVolumeSource: Structure {
  public static let schemaName = "core.v1.LocalVolumeSource"
  public static let documentation = "A directory of one node."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let path = Field<String>(1, "Where on the node.", .required)

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      HostPath.problems(LocalVolumeSource(json: structure).path, at: path["path"])
    }
  }
}

enum HostPath {
  static func problems(_ text: String?, at path: FieldPath) -> [FieldError] {
    guard let text, text.split(separator: "/").contains("..") else { return [] }
    return [.invalid(path, .string(text), "must not contain '..'")]
  }
}
