import ControlLoop
import Objects
import Store

@testable import Pods

/// One pod on one simulated node, without a store: looks, actions and status writes as the agent makes them, moment by
/// moment. Promises are checked at every write.
struct PodLife {
  var pod: Pod?
  let uid: String
  let runtime: SimulatedRuntime
  let sync: PodSync
  var memory = PodMemory()
  var now = PodLife.start
  /// "Started container web", with the second.
  var notes: [(second: Int, note: Note)] = []
  /// When attempts of each container were ordered, in seconds.
  var starts: [String: [Int]] = [:]
  /// What stages asked for, each thing once.
  var requests: [Request] = []
  var broken: [String] = []
  /// When the pod's object went, in seconds.
  var goneAt: Int?
  var writes = 0
  private var wakeAt: Time? = PodLife.start
  private let view: View

  struct Request: Equatable {
    var stage: String
    var body: Value
  }

  static let start = Time(microseconds: 1_767_225_600_000_000)

  init(
    _ pod: Pod, stages: [any AgentStage] = [],
    behavior: @escaping @Sendable (ContainerConfiguration) -> SimulatedBehavior = SimulatedBehavior.init(of:)
  ) throws {
    var pod = pod
    if pod.uid.isEmpty { pod.metadata.uid = "uid" }
    pod.metadata.generation = 1
    if pod.spec.restartPolicy == nil { pod.spec.restartPolicy = .always }
    pod.status.phase = .pending
    self.pod = pod
    uid = pod.uid
    runtime = SimulatedRuntime(behavior: behavior)
    sync = PodSync(stages: stages, hostAddresses: ["10.0.0.1"])
    let cluster = Cluster(layers: [])
    view = cluster.view(of: try Store(storage: MemoryStorage()).snapshot)
    look()
  }

  var second: Int { Int((now - PodLife.start).components.seconds) }
  var status: PodStatus { pod?.status ?? PodStatus() }

  func container(_ name: String) -> ContainerStatus {
    status.all.first { $0.name == name } ?? ContainerStatus()
  }

  /// Changes the pod as a user would.
  mutating func change(_ body: (inout Pod) -> Void) {
    guard var changed = pod else { return }
    body(&changed)
    pod = changed
    look()
  }

  mutating func delete(grace: Int64 = 30) {
    let end = now + .seconds(grace)
    change { pod in
      pod.metadata.deletionTimestamp = min(end, pod.metadata.deletionTimestamp ?? end)
      pod.metadata.deletionGracePeriodSeconds = grace
    }
  }

  /// The agent's process ends and begins again.
  mutating func restartAgent() {
    memory = PodMemory()
    look()
  }

  /// Lets whole seconds pass, with everything that is due on the way.
  mutating func run(seconds: Int) {
    let end = now + .seconds(seconds)
    while now < end {
      let due = [wakeAt, runtime.advance(to: now)].compactMap(\.self).filter { $0 > now }.min() ?? .distantFuture
      now = min(due, end)
      _ = runtime.advance(to: now)
      if due <= end { look() }
    }
  }

  mutating func look() {
    for round in 0..<50 {
      let observed = runtime.pod(uid)
      let step = sync.next(for: pod, observed: observed, memory: memory, in: view, at: now)
      memory = step.memory
      wakeAt = step.wakeAt
      notes += step.notes.map { (second, $0) }
      for (stage, body) in step.requests where !requests.contains(Request(stage: stage, body: body)) {
        requests.append(Request(stage: stage, body: body))
      }
      for action in step.actions {
        if case .start(let configuration) = action { starts[configuration.id.name, default: []].append(second) }
        runtime.perform(action, at: now)
      }
      write(step)
      if step.actions.isEmpty, step.status == nil, !step.deletesPod { return }
      if round > 40 { broken.append("never comes to rest") }
    }
  }

  private mutating func write(_ step: PodStep) {
    guard let old = pod else { return }
    if let status = step.status {
      notes += old.notes(on: status).map { (second, $0) }
      var new = old
      new.status = status
      writes += 1
      broken += NodeAgent.promises.compactMap { promise in promise.breaks(old, new).map { "\(promise.name): \($0)" } }
      pod = new
    }
    if step.deletesPod {
      goneAt = second
      pod = nil
    }
  }
}

// MARK: As text

extension PodLife {
  /// A row for each container and a column for each second:
  ///
  ///     ● ready  ◐ running  ○ waiting  ↻ back-off  ! cannot start  ✓ ended well  ✗ ended badly
  mutating func timeline(seconds: Int) -> String {
    let names = status.all.map { $0.name ?? "" }
    var rows = names.map { _ in "" }
    for _ in 0..<seconds {
      for (index, name) in names.enumerated() { rows[index].append(container(name).symbol) }
      run(seconds: 1)
    }
    return zip(names, rows).map { "\($0)  \($1)" }.joined(separator: "\n")
  }

  /// "Killing: Stopping container web", without the routine of starting.
  var told: [String] {
    notes.filter { !["Pulled", "Created", "Started"].contains($0.note.reason) }
      .map { "\($0.second)s \($0.note.reason): \($0.note.message)" }
  }
}

extension ContainerStatus {
  var symbol: Character {
    if self.name == nil { return " " }
    if self.state.running != nil { return self.ready == true ? "●" : "◐" }
    if let ended = self.state.terminated { return ended.exitCode == 0 ? "✓" : "✗" }
    return switch self.state.waiting?.reason {
    case "CrashLoopBackOff", "ImagePullBackOff": "↻"
    case "ContainerCreating", "PodInitializing", nil: "○"
    default: "!"
    }
  }
}

// MARK: Pods

extension Pod {
  /// A pod of containers with these images, named a, b, c … unless it is one, which is web.
  static func running(
    _ images: String..., initial: [String] = [], sidecars: [String] = [], restart: RestartPolicy = .always
  ) -> Pod {
    Pod(name: "web", namespace: "default") { pod in
      pod.metadata.uid = "uid"
      pod.spec.nodeName = "node-1"
      pod.spec.restartPolicy = restart
      pod.spec.terminationGracePeriodSeconds = 30
      pod.spec.containers = Self.containers(images, names: images.count == 1 ? ["web"] : ["a", "b", "c", "d"])
      pod.spec.initContainers =
        Self.containers(sidecars, names: ["side", "side-2"]).map { container in
          var sidecar = container
          sidecar.restartPolicy = .always
          return sidecar
        } + Self.containers(initial, names: ["init", "init-2"])
    }
  }

  private static func containers(_ images: [String], names: [String]) -> [Container] {
    zip(names, images).map { name, image in
      Container {
        $0.name = name
        $0.image = image
      }
    }
  }
}
