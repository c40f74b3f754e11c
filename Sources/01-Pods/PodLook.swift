import ControlLoop
import Objects

/// One look at one pod.
struct PodLook {
  let sync: PodSync
  let pod: Pod
  let isOrphan: Bool
  let observed: ObservedPod?
  let observations: [String: Value]
  let view: View
  let now: Time
  /// Init containers first, in the order of the spec.
  let containers: [ContainerHistory]
  /// Why containers wait, and how running ones do, by their names.
  var waiting: [String: Hold] = [:]
  var health: [String: ContainerHealth] = [:]
  var ending: Ending?
  var failure: PodFailure?
  var step: PodStep

  /// Why everything is to stop, or not to begin.
  enum Ending: Equatable { case deletion, failure, completion, refusal(Refusal) }

  init(
    _ sync: PodSync, at pod: Pod, isOrphan: Bool, observed: ObservedPod?, _ observations: [String: Value],
    _ memory: PodMemory, in view: View, at now: Time
  ) {
    self.sync = sync
    self.pod = pod
    self.isOrphan = isOrphan
    self.observed = observed
    self.observations = observations
    self.view = view
    self.now = now
    let statuses = pod.status.initContainerStatuses + pod.status.containerStatuses
    func history(_ container: Container, _ role: ContainerHistory.Role) -> ContainerHistory {
      let status = statuses.first { $0.name == container.name }
      return ContainerHistory(container, role, observed: observed, status: status, uid: pod.uid, at: now)
    }
    containers =
      pod.spec.initContainers.map { history($0, $0.isSidecar ? .sidecar : .initial) }
      + pod.spec.containers.map { history($0, .main) }
    step = PodStep(memory: memory)
  }

  mutating func decide() -> PodStep {
    for history in containers { examine(history) }
    ending = findEnding()
    if ending == nil { run() } else { stopAll() }
    forgetOldAttempts()
    if !isOrphan { report() }
    return step
  }
}

// MARK: What has happened

extension PodLook {
  var identity: PodIdentity { PodIdentity(namespace: pod.namespace, name: pod.name, uid: pod.uid) }
  var restartPolicy: RestartPolicy { pod.spec.restartPolicy ?? .always }
  var mains: [ContainerHistory] { containers.filter { $0.role == .main } }

  private mutating func examine(_ history: ContainerHistory) {
    if history.alive == nil { step.memory[history.name].stopBy = nil }
    if let running = history.current, history.isRunning {
      step.memory[history.name].failure = nil
      step.memory[history.name].pulls = BackOff()
      var verdict = ContainerHealth()
      for stage in sync.stages {
        consult(stage) { stage.assess(&verdict, of: history.container, running: running, &$0) }
      }
      health[history.name] = verdict
    }
    guard let upcoming = history.upcoming, case .failedToStart(let reason, let message, let at) = upcoming.state else {
      return
    }
    step.actions.append(.remove(upcoming.id))
    if step.memory[history.name].failure?.at != at {
      step.memory[history.name].failure = StartFailure(reason: reason, message: message, image: upcoming.image, at: at)
      step.memory[history.name].pulls.use(after: at, at: at)
    }
  }

  private mutating func findEnding() -> Ending? {
    if isOrphan || pod.isBeingDeleted { return .deletion }
    if pod.status.phase?.isTerminal == true { return .completion }
    if let refusal = findRefusal() { return .refusal(refusal) }
    failure = findFailure()
    if failure != nil { return .failure }
    return hasCompleted ? .completion : nil
  }

  // What the node has taken once it does not send away.
  private mutating func findRefusal() -> Refusal? {
    guard observed == nil, pod.status.startTime == nil else { return nil }
    for stage in sync.stages {
      if let refusal = consult(stage, { stage.refusal(&$0) }) { return refusal }
    }
    return nil
  }

  private mutating func findFailure() -> PodFailure? {
    // What has been said is not taken back.
    if let reason = pod.status.reason, !reason.isEmpty {
      return PodFailure(reason: reason, message: pod.status.message ?? "")
    }
    if let deadline, deadline <= now {
      let sentence = "Pod was active on the node longer than the specified deadline"
      return PodFailure(reason: "DeadlineExceeded", message: sentence)
    }
    for stage in sync.stages {
      if let failure = consult(stage, { stage.failure(&$0) }) { return failure }
    }
    return nil
  }

  var deadline: Time? {
    pod.spec.activeDeadlineSeconds.map { (pod.status.startTime ?? now) + .seconds($0) }
  }

  private var hasCompleted: Bool {
    let isInitFailed = containers.contains {
      $0.role == .initial && $0.exit.map { $0.code != 0 } == true && !restarts($0)
    }
    return isInitFailed || mains.allSatisfy { $0.exit != nil && !restarts($0) }
  }

  /// Whether a container that has ended starts again.
  func restarts(_ history: ContainerHistory) -> Bool {
    guard let ended = history.current, let exit = ended.exit else { return false }
    if step.memory[history.name].replaced == ended.id.attempt { return true }
    return switch (history.role, restartPolicy) {
    case (.sidecar, _), (.main, .always): true
    case (.main, .onFailure), (.initial, .always), (.initial, .onFailure): exit.code != 0
    case (.main, .never), (.initial, .never): false
    }
  }

  /// Once a container of the spec has run, the pod counts as initialized.
  var isInitialized: Bool {
    mains.contains { $0.current != nil || $0.upcoming != nil }
      || containers.allSatisfy { history in
        switch history.role {
        case .initial: history.exit?.code == 0
        case .sidecar: isUp(history)
        case .main: true
        }
      }
  }

  func isUp(_ history: ContainerHistory) -> Bool {
    history.isRunning && health[history.name]?.isStarted == true
  }
}

// MARK: Stages and notes

extension PodLook {
  mutating func consult<Answer>(_ stage: any AgentStage, _ ask: (inout StageContext) -> Answer) -> Answer {
    var context = StageContext(
      pod: pod, observed: observed, view: view, now: now, hostAddresses: sync.hostAddresses,
      observation: observations[stage.name] ?? .null, memory: step.memory.stages[stage.name] ?? .null)
    let answer = ask(&context)
    step.memory.stages[stage.name] = context.memory == .null ? nil : context.memory
    step.requests += context.requests.map { (stage.name, $0) }
    step.notes += context.notes
    step.wake(at: context.wakeAt)
    return answer
  }

  mutating func note(_ type: Note.Kind, _ reason: String, _ message: String, about history: ContainerHistory? = nil) {
    let path = history?.fieldPath ?? ""
    step.notes.append(Note(type: type, reason: reason, message: message, about: pod.json, fieldPath: path))
  }
}

extension Pod {
  /// What is left to know of a pod that the API has no more: its containers, all alike, and that they have to go.
  init(orphan observed: ObservedPod) {
    self.init(name: observed.identity.name, namespace: observed.identity.namespace) { pod in
      pod.metadata.uid = observed.identity.uid
      var names: [String] = []
      for container in observed.containers where !names.contains(container.id.name) { names.append(container.id.name) }
      pod.spec.containers = names.map { name in Container { $0.name = name } }
    }
  }

  /// "web_default(3f2a…)": how the agent's messages name a pod.
  var longName: String { "\(name)_\(namespace)(\(uid))" }
}

extension Duration {
  /// "10s", "1m20s": whole seconds, as Go prints them.
  public var inMinutes: String {
    let seconds = components.seconds
    return seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
  }
}
