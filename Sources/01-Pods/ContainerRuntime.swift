public import Objects

/// Which container: restarts of the same one count attempts up from 0.
public struct ContainerID: Sendable, Hashable {
  public var podUID: String
  /// The container's name in its pod.
  public var name: String
  public var attempt: Int

  public init(podUID: String, name: String, attempt: Int) {
    self.podUID = podUID
    self.name = name
    self.attempt = attempt
  }
}

/// Which pod, for runtimes: enough to name directories and log files.
public struct PodIdentity: Sendable, Hashable {
  public var namespace: String
  public var name: String
  public var uid: String

  public init(namespace: String, name: String, uid: String) {
    self.namespace = namespace
    self.name = name
    self.uid = uid
  }
}

/// Everything a runtime needs to know to run one container.
public struct ContainerConfiguration: Sendable, Hashable {
  public var id: ContainerID
  public var pod: PodIdentity
  public var image: String
  /// Replaces the image's entry point; empty keeps it.
  public var command: [String]
  public var arguments: [String]
  /// In order; a later entry of the same name wins.
  public var environment: [EnvironmentVariable]
  public var workingDirectory: String?
  public var hostname: String
  /// Keeps standard input open.
  public var standardInput: Bool
  public var terminal: Bool
  /// Where the container may leave its last words (Kubernetes: terminationMessagePath).
  public var terminationMessagePath: String
  /// Grown by the stages of later chapters: mounts, limits, users. A runtime ignores what it does not know.
  public var extensions: [String: Value]

  public struct EnvironmentVariable: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  public init(id: ContainerID, pod: PodIdentity, image: String) {
    self.id = id
    self.pod = pod
    self.image = image
    command = []
    arguments = []
    environment = []
    hostname = pod.name
    standardInput = false
    terminal = false
    terminationMessagePath = "/dev/termination-log"
    extensions = [:]
  }
}

/// What a runtime is asked to do. The outcome is not returned but observed.
public enum RuntimeAction: Sendable, Hashable {
  /// Makes what the pod's containers share (an address, a network namespace). The extensions say what is special:
  /// `hostNetwork` for a pod that uses the node's own network.
  case startSandbox(PodIdentity, extensions: [String: Value] = [:])
  /// Pulls or resolves the image, then creates and starts the container.
  case start(ContainerConfiguration)
  /// Asks the container to end (SIGTERM, or the image's own stop signal) and ends it (SIGKILL) when the grace
  /// period, in seconds, has passed. A second call may only shorten the period; 0 kills at once.
  case stop(ContainerID, gracePeriod: Int)
  /// Forgets an exited container and deletes its files, logs included.
  case remove(ContainerID)
  /// Forgets the pod, once all its containers have been removed or have exited: sandbox, files, logs.
  case removeSandbox(PodIdentity)
}

/// What a runtime reports of one container.
public struct ObservedContainer: Sendable, Hashable {
  public var id: ContainerID
  /// As pods show it: "process://7f3a…".
  public var runtimeID: String
  public var image: String
  public var imageID: String
  public var state: State
  /// Whether a stop has been asked for and has not finished.
  public var isStopping: Bool

  public enum State: Sendable, Hashable {
    /// Being made: an image pull, a start in progress.
    case creating
    case running(startedAt: Time)
    case exited(Exit)
    /// Never ran. `reason` is Kubernetes' word: "ErrImagePull", "InvalidImageName", "ErrImageNeverPull",
    /// "CreateContainerError", "RunContainerError".
    case failedToStart(reason: String, message: String, at: Time)
  }

  public struct Exit: Sendable, Hashable {
    /// 0…255; 128 + the signal's number for a container ended by a signal.
    public var code: Int
    public var signal: Int?
    /// "Completed", "Error", "OOMKilled", "ContainerStatusUnknown".
    public var reason: String
    /// The termination message, or nil.
    public var message: String?
    public var startedAt: Time
    public var finishedAt: Time

