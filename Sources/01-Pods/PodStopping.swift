import ControlLoop
import Objects

// How a pod ends: containers are asked, then killed when their time is over; when none is left, everything else goes.

extension PodLook {
  var gracePeriod: Duration { .seconds(pod.spec.terminationGracePeriodSeconds ?? 30) }

  // Everything but sidecars at once; then these, the last one first.
  mutating func stopAll() {
    let patience = isOrphan ? .seconds(1) : failure?.gracePeriod ?? gracePeriod
    let deadline = pod.metadata.deletionTimestamp ?? step.memory.stopBy ?? now + patience
    step.memory.stopBy = deadline
    let sidecars = containers.filter { $0.role == .sidecar }.reversed()
    for group in [containers.filter { $0.role != .sidecar }] + sidecars.map({ [$0] }) {
      let alive = group.filter { $0.alive != nil }
      for history in alive { stop(history, by: deadline, "Stopping container \(history.name)") }
      if !alive.isEmpty { return }
    }
    clearAway()
  }

  mutating func stop(_ history: ContainerHistory, by deadline: Time, _ why: String) {
    guard let container = history.alive else { return }
    let agreed = step.memory[history.name].stopBy
    if let agreed, agreed <= deadline, container.isStopping { return }
    if agreed == nil, !container.isStopping { note(.normal, "Killing", why, about: history) }
    let deadline = min(deadline, agreed ?? deadline)
    step.memory[history.name].stopBy = deadline
    let isAllowed = allowsStop(history, by: deadline)
    guard isAllowed || deadline <= now else { return step.wake(at: deadline) }
    let (seconds, fraction) = (deadline - now).components
    let gracePeriod = max(isAllowed ? 0 : Self.lastSeconds, Int(seconds) + (fraction > 0 ? 1 : 0))
    step.actions.append(.stop(container.id, gracePeriod: gracePeriod))
  }

  // All stages are asked, for each may have something to finish.
  private mutating func allowsStop(_ history: ContainerHistory, by deadline: Time) -> Bool {
    guard let running = history.current, history.isRunning, !running.isStopping else { return true }
    var isAllowed = true
    for stage in sync.stages {
      let answer = consult(stage) { stage.allowsStop(of: history.container, running: running, by: deadline, &$0) }
      isAllowed = isAllowed && answer
    }
    return isAllowed
  }

  /// For a container whose time was used up before it was asked to end.
  private static let lastSeconds = 2

  private mutating func clearAway() {
    var isClean = true
    for stage in sync.stages { isClean = consult(stage) { stage.cleanUp(&$0) } && isClean }
    guard isClean else { return step.wake(at: now + Self.retryPause) }
    // The logs stay for as long as the object does.
    guard ending == .deletion else { return }
    if observed == nil { step.deletesPod = !isOrphan } else { step.actions.append(.removeSandbox(identity)) }
  }

  // The last two attempts stay, so that their logs can be read.
  mutating func forgetOldAttempts() {
    for history in containers {
      let old = history.attempts.dropLast(2).filter { $0.exit != nil }
      step.actions += old.map { .remove($0.id) }
    }
  }
}
