import Configuration
import ControlLoop
import Dispatch
import Foundation
import Objects
import Pods
import Store
import Synchronization
import VolumeFiles

extension Bench {
  /// From the commit of a changed ConfigMap to the last of a thousand pods' files. In this process: the agents of ten
  /// nodes with real files, and no containers.
  static func files(_ report: Report) throws {
    let count = 1_000
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("swiftlet-files-\(getpid())")
    defer { try? FileManager.default.removeItem(at: directory) }
    let lab = try FilesLab(nodes: 10, in: directory.path)
    try lab.write { _ in .create(configMap("blue", after: nil).json) }
    for number in 0..<count { try lab.write { _ in .create(pod(number, on: number % 10).json) } }
    try lab.run(until: count)
    let (cpu, start) = (clock(), ContinuousClock.now)
    try lab.write { .update(configMap("red", after: $0.object(ConfigMap.self, "app", in: "default")).json) }
    try lab.run(until: 2 * count)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let used = Double(clock() - cpu) / Double(CLOCKS_PER_SEC)
    guard try lab.texts().filter({ $0 == "red" }).count == count else {
      throw Unexpected(text: "a file does not say what its ConfigMap says")
    }
    report.cpu(
      "a ConfigMap's change in a file, of 1,000 pods", used / Double(count),
      and: "the last after \(Report.format(seconds)) s", reach: "< 1 s")
  }

  private static func configMap(_ color: String, after stored: ConfigMap?) -> ConfigMap {
    var map = stored ?? ConfigMap(name: "app", namespace: "default")
    map.data["color"] = color
    return map
  }

  private static func pod(_ number: Int, on node: Int) -> Pod {
    Pod(
      json: [
        "apiVersion": "v1", "kind": "Pod",
        "metadata": ["name": .string("web-\(number)"), "namespace": "default"],
        "spec": [
          "nodeName": .string("node-\(node)"),
          "containers": [["name": "main", "image": "pause", "volumeMounts": [["name": "v", "mountPath": "/v"]]]],
          "volumes": [["name": "v", "configMap": ["name": "app"]]],
        ],
      ])
  }
}

/// Nodes whose containers are simulated and whose volumes are files.
private final class FilesLab {
  private let cluster = Cluster(layers: [.pods, .configuration])
  private let store: Store
  private let group: NodeAgentGroup
  private let machines: [FilesMachine]
  private let woken = DispatchSemaphore(value: 0)
  private var names = SeededGenerator(seed: 1)

  init(nodes: Int, in directory: String) throws {
    store = try Store(storage: MemoryStorage(), indexes: cluster.indexes)
    machines = try (0..<nodes).map { try FilesMachine(directory: "\(directory)/node-\($0)") }
    let agents = machines.enumerated().map { number, machine in
      let node = NodeDescription(
        name: "node-\(number)", addresses: ["10.0.0.\(number + 1)"], cpu: Quantity(8), memory: Quantity(32 << 30))
      return NodeAgent(node: node, runtime: machine)
    }
    group = NodeAgentGroup(agents, cluster: cluster, store: store, seed: 1)
    let woken = woken
    group.onReport { woken.signal() }
    for object in cluster.layers.flatMap(\.initialObjects) { try write { _ in .create(object) } }
  }

  private var now: Time { Time(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)) }

  func write(_ intent: (View) -> Intent) throws {
    let view = cluster.view(of: store.snapshot)
    guard let write = try cluster.registry.write(for: intent(view), in: view, at: now, names: &names) else { return }
    for result in store.commit([write]) { _ = try result.get() }
  }

  /// Lets the agents work until files have been laid out so many times.
  func run(until count: Int) throws {
    let end = ContinuousClock.now + .seconds(120)
    while machines.map(\.layouts).reduce(0, +) < count {
      guard ContinuousClock.now < end else { throw Unexpected(text: "files are not laid out") }
      if !group.turn(at: now).didWork { _ = woken.wait(timeout: .now() + .milliseconds(5)) }
    }
  }

  func texts() throws -> [String] { try machines.flatMap { try $0.texts() } }
}

private final class FilesMachine: ContainerRuntime {
  private let containers: SimulatedRuntime
  private let files: VolumeFiles
  private let state = Mutex(State())

  private struct State {
    var pods: [String: PodIdentity] = [:]
    var handlers: [@Sendable (String) -> Void] = []
    var layouts = 0
  }

  init(directory: String) throws {
    containers = SimulatedRuntime(subnet: "10.244.0")
    files = try VolumeFiles(directory: directory)
    files.onChange { [weak self] pod, hasVolumes in self?.changed(pod, hasVolumes) }
  }

  var layouts: Int { state.withLock { $0.layouts } }

  func texts() throws -> [String] {
    try state.withLock { $0.pods.values }.map {
      try String(contentsOfFile: "\(files.path(of: "v", in: $0))/color", encoding: .utf8)
    }
  }

  // Each time that a volume of a pod is another.
  private func changed(_ pod: PodIdentity, _ hasVolumes: Bool) {
    let handlers = state.withLock { state in
      state.pods[pod.uid] = hasVolumes ? pod : nil
      state.layouts += 1
      return state.handlers
    }
    for handler in handlers { handler(pod.uid) }
  }

  func service<Service>(_ type: Service.Type) -> Service? { files as? Service }

  var name: String { containers.name }
  var version: String { containers.version }

  func pods() -> [ObservedPod] {
    let known = containers.pods()
    let others = state.withLock { $0.pods.values }.filter { pod in !known.contains { $0.identity.uid == pod.uid } }
    return known + others.sorted { $0.uid < $1.uid }.map { ObservedPod(identity: $0) }
  }

  func pod(_ uid: String) -> ObservedPod? {
    containers.pod(uid) ?? state.withLock { $0.pods[uid] }.map { ObservedPod(identity: $0) }
  }

  func advance(to now: Time) -> Time? { containers.advance(to: now) }
  func perform(_ action: RuntimeAction, at now: Time) { containers.perform(action, at: now) }

  func onChange(_ notify: @escaping @Sendable (String) -> Void) {
    state.withLock { $0.handlers.append(notify) }
    containers.onChange(notify)
  }

  func logs(of container: ContainerID, from offset: Int) throws -> LogChunk {
    try containers.logs(of: container, from: offset)
  }
}
