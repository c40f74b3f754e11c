public import ControlLoop
public import Objects
import Pods
public import Store

/// Brings claims and volumes together, and says what has become of each.
///
/// Its promises: a volume is given to one claim, and that claim is told last; what a claim has had it is never given
/// twice. Every step is one write that builds on the version that was seen, and after a crash between two of them the
/// same call goes on where the last one ended. (Kubernetes: "Persistent Volumes", Binding and Reclaiming.)
public struct VolumeController: Controller {
  public let name = "persistentvolume-controller"

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(PersistentVolumeClaim.self) { claim, view in
        let meant = view.all(PersistentVolume.self, where: Index.claimant.name, is: claim.longName).map(\.key)
        return [claim.key] + meant + (claim.hasVolume ? [PersistentVolume.key(claim.spec.volumeName ?? "")] : [])
      },
      // The volume's claim, the one that it had until this change, and those that may get it when it has none.
      Trigger(resource: PersistentVolume.kind.groupResource) { event, view in
        let volume = PersistentVolume(json: event.record.value)
        let former = event.previous.flatMap { PersistentVolume(json: $0.value).spec.claimRef }
        let claims = [volume.spec.claimRef, former].compactMap(\.self).map {
          PersistentVolumeClaim.key($0.name ?? "", in: $0.namespace ?? "")
        }
        return [volume.key] + claims + (volume.spec.claimRef == nil ? waiting(for: volume.className, in: view) : [])
      },
      .on(StorageClass.self) { waiting(for: $0.name, in: $1) + waiting(for: "", in: $1) },
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    if let claim = view[PersistentVolumeClaim.self, key] {
      return claim.hasBeenBound ? keep(claim, in: view, at: now) : find(claim, in: view, at: now)
    }
    return view[PersistentVolume.self, key].map { settle($0, in: view, at: now) } ?? .nothing
  }
}

private func waiting(for className: String, in view: View) -> [Key] {
  view.all(PersistentVolumeClaim.self, where: Index.waitingClaims.name, is: className).map(\.key)
}

// MARK: A claim without a volume

extension VolumeController {
  private func find(_ claim: PersistentVolumeClaim, in view: View, at now: Time) -> Plan {
    guard !claim.isBeingDeleted else { return .nothing }
    if claim.hasVolume { return insist(claim, in: view, at: now) }
    if claim.spec.storageClassName == nil, let standard = StorageClass.default(in: view) {
      return claim.changed { $0.spec.storageClassName = standard.name }
    }
    let storageClass = view.object(StorageClass.self, claim.className)
    if let volume = view.volume(for: claim, isMeantOnly: storageClass?.waitsForConsumer == true) {
      return bind(volume, to: claim, at: now)
    }
    return order(for: claim, of: storageClass)
  }

  // The claim's user has said which volume it must be.
  private func insist(_ claim: PersistentVolumeClaim, in view: View, at now: Time) -> Plan {
    guard let volume = view.object(PersistentVolume.self, claim.spec.volumeName ?? "") else { return .nothing }
    var plan = Plan()
    if volume.isMeant(for: claim) { return bind(volume, to: claim, at: now) }
    if volume.spec.claimRef != nil {
      plan.record(
        .warning, "FailedBinding", "volume \"\(volume.name)\" already bound to a different claim.", about: claim)
    } else if let why = volume.mismatch(with: claim) {
      let sentence = "Cannot bind to requested volume \"\(volume.name)\": \(why)"
      plan.record(.warning, "VolumeMismatch", sentence, about: claim)
    } else {
      plan = bind(volume, to: claim, at: now)
    }
    return plan
  }

  // Nothing there fits: asks the class's provisioner, or says what the claim waits for.
  private func order(for claim: PersistentVolumeClaim, of storageClass: StorageClass?) -> Plan {
    var plan = Plan()
    guard let storageClass else {
      if claim.className.isEmpty {
        let sentence = "no persistent volumes available for this claim and no storage class is set"
        plan.record("FailedBinding", sentence, about: claim)
      } else {
        let sentence = "storageclass.storage.k8s.io \"\(claim.className)\" not found"
        plan.record(.warning, "ProvisioningFailed", sentence, about: claim)
      }
      return plan
    }
    let provisioner = storageClass.provisioner ?? ""
    if storageClass.waitsForConsumer, claim.metadata.annotations[VolumeAnnotation.selectedNode] == nil {
      let sentence = "waiting for first consumer to be created before binding"
      plan.record("WaitForFirstConsumer", sentence, about: claim)
    } else if provisioner == StorageClass.noProvisioner {
      plan.record(.warning, "ProvisioningFailed", "no volume plugin matched name: \(provisioner)", about: claim)
    } else {
      plan = claim.changed { $0.metadata.annotations[VolumeAnnotation.provisioner] = provisioner }
      plan.record(
        "ExternalProvisioning",
        "Waiting for a volume to be created either by the external provisioner '\(provisioner)' or manually by the "
          + "system administrator. If volume creation is delayed, please verify that the provisioner is running and "
          + "correctly registered.", about: claim)
    }
    return plan
  }
}

