public import ControlLoop
public import Objects
public import Pods
public import Store

/// Makes volumes of the class `standard`, and of every class that names it: directories on the nodes of this process.
///
/// In Kubernetes as here a provisioner is a program of its own. It acts outside the cluster, so it cannot be a
/// controller: it looks for an ``Errand``, runs it through a ``DirectoryHost``, and then writes down what it has done.
/// If it dies in between it runs the errand again, and nothing comes of that but the same directory.
public final class LocalProvisioner: Participant {
  public let name = StorageClass.localProvisioner
  private let hosts: [String: (any DirectoryHost)?]
  private let cluster: Cluster
  private let store: Store
  private var random: SeededGenerator
  private var queue = WorkQueue<Key>()
  private var watchers: [Watcher] = []

  /// What the nodes of this process can do: nil for those on which nothing is real.
  public static func hosts(of agents: [NodeAgent]) -> [String: (any DirectoryHost)?] {
    Dictionary(agents.map { ($0.node.name, $0.runtime.service((any DirectoryHost).self)) }) { first, _ in first }
  }

  public init(hosts: [String: (any DirectoryHost)?], cluster: Cluster, store: Store, seed: UInt64) {
    self.hosts = hosts
    self.cluster = cluster
    self.store = store
    random = SeededGenerator(seed: seed)
    restart()
  }

  public func restart() {
    queue = WorkQueue()
    let snapshot = store.snapshot
    let resources = [PersistentVolumeClaim.kind.groupResource, PersistentVolume.kind.groupResource]
    watchers = resources.compactMap { try? store.watch($0, after: snapshot.revision) }
    for key in resources.flatMap({ snapshot.records($0) }).map(\.key) { queue.add(key) }
  }

  public func turn(at now: Time) -> Turn {
    do {
      for watcher in watchers {
        while case let events = try watcher.next(max: 1_024), !events.isEmpty {
          for event in events { queue.add(event.record.key) }
        }
      }
    } catch {
      restart()
    }
    var didWork = false
    while let key = queue.next(at: now) {
      didWork = true
      run(key, at: now)
      queue.done(key)
    }
    return Turn(didWork: didWork, wakeAt: queue.nextTime)
  }

  private func run(_ key: Key, at now: Time) {
    let view = cluster.view(of: store.snapshot)
    guard let errand = Errand(for: key, on: Set(hosts.keys), in: view) else { return queue.forget(key) }
    let plan = errand.run(on: hosts[errand.node] ?? nil)
    let notes = cluster.recorder?.intents(for: plan.notes, from: name, in: view, at: now) ?? []
    var executions = [Execution(plan.intents), Execution(notes)]
    _ = cluster.carryOut(&executions, in: store, at: now, names: &random)
    if plan.intents.isEmpty || executions[0].refusal != nil {
      queue.addAfterFailure(key, now: now + Self.pause, jitter: 0)
    }
  }

  /// Before the first attempt after a failure.
  private static let pause = Duration.seconds(10)
}
