import ControlLoop
import Deployments
import Objects
import Pods
import Store
import Synchronization

@testable import Probes

/// One node with its agent, and one pod on it; second by second.
final class Clinic {
  static let start = Time(microseconds: 1_767_225_600_000_000)

  let cluster = Cluster(layers: [.pods, .probes])
  let store: Store
  let runtime: AskedRuntime
  private(set) var now = Clinic.start
  private let group: NodeAgentGroup
  private var random: SeededGenerator

  /// - Parameters:
  ///   - runner: nil leaves the answers to the image's name.
  ///   - seed: for the pod's UID.
  init(_ pod: Pod, runner: ScriptedRunner? = nil, seed: UInt64 = 1) throws {
    random = SeededGenerator(seed: seed)
    store = try Store(storage: MemoryStorage(), indexes: cluster.indexes)
    runtime = AskedRuntime(runner)
    let node = NodeDescription(name: "node-1", addresses: ["10.0.0.1"], cpu: Quantity(8), memory: Quantity(32 << 30))
    group = NodeAgentGroup([NodeAgent(node: node, runtime: runtime)], cluster: cluster, store: store, seed: 1)
    for object in cluster.layers.flatMap(\.initialObjects) { try perform(.create(object)) }
    var pod = pod
    pod.spec.nodeName = "node-1"
    try perform(.create(pod.json))
    settle()
  }

  var view: View { cluster.view(of: store.snapshot) }
  var second: Int { Int((now - Clinic.start).components.seconds) }
  var pod: Pod? { view.object(Pod.self, "web", in: "default") }

  func container(_ name: String = "web") -> ContainerStatus? {
    pod.flatMap { ($0.status.initContainerStatuses + $0.status.containerStatuses).first { $0.name == name } }
  }

  func perform(_ intent: Intent) throws {
    guard let write = try cluster.registry.write(for: intent, in: view, at: now, names: &random) else { return }
    _ = try store.commit([write])[0].get()
    settle()
  }

  func delete(grace: Int64? = nil) throws {
    try perform(.delete(Pod.key("web", in: "default"), DeleteOptions(gracePeriodSeconds: grace)))
  }

  func setCondition(_ type: String, _ status: String) throws {
    guard var changed = pod else { return }
    changed.status.conditions.set(type, status, at: now)
    try perform(.updateStatus(changed.json))
  }

  func restartAgent() {
    group.restart()
    settle()
  }

  func settle() { run(seconds: 0) }

  func run(seconds: Int) {
    let end = now + .seconds(seconds)
    while true {
      let turn = group.turn(at: now)
      if turn.didWork { continue }
      guard let next = turn.wakeAt, next <= end else { break }
      now = max(now, next)
    }
    now = end
  }

  /// When the pod's object went, in seconds from now on at most so many.
  func seconds(untilGoneWithin limit: Int) -> Int? {
    for passed in 0..<limit {
      if pod == nil { return passed }
      run(seconds: 1)
    }
    return nil
  }

  /// What was told about the pod, in the order in which it was told first, apart from what is told of every start.
  var told: [String] {
    view.all(RecordedEvent.self).filter { !["Pulled", "Created", "Started"].contains($0.reason ?? "") }
      .filter { $0.involvedObject.kind == "Pod" }
      .sorted { ($0.firstTimestamp ?? now, $0.reason ?? "") < ($1.firstTimestamp ?? now, $1.reason ?? "") }
      .map { event in
        let second = Int(((event.firstTimestamp ?? now) - Clinic.start).components.seconds)
        return "\(second)s \(event.type ?? "") \(event.reason ?? "") x\(event.count ?? 0): \(event.message ?? "")"
      }
  }

  /// A row for each container and a column for each second:
  ///
  ///     ● ready  ◐ started  ◌ running  · waiting  ↻ back-off  ✗ ended
  func timeline(seconds: Int) -> String {
    let names = pod.map { ($0.spec.initContainers + $0.spec.containers).compactMap(\.name) } ?? []
    var rows = names.map { _ in "" }
    for _ in 0..<seconds {
      for (index, name) in names.enumerated() { rows[index].append(symbol(of: container(name))) }
      run(seconds: 1)
    }
    return zip(names, rows).map { "\($0)  \($1)" }.joined(separator: "\n")
  }

  private func symbol(of status: ContainerStatus?) -> Character {
    guard let status else { return " " }
    if status.state.running != nil { return status.ready == true ? "●" : status.started == true ? "◐" : "◌" }
    if status.state.terminated != nil { return "✗" }
    return status.state.waiting?.reason == "CrashLoopBackOff" ? "↻" : "·"
  }
}

