public import Objects

// The kinds of this chapter, as the API serves them.

extension PersistentVolume {
  public static let kind = Kind(
    PersistentVolume.self, name: "PersistentVolume", resource: "persistentvolumes", shortNames: ["pv"],
    isNamespaced: false
  ).with {
    $0.hasStatus = true
    $0.prepareForCreate = { $0["status"] = ["phase": "Pending"] }
    $0.validate = { new, old in
      old.map {
        PersistentVolume(json: new).spec.problems(replacing: PersistentVolume(json: $0).spec, at: FieldPath("spec"))
      }
        ?? []
    }
    $0.columns = [
      column("Capacity", "How much fits.") { $0.spec.size?.description },
      column("Access Modes", "How it can be used.") { AccessMode.summary($0.spec.accessModes) },
      column("Reclaim Policy", "What becomes of it without its claim.") {
        $0.spec.persistentVolumeReclaimPolicy?.rawValue
      },
      column("Status", "What has become of it.") {
        $0.isBeingDeleted ? "Terminating" : $0.status.phase?.rawValue
      },
      column("Claim", "Who has it.") { $0.claimName },
      column("StorageClass", "The class that claims must ask for.") { $0.spec.storageClassName },
      column("VolumeAttributesClass", "Not known here.") { _ in "<unset>" },
      column("Reason", "Why it failed.") { $0.status.reason },
      .age,
      column("VolumeMode", priority: 1, "Filesystem or Block.") { $0.spec.volumeMode?.rawValue ?? "<unset>" },
    ]
  }
}

extension PersistentVolumeClaim {
  public static let kind = Kind(
    PersistentVolumeClaim.self, name: "PersistentVolumeClaim", resource: "persistentvolumeclaims", shortNames: ["pvc"]
  ).with {
    $0.hasStatus = true
    $0.prepareForCreate = { $0["status"] = ["phase": "Pending"] }
    $0.validate = { new, old in
      let spec = PersistentVolumeClaim(json: new).spec
      return old.map { spec.problems(replacing: PersistentVolumeClaim(json: $0), at: FieldPath("spec")) } ?? []
    }
    $0.columns = [
      column("Status", "What has come of it.") { $0.isBeingDeleted ? "Terminating" : $0.status.phase?.rawValue },
      column("Volume", "The volume that it has.") { $0.spec.volumeName },
      column("Capacity", "How much the volume holds.") {
        $0.hasVolume ? $0.status.capacity["storage"]?.description ?? "0" : nil
      },
      column("Access Modes", "How the volume can be used.") {
        $0.hasVolume ? AccessMode.summary($0.status.accessModes) : nil
      },
      column("StorageClass", "The class.") { $0.spec.storageClassName },
      column("VolumeAttributesClass", "Not known here.") { _ in "<unset>" },
      .age,
      column("VolumeMode", priority: 1, "Filesystem or Block.") { $0.spec.volumeMode?.rawValue ?? "<unset>" },
    ]
  }
}

extension StorageClass {
  public static let kind = Kind(
    StorageClass.self, group: "storage.k8s.io", name: "StorageClass", resource: "storageclasses", shortNames: ["sc"],
    isNamespaced: false
  ).with {
    $0.validate = changes
    $0.columns = [
      column("Name", "Its name; the default class is marked.") { $0.name + ($0.isDefault ? " (default)" : "") },
      column("Provisioner", "Who makes its volumes.") { $0.provisioner },
      column("ReclaimPolicy", "What becomes of them.") { $0.reclaimPolicy?.rawValue },
      column("VolumeBindingMode", "When a claim gets one.") { $0.volumeBindingMode?.rawValue },
      Column("AllowVolumeExpansion", "Whether claims may grow.") { value, _ in
        .bool(StorageClass(json: value).allowVolumeExpansion ?? false)
      },
      .age,
    ]
  }
}

extension Resource {
  fileprivate static func column(
    _ name: String, priority: Int = 0, _ documentation: String, cell: @escaping @Sendable (Self) -> String?
  ) -> Column {
    Column(name, priority: priority, documentation) { value, _ in .string(cell(Self(json: value)) ?? "") }
  }
}

extension AccessMode {
  /// "RWO,RWX", each once and in this order.
  static func summary(_ words: [String]) -> String {
    allCases.filter { words.contains($0.rawValue) }.map(\.abbreviation).joined(separator: ",")
  }
}
