import ControlLoop
import Objects
import Pods
import Store

/// What the provisioner is to do next about a claim or a volume.
struct Errand: Sendable {
  enum Task: Sendable {
    case make(PersistentVolumeClaim, StorageClass)
    case grow(PersistentVolume, PersistentVolumeClaim)
    case remove(PersistentVolume)
  }

  var task: Task
  /// Where.
  var node: String

  /// - Parameter nodes: those that the provisioner can do something on. Others are another process's.
  init?(for key: Key, on nodes: Set<String>, in view: View) {
    if let volume = view[PersistentVolume.self, key] {
      guard volume.isMadeHere, volume.isToBeDeleted, volume.status.phase == .released else { return nil }
      self.init(.remove(volume), on: volume.node)
    } else if let claim = view[PersistentVolumeClaim.self, key], !claim.isBeingDeleted {
      if let volume = claim.isBound ? view.object(PersistentVolume.self, claim.spec.volumeName ?? "") : nil {
        guard volume.isMadeHere, claim.isGrowing(on: volume) else { return nil }
        self.init(.grow(volume, claim), on: volume.node)
      } else {
        guard !claim.hasVolume, let storageClass = view.object(StorageClass.self, claim.className),
          claim.metadata.annotations[VolumeAnnotation.provisioner] == StorageClass.localProvisioner,
          view.object(PersistentVolume.self, "pvc-\(claim.uid)") == nil
        else { return nil }
        let chosen = claim.metadata.annotations[VolumeAnnotation.selectedNode]
        let ready = nodes.sorted().first { view.object(Node.self, $0)?.isReady ?? false }
        self.init(.make(claim, storageClass), on: chosen ?? ready ?? nodes.min())
      }
    } else {
      return nil
    }
    guard nodes.contains(node) else { return nil }
  }

  private init(_ task: Task, on node: String?) {
    self.task = task
    self.node = node ?? ""
  }

  /// Does it, and says what to write about it: nothing when it has failed and is to be tried again.
  /// - Parameter host: nil when nothing real is there.
  func run(on host: (any DirectoryHost)?) -> Plan {
    do {
      switch task {
      case .make(let claim, let storageClass): return try make(for: claim, of: storageClass, on: host)
      case .grow(let volume, let claim): return try grow(volume, for: claim, on: host)
      case .remove(let volume):
        try host?.removeDirectory(at: volume.spec.local?.path ?? "")
        var plan = Plan()
        plan.delete(volume)
        return plan
      }
    } catch {
      return failure("\(error)")
    }
  }

  private func failure(_ sentence: String) -> Plan {
    var plan = Plan()
    switch task {
    case .make(let claim, let storageClass):
      let sentence = "failed to provision volume with StorageClass \"\(storageClass.name)\": \(sentence)"
      plan.record(.warning, "ProvisioningFailed", sentence, about: claim)
    case .grow(_, let claim): plan.record(.warning, "VolumeResizeFailed", sentence, about: claim)
    case .remove(let volume): plan.record(.warning, "VolumeFailedDelete", sentence, about: volume)
    }
    return plan
  }
}

extension Errand {
  private func make(
    for claim: PersistentVolumeClaim, of storageClass: StorageClass, on host: (any DirectoryHost)?
  ) throws -> Plan {
    if claim.spec.volumeMode == .block { return failure("block volumes are not supported") }
    if claim.spec.selector != nil { return failure("claim.Spec.Selector is not supported") }
    if !storageClass.mountOptions.isEmpty {
      let options = storageClass.mountOptions.joined(separator: " ")
      let sentence =
        "Mount options are not supported by the provisioner but StorageClass \"\(storageClass.name)\" has mount options "
        + "[\(options)]"
      var plan = Plan()
      plan.record(.warning, "ProvisioningFailed", sentence, about: claim)
      return plan
    }
    let directory = "pvc-\(claim.uid)_\(claim.namespace)_\(claim.name)"
    let path =
      try host?.makeDirectory(named: directory, capacity: claim.size.value) ?? "/var/lib/swiftlet/volumes/\(directory)"
    let volume = PersistentVolume(name: "pvc-\(claim.uid)") {
      $0.metadata.annotations[VolumeAnnotation.provisionedBy] = StorageClass.localProvisioner
      $0.spec.capacity["storage"] = claim.size
      $0.spec.accessModes = claim.spec.accessModes
      $0.spec.claimRef = ObjectReference(claim)
      $0.spec.persistentVolumeReclaimPolicy = storageClass.reclaimPolicy
      $0.spec.storageClassName = storageClass.name
      $0.spec.local = LocalVolumeSource { $0.path = path }
      $0.spec.nodeAffinity = VolumeNodeAffinity { $0.required = NodeSelector(hostname: node) }
    }
    var plan = Plan()
    plan.create(volume)
    let beginning = "External provisioner is provisioning volume for claim \"\(claim.longName)\""
    plan.record("Provisioning", beginning, about: claim)
    plan.record("ProvisioningSucceeded", "Successfully provisioned volume \(volume.name)", about: claim)
    return plan
  }

  private func grow(
    _ volume: PersistentVolume, for claim: PersistentVolumeClaim, on host: (any DirectoryHost)?
  ) throws -> Plan {
    try host?.growDirectory(at: volume.spec.local?.path ?? "", to: claim.size.value)
    var plan = volume.changed { $0.spec.capacity["storage"] = max(claim.size, volume.spec.size ?? .zero) }
    var grown = claim
    grown.status.capacity["storage"] = max(claim.size, volume.spec.size ?? .zero)
    plan.updateStatus(grown)
    plan.record("VolumeResizeSuccessful", "Resize volume succeeded", about: claim)
    return plan
  }
}

extension PersistentVolumeClaim {
  // The claim's own word counts last: only then has it been told.
  fileprivate func isGrowing(on volume: PersistentVolume) -> Bool {
    size > volume.spec.size ?? .zero || size > self.status.capacity["storage"] ?? .zero
  }
}

extension PersistentVolume {
  fileprivate var isMadeHere: Bool {
    metadata.annotations[VolumeAnnotation.provisionedBy] == StorageClass.localProvisioner
  }

  /// The one node that reaches it.
  fileprivate var node: String? {
    self.spec.nodeAffinity?.required?.nodeSelectorTerms.first?.matchExpressions.first?.values.first
  }
}
