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
  var step: PodStep

  /// Why everything is to stop.
  enum Ending { case deletion, deadline, completion }

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

  private func findEnding() -> Ending? {
    if isOrphan || pod.isBeingDeleted { return .deletion }
    if pod.status.phase?.isTerminal == true { return .completion }
    if pod.status.reason == "DeadlineExceeded" || deadline.map({ $0 <= now }) == true { return .deadline }
    return hasCompleted ? .completion : nil
  }

  private var deadline: Time? {
    pod.spec.activeDeadlineSeconds.map { (pod.status.startTime ?? now) + .seconds($0) }
  }

  private var hasCompleted: Bool {
    let isInitFailed = containers.contains { $0.role == .initial && $0.exit.map { $0.code != 0 } == true && !restarts($0) }
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

  private func isUp(_ history: ContainerHistory) -> Bool {
    history.isRunning && health[history.name]?.isStarted == true
  }
}

// MARK: Running

extension PodLook {
  private mutating func run() {
    step.wake(at: deadline)
    for stage in sync.stages {
      guard let hold = consult(stage, { stage.hold(&$0) }) else { continue }
      for history in containers where history.current == nil { waiting[history.name] = hold }
      return
    }
    guard let observed, !observed.addresses.isEmpty else { return startSandbox() }
    let isInitialized = self.isInitialized
    for history in containers {
      if history.role == .initial, isInitialized || history.exit?.code == 0 { continue }
      keepRunning(history)
      // The next one waits: for the end of an init container, for a sidecar to be up.
      if history.role == .initial || (history.role == .sidecar && !isInitialized && !isUp(history)) { return }
    }
  }

  private mutating func startSandbox() {
    if let failure = observed?.sandboxFailure {
      if let retry = step.memory.sandboxRetry, now < retry { return step.wake(at: retry) }
      step.memory.sandboxRetry = now + Self.retryPause
      step.wake(at: step.memory.sandboxRetry)
      note(.warning, "FailedCreatePodSandBox", "Failed to create pod sandbox: \(failure)")
    }
    step.actions.append(.startSandbox(identity))
  }

  private mutating func keepRunning(_ history: ContainerHistory) {
    if history.upcoming != nil {
      showFailure(of: history)
      return
    }
    guard let current = history.current else { return start(history, attempt: 0) }
    let attempt = current.id.attempt
    guard let exit = current.exit else {
      if current.image != history.container.image {
        step.memory[history.name].replaced = attempt
        step.memory[history.name].restarts = BackOff()
        stop(history, by: now + gracePeriod, "Container \(history.name) definition changed, will be restarted")
      } else if let failure = health[history.name]?.failure {
        stop(history, by: now + gracePeriod, failure)
      }
      return
    }
    guard restarts(history) else { return }
    let pause = step.memory[history.name].restarts.pause(after: exit.finishedAt)
    let due = exit.finishedAt + pause
    if due <= now || step.memory[history.name].replaced == attempt { return start(history, attempt: attempt + 1) }
    step.wake(at: due)
    waiting[history.name] = Hold(
      reason: "CrashLoopBackOff",
      message: "back-off \(pause.inMinutes) restarting failed container=\(history.name) pod=\(pod.longName)")
  }

  private mutating func start(_ history: ContainerHistory, attempt: Int) {
    if let failure = step.memory[history.name].failure, failure.image != history.container.image {
      step.memory[history.name].failure = nil
      step.memory[history.name].pulls = BackOff()
    }
    if let retry = showFailure(of: history), now < retry { return }
    var configuration = configuration(of: history.container, attempt: attempt)
    for stage in sync.stages {
      if let hold = consult(stage, { stage.prepare(&configuration, for: history.container, &$0) }) {
        waiting[history.name] = hold
        return step.wake(at: now + Self.retryPause)
      }
    }
    if step.memory[history.name].requested != attempt, let exit = history.exit {
      step.memory[history.name].restarts.use(after: exit.finishedAt, at: now)
    }
    step.memory[history.name].requested = attempt
    step.actions.append(.start(configuration))
  }

  // Says why the last start came to nothing, and returns when to try again.
  @discardableResult
  private mutating func showFailure(of history: ContainerHistory) -> Time? {
    guard let failure = step.memory[history.name].failure else { return nil }
    waiting[history.name] = Hold(reason: failure.reason, message: failure.message)
    if failure.reason == "ErrImagePull" {
      let patience = failure.at + Self.errorShown
      step.wake(at: now < patience ? patience : nil)
      if patience <= now {
        let sentence = "Back-off pulling image \"\(failure.image)\": ErrImagePull: \(failure.message)"
        waiting[history.name] = Hold(reason: "ImagePullBackOff", message: sentence)
      }
    }
    let retry = failure.at + step.memory[history.name].pulls.pause(after: failure.at)
    step.wake(at: now < retry ? retry : nil)
    return retry
  }

