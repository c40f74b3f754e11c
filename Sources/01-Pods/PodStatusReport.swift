import ControlLoop
import Objects

// What the agent writes into a pod's status. All of it follows from what was seen and decided in one look; the status
// so far matters for what must not be forgotten: times of transitions, a phase that is final, conditions of others.

extension PodLook {
  mutating func report() {
    if case .refusal(let refusal) = ending { return report(refusal) }
    // A pod that was refused stays as it is.
    if pod.isFinished, pod.status.containerStatuses.isEmpty { return }
    var status = pod.status
    let initial = containers.filter { $0.role != .main }
    status.initContainerStatuses = initial.map { self.status(of: $0, before: pod.status.initContainerStatuses) }
    status.containerStatuses = mains.map { self.status(of: $0, before: pod.status.containerStatuses) }
    status.startTime = status.startTime ?? now
    status.hostIP = sync.hostAddresses.first
    status.hostIPs = sync.hostAddresses.map { address in HostIP { $0.ip = address } }
    if let addresses = observed?.addresses, let first = addresses.first {
      status.podIP = first
      status.podIPs = addresses.map { address in PodIP { $0.ip = address } }
    }
    if let failure, failure.reason != status.reason {
      note(failure.reason == "DeadlineExceeded" ? .normal : .warning, failure.reason, failure.message)
      status.reason = failure.reason
      status.message = failure.message
    }
    status.phase = phase
    status.conditions = conditions(phase, status)
    status.observedGeneration = pod.metadata.generation
    if status != pod.status { step.status = status }
  }

  // Nothing of the pod has been on the node, so there is nothing else to say.
  private mutating func report(_ refusal: Refusal) {
    // Whoever replaces the pod does so at once, and must not be kept busy by a node that is full.
    let soonest = (pod.metadata.creationTimestamp ?? .distantPast) + .seconds(1)
    guard soonest <= now else { return step.wake(at: soonest) }
    note(.warning, refusal.reason, refusal.message)
    var status = pod.status
    status.phase = .failed
    status.reason = refusal.reason
    status.message = "Pod was rejected: \(refusal.message)"
    status.startTime = now
    status.observedGeneration = pod.metadata.generation
    step.status = status
  }

  // Final only when nothing runs any more.
  var phase: PodPhase {
    if let phase = pod.status.phase, phase.isTerminal { return phase }
    if let ending, containers.allSatisfy({ $0.alive == nil }) {
      return ending != .failure && mains.allSatisfy { $0.exit?.code == 0 } ? .succeeded : .failed
    }
    return mains.allSatisfy { $0.current != nil } ? .running : .pending
  }
}

// MARK: Containers

extension PodLook {
  private func status(of history: ContainerHistory, before statuses: [ContainerStatus]) -> ContainerStatus {
    let old = statuses.first { $0.name == history.name } ?? ContainerStatus { $0.name = history.name }
    var status = old
    let current = history.current
    status.image = current?.image ?? history.container.image
    status.imageID = current?.imageID ?? ""
    status.containerID = current?.runtimeID
    status.restartCount = current?.id.attempt ?? 0
    status.state = state(of: history, before: old)
    let previous = status.state.waiting == nil ? history.attempts.dropLast().last : current
    if let previous, let exit = previous.exit {
      status.lastState = ContainerState { $0.terminated = exit.state(of: previous.runtimeID) }
    } else if old.restartCount != status.restartCount {
      status.lastState = ContainerState()
    }
    let health = health[history.name]
    status.started = health?.isStarted ?? false
    status.ready =
      history.role == .initial ? history.exit?.code == 0 : health.map { $0.isStarted && $0.isReady } ?? false
    return status
  }

  private func state(of history: ContainerHistory, before old: ContainerStatus) -> ContainerState {
    if let current = history.current, case .running(let since) = current.state {
      return ContainerState { $0.running = ContainerStateRunning { $0.startedAt = since } }
    }
    if let hold = waiting[history.name] {
      return waitingState(hold)
    }
    if let current = history.current, let exit = current.exit {
      // While it is being started again, it keeps saying what it waited for.
      if ending == nil, restarts(history), old.state.waiting != nil { return old.state }
      return ContainerState { $0.terminated = exit.state(of: current.runtimeID) }
    }
    return waitingState(Hold(reason: pod.spec.initContainers.isEmpty ? "ContainerCreating" : "PodInitializing"))
  }

  private func waitingState(_ hold: Hold) -> ContainerState {
    let waiting = ContainerStateWaiting {
      $0.reason = hold.reason
      $0.message = hold.message
    }
    return ContainerState { $0.waiting = waiting }
  }
}

extension ObservedContainer.Exit {
  fileprivate func state(of runtimeID: String) -> ContainerStateTerminated {
    ContainerStateTerminated {
      $0.exitCode = code
      $0.signal = signal
      $0.reason = reason
      $0.message = message
      $0.startedAt = startedAt
      $0.finishedAt = finishedAt
      $0.containerID = runtimeID
    }
  }
}

// MARK: Conditions

extension PodLook {
  private mutating func conditions(_ phase: PodPhase, _ status: PodStatus) -> [PodCondition] {
    var conditions = status.conditions
    let hasSandbox = observed?.addresses.isEmpty == false && !phase.isTerminal
    conditions.set("PodReadyToStartContainers", hasSandbox ? "True" : "False", at: now)
    let incomplete = containers.filter { history in
      switch history.role {
      case .initial: history.exit?.code != 0
      case .sidecar: !isInitialized && health[history.name]?.isStarted != true
      case .main: false
      }
    }
    if phase == .succeeded {
      conditions.set("Initialized", "True", reason: "PodCompleted", at: now)
    } else if incomplete.isEmpty || isInitialized {
      conditions.set("Initialized", "True", at: now)
    } else {
      let message = "containers with incomplete status: \(list(incomplete))"
      conditions.set("Initialized", "False", reason: "ContainersNotInitialized", message: message, at: now)
    }
    let unready = containers.filter { history in
      guard history.role != .initial, let health = health[history.name] else { return history.role != .initial }
      return !(health.isStarted && health.isReady)
    }
    for type in ["Ready", "ContainersReady"] {
      switch phase {
      case .succeeded: conditions.set(type, "False", reason: "PodCompleted", at: now)
      case .failed: conditions.set(type, "False", reason: "PodFailed", at: now)
      case _ where unready.isEmpty: conditions.set(type, "True", at: now)
      default:
        let message = "containers with unready status: \(list(unready))"
        conditions.set(type, "False", reason: "ContainersNotReady", message: message, at: now)
      }
    }
    if conditions["PodScheduled"] == nil { conditions.set("PodScheduled", "True", at: now) }
    for stage in sync.stages { consult(stage) { stage.report(&conditions, &$0) } }
    for index in conditions.indices where Self.ownConditions.contains(conditions[index].type ?? "") {
      conditions[index].observedGeneration = pod.metadata.generation
      // A stage may have taken back what was set above: then nothing has changed, and not now.
      if let before = status.conditions[conditions[index].type ?? ""], before.status == conditions[index].status {
        conditions[index].lastTransitionTime = before.lastTransitionTime
      }
    }
    return conditions
  }

  private static let ownConditions = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"]

  private func list(_ histories: [ContainerHistory]) -> String {
    "[\(histories.map(\.name).joined(separator: " "))]"
  }
}
