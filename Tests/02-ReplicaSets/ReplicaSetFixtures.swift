import ControlLoop
import Objects
import Pods
import ReplicaSets
import Simulation
import Store
import ViewFixtures

/// The layers under test.
let layers: [Layer] = [.pods, .replicaSets]

func makeSet(_ name: String = "web", replicas: Int, _ change: (inout ReplicaSet) -> Void = { _ in }) -> ReplicaSet {
  ReplicaSet(name: name, namespace: "default") {
    $0.spec.replicas = replicas
    $0.spec.selector = LabelSelector { $0.matchLabels = ["app": name] }
    $0.spec.template.metadata.labels = ["app": name]
    $0.spec.template.spec.containers = [
      Container {
        $0.name = "main"
        $0.image = "pause"
      }
    ]
    change(&$0)
  }
}

/// A pod as the store might hold it.
func makePod(_ name: String, labels: Mapping<String> = ["app": "web"], phase: PodPhase = .running) -> Pod {
  Pod(name: name, namespace: "default") {
    $0.metadata.uid = "uid-" + name
    $0.metadata.labels = labels
    $0.metadata.creationTimestamp = World.epoch
    $0.spec.nodeName = "node-1"
    $0.status.phase = phase
  }
}

/// A view of these objects and nothing else.
func makeView(_ objects: [any Resource]) throws -> View { try Cluster(layers: layers).view(of: objects) }

extension World {
  var set: ReplicaSet? { view.object(ReplicaSet.self, "web", in: "default") }

  var pods: [Pod] { view.all(Pod.self, in: "default") }

  var activePods: [Pod] { pods.filter(\.isActive) }

  func change(_ change: (inout ReplicaSet) -> Void) {
    guard var set else { return }
    change(&set)
    perform([.update(set.json)])
  }
}

// MARK: One plan

/// When the plans of the tests are made.
let now = World.epoch + .seconds(1_000)

/// A set that the store has given its identity.
func ownedSet(_ name: String = "web", replicas: Int) -> ReplicaSet {
  makeSet(name, replicas: replicas) { $0.metadata.uid = "set-" + name }
}

/// What the controller wants when it sees these objects and nothing else.
func plan(for set: ReplicaSet, seeing pods: [Pod]) throws -> Plan {
  try ReplicaSetController().reconcile(set.key, in: makeView([set] + pods), at: now)
}

extension Plan {
  var createdPods: [Pod] {
    intents.compactMap { if case .create(let pod) = $0 { Pod(json: pod) } else { nil } }
  }

  var updatedPods: [Pod] {
    intents.compactMap { if case .update(let pod) = $0 { Pod(json: pod) } else { nil } }
  }

  var deletedNames: [String] {
    intents.compactMap { if case .delete(let key, _) = $0 { key.name } else { nil } }
  }

  var status: ReplicaSetStatus? {
    intents.lazy.compactMap { if case .updateStatus(let set) = $0 { ReplicaSet(json: set).status } else { nil } }.first
  }
}

extension Pod {
  func ready(at time: Time) -> Pod {
    var pod = self
    pod.status.conditions.set("Ready", "True", at: time)
    return pod
  }
}

extension Resource {
  var beingDeleted: Self {
    var object = self
    object.metadata.deletionTimestamp = now
    return object
  }
}
