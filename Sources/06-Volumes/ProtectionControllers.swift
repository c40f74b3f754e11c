public import ControlLoop
public import Objects
import Pods
public import Store

// What is in use is not taken away: a deleted claim stays until no pod has it, a deleted volume until no claim has it.
// (Kubernetes: "Storage Object in Use Protection".)

public struct ClaimProtectionController: Controller {
  public let name = "pvc-protection-controller"

  public init() {}

  public var triggers: [Trigger] {
    [.on(PersistentVolumeClaim.self), .on(Pod.self) { pod, _ in pod.claims.map(\.key) }]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let claim = view[PersistentVolumeClaim.self, key], let deleted = claim.metadata.deletionTimestamp,
      claim.metadata.finalizers.contains(PersistentVolumeClaim.protection)
    else { return .nothing }
    // A pod that was there before the deletion may be placed at this moment; a later one will not be.
    let isInUse = view.users(of: claim).contains { pod in
      !(pod.spec.nodeName ?? "").isEmpty || pod.metadata.creationTimestamp ?? .distantPast <= deleted
    }
    return isInUse ? .nothing : claim.changed { $0.metadata.finalizers.removeAll { $0 == Self.finalizer } }
  }

  private static let finalizer = PersistentVolumeClaim.protection
}

public struct VolumeProtectionController: Controller {
  public let name = "pv-protection-controller"

  public init() {}

  public var triggers: [Trigger] { [.on(PersistentVolume.self)] }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let volume = view[PersistentVolume.self, key], volume.isBeingDeleted, volume.status.phase != .bound else {
      return .nothing
    }
    return volume.changed { $0.metadata.finalizers.removeAll { $0 == PersistentVolume.protection } }
  }
}
