public import Objects

/// A space for names. Objects in different namespaces may have the same name, and go when their namespace goes.
///
/// Users write it, the ``NamespaceController`` writes its status, and it is woken by changes of the namespace and of
/// whatever is in it while it is being deleted.
public struct Namespace: Resource {
  public static let schemaName = "core.v1.Namespace"
  public static let documentation = "A space for names: objects in it go with it."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<NamespaceSpec>(2, "What has to happen before the namespace goes.")
    public let status = Part<NamespaceStatus>(3, "Whether the namespace is in use or going.")
  }
}

public struct NamespaceSpec: Structure {
  public static let schemaName = "core.v1.NamespaceSpec"
  public static let documentation = "What has to happen before a namespace goes."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let finalizers = List<String>(
      1, "Who still has to clear something away; written through the subresource finalize only.", .atomic)
  }
}

public struct NamespaceStatus: Structure {
  public static let schemaName = "core.v1.NamespaceStatus"
  public static let documentation = "Whether a namespace is in use or going."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let phase = Field<NamespacePhase>(1, "Active, or Terminating while it is being deleted.")
    public let conditions = List<NamespaceCondition>(
      2, "How far its deletion is.", .keyed(by: ["type"]), .merge(by: "type"))
  }
}

public enum NamespacePhase: String, Enumeration {
  case active = "Active"
  /// Nothing new can be made in it.
  case terminating = "Terminating"
}

public struct NamespaceCondition: StatusCondition {
  public static let schemaName = "core.v1.NamespaceCondition"
  public static let documentation = "One aspect of a namespace's deletion."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<String>(1, "NamespaceContentRemaining, …", .required)
    public let status = Field<String>(2, "True, False or Unknown.", .required)
    public let lastTransitionTime = Field<Time>(4, "When the status last changed.")
    public let reason = Field<String>(5, "One word for programs: why.")
    public let message = Field<String>(6, "A sentence for people: why.")
  }
}
