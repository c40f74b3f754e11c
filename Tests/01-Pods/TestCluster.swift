import ControlLoop
import Objects
import Pods
import Store

/// The store, the rules and the controllers of chapter 1 without any agent, and a clock that the test moves.
final class TestCluster {
  let cluster: Cluster
  let store: Store
  private(set) var now = Time(microseconds: 1_767_225_600_000_000)
  private let driver: Driver
  private var random = SeededGenerator(seed: 1)

  init(layers: [Layer] = [.pods]) throws {
    cluster = Cluster(layers: layers)
    store = try Store(storage: MemoryStorage(), indexes: cluster.indexes)
    driver = Driver(cluster: cluster, store: store, seed: 1)
    for object in cluster.layers.flatMap(\.initialObjects) { try perform(.create(object)) }
    settle()
  }

  var view: View { cluster.view(of: store.snapshot) }

  /// Writes as a client would. Throws a ``StatusError``, or what the store says.
  func perform(_ intent: Intent) throws {
    guard let write = try cluster.registry.write(for: intent, in: view, at: now, names: &random) else { return }
    _ = try store.commit([write])[0].get()
  }

  func create(_ object: some Resource) throws { try perform(.create(object.json)) }

  func delete(_ object: some Resource, _ options: DeleteOptions = DeleteOptions()) throws {
    try perform(.delete(object.key, options))
  }

  /// Changes the object as it is stored now.
  func update<T: Resource>(_ object: T, _ change: (inout T) -> Void) throws {
    guard var stored = view[T.self, object.key] else { throw StatusError.notFound(object.key) }
    change(&stored)
    try perform(.update(stored.json))
  }

  func updateStatus<T: Resource>(_ object: T, _ change: (inout T) -> Void) throws {
    guard var stored = view[T.self, object.key] else { throw StatusError.notFound(object.key) }
    change(&stored)
    try perform(.updateStatus(stored.json))
  }

  /// Why the wish is refused; nil when it is not.
  func refusal(_ intent: Intent) -> String? {
    do {
      try perform(intent)
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// Lets the controllers work until nothing is due within this time.
  func run(for duration: Duration) {
    let end = now + duration
    while true {
      let turn = driver.turn(at: now)
      if turn.didWork { continue }
      guard let next = turn.wakeAt, next <= end else { break }
      now = max(now, next)
    }
    now = end
  }

  func settle() { run(for: .milliseconds(100)) }
}

extension TestCluster {
  func pod(_ name: String, in namespace: String = "default") -> Pod? { view.object(Pod.self, name, in: namespace) }

  /// The events about an object, as text, oldest first.
  func events(about name: String) -> [String] {
    view.all(RecordedEvent.self).filter { $0.involvedObject.name == name }
      .sorted { ($0.firstTimestamp ?? now, $0.name) < ($1.firstTimestamp ?? now, $1.name) }
      .map { "\($0.type ?? "") \($0.reason ?? "") x\($0.count ?? 0): \($0.message ?? "")" }
  }

  /// A node whose agent has just reported.
  func addNode(_ name: String, pods: Int64 = 110) throws {
    let node = Node(name: name)
    try create(node)
    let reported = now
    try updateStatus(node) {
      $0.status.allocatable["pods"] = Quantity(pods)
      $0.status.conditions.set("Ready", "True", reason: "KubeletReady", at: reported)
      for index in $0.status.conditions.indices { $0.status.conditions[index].lastHeartbeatTime = reported }
    }
  }

  /// What a living agent does every ten seconds.
  func renewLease(of node: String) throws {
    let lease = Lease(name: node, namespace: "kube-node-lease")
    let now = MicroTime(now)
    if view[Lease.self, lease.key] == nil { try create(lease) }
    try update(lease) { $0.spec.renewTime = now }
  }
}

/// A pod of one container.
func pod(_ name: String, in namespace: String = "default", _ change: (inout Pod) -> Void = { _ in }) -> Pod {
  Pod(name: name, namespace: namespace) {
    $0.spec.containers = [
      Container {
        $0.name = "main"
        $0.image = "pause"
      }
    ]
    change(&$0)
  }
}
