public import Configuration
public import Objects

// What a pod can make volumes from, beside what chapter 5 knows.

extension Volume {
  public subscript<D: Declaration>(dynamicMember path: KeyPath<StorageSources, D>) -> D.Reading {
    get { StorageSources.all[keyPath: path].read(from: json) }
    set { StorageSources.all[keyPath: path].write(newValue, to: &json) }
  }
}

/// What this chapter adds to a pod's volume.
public struct StorageSources: Facet {
  public init() {}
  public static let all = named()

  public let hostPath = Field<HostPathVolumeSource>(1, "A file or directory of the pod's node.", .inlined(in: 2))
  public let emptyDir = Field<EmptyDirVolumeSource>(
    2, "A directory that is empty at first and goes with the pod.", .inlined(in: 2))
  public let persistentVolumeClaim = Field<PersistentVolumeClaimVolumeSource>(
    10, "What a claim has got.", .inlined(in: 2))
  public let ephemeral = Field<EphemeralVolumeSource>(
    29, "What a claim has got that is made for the pod and goes with it.", .inlined(in: 2))

  /// A volume that says nothing of its source is an empty directory.
  public static func applyDefaults(to structure: inout Value) {
    if Volume(json: structure).sources.isEmpty { structure["emptyDir"] = .emptyObject }
  }
}

public struct EmptyDirVolumeSource: Structure {
  public static let schemaName = "core.v1.EmptyDirVolumeSource"
  public static let documentation = "A directory that is empty at first and goes with the pod."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let medium = Field<String>(1, "Memory, or empty for the node's disk.")
    public let sizeLimit = Field<Quantity>(2, "The most that may be in it.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      guard let limit = EmptyDirVolumeSource(json: structure).sizeLimit, limit < .zero else { return [] }
      return [.forbidden(path["sizeLimit"], "SizeLimit field must be a valid resource quantity")]
    }
  }
}

public struct PersistentVolumeClaimVolumeSource: Structure {
  public static let schemaName = "core.v1.PersistentVolumeClaimVolumeSource"
  public static let documentation = "What a claim of the pod's namespace has got."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let claimName = Field<String>(1, "The claim.", .required)
    public let readOnly = Field<Bool>(2, "Whether no container may write.")
  }
}

public struct EphemeralVolumeSource: Structure {
  public static let schemaName = "core.v1.EphemeralVolumeSource"
  public static let documentation = "What a claim has got that is made for the pod and goes with it."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let volumeClaimTemplate = Field<PersistentVolumeClaimTemplate>(
      1, "The claim. Its name will be the pod's and the volume's with a dash between.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      structure["volumeClaimTemplate"] == nil ? [.required(path["volumeClaimTemplate"])] : []
    }
  }
}