// MARK: Binding

extension VolumeController {
  // The volume's side first: from then on nobody else can get it. The claim's status last: pods read that.
  private func bind(_ volume: PersistentVolume, to claim: PersistentVolumeClaim, at now: Time) -> Plan {
    var plan = volume.setAside(for: claim)
    plan += volume.entering(.bound, at: now)
    plan += claim.changed {
      if !$0.hasVolume { $0.metadata.annotations[VolumeAnnotation.boundByController] = "yes" }
      $0.spec.volumeName = volume.name
      $0.metadata.annotations[VolumeAnnotation.bindCompleted] = "yes"
    }
    var bound = claim
    if !claim.isBound { bound.status.capacity = volume.spec.capacity }
    bound.status.phase = .bound
    bound.status.accessModes = volume.spec.accessModes
    if bound.status != claim.status { plan.updateStatus(bound) }
    return plan
  }

  // A claim that has been bound is kept bound, or lost: another volume would be an empty one.
  private func keep(_ claim: PersistentVolumeClaim, in view: View, at now: Time) -> Plan {
    guard claim.hasVolume else {
      let sentence = "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"
      return lose(claim, "ClaimLost", sentence)
    }
    guard let volume = view.object(PersistentVolume.self, claim.spec.volumeName ?? "") else {
      return lose(claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!")
    }
    if volume.spec.claimRef == nil || volume.isMeant(for: claim) { return bind(volume, to: claim, at: now) }
    let sentence = "Two claims are bound to the same volume, this one is bound incorrectly"
    return lose(claim, "ClaimMisbound", sentence)
  }

  private func lose(_ claim: PersistentVolumeClaim, _ reason: String, _ sentence: String) -> Plan {
    guard claim.status.phase != .lost else { return .nothing }
    var lost = claim
    lost.status.phase = .lost
    var plan = Plan()
    plan.updateStatus(lost)
    plan.record(.warning, reason, sentence, about: claim)
    return plan
  }
}

// MARK: A volume

extension VolumeController {
  private func settle(_ volume: PersistentVolume, in view: View, at now: Time) -> Plan {
    guard let reference = volume.spec.claimRef, let uid = reference.uid, !uid.isEmpty else {
      return volume.entering(.available, at: now)
    }
    let claim = view.object(PersistentVolumeClaim.self, reference.name ?? "", in: reference.namespace ?? "")
    guard let claim, claim.uid == uid else { return release(volume, at: now) }
    if claim.spec.volumeName == volume.name { return volume.entering(.bound, at: now) }
    // Without a volume yet, the claim comes here by itself.
    guard claim.hasVolume else { return .nothing }
    if volume.isToBeDeleted { return release(volume, at: now) }
    var plan = volume.changed {
      let isOurs = $0.metadata.annotations[VolumeAnnotation.boundByController] != nil
      $0.metadata.annotations[VolumeAnnotation.boundByController] = nil
      if isOurs { $0.spec.claimRef = nil } else { $0.spec.claimRef?.uid = nil }
    }
    plan += volume.entering(.available, at: now)
    return plan
  }

  // The claim has gone. Whoever made the volume removes it, if its policy says so; one that was made by hand stays.
  private func release(_ volume: PersistentVolume, at now: Time) -> Plan {
    guard volume.status.phase != .failed else { return .nothing }
    guard volume.spec.persistentVolumeReclaimPolicy == .delete, !volume.isToBeDeleted else {
      return volume.entering(.released, at: now)
    }
    let sentence =
      "error getting deleter volume plugin for volume \"\(volume.name)\": no deletable volume plugin matched"
    var plan = volume.entering(.failed, sentence, at: now)
    plan.record(.warning, "VolumeFailedDelete", sentence, about: volume)
    return plan
  }
}

extension PersistentVolume {
  /// Whether somebody will remove it when it is released.
  var isToBeDeleted: Bool {
    self.spec.persistentVolumeReclaimPolicy == .delete
      && metadata.annotations[VolumeAnnotation.provisionedBy] != nil
  }

  fileprivate func entering(_ phase: VolumePhase, _ message: String? = nil, at now: Time) -> Plan {
    guard phase != self.status.phase else { return .nothing }
    var changed = self
    changed.status.phase = phase
    changed.status.message = message
    changed.status.lastPhaseTransitionTime = now
    var plan = Plan()
    plan.updateStatus(changed)
    return plan
  }
}
