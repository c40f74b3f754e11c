import ControlLoop
import Objects
import Store

/// Keeps objects and namespaces together: nothing is made in a namespace that is not there or is going, and the three
/// namespaces that a cluster cannot do without stay. (Kubernetes: admission plugin NamespaceLifecycle.)
enum NamespaceLifecycle {
  static let step = AdmissionStep("NamespaceLifecycle", admit: admit)

  private static let immortal = ["default", "kube-system", "kube-public"]

  @Sendable private static func admit(_ request: AdmissionRequest, _ object: inout Value) throws(StatusError) {
    switch request.operation {
    case .create where request.kind.isNamespaced:
      try admit(contentOf: request.key.namespace, request)
    case .delete where request.key.resource == Namespace.kind.groupResource:
      if immortal.contains(request.key.name) {
        throw .forbidden(request.key, "this namespace may not be deleted")
      }
      var namespace = Namespace(json: object)
      namespace.status.phase = .terminating
      object = namespace.json
    default: break
    }
  }

  private static func admit(contentOf name: String, _ request: AdmissionRequest) throws(StatusError) {
    guard let namespace = request.view.object(Namespace.self, name) else { throw .notFound(Namespace.key(name)) }
    guard namespace.isBeingDeleted else { return }
    var error = StatusError.forbidden(
      request.key, "unable to create new content in namespace \(name) because it is being terminated")
    error.causes = [
      .init(
        reason: "NamespaceTerminating", message: "namespace \(name) is being terminated", field: "metadata.namespace")
    ]
    throw error
  }
}
