public import Objects
public import Pods

// What a container's environment can be made from beside plain values.

extension EnvVar {
  public subscript<D: Declaration>(dynamicMember path: KeyPath<EnvVarOrigin, D>) -> D.Reading {
    get { EnvVarOrigin.all[keyPath: path].read(from: json) }
    set { EnvVarOrigin.all[keyPath: path].write(newValue, to: &json) }
  }
}

/// What this chapter adds to an environment variable.
public struct EnvVarOrigin: Facet {
  public init() {}
  public static let all = named()

  public let valueFrom = Field<EnvVarSource>(3, "Where the value comes from, if it does not stand here.")

  public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
    EnvVar(json: structure).originProblems(at: path["valueFrom"])
  }
}

/// Where a variable's value comes from: exactly one member.
public struct EnvVarSource: Structure {
  public static let schemaName = "core.v1.EnvVarSource"
  public static let documentation = "Where the value of an environment variable comes from."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let fieldRef = Field<ObjectFieldSelector>(1, "A field of the pod.", .atomicMap)
    public let resourceFieldRef = Field<ResourceFieldSelector>(2, "A request or a limit.", .atomicMap)
    public let configMapKeyRef = Field<ConfigMapKeySelector>(3, "A key of a ConfigMap.", .atomicMap)
    public let secretKeyRef = Field<SecretKeySelector>(4, "A key of a Secret.", .atomicMap)

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      EnvVarSource(json: structure).fieldRef?.problems(in: .environment, at: path["fieldRef"]) ?? []
    }
  }
}

/// All keys of an object become variables: exactly one of the two references.
public struct EnvFromSource: Structure {
  public static let schemaName = "core.v1.EnvFromSource"
  public static let documentation = "An object whose keys become environment variables."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let prefix = Field<String>(1, "Stands before each name.")
    public let configMapRef = Field<ConfigMapEnvSource>(2, "The ConfigMap.")
    public let secretRef = Field<SecretEnvSource>(3, "The Secret.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      EnvFromSource(json: structure).problems(at: path)
    }
  }
}

public struct ConfigMapEnvSource: Structure {
  public static let schemaName = "core.v1.ConfigMapEnvSource"
  public static let documentation = "A ConfigMap whose keys become environment variables."
  public typealias Fields = WholeObject
  public var json: Value
  public init(json: Value) { self.json = json }
}

public struct SecretEnvSource: Structure {
  public static let schemaName = "core.v1.SecretEnvSource"
  public static let documentation = "A Secret whose keys become environment variables."
  public typealias Fields = WholeObject
  public var json: Value
  public init(json: Value) { self.json = json }
}

public struct WholeObject: Facet {
  public init() {}
  public static let all = named()

  public let name = Field<String>(1, "The object, in the pod's namespace.", .inlined(in: 1))
  public let optional = Field<Bool>(2, "Whether the container may start without the object.")

  public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
    ObjectName.problems(structure["name"]?.string, at: path["name"])
  }
}

public struct ConfigMapKeySelector: Structure {
  public static let schemaName = "core.v1.ConfigMapKeySelector"
  public static let documentation = "A key of a ConfigMap."
  public typealias Fields = SelectedKey
  public var json: Value
  public init(json: Value) { self.json = json }
}

public struct SecretKeySelector: Structure {
  public static let schemaName = "core.v1.SecretKeySelector"
  public static let documentation = "A key of a Secret."
  public typealias Fields = SelectedKey
  public var json: Value
  public init(json: Value) { self.json = json }
}

public struct SelectedKey: Facet {
  public init() {}
  public static let all = named()

  public let name = Field<String>(1, "The object, in the pod's namespace.", .inlined(in: 1))
  public let key = Field<String>(2, "The key.", .required)
  public let optional = Field<Bool>(3, "Whether the container may start without the object or the key.")

  public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
    let key = structure["key"]?.string ?? ""
    return ObjectName.problems(structure["name"]?.string, at: path["name"])
      + (key.isEmpty ? [] : ConfigurationKey.problems(key, at: path["key"]))
  }
}
