public import Objects

// What this chapter makes volumes from: objects of the API, and the pod itself.

public struct ConfigMapVolumeSource: Structure {
  public static let schemaName = "core.v1.ConfigMapVolumeSource"
  public static let documentation = "A file for each key of a ConfigMap."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "The ConfigMap.", .inlined(in: 1))
    public let items = List<KeyToPath>(
      2, "Which keys, and as what files; all, by their own names, when empty.", .atomic)
    public let defaultMode = Field<Int>(3, "The files' permission bits.", .default(0o644))
    public let optional = Field<Bool>(4, "Whether the pod may start without the ConfigMap or its keys.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      let name = structure["name"]?.string ?? ""
      return (name.isEmpty ? [.required(path["name"])] : []) + FileMode.problems(structure, "defaultMode", at: path)
    }
  }
}

public struct SecretVolumeSource: Structure {
  public static let schemaName = "core.v1.SecretVolumeSource"
  public static let documentation = "A file for each key of a Secret."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let secretName = Field<String>(1, "The Secret.")
    public let items = List<KeyToPath>(
      2, "Which keys, and as what files; all, by their own names, when empty.", .atomic)
    public let defaultMode = Field<Int>(3, "The files' permission bits.", .default(0o644))
    public let optional = Field<Bool>(4, "Whether the pod may start without the Secret or its keys.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      let name = structure["secretName"]?.string ?? ""
      return (name.isEmpty ? [.required(path["secretName"])] : [])
        + FileMode.problems(structure, "defaultMode", at: path)
    }
  }
}

public struct DownwardAPIVolumeSource: Structure {
  public static let schemaName = "core.v1.DownwardAPIVolumeSource"
  public static let documentation = "Files that tell the pod about itself."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let items = List<DownwardAPIVolumeFile>(1, "The files.", .atomic)
    public let defaultMode = Field<Int>(2, "The files' permission bits.", .default(0o644))

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      FileMode.problems(structure, "defaultMode", at: path)
    }
  }
}

public struct ProjectedVolumeSource: Structure {
  public static let schemaName = "core.v1.ProjectedVolumeSource"
  public static let documentation = "Several sources in one directory."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let sources = List<VolumeProjection>(1, "What the files come from; a later one wins.", .atomic)
    public let defaultMode = Field<Int>(2, "The files' permission bits.", .default(0o644))

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      ProjectedVolumeSource(json: structure).problems(at: path)
    }
  }
}

/// One of the sources of a projected volume: exactly one member.
public struct VolumeProjection: Structure {
  public static let schemaName = "core.v1.VolumeProjection"
  public static let documentation = "One of the sources of a projected volume."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let secret = Field<SecretProjection>(1, "Keys of a Secret.")
    public let downwardAPI = Field<DownwardAPIProjection>(2, "What the pod may know of itself.")
    public let configMap = Field<ConfigMapProjection>(3, "Keys of a ConfigMap.")
  }
}

public struct ConfigMapProjection: Structure {
  public static let schemaName = "core.v1.ConfigMapProjection"
  public static let documentation = "Keys of a ConfigMap in a projected volume."
  public typealias Fields = ProjectedKeys
  public var json: Value
  public init(json: Value) { self.json = json }
}

public struct SecretProjection: Structure {
  public static let schemaName = "core.v1.SecretProjection"
  public static let documentation = "Keys of a Secret in a projected volume."
  public typealias Fields = ProjectedKeys
  public var json: Value
  public init(json: Value) { self.json = json }
}

public struct ProjectedKeys: Facet {
  public init() {}
  public static let all = named()

  public let name = Field<String>(1, "The object.", .inlined(in: 1))
  public let items = List<KeyToPath>(2, "Which keys, and as what files; all, by their own names, when empty.", .atomic)
  public let optional = Field<Bool>(4, "Whether the pod may start without the object or its keys.")

  public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
    structure["name"]?.string ?? "" == "" ? [.required(path["name"])] : []
  }
}

public struct DownwardAPIProjection: Structure {
  public static let schemaName = "core.v1.DownwardAPIProjection"
  public static let documentation = "What the pod may know of itself, in a projected volume."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let items = List<DownwardAPIVolumeFile>(1, "The files.", .atomic)
  }
}

public struct KeyToPath: Structure {
  public static let schemaName = "core.v1.KeyToPath"
  public static let documentation = "As which file a key appears."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let key = Field<String>(1, "The key.", .required)
    public let path = Field<String>(2, "The file, below the volume's directory.", .required)
    public let mode = Field<Int>(3, "The file's permission bits; the volume's when it does not say.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      RelativePath.fileProblems(structure["path"]?.string ?? "", at: path["path"])
        + FileMode.problems(structure, "mode", at: path)
    }
  }
}

public struct DownwardAPIVolumeFile: Structure {
  public static let schemaName = "core.v1.DownwardAPIVolumeFile"
  public static let documentation = "A file with something that the pod may know of itself."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let path = Field<String>(1, "The file, below the volume's directory.", .required)
    public let fieldRef = Field<ObjectFieldSelector>(
      2, "metadata.name, metadata.namespace, metadata.uid, metadata.labels or metadata.annotations.", .atomicMap)
    public let resourceFieldRef = Field<ResourceFieldSelector>(3, "A request or a limit of a container.", .atomicMap)
    public let mode = Field<Int>(4, "The file's permission bits; the volume's when it does not say.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      DownwardAPIVolumeFile(json: structure).problems(at: path)
    }
  }
}
