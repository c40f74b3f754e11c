import Objects

/// What is known of one container of a pod: its attempts, as the runtime reports them, and the one that the pod's
/// status remembers where the runtime has forgotten it.
struct ContainerHistory {
  enum Role {
    /// Runs to its end before the next one starts.
    case initial
    /// An init container that stays.
    case sidecar
    case main
  }

  let container: Container
  let role: Role
  /// Those that have run, oldest first.
  let attempts: [ObservedContainer]
  /// The newest attempt, while it is being made or when it could not be.
  let upcoming: ObservedContainer?

  var name: String { container.name ?? "" }
  var current: ObservedContainer? { attempts.last }
  var exit: ObservedContainer.Exit? { current?.exit }
  var isRunning: Bool { current.map { $0.exit == nil } ?? false }

  /// What has to be stopped when the pod ends.
  var alive: ObservedContainer? {
    if let upcoming, case .creating = upcoming.state { return upcoming }
    return isRunning ? current : nil
  }

  /// As events name it: "spec.containers{web}".
  var fieldPath: String { "spec.\(role == .main ? "containers" : "initContainers"){\(name)}" }

  init(
    _ container: Container, _ role: Role, observed: ObservedPod?, status: ContainerStatus?, uid: String, at now: Time
  ) {
    self.container = container
    self.role = role
    let all = observed?.containers.filter { $0.id.name == container.name } ?? []
    let ran = all.filter(\.hasRun)
    let remembered = status.flatMap { Self.remembered($0, uid: uid, at: now) }
    let forgotten = remembered.map { [$0] }?.filter { one in !ran.contains { $0.id == one.id } } ?? []
    attempts = (ran + forgotten).sorted { $0.id.attempt < $1.id.attempt }
    upcoming = all.last.flatMap { $0.hasRun ? nil : $0 }
  }

  private static func remembered(_ status: ContainerStatus, uid: String, at now: Time) -> ObservedContainer? {
    let exit: ObservedContainer.Exit
    if let running = status.state.running {
      exit = ObservedContainer.Exit(
        code: 137, reason: "ContainerStatusUnknown",
        message: "The container could not be located when the pod was terminated",
        startedAt: running.startedAt ?? now, finishedAt: now)
    } else if let ended = status.state.terminated ?? status.lastState.terminated {
      exit = ObservedContainer.Exit(
        code: ended.exitCode ?? 0, signal: ended.signal, reason: ended.reason ?? "", message: ended.message,
        startedAt: ended.startedAt ?? now, finishedAt: ended.finishedAt ?? now)
    } else {
      return nil
    }
    return ObservedContainer(
      id: ContainerID(podUID: uid, name: status.name ?? "", attempt: status.restartCount ?? 0),
      runtimeID: status.containerID ?? "", image: status.image ?? "", imageID: status.imageID ?? "",
      state: .exited(exit))
  }
}

extension ObservedContainer {
  var exit: Exit? {
    if case .exited(let exit) = state { exit } else { nil }
  }

  var hasRun: Bool {
    switch state {
    case .running, .exited: true
    case .creating, .failedToStart: false
    }
  }
}