    public init(
      code: Int, signal: Int? = nil, reason: String, message: String? = nil, startedAt: Time, finishedAt: Time
    ) {
      self.code = code
      self.signal = signal
      self.reason = reason
      self.message = message
      self.startedAt = startedAt
      self.finishedAt = finishedAt
    }
  }

  public init(
    id: ContainerID, runtimeID: String, image: String, imageID: String, state: State, isStopping: Bool = false
  ) {
    self.id = id
    self.runtimeID = runtimeID
    self.image = image
    self.imageID = imageID
    self.state = state
    self.isStopping = isStopping
  }
}

/// What a runtime reports of one pod.
public struct ObservedPod: Sendable, Hashable {
  public var identity: PodIdentity
  /// The pod's addresses; empty until the sandbox is ready.
  public var addresses: [String]
  /// Why the sandbox could not be made, or nil.
  public var sandboxFailure: String?
  /// Every attempt that has not been removed, oldest first.
  public var containers: [ObservedContainer]

  public init(
    identity: PodIdentity, addresses: [String] = [], sandboxFailure: String? = nil, containers: [ObservedContainer] = []
  ) {
    self.identity = identity
    self.addresses = addresses
    self.sandboxFailure = sandboxFailure
    self.containers = containers
  }
}

/// Where containers really run. Several forms (simulated, host processes, later CRI) pass one contract test suite.
///
/// A runtime outlives its agent's memory: after a restart of the agent, `pods()` still reports every container that
/// was started, with its exit if it has ended meanwhile.
public protocol ContainerRuntime: AnyObject, Sendable {
  /// As nodes show it: "process", "containerd".
  var name: String { get }
  /// As nodes show it: "1.0.0".
  var version: String { get }

  /// Everything the runtime holds now, sorted by pod namespace, name and UID. Cheap: called after every change.
  func pods() -> [ObservedPod]

  /// What it holds of one pod; nil for nothing.
  func pod(_ uid: String) -> ObservedPod?

  /// Lets a runtime that lives in virtual time catch up. Returns when it will next have something to report by itself;
  /// nil for never, and from a runtime that has a clock of its own.
  func advance(to now: Time) -> Time?

  /// Begins to carry out an action and returns at once. Repeating an action that is under way or done does nothing.
  func perform(_ action: RuntimeAction, at now: Time)

  /// Called, from any thread, when `pods()` would answer differently for the pod with this UID.
  func onChange(_ notify: @escaping @Sendable (_ podUID: String) -> Void)

  /// The lines a container has written so far, as CRI log lines (timestamp, stream, tag, content), from a byte offset
  /// in the container's log. Rotated-away bytes are skipped. A chunk need not reach the end of what has been written:
  /// go on until one is empty.
  /// Throws ``UnknownContainer``.
  func logs(of container: ContainerID, from offset: Int) throws -> LogChunk

  /// What a later chapter's stage needs of the machine beside containers, a place for volumes for example: nil where
  /// there is none, as in a simulation. The chapter defines the protocol, an edge carries it out.
  func service<Service>(_ type: Service.Type) -> Service?
}

extension ContainerRuntime {
  public func service<Service>(_ type: Service.Type) -> Service? { self as? Service }

  public func pod(_ uid: String) -> ObservedPod? { pods().first { $0.identity.uid == uid } }

  public func advance(to now: Time) -> Time? { nil }
}

/// A piece of a container's log.
public struct LogChunk: Sendable {
  /// Whole lines in the CRI log format.
  public var bytes: [UInt8]
  /// Where to go on reading.
  public var nextOffset: Int

  public init(bytes: [UInt8], nextOffset: Int) {
    self.bytes = bytes
    self.nextOffset = nextOffset
  }
}

/// Logs were asked for of a container that has not been started, or has been removed.
public struct UnknownContainer: Error, CustomStringConvertible {
  public let id: ContainerID

  public init(id: ContainerID) { self.id = id }

  public var description: String { "container \"\(id.name)\" in pod \(id.podUID) has no attempt \(id.attempt)" }
}
