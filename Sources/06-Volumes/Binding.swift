import ControlLoop
import Objects
import Pods
import Store

// Which volume belongs to which claim, and how that is found out. A volume and a claim that belong together name each
// other, so that either of them alone says so.

/// What the parts of this chapter tell each other, and users see. (Kubernetes' names.)
enum VolumeAnnotation {
  /// On a claim: it has had a volume, and gets no other.
  static let bindCompleted = "pv.kubernetes.io/bind-completed"
  /// On a claim or a volume: its side of the binding was not written by a user.
  static let boundByController = "pv.kubernetes.io/bound-by-controller"
  /// On a claim: who is to make its volume.
  static let provisioner = "volume.kubernetes.io/storage-provisioner"
  /// On a claim: the node that its first pod will come to.
  static let selectedNode = "volume.kubernetes.io/selected-node"
  /// On a volume: who made it, and will remove it.
  static let provisionedBy = "pv.kubernetes.io/provisioned-by"
}

extension PersistentVolumeClaim {
  var className: String { self.spec.storageClassName ?? "" }
  var size: Quantity { self.spec.size ?? .zero }
  var hasVolume: Bool { !(self.spec.volumeName ?? "").isEmpty }
  var hasBeenBound: Bool { metadata.annotations[VolumeAnnotation.bindCompleted] != nil }
  public var isBound: Bool { self.status.phase == .bound }

  /// "default/data": how volumes' tables and indexes name it.
  var longName: String { "\(namespace)/\(name)" }

  func allows(_ mode: AccessMode) -> Bool { self.spec.accessModes.contains(mode.rawValue) }
}

extension PersistentVolume {
  var className: String { self.spec.storageClassName ?? "" }

  /// The claim that it is meant for, whether or not that exists: "default/data".
  var claimName: String? { self.spec.claimRef.map { "\($0.namespace ?? "")/\($0.name ?? "")" } }

  /// A claim without a UID in the reference is one that an administrator has named beforehand.
  func isMeant(for claim: PersistentVolumeClaim) -> Bool {
    let uid = self.spec.claimRef?.uid ?? ""
    return claimName == claim.longName && (uid.isEmpty || uid == claim.uid)
  }

  /// Keeps it for a claim: from then on nobody else can get it.
  func setAside(for claim: PersistentVolumeClaim) -> Plan {
    changed {
      if $0.spec.claimRef == nil { $0.metadata.annotations[VolumeAnnotation.boundByController] = "yes" }
      if $0.spec.claimRef?.uid != claim.uid { $0.spec.claimRef = ObjectReference(claim) }
    }
  }

  /// Why it is not what the claim asks for; nil when it is.
  func mismatch(with claim: PersistentVolumeClaim) -> String? {
    if self.spec.size ?? .zero < claim.size { return "requested PV is too small" }
    if className != claim.className { return "storageClassName does not match" }
    if self.spec.volumeMode ?? .filesystem != claim.spec.volumeMode ?? .filesystem { return "incompatible volumeMode" }
    return Set(claim.spec.accessModes).isSubset(of: self.spec.accessModes) ? nil : "incompatible accessMode"
  }
}

extension View {
  /// The volume for a claim that has none yet: the one that is meant for it, or else the smallest free one that fits.
  /// - Parameters:
  ///   - node: where it must be reachable from; nil when that does not matter.
  ///   - isMeantOnly: does not look among those that are meant for nobody.
  func volume(
    for claim: PersistentVolumeClaim, from node: Node? = nil, isMeantOnly: Bool = false
  ) -> PersistentVolume? {
    func fits(_ volume: PersistentVolume) -> Bool {
      !volume.isBeingDeleted && (node.map(volume.isReachable) ?? true)
    }
    let meant = all(PersistentVolume.self, where: Index.claimant.name, is: claim.longName)
    if let volume = meant.first(where: { $0.isMeant(for: claim) && fits($0) && $0.spec.size ?? .zero >= claim.size }) {
      return volume
    }
    guard !isMeantOnly else { return nil }
    let query = claim.spec.selector.map { LabelQuery($0) }
    return all(PersistentVolume.self, where: Index.claimant.name, is: claim.className)
      .filter { volume in
        volume.status.phase == .available && fits(volume) && volume.mismatch(with: claim) == nil
          && query?.matches(volume.metadata.labels) ?? true
      }
      .min { ($0.spec.size ?? .zero, $0.name) < ($1.spec.size ?? .zero, $1.name) }
  }
}

extension Index {
  /// Every volume under the claim that it is meant for, and under its class while that is nobody. (A class's name has
  /// no slash.)
  static let claimant = Index(name: "claimant", resource: PersistentVolume.kind.groupResource) {
    let volume = PersistentVolume(json: $0)
    return [volume.claimName ?? volume.className]
  }

  /// Every claim that has never been bound, under its class.
  static let waitingClaims = Index(name: "waitingClaims", resource: PersistentVolumeClaim.kind.groupResource) {
    let claim = PersistentVolumeClaim(json: $0)
    return claim.hasBeenBound ? [] : [claim.className]
  }
}

extension ObjectReference {
  init(_ claim: PersistentVolumeClaim) {
    self.init {
      $0.kind = PersistentVolumeClaim.kind.name
      $0.apiVersion = PersistentVolumeClaim.kind.apiVersion
      $0.namespace = claim.namespace
      $0.name = claim.name
      $0.uid = claim.uid
      $0.resourceVersion = claim.metadata.resourceVersion
    }
  }
}

extension APIObject {
  /// The write that a change comes to; none when nothing is different.
  func changed(_ change: (inout Self) -> Void) -> Plan {
    var object = self
    change(&object)
    var plan = Plan()
    if object != self { plan.update(object) }
    return plan
  }
}
