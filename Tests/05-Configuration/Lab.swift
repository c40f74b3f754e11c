import ControlLoop
import Objects
import Simulation
import Store
import Synchronization

@testable import Configuration
@testable import Pods

/// Nodes whose volumes are values, with the store that they serve; no controllers.
final class Lab {
  let cluster: Cluster
  let store: Store
  let group: NodeAgentGroup
  let hosts: [HostingRuntime]
  private(set) var now = World.epoch
  private var random = SeededGenerator(seed: 1)

  init(nodes: Int = 1, layers: [Layer] = [.pods, .configuration]) throws {
    cluster = Cluster(layers: layers)
    store = try Store(storage: MemoryStorage(), indexes: cluster.indexes)
    hosts = (0..<nodes).map { HostingRuntime(subnet: "10.244.\($0)") }
    let agents = hosts.enumerated().map { index, host in
      let node = NodeDescription(
        name: "node-\(index)", addresses: ["10.0.0.\(index + 1)"], cpu: Quantity(8), memory: Quantity(32 << 30))
      return NodeAgent(node: node, runtime: host)
    }
    group = NodeAgentGroup(agents, cluster: cluster, store: store, seed: 1)
    for object in cluster.layers.flatMap(\.initialObjects) { try perform(.create(object)) }
    run(for: .seconds(2))
  }

  var view: View { cluster.view(of: store.snapshot) }

  func perform(_ intent: Intent) throws {
    guard let write = try cluster.registry.write(for: intent, in: view, at: now, names: &random) else { return }
    _ = try store.commit([write])[0].get()
  }

  func create(_ object: some Resource) throws { try perform(.create(object.json)) }

  func delete(_ object: some Resource) throws { try perform(.delete(object.key, DeleteOptions())) }

  /// Changes the object as it is stored now.
  func update<T: Resource>(_ object: T, _ change: (inout T) -> Void) throws {
    guard var stored = view[T.self, object.key] else { throw StatusError.notFound(object.key) }
    change(&stored)
    try perform(.update(stored.json))
  }

  /// What is wrong with an object, a line for each; empty when it is taken.
  func refusals(_ object: some Resource) -> [String] { refusals(.create(object.json)) }

  func refusals(_ intent: Intent) -> [String] {
    do {
      try perform(intent)
      return []
    } catch let error as StatusError {
      return error.causes.map { "\($0.field): \($0.message)" }
    } catch {
      return ["\(error)"]
    }
  }

  func run(for duration: Duration) {
    let end = now + duration
    while now < end {
      let turn = group.turn(at: now)
      if !turn.didWork { now = min(max(turn.wakeAt ?? end, now + .microseconds(1)), end) }
    }
  }
}

// MARK: What is seen

extension Lab {
  func pod(_ name: String = "web") -> Pod? { view.object(Pod.self, name, in: "default") }

  func waiting(_ name: String = "web") -> ContainerStateWaiting? {
    pod(name)?.status.containerStatuses.first?.state.waiting
  }

  func isRunning(_ name: String = "web") -> Bool { pod(name)?.status.containerStatuses.first?.state.running != nil }

  /// The texts of a volume's files, by path; nil for a volume that is not there.
  func files(_ volume: String, of name: String = "web") -> [String: String]? {
    tree(volume, of: name)?.reduce(into: [:]) { $0[$1.path] = String(decoding: $1.bytes, as: UTF8.self) }
  }

  func modes(_ volume: String, of name: String = "web") -> [String: Int]? {
    tree(volume, of: name)?.reduce(into: [:]) { $0[$1.path] = $1.mode }
  }

  private func tree(_ volume: String, of name: String) -> [VolumeFile]? {
    hosts.compactMap { $0.files(of: volume, inPod: pod(name)?.uid ?? "") }.first
  }

  /// The newest run of a pod's first container, as the runtime was told.
  func configuration(_ name: String = "web") -> ContainerConfiguration? {
    hosts.flatMap(\.started).last { $0.pod.name == name }
  }

  func environment(_ name: String = "web") -> [String: String] {
    (configuration(name)?.environment ?? []).reduce(into: [:]) { $0[$1.name] = $1.value }
  }

  /// Warnings about a pod: "FailedMount: …".
  func warnings(_ name: String = "web") -> [String] {
    view.all(RecordedEvent.self).filter { $0.involvedObject.name == name && $0.type == "Warning" }
      .sorted { ($0.firstTimestamp ?? now, $0.name) < ($1.firstTimestamp ?? now, $1.name) }
      .map { "\($0.reason ?? ""): \($0.message ?? "")" }
  }
}

// MARK: What is made

func configMap(_ name: String, _ data: Mapping<String>) -> ConfigMap {
  ConfigMap(name: name, namespace: "default") { $0.data = data }
}

func configMap(_ data: Mapping<String>) -> ConfigMap { configMap("app", data) }

func secret(_ name: String, _ data: Mapping<String>) -> Secret {
  Secret(name: name, namespace: "default") { $0.stringData = data }
}

func secret(type: String? = nil, _ data: Mapping<String>) -> Secret {
  var secret = secret("app", data)
  secret.type = type
  return secret
}

/// A pod of one container on node-0.
func pod(
  _ name: String = "web", on node: Int = 0, volumes: [Volume] = [], _ change: (inout Container) -> Void = { _ in }
) -> Pod {
  Pod(name: name, namespace: "default") {
    var container = Container {
      $0.name = "main"
      $0.image = "nginx"
      $0.volumeMounts = volumes.map { volume in
        VolumeMount {
          $0.name = volume.name
          $0.mountPath = "/etc/\(volume.name ?? "")"
        }
      }
    }
    change(&container)
    $0.spec.nodeName = "node-\(node)"
    $0.spec.containers = [container]
    $0.spec.volumes = volumes
  }
}

/// A volume from JSON: `volume("config", ["configMap": ["name": "app"]])`.
func volume(_ name: String, _ source: Value) -> Volume {
  var json: Value = ["name": .string(name)]
  for (key, value) in source.members ?? Members() { json[key] = value }
  return Volume(json: json)
}

/// `variable("COLOR", ["configMapKeyRef": ["name": "app", "key": "color"]])`, or with a plain value.
func variable(_ name: String, _ origin: Value) -> EnvVar {
  EnvVar(json: ["name": .string(name), origin.string == nil ? "valueFrom" : "value": origin])
}
