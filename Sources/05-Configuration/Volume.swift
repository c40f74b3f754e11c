public import Objects
public import Pods

// What a pod's containers find in their file systems beside their images: volumes, which the pod names once, and
// mounts, by which each container says where it wants to see them.

extension PodSpec {
  public subscript<D: Declaration>(dynamicMember path: KeyPath<PodVolumes, D>) -> D.Reading {
    get { PodVolumes.all[keyPath: path].read(from: json) }
    set { PodVolumes.all[keyPath: path].write(newValue, to: &json) }
  }
}

/// What this chapter adds to a pod.
public struct PodVolumes: Facet {
  public init() {}
  public static let all = named()

  public let volumes = List<Volume>(
    1, "Directories that the pod's containers may mount.", .keyed(by: ["name"]), .merge(by: "name"), .retainKeys)

  public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
    PodSpec(json: structure).mountProblems(at: path)
  }
}

extension Container {
  public subscript<D: Declaration>(dynamicMember path: KeyPath<ContainerInputs, D>) -> D.Reading {
    get { ContainerInputs.all[keyPath: path].read(from: json) }
    set { ContainerInputs.all[keyPath: path].write(newValue, to: &json) }
  }
}

/// What this chapter adds to a container.
public struct ContainerInputs: Facet {
  public init() {}
  public static let all = named()

  public let volumeMounts = List<VolumeMount>(
    9, "Where the pod's volumes appear in the container.",
    .keyed(by: ["mountPath"], unique: false), .merge(by: "mountPath"))
  public let envFrom = List<EnvFromSource>(
    19, "Objects whose keys become environment variables; a later one wins, and env wins over all.", .atomic)
}

/// A directory that a pod's containers may share. What is in it says its source, the one member beside the name; later
/// chapters bring further ones.
public struct Volume: Structure {
  public static let schemaName = "core.v1.Volume"
  public static let documentation = "A directory that the pod's containers may mount."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "What mounts call it. Unique in the pod.", .required)
    public let secret = Field<SecretVolumeSource>(6, "A file for each key of a Secret.", .inlined(in: 2))
    public let downwardAPI = Field<DownwardAPIVolumeSource>(
      16, "Files that tell the pod about itself.", .inlined(in: 2))
    public let configMap = Field<ConfigMapVolumeSource>(19, "A file for each key of a ConfigMap.", .inlined(in: 2))
    public let projected = Field<ProjectedVolumeSource>(26, "All of that in one directory.", .inlined(in: 2))

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      Volume(json: structure).problems(at: path)
    }
  }

  /// What the volume is made from: "configMap", "emptyDir". One name when the volume is valid.
  public var sources: [String] { json.members?.names.filter { $0 != "name" } ?? [] }
}

public struct VolumeMount: Structure {
  public static let schemaName = "core.v1.VolumeMount"
  public static let documentation = "Where a volume appears in a container."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "The volume.", .required)
    public let readOnly = Field<Bool>(2, "Whether the container may only read.")
    public let mountPath = Field<String>(3, "Where in the container.", .required)
    public let subPath = Field<String>(4, "What of the volume; all of it when empty.")
    public let subPathExpr = Field<String>(6, "The same, with $(NAME) for the container's environment variables.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      VolumeMount(json: structure).problems(at: path)
    }
  }
}
