import ControlLoop
public import Objects

/// A sort of storage: who makes it, and how.
///
/// Administrators write it; it has no status and no controller of its own. Claims name it, and its provisioner reads it
/// when it makes a volume for one.
public struct StorageClass: Resource {
  public static let schemaName = "storage.v1.StorageClass"
  public static let documentation = "A sort of storage: who makes it, and how."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let provisioner = Field<String>(2, "Who makes volumes of this class.", .required)
    public let parameters = Map<String>(3, "What the provisioner wants to know.")
    public let reclaimPolicy = Field<ReclaimPolicy>(4, "The policy of its volumes.", .default("Delete"))
    public let mountOptions = List<String>(5, "The mount options of its volumes.", .atomic)
    public let allowVolumeExpansion = Field<Bool>(6, "Whether claims may grow.")
    public let volumeBindingMode = Field<VolumeBindingMode>(
      7, "Whether a claim gets its volume at once, or once a pod that uses it has a node.", .default("Immediate"))
  }
}

public enum VolumeBindingMode: String, Enumeration {
  case immediate = "Immediate"
  case waitForFirstConsumer = "WaitForFirstConsumer"
}

extension StorageClass {
  static let defaultAnnotation = "storageclass.kubernetes.io/is-default-class"

  /// Makes directories on nodes: this chapter's own.
  static let localProvisioner = "swiftlet.dev/local-path"

  /// The provisioner of classes whose volumes are all made by hand.
  static let noProvisioner = "kubernetes.io/no-provisioner"

  var isDefault: Bool { metadata.annotations[Self.defaultAnnotation] == "true" }

  var waitsForConsumer: Bool { self.volumeBindingMode == .waitForFirstConsumer }

  /// The class of claims that name none. Of several the youngest, so that a new one can be tried before the old one is
  /// taken away.
  static func `default`(in view: View) -> StorageClass? {
    view.all(StorageClass.self).filter(\.isDefault).max {
      let (left, right) = ($0.metadata.creationTimestamp ?? .distantPast, $1.metadata.creationTimestamp ?? .distantPast)
      return left == right ? $0.name > $1.name : left < right
    }
  }

  /// What every cluster has: directories on the node that the first pod comes to.
  static let standard = StorageClass(name: "standard") {
    $0.metadata.annotations[defaultAnnotation] = "true"
    $0.provisioner = localProvisioner
    $0.reclaimPolicy = .delete
    $0.volumeBindingMode = .waitForFirstConsumer
    $0.allowVolumeExpansion = true
  }

  /// What may not change: volumes have been made by it.
  static func changes(_ new: Value, _ old: Value?) -> [FieldError] {
    guard let old = old.map(StorageClass.init(json:)) else { return [] }
    let new = StorageClass(json: new)
    var errors: [FieldError] = []
    for (field, isSame) in [
      ("parameters", new.parameters == old.parameters), ("provisioner", new.provisioner == old.provisioner),
      ("reclaimPolicy", new.reclaimPolicy == old.reclaimPolicy),
    ] where !isSame {
      errors.append(.forbidden(FieldPath(field), "updates to \(field) are forbidden."))
    }
    if new.volumeBindingMode != old.volumeBindingMode {
      let path = FieldPath("volumeBindingMode")
      errors.append(.invalid(path, new.json["volumeBindingMode"] ?? .null, "field is immutable"))
    }
    return errors
  }
}
