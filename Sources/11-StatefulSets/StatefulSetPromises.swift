import ControlLoop
import Objects
import Pods
import Store
import Volumes

extension Invariant {
  /// A number is one pod at a time, because it is the pod's name.
  static let podsAreWhoTheySay = Invariant.always("a pod of a set has one number, and all that goes with it") {
    view, event, _ in
    guard let (pod, set) = member(of: view, in: event), event?.type == .added else { return nil }
    guard let ordinal = set.ordinal(of: pod) else { return "\(pod.name) has no number in \(set.name)" }
    if pod.spec.hostname != pod.name { return "\(pod.name) is called \(pod.spec.hostname ?? "nothing")" }
    let isComplete = set.labelled(pod, ordinal) == pod && set.hasClaims(pod, ordinal)
    return isComplete ? nil : "\(pod.name) lacks labels or claims of its number"
  }

  /// In an order, a pod is made when every pod before it is ready, as far as the controller has seen: each was at least
  /// once.
  static let podsComeInOrder = Invariant("an ordered set makes a pod when all before it have become ready", .always) {
    var latest: [String: String] = [:]
    var ready: Set<String> = []
    return { view, event, _ in
      guard let (pod, set) = member(of: view, in: event), event?.type != .deleted else { return nil }
      guard let ordinal = set.ordinal(of: pod) else { return nil }
      if pod.runsReady { ready.insert(pod.uid) }
      latest["\(set.uid)/\(ordinal)"] = pod.uid
      guard event?.type == .added, set.isOrdered, set.ordinals.contains(ordinal) else { return nil }
      let early = (set.ordinals.lowerBound..<ordinal).first { before in
        latest["\(set.uid)/\(before)"].map { !ready.contains($0) } ?? true
      }
      return early.map { "\(pod.name) came when \(set.podName($0)) had never been ready" }
    }
  }

  /// Nobody takes a place that may still be taken: a pod on a node is gone when the node's agent says so, or when the
  /// node is gone itself.
  static let podsAreAskedToEnd = Invariant.always("a pod of a set on a node goes after it has been asked to end") {
    view, event, _ in
    guard let (pod, _) = member(of: view, in: event), event?.type == .deleted, !pod.isFinished,
      let node = pod.spec.nodeName, view.object(Node.self, node) != nil
    else { return nil }
    return pod.isBeingDeleted ? nil : "\(pod.name) was taken from \(node)"
  }

  static let claimsAreRetained = Invariant.eventually(
    "a claim that is to be retained belongs to nobody", within: .seconds(900)
  ) { view, _ in
    for set in view.all(StatefulSet.self) where !set.isBeingDeleted && set.retainsClaims {
      for ordinal in set.ordinals {
        for (_, wanted) in set.claims(ordinal) {
          let claim = view[PersistentVolumeClaim.self, wanted.key]
          if claim?.metadata.ownerReferences.contains(where: { $0.uid == set.uid }) == true, set.isAtRest {
            return "\(claim?.name ?? "") belongs to \(set.name)"
          }
        }
      }
    }
    return nil
  }

  /// Left alone, every set has its pods, and as long as it may do without one more, none is out of date. A set that goes
  /// by an order may wait for a pod that never becomes ready.
  static let statefulSetsComplete = Invariant.eventually(
    "every set ends up complete, or waits for a pod", within: .seconds(1_800)
  ) { view, now in
    for set in view.all(StatefulSet.self) where !set.isBeingDeleted {
      if set.status.observedGeneration != set.metadata.generation { return "\(set.name) has not been looked at" }
      // A pod of nobody's may have one of the names: until somebody deletes it, the set has to do without that number.
      let namesakes = set.ordinals.compactMap { view.object(Pod.self, set.podName($0), in: set.namespace) }
      if namesakes.contains(where: { $0.controller?.uid != set.uid }) { continue }
      let pods = view.all(Pod.self, controlledBy: set)
      if set.status.replicas != pods.count { return "\(set.name) reports \(set.status.replicas ?? 0) pods" }
      let available = pods.count { $0.isActive && $0.isAvailable(after: set.pause, at: now) }
      if set.isOrdered, available < pods.count { continue }
      let ordinals = pods.compactMap(set.ordinal(of:)).sorted()
      if ordinals != Array(set.ordinals) { return "\(set.name) has the pods \(ordinals)" }
      guard set.isRolling, ordinals.count - available < set.maxUnavailable else { continue }
      let outdated = pods.first {
        $0.revision != set.status.updateRevision && set.ordinal(of: $0) ?? 0 >= set.partition
      }
      if let outdated { return "\(outdated.name) is of another revision" }
    }
    return nil
  }

  /// The pod that an event is about, if a set that is there controls it.
  private static func member(of view: View, in event: Event?) -> (Pod, StatefulSet)? {
    guard let event, event.record.key.resource == Pod.kind.groupResource,
      case let pod = Pod(json: event.record.value), let owner = pod.controller, owner.kind == StatefulSet.kind.name,
      let set = view.object(StatefulSet.self, owner.name ?? "", in: pod.namespace), set.uid == owner.uid
    else { return nil }
    return (pod, set)
  }
}

extension StatefulSet {
  fileprivate var retainsClaims: Bool {
    let policy = self.spec.persistentVolumeClaimRetentionPolicy
    return policy.whenDeleted != .delete && policy.whenScaled != .delete
  }

  fileprivate var isAtRest: Bool {
    self.status.readyReplicas == ordinals.count && self.status.replicas == ordinals.count
  }
}
