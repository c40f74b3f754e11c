public import Objects
public import Pods

/// What is done in a container right after its start and right before its end. (Kubernetes: container lifecycle hooks.)
public struct Lifecycle: Structure {
  public static let schemaName = "core.v1.Lifecycle"
  public static let documentation = "What is done right after a container starts and right before it ends."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let postStart = Field<LifecycleHandler>(
      1, "Done right after the start. Until it has ended, the container does not count as started.")
    public let preStop = Field<LifecycleHandler>(
      2, "Done before the container is asked to end, in the time that it has for ending.")
    public let stopSignal = Field<String>(3, "How the container is asked to end: SIGTERM, or what its image says.")
  }
}

/// One of these: a hook does one thing.
public struct LifecycleHandler: Structure {
  public static let schemaName = "core.v1.LifecycleHandler"
  public static let documentation = "One thing to do."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let exec = Field<ExecAction>(1, "Run a command in the container.")
    public let httpGet = Field<HTTPGetAction>(2, "Send an HTTP request; any answer will do.")
    public let tcpSocket = Field<TCPSocketAction>(3, "Kept for old manifests. Nobody does it.")
    public let sleep = Field<SleepAction>(4, "Wait.")
  }
}

public struct SleepAction: Structure {
  public static let schemaName = "core.v1.SleepAction"
  public static let documentation = "A time to wait."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let seconds = Field<Int64>(1, "How long.", .listedAsRequired)
  }
}

/// What chapter 7 adds to a pod's spec.
public struct PodReadinessGates: Facet {
  public init() {}
  public static let all = named()

  public let readinessGates = List<PodReadinessGate>(
    28, "Conditions that somebody else must set to True before the pod counts as ready.", .atomic)

  public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
    PodSpec(json: structure).probeProblems(at: path)
  }
}

extension PodSpec {
  public subscript<D: Declaration>(dynamicMember path: KeyPath<PodReadinessGates, D>) -> D.Reading {
    get { PodReadinessGates.all[keyPath: path].read(from: json) }
    set { PodReadinessGates.all[keyPath: path].write(newValue, to: &json) }
  }
}

public struct PodReadinessGate: Structure {
  public static let schemaName = "core.v1.PodReadinessGate"
  public static let documentation = "A condition of the pod that takes part in its readiness."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let conditionType = Field<String>(1, "The condition's type.", .listedAsRequired)
  }
}
