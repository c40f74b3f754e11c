public import Objects

// What the node's agent reports of a pod. Nobody else writes it, apart from the condition PodScheduled.

public struct PodStatus: Structure {
  public static let schemaName = "core.v1.PodStatus"
  public static let documentation = "What has become of a pod, as far as its node's agent has seen."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let observedGeneration = Field<Int64>(17, "The generation of the pod that this status is about.")
    public let phase = Field<PodPhase>(1, "Where the pod is in its life, in one word.")
    public let conditions = List<PodCondition>(
      2, "Whether the pod is scheduled, initialized, ready.", .keyed(by: ["type"]), .merge(by: "type"))
    public let message = Field<String>(3, "A sentence for people: why the pod is in this phase.")
    public let reason = Field<String>(4, "One word for programs: why the pod is in this phase.")
    public let nominatedNodeName = Field<String>(11, "The node on which room is being made for the pod.")
    public let hostIP = Field<String>(5, "The node's address.")
    public let hostIPs = List<HostIP>(
      16, "The node's addresses, at most one of each family.", .atomic, .merge(by: "ip"))
    public let podIP = Field<String>(6, "The pod's address.")
    public let podIPs = List<PodIP>(
      12, "The pod's addresses, at most one of each family.", .keyed(by: ["ip"]), .merge(by: "ip"))
    public let startTime = Field<Time>(7, "When the agent first saw the pod.")
    public let initContainerStatuses = List<ContainerStatus>(
      10, "One for each init container, in their order.", .atomic)
    public let containerStatuses = List<ContainerStatus>(8, "One for each container.", .atomic)
    public let qosClass = Field<QOSClass>(9, "How the pod fares when its node runs short of something.")
  }
}

/// Where a pod is in its life. Succeeded and Failed never change.
public enum PodPhase: String, Enumeration {
  /// Accepted; some container has not run yet.
  case pending = "Pending"
  /// On a node, and at least one container is running, or about to start again.
  case running = "Running"
  /// All containers ended with code 0, and none will start again.
  case succeeded = "Succeeded"
  /// All containers ended, one of them with another code, and none will start again.
  case failed = "Failed"
  /// The node cannot be asked.
  case unknown = "Unknown"

  public var isTerminal: Bool { self == .succeeded || self == .failed }
}

/// Derived from requests and limits: what chapter 9 acts upon.
public enum QOSClass: String, Enumeration {
  case guaranteed = "Guaranteed"
  case burstable = "Burstable"
  case bestEffort = "BestEffort"
}

public struct PodCondition: StatusCondition {
  public static let schemaName = "core.v1.PodCondition"
  public static let documentation = "One aspect of a pod's state, and since when it holds."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<String>(1, "PodScheduled, Initialized, ContainersReady, Ready, …", .required)
    public let observedGeneration = Field<Int64>(7, "The generation of the pod that this was said about.")
    public let status = Field<String>(2, "True, False or Unknown.", .required)
    public let lastProbeTime = Field<Time>(3, "When this was last looked at. Not used by this cluster.")
    public let lastTransitionTime = Field<Time>(4, "When the status last changed.")
    public let reason = Field<String>(5, "One word for programs: why.")
    public let message = Field<String>(6, "A sentence for people: why.")
  }
}

public struct HostIP: Structure {
  public static let schemaName = "core.v1.HostIP"
  public static let documentation = "An address of a node."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let ip = Field<String>(1, "The address.", .required)
  }
}

public struct PodIP: Structure {
  public static let schemaName = "core.v1.PodIP"
  public static let documentation = "An address of a pod."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let ip = Field<String>(1, "The address.", .required)
  }
}

public struct ContainerStatus: Structure {
  public static let schemaName = "core.v1.ContainerStatus"
  public static let documentation = "What has become of one container."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "The container's name.", .required)
    public let state = Part<ContainerState>(2, "What it is doing now.")
    public let lastState = Part<ContainerState>(3, "How its last run ended, if it ran before.")
    public let ready = Field<Bool>(4, "Whether it can be used.", .listedAsRequired)
    public let restartCount = Field<Int>(5, "How often it was started again.", .listedAsRequired)
    public let image = Field<String>(6, "The image as it is known on the node.", .listedAsRequired)
    public let imageID = Field<String>(7, "Exactly which image.", .listedAsRequired)
    public let containerID = Field<String>(8, "The runtime's name for this run: process://3f2a….")
    public let started = Field<Bool>(9, "Whether it has come up.")
  }
}

/// Exactly one of the three; none counts as waiting.
public struct ContainerState: Structure {
  public static let schemaName = "core.v1.ContainerState"
  public static let documentation = "What a container is doing: waiting, running or terminated."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let waiting = Field<ContainerStateWaiting>(1, "It is not running yet, or not again yet.")
    public let running = Field<ContainerStateRunning>(2, "It is running.")
    public let terminated = Field<ContainerStateTerminated>(3, "It has ended.")
  }
}

public struct ContainerStateWaiting: Structure {
  public static let schemaName = "core.v1.ContainerStateWaiting"
  public static let documentation = "Why a container is not running yet."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let reason = Field<String>(1, "ContainerCreating, PodInitializing, CrashLoopBackOff, ErrImagePull, …")
    public let message = Field<String>(2, "A sentence for people: why.")
  }
}

public struct ContainerStateRunning: Structure {
  public static let schemaName = "core.v1.ContainerStateRunning"
  public static let documentation = "Since when a container runs."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let startedAt = Field<Time>(1, "When this run began.")
  }
}

public struct ContainerStateTerminated: Structure {
  public static let schemaName = "core.v1.ContainerStateTerminated"
  public static let documentation = "How a container's run ended."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let exitCode = Field<Int>(
      1, "0 for success; 128 and the signal's number for a run that a signal ended.",
      .listedAsRequired)
    public let signal = Field<Int>(2, "The signal that ended it, if one did.")
    public let reason = Field<String>(3, "Completed, Error, OOMKilled, ContainerStatusUnknown, …")
    public let message = Field<String>(4, "The container's last words.")
    public let startedAt = Field<Time>(5, "When the run began.")
    public let finishedAt = Field<Time>(6, "When the run ended.")
    public let containerID = Field<String>(7, "The runtime's name for the run.")
  }
}
