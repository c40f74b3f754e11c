import ControlLoop
import Objects

// How a pod comes up and stays up: its sandbox, init containers in their order, sidecars, then all others; and what
// happens between an attempt that has ended and the next one.

extension PodLook {
  mutating func run() {
    step.wake(at: deadline)
    for stage in sync.stages {
      guard let hold = consult(stage, { stage.hold(&$0) }) else { continue }
      for history in containers where history.current == nil { waiting[history.name] = hold }
      return
    }
    guard let observed, !observed.addresses.isEmpty else { return startSandbox() }
    for history in inTurn { keepRunning(history) }
  }

  /// The containers to look after: all that the pod's start has reached, up to the one it waits for.
  var inTurn: [ContainerHistory] {
    let isInitialized = self.isInitialized
    var reached: [ContainerHistory] = []
    for history in containers {
      if history.role == .initial, isInitialized || history.exit?.code == 0 { continue }
      reached.append(history)
      // The next one waits: for the end of an init container, for a sidecar to be up.
      if history.role == .initial || (history.role == .sidecar && !isInitialized && !isUp(history)) { break }
    }
    return reached
  }

  private mutating func startSandbox() {
    if let failure = observed?.sandboxFailure {
      if let retry = step.memory.sandboxRetry, now < retry { return step.wake(at: retry) }
      step.memory.sandboxRetry = now + Self.retryPause
      step.wake(at: step.memory.sandboxRetry)
      note(.warning, "FailedCreatePodSandBox", "Failed to create pod sandbox: \(failure)")
    }
    let usesHostNetwork = pod.spec.hostNetwork == true
    step.actions.append(.startSandbox(identity, extensions: usesHostNetwork ? ["hostNetwork": true] : [:]))
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
      } else if let health = health[history.name], let failure = health.failure {
        stop(history, by: now + (health.gracePeriod ?? gracePeriod), failure)
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
  static let retryPause = Duration.seconds(10)
  /// How long ErrImagePull is shown before it becomes ImagePullBackOff.
  private static let errorShown = Duration.seconds(5)
}
