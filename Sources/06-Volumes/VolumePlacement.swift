public import ControlLoop
import Objects
public import Pods
import Store

/// What storage has to say about places: a pod goes where its volumes can be reached, and volumes that wait for their
/// first pod are made, or taken, where it goes. (Kubernetes: the scheduler's plugins VolumeBinding, VolumeRestrictions and
/// VolumeZone.)
public struct VolumePlacement: PlacementRule {
  public init() {}

  public var triggers: [Trigger] {
    [
      .on(PersistentVolumeClaim.self) { _, _ in [FirstNodeScheduler.key] },
      .on(PersistentVolume.self) { _, _ in [FirstNodeScheduler.key] },
      .on(StorageClass.self) { _, _ in [FirstNodeScheduler.key] },
    ]
  }

  public func obstacle(to pod: Pod, in view: View) -> String? {
    for use in pod.claims {
      guard let claim = view[PersistentVolumeClaim.self, use.key] else {
        return use.isEphemeral
          ? "waiting for ephemeral volume controller to create the persistentvolumeclaim \"\(use.key.name)\""
          : "persistentvolumeclaim \"\(use.key.name)\" not found"
      }
      if use.isEphemeral, let problem = claim.ownershipProblem(for: pod) { return problem }
      if claim.isBeingDeleted { return "persistentvolumeclaim \"\(claim.name)\" is being deleted" }
      let volume = claim.spec.volumeName ?? ""
      if claim.hasBeenBound, claim.status.phase == .lost || view.object(PersistentVolume.self, volume) == nil {
        return "persistentvolumeclaim \"\(claim.name)\" bound to non-existent persistentvolume \"\(volume)\""
      }
      if !claim.isBound, !claim.waitsForConsumer(in: view) { return "pod has unbound immediate PersistentVolumeClaims" }
    }
    return nil
  }

  public func obstacle(to pod: Pod, on node: Node, in view: View) -> String? {
    for claim in pod.claims.compactMap({ view[PersistentVolumeClaim.self, $0.key] }) {
      if claim.allows(.readWriteOncePod), view.users(of: claim).contains(where: { $0.precedes(pod) }) {
        return "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by "
          + "another pod"
      }
      if let volume = claim.isBound ? view.object(PersistentVolume.self, claim.spec.volumeName ?? "") : nil {
        if !volume.isReachable(from: node) { return "node(s) didn't match PersistentVolume's node affinity" }
        if !volume.isInZone(of: node) { return "node(s) had no available volume zone" }
      } else if !claim.isBound, view.volume(for: claim, from: node) == nil, !claim.canBeMade(in: view) {
        return "node(s) didn't find available persistent volumes to bind"
      }
    }
    return nil
  }

  // A volume that is there is set aside for the claim; where there is none, the claim says where to make one.
  public func preparation(of pod: Pod, for node: Node, in view: View) -> Plan? {
    let unbound = pod.claims.compactMap { view[PersistentVolumeClaim.self, $0.key] }.filter { !$0.isBound }
    guard !unbound.isEmpty else { return nil }
    var plan = Plan()
    var taken: Set<String> = []
    for claim in unbound {
      if let volume = view.volume(for: claim, from: node), taken.insert(volume.name).inserted {
        plan += volume.setAside(for: claim)
      } else {
        plan += claim.changed { $0.metadata.annotations[VolumeAnnotation.selectedNode] = node.name }
      }
    }
    return plan
  }
}

extension PersistentVolumeClaim {
  func waitsForConsumer(in view: View) -> Bool {
    !hasVolume && view.object(StorageClass.self, className)?.waitsForConsumer == true
  }

  fileprivate func canBeMade(in view: View) -> Bool {
    let provisioner = view.object(StorageClass.self, className)?.provisioner
    return provisioner != nil && provisioner != StorageClass.noProvisioner
  }
}

extension Pod {
  // Of those that want one thing alone, whoever has a node comes first, and then whoever was there first.
  fileprivate func precedes(_ other: Pod) -> Bool {
    guard uid != other.uid, !isFinished else { return false }
    if !(self.spec.nodeName ?? "").isEmpty { return true }
    let (mine, theirs) = (metadata.creationTimestamp ?? .distantPast, other.metadata.creationTimestamp ?? .distantPast)
    return !isBeingDeleted && (mine == theirs ? name < other.name : mine < theirs)
  }
}

extension PersistentVolume {
  private static let zoneLabels = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"]

  /// Whether the zone and the region that the volume's labels name are the node's. A label may name several, as `a__b`; a
  /// node that has neither label is anywhere.
  fileprivate func isInZone(of node: Node) -> Bool {
    let there = node.metadata.labels
    guard Self.zoneLabels.contains(where: { there[$0] != nil }) else { return true }
    return Self.zoneLabels.allSatisfy { name in
      guard let zones = metadata.labels[name] else { return true }
      return zones.split(separator: "__").contains { $0 == there[name] ?? "" }
    }
  }
}
