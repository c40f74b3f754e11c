import Configuration
public import ControlLoop
import Objects
import Pods
import Simulation
import Store

extension Layer {
  /// Chapter 6.
  public static let volumes = Layer(chapter: 6, name: "Volumes") {
    $0.kinds = [PersistentVolume.kind, PersistentVolumeClaim.kind, StorageClass.kind]
    $0.extensions = [FacetExtension(of: Volume.self, with: StorageSources.self)]
    $0.admission = [StorageAdmission.claims, StorageAdmission.volumes]
    $0.replaces = ["default-scheduler"]
    $0.controllers = [
      FirstNodeScheduler(rules: [VolumePlacement()]), VolumeController(), ClaimProtectionController(),
      VolumeProtectionController(), EphemeralVolumeController(),
    ]
    $0.indexes = [.claimant, .waitingClaims, .claims]
    $0.invariants = [
      .volumesHaveOneClaim, .pairsPointAtEachOther, .dataStays, .claimsAreMet, .onlyWhoTakesTooMuchIsEvicted,
      .limitsAreKept,
    ]
    $0.initialObjects = [StorageClass.standard.json]
    $0.contributions = UserAction.volumes + [StorageStage(), SizeLimitStage(), LocalProvisioner.simulated]
  }
}

extension LocalProvisioner {
  /// For the three nodes of simulated worlds.
  static let simulated = ParticipantSource { cluster, store, seed in
    [
      LocalProvisioner(
        hosts: ["node-1": nil, "node-2": nil, "node-3": nil], cluster: cluster, store: store, seed: seed)
    ]
  }
}

// MARK: Promises

extension Invariant {
  static let volumesHaveOneClaim = Invariant.always("no two claims are bound to one volume") { view, event, _ in
    guard let event, event.record.key.resource == PersistentVolumeClaim.kind.groupResource else { return nil }
    let bound = view.all(PersistentVolumeClaim.self).filter(\.isBound).map { $0.spec.volumeName ?? "" }
    let twice = Set(bound).first { volume in bound.count { $0 == volume } > 1 }
    return twice.map { "\($0) is bound twice" }
  }

  static let pairsPointAtEachOther = Invariant.always("a bound claim's volume names the claim") { view, event, _ in
    guard let event, event.type != .deleted, event.record.key.resource == PersistentVolumeClaim.kind.groupResource,
      case let claim = PersistentVolumeClaim(json: event.record.value), claim.isBound,
      let volume = view.object(PersistentVolume.self, claim.spec.volumeName ?? "")
    else { return nil }
    return volume.spec.claimRef?.uid == claim.uid ? nil : "\(volume.name) does not know \(claim.name)"
  }

  /// Nobody but a user deletes a volume that is to be retained, and nobody at all one that a claim has.
  static let dataStays = Invariant.always("no volume goes that is retained or in use") { view, event, _ in
    guard let event, event.type == .deleted, event.record.key.resource == PersistentVolume.kind.groupResource else {
      return nil
    }
    let volume = PersistentVolume(json: event.record.value)
    if volume.spec.persistentVolumeReclaimPolicy == .retain { return "\(volume.name) was to be retained" }
    let claims = view.all(PersistentVolumeClaim.self)
    return claims.contains { $0.uid == volume.spec.claimRef?.uid } ? "\(volume.name) still had its claim" : nil
  }

  /// A claim that some volume fits is bound, and so is one for which a volume can be made at once.
  static let claimsAreMet = Invariant.eventually(
    "a claim that can be met is bound, and what is of no more use goes", within: .seconds(900)
  ) { view, _ in
    for claim in view.all(PersistentVolumeClaim.self) where !claim.isBound && !claim.isBeingDeleted {
      let storageClass = view.object(StorageClass.self, claim.className)
      let waits = storageClass?.waitsForConsumer ?? false
      if claim.hasVolume {
        guard let volume = view.object(PersistentVolume.self, claim.spec.volumeName ?? ""), !claim.hasBeenBound,
          volume.spec.claimRef == nil, volume.mismatch(with: claim) == nil
        else { continue }
        return "\(claim.name) could have the volume that it wants"
      }
      if view.volume(for: claim, isMeantOnly: waits) != nil { return "\(claim.name) could have a volume" }
      let isMade = storageClass?.provisioner == StorageClass.localProvisioner
      if isMade, !waits, view.all(Node.self).contains(where: \.isReady) { return "\(claim.name) waits for a volume" }
    }
    if let volume = view.all(PersistentVolume.self).first(where: { $0.isToBeDeleted && $0.status.phase == .released }) {
      return "\(volume.name) is still there"
    }
    return nil
  }

  static let onlyWhoTakesTooMuchIsEvicted = Invariant.always("only who exceeds a limit is evicted for it") {
    _, event, _ in
    guard let event, event.type == .modified, event.record.key.resource == Pod.kind.groupResource,
      case let pod = Pod(json: event.record.value), pod.status.message?.hasPrefix("Usage of EmptyDir") == true
    else { return nil }
    return pod.takesTooMuch ? nil : "\(pod.name) is evicted and keeps to its limits"
  }

  static let limitsAreKept = Invariant.eventually(
    "no pod runs that has more in a volume than its limit allows", within: .seconds(300)
  ) { view, _ in
    let greedy = view.all(Pod.self).first { pod in
      pod.takesTooMuch && pod.status.containerStatuses.contains { $0.state.running != nil }
        && view.object(Node.self, pod.spec.nodeName ?? "")?.isReady == true
    }
    return greedy.map { "\($0.name) runs and exceeds its limits" }
  }
}

extension Pod {
  // Whether its programs would, as long as they run.
  fileprivate var takesTooMuch: Bool {
    let usage = self.spec.containers.map { Self.simulatedUsage(of: $0.image ?? "") }.max() ?? 0
    return sizeLimits.contains { $0.limit < Quantity(usage) }
  }
}
