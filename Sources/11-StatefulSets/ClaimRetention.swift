import ControlLoop
import Objects
import Pods
import Volumes

// Whether a claim goes with its pod or its set is said by an owner reference, and carried out by the garbage collector:
// the set's controller itself never deletes a claim.

extension StatefulSet {
  /// The claim with the owner that the retention policy wants it to have: none, the set, or a pod that is one too many.
  /// A claim that somebody else manages, or that a former set or pod of these names left behind, stays as it is.
  func retaining(_ claim: PersistentVolumeClaim, of pod: Pod) -> PersistentVolumeClaim {
    let references = claim.metadata.ownerReferences
    func isOurs(_ reference: OwnerReference) -> Bool { [uid, pod.uid].contains(reference.uid) }
    guard references.allSatisfy({ isOurs($0) || ($0.controller != true && !isOfName($0, pod)) }) else { return claim }
    var changed = claim
    changed.metadata.ownerReferences = references.filter { !isOurs($0) }
    let policy = self.spec.persistentVolumeClaimRetentionPolicy
    let isTooMany = ordinal(of: pod).map { !ordinals.contains($0) } ?? false
    if policy.whenScaled == .delete, isTooMany {
      changed.metadata.ownerReferences.append(OwnerReference(controller: pod))
    } else if policy.whenDeleted == .delete {
      changed.metadata.ownerReferences.append(OwnerReference(controller: self))
    }
    return changed.metadata.ownerReferences.map(\.uid) == references.map(\.uid) ? claim : changed
  }

  private func isOfName(_ reference: OwnerReference, _ pod: Pod) -> Bool {
    (reference.kind == Self.kind.name && reference.name == name)
      || (reference.kind == Pod.kind.name && reference.name == pod.name)
  }

  /// The writes that give the claims of an existing pod the right owners.
  func retainClaims(of pod: Pod, _ ordinal: Int, in view: View) -> Plan {
    var plan = Plan()
    for (_, wanted) in claims(ordinal) {
      guard let claim = view[PersistentVolumeClaim.self, wanted.key] else { continue }
      let changed = retaining(claim, of: pod)
      if changed != claim { plan.update(changed) }
    }
    return plan
  }

  /// Whether a claim is still the one of an earlier pod of this number, with which it is about to go. A new pod waits
  /// until it is gone, or it would lose its data right after it has begun.
  func isGoing(_ claim: PersistentVolumeClaim, _ ordinal: Int) -> Bool {
    claim.isBeingDeleted
      || claim.metadata.ownerReferences.contains { $0.kind == Pod.kind.name && $0.name == podName(ordinal) }
  }
}