/// A simulated runtime whose containers can be asked.
final class AskedRuntime: ContainerRuntime {
  let inner = SimulatedRuntime()
  let runner: ScriptedRunner?
  private let configurations = Mutex<[ContainerConfiguration]>([])

  init(_ runner: ScriptedRunner?) { self.runner = runner }

  var name: String { inner.name }
  var version: String { inner.version }
  func pods() -> [ObservedPod] { inner.pods() }
  func pod(_ uid: String) -> ObservedPod? { inner.pod(uid) }
  func advance(to now: Time) -> Time? { inner.advance(to: now) }
  /// What the runtime was told of the containers that it started.
  var started: [ContainerConfiguration] { configurations.withLock { $0 } }

  func perform(_ action: RuntimeAction, at now: Time) {
    if case .start(let configuration) = action { configurations.withLock { $0.append(configuration) } }
    inner.perform(action, at: now)
  }

  func logs(of container: ContainerID, from offset: Int) throws -> LogChunk {
    try inner.logs(of: container, from: offset)
  }
  func service<Service>(_ type: Service.Type) -> Service? { runner as? Service }

  func onChange(_ notify: @escaping @Sendable (String) -> Void) {
    inner.onChange(notify)
    runner?.onResult(notify)
  }
}

/// Answers as the test says, at once or when the test lets it.
final class ScriptedRunner: ProbeRunner {
  private let answer: @Sendable (Check) -> (CheckResult.Outcome, String)?
  private let state = Mutex(State())

  private struct State {
    var checks: [Check] = []
    var results: [CheckResult] = []
    var forgotten: [String] = []
    var listeners: [@Sendable (String) -> Void] = []
  }

  /// - Parameter answer: nil for a check that is under way until ``finish(_:_:)``.
  init(_ answer: @escaping @Sendable (Check) -> (CheckResult.Outcome, String)?) { self.answer = answer }

  /// All that was asked, in order.
  var checks: [Check] { state.withLock { $0.checks } }
  var forgotten: [String] { state.withLock { $0.forgotten } }

  func asked(_ purpose: Check.Purpose) -> [Check] { checks.filter { $0.purpose == purpose } }

  func begin(_ check: Check, of pod: PodIdentity) {
    state.withLock { $0.checks.append(check) }
    if let (outcome, output) = answer(check) { finish(check, outcome, output) }
  }

  func finish(_ check: Check, _ outcome: CheckResult.Outcome, _ output: String = "") {
    let listeners = state.withLock { state in
      state.results.append(CheckResult(id: check.id, outcome: outcome, output: output))
      return state.listeners
    }
    for listener in listeners { listener(check.container.podUID) }
  }

  func results(of podUID: String) -> [CheckResult] { state.withLock { $0.results } }
  func forget(_ podUID: String) { state.withLock { $0.forgotten.append(podUID) } }

  func onResult(_ notify: @escaping @Sendable (String) -> Void) { state.withLock { $0.listeners.append(notify) } }
}

/// A pod of one container, web.
func web(_ image: String, _ change: (inout Container) -> Void = { _ in }) -> Pod {
  Pod(name: "web", namespace: "default") {
    var container = Container {
      $0.name = "web"
      $0.image = image
    }
    change(&container)
    $0.spec.containers = [container]
  }
}

/// Two pods like that, kept by a deployment.
func deployment(_ image: String, _ change: (inout Container) -> Void = { _ in }) -> Deployment {
  Deployment(name: "web", namespace: "default") {
    $0.spec.replicas = 2
    $0.spec.selector = LabelSelector { $0.matchLabels = ["app": "web"] }
    $0.spec.template.metadata.labels = ["app": "web"]
    $0.spec.template.spec = web(image, change).spec
  }
}

/// A probe that asks for "/" on port 80.
func probe(period: Int = 1, failures: Int = 1, successes: Int = 1, delay: Int = 0) -> Probe {
  Probe {
    $0.httpGet = HTTPGetAction { $0.port = .integer(80) }
    $0.periodSeconds = period
    $0.failureThreshold = failures
    $0.successThreshold = successes
    $0.initialDelaySeconds = delay
  }
}

func command(_ words: String...) -> LifecycleHandler {
  LifecycleHandler { $0.exec = ExecAction { $0.command = words } }
}

func rest(_ seconds: Int64) -> LifecycleHandler {
  LifecycleHandler { $0.sleep = SleepAction { $0.seconds = seconds } }
}
