import ControlLoop
import Objects
import Pods
import ReplicaSets
import Simulation
import Store

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
func makeView(_ objects: [any Resource]) throws -> View {
  let cluster = Cluster(layers: layers)
  let store = try Store(storage: MemoryStorage(), indexes: cluster.indexes)
  for object in objects {
    let kind = type(of: object).kind
    let key = Key(resource: kind.groupResource, namespace: object.namespace, name: object.name)
    _ = try store.commit([Write(key, .put(object.json), expecting: .absent)])[0].get()
  }
  return cluster.view(of: store.snapshot)
}

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
