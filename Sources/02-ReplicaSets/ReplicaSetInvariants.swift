public import ControlLoop
import Objects
import Pods
import Store

extension Layer {
  /// Chapter 2.
  public static let replicaSets = Layer(chapter: 2, name: "ReplicaSets") {
    $0.kinds = [ReplicaSet.kind]
    $0.controllers = [ReplicaSetController()]
    $0.invariants = [.noPodBeyondReplicas, .replicaSetsReachTheirSize]
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
