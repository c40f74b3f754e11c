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
import StatefulSets
import Store
import ViewFixtures
import Volumes

@testable import DaemonSets

/// The layers under test.
let layers: [Layer] = [
  .pods, .replicaSets, .deployments, .services, .configuration, .volumes, .probes, .jobs, .scheduling, .statefulSets,
  .daemonSets,
]

/// When the plans of the tests are made.
let now = World.epoch + .seconds(1_000)

func makeSet(
  _ name: String = "agent", unavailable: Int = 1, surge: Int = 0, image: String = "agent:2",
  _ change: (inout DaemonSet) -> Void = { _ in }
) -> DaemonSet {
  DaemonSet(name: name, namespace: "default") {
    $0.spec.selector = LabelSelector { $0.matchLabels = ["app": name] }
    $0.spec.updateStrategy.type = .rollingUpdate
    $0.spec.updateStrategy.rollingUpdate = RollingUpdateDaemonSet {
      $0.maxUnavailable = .integer(unavailable)
      $0.maxSurge = .integer(surge)
    }
    $0.spec.template.metadata.labels = ["app": name]
    $0.spec.template.spec.containers = [
      Container {
        $0.name = "main"
        $0.image = image
      }
    ]
    change(&$0)
  }
}

/// A set that the store has given its identity.
func storedSet(
  unavailable: Int = 1, surge: Int = 0, _ change: (inout DaemonSet) -> Void = { _ in }
) -> DaemonSet {
  makeSet(unavailable: unavailable, surge: surge) {
    $0.metadata.uid = "set"
    change(&$0)
  }
}

func makeNode(_ name: String = "node-1", labels: Mapping<String> = [:], taints: [Taint] = []) -> Node {
  Node(name: name) {
    $0.metadata.uid = name
    $0.metadata.labels = labels
    $0.spec.taints = taints
  }
}

/// A pod of the set as the store might hold it.
/// - Parameters:
///   - isNew: whether it is made from the set's template of today.
///   - ready: since when it has been ready; nil when it is not.
func makePod(
  _ name: String, of set: DaemonSet, on node: String = "node-1", isNew: Bool = true, ready: Time? = World.epoch,
  phase: PodPhase = .running, created: Time = World.epoch
) -> Pod {
  Pod(name: name, namespace: "default") {
    $0.metadata.uid = "uid-" + name
    $0.metadata.creationTimestamp = created
    $0.metadata.labels = set.spec.template.metadata.labels
    $0.metadata.labels[DaemonSet.hashLabel] = isNew ? set.currentHash : "old"
    $0.metadata.ownerReferences = [OwnerReference(controller: set)]
    $0.spec.nodeName = node
    $0.status.phase = phase
    if let ready { $0.status.conditions.set("Ready", "True", at: ready) }
  }
}

extension DaemonSet {
  var currentHash: String { template.hash(collisionCount: collisionCount ?? 0) }
}

extension Resource {
  var beingDeleted: Self {
    var object = self
    object.metadata.deletionTimestamp = now
    return object
  }
}

/// A view of these objects and nothing else.
func makeView(_ objects: [any Resource]) throws -> View { try Cluster(layers: layers).view(of: objects) }

/// The revision of the set's template, as its controller has made it.
func currentRevision(of set: DaemonSet, number: Int64 = 1) throws -> ControllerRevision {
  var history = RevisionHistory(of: set, in: try makeView([set]))
  var revision = history.update(in: try makeView([set]))
  revision.metadata.uid = "revision"
  revision.revision = number
  return revision
}

/// What the controller wants when it sees these objects, and the set's revision, and nothing else.
func plan(for set: DaemonSet, seeing objects: [any Resource], at time: Time = now) throws -> Plan {
  try DaemonSetController().reconcile(
    set.key, in: makeView([set, currentRevision(of: set)] + objects), at: time)
}

extension Plan {
  var createdPods: [Pod] {
    intents.compactMap { if case .create(let pod) = $0, pod["kind"] == "Pod" { Pod(json: pod) } else { nil } }
  }

  var updatedPods: [Pod] {
    intents.compactMap { if case .update(let pod) = $0, pod["kind"] == "Pod" { Pod(json: pod) } else { nil } }
  }

  /// For which nodes pods are made.
  var filled: [String] { createdPods.compactMap(\.daemonNode) }

  var deleted: [String] {
    intents.compactMap { if case .delete(let key, _) = $0 { key.name } else { nil } }
  }

  var status: DaemonSetStatus? {
    intents.lazy.compactMap { if case .updateStatus(let set) = $0 { DaemonSet(json: set).status } else { nil } }.first
  }
}

// MARK: Worlds

extension World {
  /// A world with three ready nodes.
  static func ready(seed: UInt64 = 1) throws -> World {
    let world = try World(layers: layers, seed: seed)
    world.run(for: .seconds(15))
    return world
  }

  var set: DaemonSet? { view.object(DaemonSet.self, "agent", in: "default") }

  var pods: [Pod] { view.all(Pod.self, in: "default").filter(\.isActive) }

  var revisions: [ControllerRevision] { view.all(ControllerRevision.self, in: "default") }

  /// The nodes with a ready pod, one name for each pod.
  var served: [String] { pods.filter(\.isReady).compactMap(\.spec.nodeName).sorted() }

  func change(_ change: (inout DaemonSet) -> Void) {
    guard var set else { return }
    change(&set)
    perform([.update(set.json)])
  }

  func setImage(_ image: String) {
    change { $0.spec.template.spec.containers[0].image = image }
  }

  func change(node name: String, _ change: (inout Node) -> Void) {
    guard var node = view.object(Node.self, name) else { return }
    change(&node)
    perform([.update(node.json)])
  }

  var reasons: Set<String> { Set(view.all(RecordedEvent.self).compactMap(\.reason)) }
}
