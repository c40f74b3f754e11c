public import ControlLoop
import Objects
import Pods
import Simulation
import Store

extension Layer {
  /// Chapter 2.
  public static let replicaSets = Layer(chapter: 2, name: "ReplicaSets") {
    $0.kinds = [ReplicaSet.kind]
    $0.controllers = [ReplicaSetController()]
    $0.invariants = [.noPodBeyondReplicas, .replicaSetsReachTheirSize]
    $0.contributions = UserAction.replicaSets
  }
}

extension Invariant {
  /// A set's controller never makes a pod beyond the largest size that the set has had.
  static let noPodBeyondReplicas = Invariant("no set makes more pods than it should have", .always) {
    var largest: [String: Int] = [:]
    return { view, event, _ in
      guard let event, event.type != .deleted else { return nil }
      if event.record.key.resource == ReplicaSet.kind.groupResource {
        let set = ReplicaSet(json: event.record.value)
        largest[set.uid] = max(largest[set.uid] ?? 0, set.replicas)
      }
      guard event.type == .added, event.record.key.resource == Pod.kind.groupResource,
        let owner = Pod(json: event.record.value).controller, let allowed = largest[owner.uid ?? ""]
      else { return nil }
      let active = view.all(Pod.self, where: Index.owner.name, is: owner.uid ?? "").count { $0.isActive }
      return active > allowed ? "\(owner.name ?? "") has \(active) pods, and never asked for more than \(allowed)" : nil
    }
  }

  /// Left alone, every set ends up with as many pods as it should have, and its status says so.
  static let replicaSetsReachTheirSize = Invariant.eventually(
    "every set reaches its size", within: .seconds(900)
  ) { view, _ in
    for set in view.all(ReplicaSet.self) where !set.isBeingDeleted {
      let active = view.all(Pod.self, controlledBy: set).count { $0.isActive }
      if active != set.replicas { return "\(set.name) has \(active) of \(set.replicas) pods" }
      if set.status.replicas != active { return "\(set.name) reports \(set.status.replicas ?? 0) of \(active) pods" }
      if set.status.observedGeneration != set.metadata.generation { return "\(set.name) has not been looked at" }
    }
    return nil
  }
}

/// What users do to replica sets in simulated worlds.
extension UserAction {
  static let replicaSets = [
    UserAction("create a replica set") { view, random, _ in
      let name = "set-\(random.next() % 3)"
      guard view.object(ReplicaSet.self, name, in: "default") == nil else { return [] }
      let set = ReplicaSet(name: name, namespace: "default") {
        $0.spec.replicas = Int(random.next() % 4)
        $0.spec.selector = LabelSelector { $0.matchLabels = ["set": name] }
        $0.spec.template.metadata.labels = ["set": name]
        $0.spec.template.spec.containers = [
          Container {
            $0.name = "main"
            $0.image = "pause"
          }
        ]
      }
      return [.create(set.json)]
    },
    UserAction("scale a replica set") { view, random, _ in
      guard var set = view.all(ReplicaSet.self).filter({ $0.controller == nil }).randomElement(using: &random) else {
        return []
      }
      set.spec.replicas = Int(random.next() % 6)
      return [.update(set.json)]
    },
    UserAction("take the labels off a pod of a set") { view, random, _ in
      guard var pod = view.all(Pod.self).filter({ $0.controller != nil }).randomElement(using: &random) else {
        return []
      }
      pod.metadata.labels = [:]
      return [.update(pod.json)]
    },
    UserAction("delete a replica set") { view, random, _ in
      guard let set = view.all(ReplicaSet.self).randomElement(using: &random) else { return [] }
      let policy = PropagationPolicy.allCases.randomElement(using: &random)
      return [.delete(set.key, DeleteOptions(propagationPolicy: policy))]
    },
  ]
}
