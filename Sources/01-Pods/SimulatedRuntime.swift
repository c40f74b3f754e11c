public import Objects
import Synchronization

/// A runtime in which nothing runs: containers are a few values, and time passes when it is told to. Thousands of nodes
/// fit into one process, and the same calls at the same times always have the same outcome.
public final class SimulatedRuntime: ContainerRuntime {
  public let name = "simulated"
  public let version = "1.0.0"
  private let subnet: String
  private let behavior: @Sendable (ContainerConfiguration) -> SimulatedBehavior
  private let state = Mutex(State())

  private struct State {
    var pods: [String: SimulatedPod] = [:]
    var handlers: [@Sendable (String) -> Void] = []
    var violations: [String] = []
  }

  /// - Parameters:
  ///   - subnet: the first three bytes of the pods' addresses: "10.244.1".
  ///   - behavior: what containers do.
  public init(
    subnet: String = "10.244.0",
    behavior: @escaping @Sendable (ContainerConfiguration) -> SimulatedBehavior = SimulatedBehavior.init(of:)
  ) {
    self.subnet = subnet
    self.behavior = behavior
  }

  /// Orders that no agent should give: a second attempt beside a running one.
  public var violations: [String] { state.withLock { $0.violations } }

  /// Everything is lost, as when the machine loses power.
  public func lose() { state.withLock { $0.pods = [:] } }

  public func pods() -> [ObservedPod] {
    state.withLock { $0.pods.values.map(\.observed) }.sorted {
      let (left, right) = ($0.identity, $1.identity)
      return (left.namespace, left.name, left.uid) < (right.namespace, right.name, right.uid)
    }
  }

  public func pod(_ uid: String) -> ObservedPod? { state.withLock { $0.pods[uid]?.observed } }

  public func onChange(_ notify: @escaping @Sendable (String) -> Void) {
    state.withLock { $0.handlers.append(notify) }
  }

  public func advance(to now: Time) -> Time? {
    let (changed, next, handlers) = state.withLock { state in
      var changed: [String] = []
      for (uid, pod) in state.pods where pod.nextChange ?? .distantFuture <= now {
        state.pods[uid]?.advance(to: now)
        changed.append(uid)
      }
      return (changed.sorted(), state.pods.values.compactMap(\.nextChange).min(), state.handlers)
    }
    for uid in changed { for handler in handlers { handler(uid) } }
    return next
  }

  public func perform(_ action: RuntimeAction, at now: Time) {
    let (uid, handlers) = state.withLock { state in (carryOut(action, in: &state, at: now), state.handlers) }
    for handler in handlers { handler(uid) }
  }

  public func logs(of container: ContainerID, from offset: Int) throws -> LogChunk {
    guard let found = state.withLock({ $0.pods[container.podUID]?.containers.first { $0.observed.id == container } })
    else {
      throw UnknownContainer(id: container)
    }
    let time = found.startedAt.map(\.rfc3339Micro) ?? ""
    let log = Array(
      (found.startedAt == nil ? [] : found.behavior.lines).map { "\(time) stdout F \($0)\n" }.joined().utf8)
    return LogChunk(bytes: Array(log.dropFirst(max(0, offset))), nextOffset: max(offset, log.count))
  }
}

extension SimulatedRuntime {
  // Returns the UID of the pod that it was about.
  private func carryOut(_ action: RuntimeAction, in state: inout State, at now: Time) -> String {
    switch action {
    case .startSandbox(let identity, _):
      if state.pods[identity.uid] == nil {
        let taken = Set(state.pods.values.map(\.address))
        let address = (2...254).lazy.map { "\(self.subnet).\($0)" }.first { !taken.contains($0) } ?? "\(subnet).255"
        state.pods[identity.uid] = SimulatedPod(identity: identity, address: address)
      }
      return identity.uid
    case .start(let configuration):
      let id = configuration.id
      guard var pod = state.pods[id.podUID], !pod.containers.contains(where: { $0.observed.id == id }) else { break }
      if pod.containers.contains(where: { $0.observed.id.name == id.name && $0.isAlive }) {
        state.violations.append("\(configuration.pod.name): \(id.name) is started while it runs")
      }
      let behavior = behavior(configuration)
      let pulls = pod.pulls[id.name, default: 0]
      pod.pulls[id.name] = pulls + 1
      pod.containers.append(
        SimulatedContainer(configuration, behavior, isPulled: pulls >= behavior.failedPulls, at: now))
      state.pods[id.podUID] = pod
      state.pods[id.podUID]?.advance(to: now)
    case .stop(let id, let gracePeriod):
      state.pods[id.podUID]?.change(id) { $0.stop(gracePeriod: .seconds(max(0, gracePeriod)), at: now) }
      state.pods[id.podUID]?.advance(to: now)
    case .remove(let id):
      state.pods[id.podUID]?.containers.removeAll { $0.observed.id == id && !$0.isAlive }
    case .removeSandbox(let identity):
      if state.pods[identity.uid]?.containers.contains(where: \.isAlive) == false { state.pods[identity.uid] = nil }
    }
    return action.podUID
  }
}

