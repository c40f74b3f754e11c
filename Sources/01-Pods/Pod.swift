public import Objects

/// A group of containers that run together on one node and share its address there.
///
/// Users (or controllers, from a template) write the spec, a scheduler adds the node to it, and that node's agent
/// writes the status. The agent is woken by changes of pods with its node's name and by what its containers do.
public struct Pod: Resource {
  public static let schemaName = "core.v1.Pod"
  public static let documentation = "Containers that run together on one node, and what has become of them."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<PodSpec>(2, "What should run, and how.")
    public let status = Part<PodStatus>(3, "What is running, as far as the node's agent has seen.")

    /// What holds for pods and not for templates of pods.
    public static func applyDefaults(to structure: inout Value) {
      var pod = Pod(json: structure)
      guard structure["spec"] != nil else { return }
      pod.spec.enableServiceLinks = pod.spec.enableServiceLinks ?? true
      pod.spec.change(\.withRequestsFromLimits)
      structure = pod.json
    }
  }
}

/// What a pod is made from: the part of a pod that a Deployment or another kind with pods of its own carries.
public struct PodTemplateSpec: Structure {
  public static let schemaName = "core.v1.PodTemplateSpec"
  public static let documentation = "What pods are made from."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let metadata = Part<ObjectMeta>(1, "Labels and annotations for the pods.")
    public let spec = Part<PodSpec>(2, "The pods' spec.")
  }
}

public struct PodSpec: Structure {
  public static let schemaName = "core.v1.PodSpec"
  public static let documentation = "What should run in a pod, and how."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let initContainers = List<Container>(
      20, "Run to their end one after the other before the containers start; those with restartPolicy Always stay.",
      .keyed(by: ["name"]), .merge(by: "name"))
    public let containers = List<Container>(
      2, "What runs. At least one; cannot be added to or removed from.",
      .required, .keyed(by: ["name"]), .merge(by: "name"))
    public let restartPolicy = Field<RestartPolicy>(
      3, "Which containers are started again when they end: Always, OnFailure or Never.", .default("Always"))
    public let terminationGracePeriodSeconds = Field<Int64>(
      4, "How long the containers may take to end when the pod is deleted, before they are killed.", .default(30))
    public let activeDeadlineSeconds = Field<Int64>(
      5, "How long the pod may be active on its node before it is stopped and counts as failed.",
      .range(1...2_147_483_647))
    public let dnsPolicy = Field<DNSPolicy>(6, "Where names are looked up first.", .default("ClusterFirst"))
    public let nodeName = Field<String>(10, "The node that the pod runs on. Set once, by a scheduler.")
    public let hostNetwork = Field<Bool>(11, "Whether the pod uses the node's own network.")
    public let securityContext = Field<PodSecurityContext>(14, "Who the containers run as. Empty before chapter 14.")
    public let imagePullSecrets = List<LocalObjectReference>(
      15, "Secrets that open private image registries.", .keyed(by: ["name"], unique: false), .merge(by: "name"))
    public let hostname = Field<String>(16, "The name that the pod's containers see; the pod's name when empty.")
    public let schedulerName = Field<String>(
      19, "Which scheduler finds the pod a node.", .default("default-scheduler"))
    public let enableServiceLinks = Field<Bool>(
      30, "Whether the namespace's services become environment variables. True in pods that do not say.")

    public static func applyDefaults(to structure: inout Value) {
      var spec = PodSpec(json: structure)
      spec.securityContext = spec.securityContext ?? PodSecurityContext()
      if spec.hostNetwork == true { spec.change(\.withHostPorts) }
      structure = spec.json
    }

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      PodSpec(json: structure).problems(at: path)
    }
  }
}

extension PodSpec {
  // Element by element, so that one of another type is still there to be complained about.
  fileprivate mutating func change(_ change: (Container) -> Container) {
    for list in ["initContainers", "containers"] {
      guard case .array(let elements) = json[list] else { continue }
      json[list] = .array(elements.map { element in Container(element).map { change($0).json } ?? element })
    }
  }
}

/// Which containers of a pod are started again when they end.
public enum RestartPolicy: String, Enumeration {
  case always = "Always"
  /// Those that ended with a code other than 0.
  case onFailure = "OnFailure"
  case never = "Never"
}

/// Where a pod's names are looked up first.
public enum DNSPolicy: String, Enumeration {
  case clusterFirst = "ClusterFirst"
  case clusterFirstWithHostNet = "ClusterFirstWithHostNet"
  /// As the node does.
  case `default` = "Default"
  case none = "None"
}

/// Clients send it although it is empty, and read it although nothing is in it.
public struct PodSecurityContext: Structure {
  public static let schemaName = "core.v1.PodSecurityContext"
  public static let documentation = "Who the containers of a pod run as."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()
  }
}

/// Names an object of a known kind in the same namespace.
public struct LocalObjectReference: Structure {
  public static let schemaName = "core.v1.LocalObjectReference"
  public static let documentation = "Names an object in the same namespace."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "The object's name.")
  }
}
