import Configuration
import ControlLoop
import Deployments
import Jobs
import Objects
import Pods
import Probes
import ReplicaSets
import Scheduling
import Services
import Simulation
import Store
import Volumes

/// A store of chapter 9 whose controllers run only when a test asks one of them.
struct Rack {
  let cluster: Cluster
  let store: Store
  var now = World.epoch
  private var names = SeededGenerator(seed: 9)

  init(layers: [Layer] = [.pods, .replicaSets, .deployments, .services, .configuration, .volumes, .scheduling]) throws {
    cluster = Cluster(layers: layers)
    store = try Store(storage: MemoryStorage(), indexes: cluster.indexes)
    for object in layers.flatMap(\.initialObjects) { try write(.create(object)) }
  }

  var view: View { cluster.view(of: store.snapshot) }

  /// What a user writes; throws what the API answers to it.
  mutating func write(_ intent: Intent) throws {
    guard let write = try cluster.registry.write(for: intent, in: view, at: now, names: &names) else { return }
    if case .failure(let error) = store.commit([write])[0] { throw StatusError(error, for: write.key) }
  }

  mutating func carryOut(_ plan: Plan) throws {
    for intent in plan.intents { try write(intent) }
  }

  /// Asks a controller for its plan, and carries it out.
  @discardableResult
  mutating func run(_ controller: any Controller, _ key: Key) throws -> Plan {
    let plan = try controller.reconcile(key, in: view, at: now)
    for intent in plan.intents {
      var intent = intent
      // A plan may write an object twice: the second write is about what the first has left.
      if case .updateStatus(let value) = intent { intent = .updateStatus(latest(value)) }
      if case .update(let value) = intent { intent = .update(latest(value)) }
      try write(intent)
    }
    return plan
  }

  private func latest(_ value: Value) -> Value {
    var object = Object(json: value)
    object.metadata.resourceVersion = nil
    return object.json
  }

  func pod(_ name: String) -> Pod? { view.object(Pod.self, name, in: "default") }
  func node(_ name: String) -> Node? { view.object(Node.self, name) }

  @discardableResult
  mutating func add(_ pod: Pod) throws -> Pod {
    try write(.create(pod.json))
    return view.object(Pod.self, pod.name, in: pod.namespace) ?? pod
  }

  /// A node that has said how it is.
  mutating func addNode(
    _ name: String, zone: String? = nil, ready: String = "True", taints: [Taint] = [], cpu: Int64 = 4
  ) throws {
    let node = Node(name: name) {
      if let zone { $0.metadata.labels["topology.kubernetes.io/zone"] = zone }
      $0.spec.taints = taints
    }
    try write(.create(node.json))
    let now = now
    try report(name) {
      $0.conditions.set("Ready", ready, at: now)
      $0.allocatable = ["cpu": Quantity(cpu), "memory": Quantity(8 << 30), "pods": Quantity(110)]
      $0.capacity = $0.allocatable
    }
    try change(name) { $0.taints.removeAll { $0.key == TaintKey.notReady } }
  }

  mutating func report(_ node: String, _ change: (inout NodeStatus) -> Void) throws {
    guard var node = self.node(node) else { return }
    change(&node.status)
    try write(.updateStatus(node.json))
  }

  mutating func change(_ node: String, _ change: (inout NodeSpec) -> Void) throws {
    guard var node = self.node(node) else { return }
    change(&node.spec)
    try write(.update(node.json))
  }

  /// Assigns a pod to a node, as a scheduler does.
  mutating func bind(_ pod: String, to node: String) throws {
    guard let pod = self.pod(pod) else { return }
    try write(.writeSubresource(pod.key, "binding", Binding(pod, to: node).json))
  }
}

func makePod(_ name: String, cpu: String? = nil, _ change: (inout Pod) -> Void = { _ in }) -> Pod {
  Pod(name: name, namespace: "default") { pod in
    pod.spec.containers = [
      Container {
        $0.name = "main"
        $0.image = "pause"
        if let cpu { $0.resources.requests["cpu"] = try? Quantity(cpu) }
      }
    ]
    change(&pod)
  }
}
