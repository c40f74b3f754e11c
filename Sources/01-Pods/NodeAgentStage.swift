public import ControlLoop
public import Objects

/// What a later chapter adds to the node agent: configuration, volumes, probes, limits.
///
/// Every look at a pod asks the stages in the order of their layers. They answer with values, as the agent does: what a
/// stage must see of the world outside reaches it as an observation, what it wants done there it states as a request,
/// and what it has to remember is part of the agent's memory for the pod. A layer lists its stages among its
/// contributions; a stage implements what concerns it.
public protocol AgentStage: Sendable {
  /// Unique among the stages: "volumes".
  var name: String { get }

  /// Which changes of other objects call for a look at which pods: of a ConfigMap, at those that mount it. Each names
  /// its resource.
  var triggers: [Trigger] { get }

  /// Why the node does not take the pod; nil when it does. Asked before all others, until the agent has reported that the
  /// pod is there. A pod that is refused has failed.
  func refusal(_ context: inout StageContext) -> Refusal?

  /// Why the pod has failed, whatever its containers do; nil as long as it has not. Once a stage has said so and the
  /// status shows it, nobody is asked again.
  func failure(_ context: inout StageContext) -> PodFailure?

  /// Why no container of the pod may start yet; nil when they may.
  func hold(_ context: inout StageContext) -> Hold?

  /// Completes what the runtime is told of a container, or says why that cannot be done yet.
  func prepare(
    _ configuration: inout ContainerConfiguration, for container: Container, _ context: inout StageContext
  ) -> Hold?

  /// Judges a running container.
  func assess(
    _ health: inout ContainerHealth, of container: Container, running: ObservedContainer,
    _ context: inout StageContext)

  /// Whether a running container that has to end by `deadline` may be asked to. Called again and again until the stage
  /// says so; once the time is up, the container gets two seconds more and no further question is asked.
  func allowsStop(
    of container: Container, running: ObservedContainer, by deadline: Time, _ context: inout StageContext
  ) -> Bool

  /// Adds conditions to the pod's, or changes what the agent says in them.
  func report(_ conditions: inout [PodCondition], _ context: inout StageContext)

  /// Called again and again once no container runs any more and none will: whether nothing of the stage is left.
  func cleanUp(_ context: inout StageContext) -> Bool

  /// What the stage sees of the world outside the agent. Not pure: the agent calls it before each look.
  func observe(_ pod: PodIdentity, on runtime: any ContainerRuntime) -> Value

  /// Carries out a request. Not pure: the agent calls it after each look. What comes of it is observed later; whoever
  /// knows that there is something to observe tells the agent through the runtime's `onChange`.
  func perform(_ request: Value, for pod: PodIdentity, on runtime: any ContainerRuntime, at now: Time)
}

extension AgentStage {
  public var triggers: [Trigger] { [] }

  public func refusal(_ context: inout StageContext) -> Refusal? { nil }
  public func failure(_ context: inout StageContext) -> PodFailure? { nil }
  public func hold(_ context: inout StageContext) -> Hold? { nil }

  public func prepare(
    _ configuration: inout ContainerConfiguration, for container: Container, _ context: inout StageContext
  ) -> Hold? { nil }

  public func assess(
    _ health: inout ContainerHealth, of container: Container, running: ObservedContainer,
    _ context: inout StageContext
  ) {}

  public func allowsStop(
    of container: Container, running: ObservedContainer, by deadline: Time, _ context: inout StageContext
  ) -> Bool { true }

  public func report(_ conditions: inout [PodCondition], _ context: inout StageContext) {}
  public func cleanUp(_ context: inout StageContext) -> Bool { true }
  public func observe(_ pod: PodIdentity, on runtime: any ContainerRuntime) -> Value { .null }
  public func perform(_ request: Value, for pod: PodIdentity, on runtime: any ContainerRuntime, at now: Time) {}
}

/// What a stage knows when it is asked, and what it may say beside its answer.
public struct StageContext: Sendable {
  public let pod: Pod
  /// What the runtime has of the pod.
  public let observed: ObservedPod?
  public let view: View
  public let now: Time
  /// The node's addresses.
  public let hostAddresses: [String]
  public let observation: Value
  /// The stage's own; `.null` at first and after a restart of the agent.
  public var memory: Value
  public var requests: [Value] = []
  public var notes: [Note] = []
  public private(set) var wakeAt: Time?

  /// Asks to be asked again at this time or earlier. A time that has come asks for nothing.
  public mutating func wake(at time: Time) {
    if time > now { wakeAt = min(time, wakeAt ?? time) }
  }
}

/// Why a node does not take a pod, as the pod's status and an event say it.
public struct Refusal: Sendable, Hashable {
  /// "OutOfcpu", "NodeAffinity".
  public var reason: String
  public var message: String

  public init(reason: String, message: String) {
    self.reason = reason
    self.message = message
  }
}

/// Why a container cannot start yet, as its status shows it.
public struct Hold: Sendable, Hashable {
  /// "CreateContainerConfigError", "ContainerCreating".
  public var reason: String
  public var message: String?

  public init(reason: String, message: String? = nil) {
    self.reason = reason
    self.message = message
  }
}

/// Why a pod has failed, as its status and an event show it.
public struct PodFailure: Sendable, Hashable {
  /// "DeadlineExceeded", "Evicted".
  public var reason: String
  public var message: String
  /// How long its containers may take to end; nil for as long as the pod gives.
  public var gracePeriod: Duration?

  public init(reason: String, message: String, gracePeriod: Duration? = nil) {
    self.reason = reason
    self.message = message
    self.gracePeriod = gracePeriod
  }
}

/// What the stages think of a running container.
public struct ContainerHealth: Sendable, Hashable {
  public var isStarted = true
  public var isReady = true
  /// Why it is to be stopped and, if the pod's policy says so, started again:
  /// "Container web failed liveness probe, will be restarted".
  public var failure: String?
  /// How long it may take to end because of the failure; nil for as long as the pod gives.
  public var gracePeriod: Duration?
}
