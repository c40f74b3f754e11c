import ControlLoop
import Objects

// What happens to claims and volumes on their way into the store. (Kubernetes: admission plugins DefaultStorageClass,
// StorageObjectInUseProtection, PersistentVolumeClaimResize.)

enum StorageAdmission {
  static let claims = AdmissionStep("PersistentVolumeClaim", resource: "persistentvolumeclaims", admit: admitClaim)
  static let volumes = AdmissionStep("PersistentVolume", resource: "persistentvolumes") { request, object in
    if request.operation == .create { protect(&object, with: PersistentVolume.protection) }
  }

  @Sendable private static func admitClaim(
    _ request: AdmissionRequest, _ object: inout Value
  ) throws(StatusError) {
    var claim = PersistentVolumeClaim(json: object)
    switch request.operation {
    case .create:
      claim.spec.storageClassName = claim.spec.storageClassName ?? StorageClass.default(in: request.view)?.name
      object = claim.json
      protect(&object, with: PersistentVolumeClaim.protection)
    case .update where request.subresource == nil:
      let old = PersistentVolumeClaim(json: request.old ?? .emptyObject)
      if claim.size > old.size { try checkGrowth(of: old, request) }
    default: break
    }
  }

  private static func checkGrowth(of claim: PersistentVolumeClaim, _ request: AdmissionRequest) throws(StatusError) {
    guard claim.isBound else {
      throw .forbidden(request.key, "Only bound persistent volume claims can be expanded")
    }
    guard request.view.object(StorageClass.self, claim.className)?.allowVolumeExpansion == true else {
      throw .forbidden(
        request.key,
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support "
          + "resize")
    }
  }

  private static func protect(_ value: inout Value, with finalizer: String) {
    var object = Object(json: value)
    if !object.metadata.finalizers.contains(finalizer) { object.metadata.finalizers.append(finalizer) }
    value = object.json
  }
}

extension PersistentVolume {
  static let protection = "kubernetes.io/pv-protection"
}

extension PersistentVolumeClaim {
  static let protection = "kubernetes.io/pvc-protection"
}