extension RuntimeAction {
  /// The pod that it is about.
  var podUID: String {
    switch self {
    case .startSandbox(let identity, _), .removeSandbox(let identity): identity.uid
    case .start(let configuration): configuration.id.podUID
    case .stop(let id, _), .remove(let id): id.podUID
    }
  }
}

private struct SimulatedPod {
  let identity: PodIdentity
  let address: String
  var containers: [SimulatedContainer] = []
  /// How often each container's image was pulled.
  var pulls: [String: Int] = [:]

  init(identity: PodIdentity, address: String) {
    self.identity = identity
    self.address = address
  }

  var observed: ObservedPod {
    ObservedPod(identity: identity, addresses: [address], containers: containers.map(\.observed))
  }

  var nextChange: Time? { containers.compactMap { $0.next?.time }.min() }

  mutating func advance(to now: Time) {
    for index in containers.indices { containers[index].advance(to: now) }
  }

  mutating func change(_ id: ContainerID, _ body: (inout SimulatedContainer) -> Void) {
    if let index = containers.firstIndex(where: { $0.observed.id == id }) { body(&containers[index]) }
  }
}

private struct SimulatedContainer {
  let behavior: SimulatedBehavior
  var observed: ObservedContainer
  /// What it becomes by itself, and when.
  var next: (time: Time, state: ObservedContainer.State)?
  var startedAt: Time?

  init(_ configuration: ContainerConfiguration, _ behavior: SimulatedBehavior, isPulled: Bool, at now: Time) {
    self.behavior = behavior
    let id = configuration.id
    observed = ObservedContainer(
      id: id, runtimeID: "simulated://\(id.podUID)-\(id.name)-\(id.attempt)", image: configuration.image,
      imageID: "simulated://\(configuration.image)", state: .creating)
    let ready = now + behavior.startDelay
    let message = "\(configuration.image): not found"
    next = (
      ready, isPulled ? .running(startedAt: ready) : .failedToStart(reason: "ErrImagePull", message: message, at: ready)
    )
  }

  var isAlive: Bool {
    switch observed.state {
    case .creating, .running: true
    case .exited, .failedToStart: false
    }
  }

  mutating func advance(to now: Time) {
    while let (time, state) = next, time <= now {
      next = nil
      observed.state = state
      if case .running = state { begin(at: time) }
      if !isAlive { observed.isStopping = false }
    }
  }

  private mutating func begin(at start: Time) {
    startedAt = start
    guard
      let run = behavior.runs.indices.contains(observed.id.attempt)
        ? behavior.runs[observed.id.attempt] : behavior.runs.last,
      let duration = run.duration
    else { return }
    next = (start + duration, exit(code: run.exitCode, at: start + duration))
  }

  mutating func stop(gracePeriod: Duration, at now: Time) {
    guard isAlive else { return }
    let killed = now + gracePeriod
    let ended = behavior.stopDelay.map { now + $0 } ?? .distantFuture
    let end = ended < killed ? (ended, exit(code: 0, at: ended)) : (killed, exit(code: 137, signal: 9, at: killed))
    observed.isStopping = true
    // It may end by itself before, or have been given less time already.
    if case .creating = observed.state { next = end }
    if end.0 < next?.time ?? .distantFuture { next = end }
  }

  private func exit(code: Int, signal: Int? = nil, at end: Time) -> ObservedContainer.State {
    .exited(
      .init(
        code: code, signal: signal, reason: code == 0 ? "Completed" : "Error", startedAt: startedAt ?? end,
        finishedAt: end))
  }
}
