import Configuration
import ControlLoop
import Objects
import Pods
import Store

/// Where the content of a pod's volume is.
enum MountSource: Sendable, Hashable {
  case emptyDirectory(inMemory: Bool, sizeLimit: Int64?)
  case path(String, HostPathType, isReadOnly: Bool)

  /// Where it is, if that does not depend on the pod.
  var path: String? {
    if case .path(let path, _, _) = self { path } else { nil }
  }

  var isReadOnly: Bool {
    if case .path(_, _, let isReadOnly) = self { isReadOnly } else { false }
  }
}

/// Why a volume cannot be mounted yet, as an event tells it.
struct MountTrouble: Error, Hashable {
  var reason = "FailedMount"
  var message: String
}

extension Volume {
  /// Nil for what other chapters make volumes from.
  /// - Parameter isFirst: the pod has not started yet; once it has, nobody takes its place.
  func mountSource(for pod: Pod, isFirst: Bool, in view: View) throws(MountTrouble) -> MountSource? {
    if let source = self.emptyDir {
      return .emptyDirectory(inMemory: source.medium == "Memory", sizeLimit: source.sizeLimit?.value)
    }
    if let source = self.hostPath { return .path(source.path ?? "", source.type ?? .unset, isReadOnly: false) }
    guard let use = pod.claims.first(where: { $0.volume == self.name }) else { return nil }
    let (claim, volume) = try use.resolve(for: pod, in: view)
    if isFirst, let trouble = volume.trouble(for: pod, using: claim, in: view) { throw trouble }
    // Where nobody may ever write, nobody can.
    let isReadOnly = use.isReadOnly || claim.spec.accessModes == [AccessMode.readOnlyMany.rawValue]
    if let local = volume.spec.local { return .path(local.path ?? "", .directory, isReadOnly: isReadOnly) }
    let source = volume.spec.hostPath
    return .path(source?.path ?? "", source?.type ?? .unset, isReadOnly: isReadOnly)
  }
}

extension PodClaim {
  fileprivate func resolve(
    for pod: Pod, in view: View
  ) throws(MountTrouble) -> (PersistentVolumeClaim, PersistentVolume) {
    guard let claim = view[PersistentVolumeClaim.self, key] else {
      throw trouble("failed to fetch PVC from API server: \(StatusError.notFound(key).message)")
    }
    if isEphemeral, let problem = claim.ownershipProblem(for: pod) { throw trouble(problem) }
    guard claim.isBound, let volume = view.object(PersistentVolume.self, claim.spec.volumeName ?? "") else {
      throw trouble("PVC is not bound")
    }
    if volume.spec.volumeMode == .block {
      throw trouble("volume \(self.volume) has volumeMode Block, but is specified in volumeMounts")
    }
    return (claim, volume)
  }

  private func trouble(_ why: String) -> MountTrouble {
    MountTrouble(
      message: "Unable to attach or mount volumes: unmounted volumes=[\(volume)], unattached volumes=[], failed to "
        + "process volumes=[\(volume)]: error processing PVC \(key.namespace)/\(key.name): \(why)")
  }
}

extension PersistentVolume {
  fileprivate func trouble(for pod: Pod, using claim: PersistentVolumeClaim, in view: View) -> MountTrouble? {
    if !self.spec.mountOptions.isEmpty {
      let sentence =
        "MountVolume.MountOptionSupport check failed for volume \"\(name)\" : Mount options are not supported for "
        + "volume type"
      return MountTrouble(reason: "UnsupportedMountOption", message: sentence)
    }
    let others = view.users(of: claim).filter { $0.uid != pod.uid && $0.holds(before: pod) }
    if claim.allows(.readWriteOncePod), !others.isEmpty {
      let sentence = "volume uses the ReadWriteOncePod access mode and is already in use by another pod"
      return MountTrouble(message: "MountVolume.SetUp failed for volume \"\(name)\" : \(sentence)")
    }
    let far = others.filter { $0.spec.nodeName != pod.spec.nodeName }.map(\.name)
    guard claim.spec.accessModes == [AccessMode.readWriteOnce.rawValue], !far.isEmpty else { return nil }
    let sentence =
      "Multi-Attach error for volume \"\(name)\" Volume is already used by pod(s) \(far.joined(separator: ", "))"
    return MountTrouble(reason: "FailedAttachVolume", message: sentence)
  }
}

extension Pod {
  // Whether it keeps another pod from a volume that both want: because it has started, or because it came first.
  fileprivate func holds(before other: Pod) -> Bool {
    guard !isFinished, !(self.spec.nodeName ?? "").isEmpty else { return false }
    if self.status.containerStatuses.contains(where: { $0.containerID != nil }) { return true }
    let (mine, theirs) = (metadata.creationTimestamp ?? .distantPast, other.metadata.creationTimestamp ?? .distantPast)
    return mine == theirs ? name < other.name : mine < theirs
  }
}
