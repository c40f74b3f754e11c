public import ControlLoop
public import Objects

/// The node agent's function: what should run, what does run and what is remembered go in; what to do, what to report
/// and when to look again come out. It acts on nothing itself. (Kubernetes: "Pod Lifecycle", kubelet.)
public struct PodSync: Sendable {
  public var stages: [any AgentStage]
  /// The node's addresses, as the pods' status shows them.
  public var hostAddresses: [String]

  public init(stages: [any AgentStage] = [], hostAddresses: [String] = []) {
    self.stages = stages
    self.hostAddresses = hostAddresses
  }

  /// - Parameters:
  ///   - pod: nil when the API has no such pod for this node any more: what the runtime still holds of it goes.
  ///   - observed: nil when the runtime knows nothing of the pod.
  ///   - observations: of the stages, by their names.
  public func next(
    for pod: Pod?, observed: ObservedPod?, observations: [String: Value] = [:], memory: PodMemory, in view: View,
    at now: Time
  ) -> PodStep {
    guard let subject = pod ?? observed.map(Pod.init(orphan:)) else {
      var step = PodStep(memory: memory)
      step.isGone = true
      return step
    }
    var look = PodLook(
      self, at: subject, isOrphan: pod == nil, observed: observed, observations, memory, in: view, at: now)
    return look.decide()
  }
}

/// What the agent is to do about one pod.
public struct PodStep: Sendable {
  /// For the runtime, in order.
  public var actions: [RuntimeAction] = []
  /// For the stages, by their names.
  public var requests: [(stage: String, body: Value)] = []
  /// The pod's status, when it is not what the API has.
  public var status: PodStatus?
  /// Nothing of the pod is left on the node: its object may go from the API.
  public var deletesPod = false
  /// Nothing of the pod is left at all: the agent may forget it.
  public var isGone = false
  public var memory: PodMemory
  public var notes: [Note] = []
  public private(set) var wakeAt: Time?

  init(memory: PodMemory) { self.memory = memory }

  mutating func wake(at time: Time?) {
    guard let time else { return }
    wakeAt = min(time, wakeAt ?? time)
  }
}
