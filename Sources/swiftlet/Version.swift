/// Which Kubernetes the cluster says it is, and which program it really is.
enum Version {
  static let current = "0.1.0"
  static let kubernetes = "v1.36.0+swiftlet-\(current)"
}