  private func configuration(of container: Container, attempt: Int) -> ContainerConfiguration {
    let id = ContainerID(podUID: pod.uid, name: container.name ?? "", attempt: attempt)
    var configuration = ContainerConfiguration(id: id, pod: identity, image: container.image ?? "")
    configuration.command = container.command
    configuration.arguments = container.args
    configuration.workingDirectory = container.workingDir
    configuration.hostname = pod.spec.hostname ?? String(pod.name.prefix(63))
    configuration.environment = [.init(name: "HOSTNAME", value: configuration.hostname)]
    configuration.environment += container.env.map { .init(name: $0.name ?? "", value: $0.value ?? "") }
    configuration.standardInput = container.stdin ?? false
    configuration.terminal = container.tty ?? false
    configuration.terminationMessagePath = container.terminationMessagePath ?? configuration.terminationMessagePath
    configuration.extensions["annotations"] = .object(pod.metadata.annotations.members)
    return configuration
  }

  /// Between attempts at what may succeed by itself.
  private static let retryPause = Duration.seconds(10)
  /// How long ErrImagePull is shown before it becomes ImagePullBackOff.
  private static let errorShown = Duration.seconds(5)
}

// MARK: Stopping

extension PodLook {
  private var gracePeriod: Duration { .seconds(pod.spec.terminationGracePeriodSeconds ?? 30) }

  // Everything but sidecars at once; then these, the last one first.
  private mutating func stopAll() {
    let deadline = pod.metadata.deletionTimestamp ?? step.memory.stopBy ?? now + (isOrphan ? .seconds(1) : gracePeriod)
    step.memory.stopBy = deadline
    let sidecars = containers.filter { $0.role == .sidecar }.reversed()
    for group in [containers.filter { $0.role != .sidecar }] + sidecars.map({ [$0] }) {
      let alive = group.filter { $0.alive != nil }
      for history in alive { stop(history, by: deadline, "Stopping container \(history.name)") }
      if !alive.isEmpty { return }
    }
    if ending == .deletion { clearAway() }
  }

  private mutating func stop(_ history: ContainerHistory, by deadline: Time, _ why: String) {
    guard let container = history.alive else { return }
    let agreed = step.memory[history.name].stopBy
    if let agreed, agreed <= deadline, container.isStopping { return }
    if agreed == nil, !container.isStopping { note(.normal, "Killing", why, about: history) }
    step.memory[history.name].stopBy = min(deadline, agreed ?? deadline)
    let (seconds, fraction) = (deadline - now).components
    step.actions.append(.stop(container.id, gracePeriod: max(0, Int(seconds) + (fraction > 0 ? 1 : 0))))
  }

  private mutating func clearAway() {
    var isClean = true
    for stage in sync.stages { isClean = consult(stage) { stage.cleanUp(&$0) } && isClean }
    guard isClean else { return step.wake(at: now + Self.retryPause) }
    if observed == nil { step.deletesPod = !isOrphan } else { step.actions.append(.removeSandbox(identity)) }
  }

  // The last two attempts stay, so that their logs can be read.
  private mutating func forgetOldAttempts() {
    for history in containers {
      let old = history.attempts.dropLast(2).filter { $0.exit != nil }
      step.actions += old.map { .remove($0.id) }
    }
  }
}

// MARK: Stages and notes

extension PodLook {
  mutating func consult<Answer>(_ stage: any AgentStage, _ ask: (inout StageContext) -> Answer) -> Answer {
    var context = StageContext(
      pod: pod, view: view, now: now, observation: observations[stage.name] ?? .null,
      memory: step.memory.stages[stage.name] ?? .null)
    let answer = ask(&context)
    step.memory.stages[stage.name] = context.memory == .null ? nil : context.memory
    step.requests += context.requests.map { (stage.name, $0) }
    step.notes += context.notes
    step.wake(at: context.wakeAt)
    return answer
  }

  private mutating func note(_ type: Note.Kind, _ reason: String, _ message: String, about history: ContainerHistory? = nil) {
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
  var inMinutes: String {
    let seconds = components.seconds
    return seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
  }
}
