public import ControlLoop
public import Objects
public import Store

/// Empties namespaces that are being deleted, and lets them go when they are empty.
///
/// It need not know what there is to delete: every kind's objects say which namespace they are in, those of kinds that
/// nobody had thought of included. Pods go first, so that nothing that protects them goes before them. What slipped
/// into a namespace while it went is deleted after it.
public struct NamespaceController: Controller {
  public let name = "namespace-controller"

  public init() {}

  public var triggers: [Trigger] { [.on(Namespace.self), Trigger(resource: nil, keys: emptied)] }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    let namespace = view[Namespace.self, key]
    guard namespace?.isBeingDeleted ?? true else { return .nothing }
    let contents = view.snapshot.records(index: "namespace", equals: key.name)
    var plan = delete(contents)
    guard let namespace, namespace.spec.finalizers.contains(Namespace.finalizer) else { return plan }
    if contents.isEmpty {
      var finalized = namespace
      finalized.spec.finalizers.removeAll { $0 == Namespace.finalizer }
      plan.write(finalized, to: "finalize", of: namespace)
    } else {
      let reported = namespace.reporting(contents, at: now)
      if reported != namespace { plan.updateStatus(reported) }
      plan.wake(at: now + Self.reportInterval)
    }
    return plan
  }

  /// How often the numbers in the conditions are brought up to date.
  private static let reportInterval = Duration.seconds(5)

  private func delete(_ contents: [Record]) -> Plan {
    let pods = contents.filter { $0.key.resource == Pod.kind.groupResource }
    var plan = Plan()
    for record in pods.isEmpty ? contents : pods {
      let object = Object(json: record.value)
      guard !object.isBeingDeleted else { continue }
      plan.delete(record.key, uid: object.uid, DeleteOptions(propagationPolicy: .background))
    }
    return plan
  }

  // In a namespace that goes, or has gone, two things are news: a resource's last object went, or one came.
  private func emptied(by event: Event, in view: View) -> [Key] {
    let key = event.record.key
    guard !key.namespace.isEmpty, view.object(Namespace.self, key.namespace)?.isBeingDeleted ?? true else { return [] }
    let isNews =
      event.type == .deleted
      ? view.snapshot.count(key.resource, namespace: key.namespace) == 0
      : !Object(json: event.record.value).isBeingDeleted
    return isNews ? [Namespace.key(key.namespace)] : []
  }
}

extension Namespace {
  /// The namespace with conditions that say what is left in it, and what keeps that. (Kubernetes: conditions and
  /// reasons of namespace deletion.)
  fileprivate func reporting(_ contents: [Record], at now: Time) -> Namespace {
    var resources: [(name: String, count: Int)] = []
    var finalizers: [String: Int] = [:]
    for record in contents {
      if resources.last?.name != record.key.resource { resources.append((record.key.resource, 0)) }
      resources[resources.count - 1].count += 1
      for finalizer in Object(json: record.value).metadata.finalizers { finalizers[finalizer, default: 0] += 1 }
    }
    let remaining = resources.map { "\($0.name)\($0.name.contains(".") ? "" : ".") has \($0.count) resource instances" }
    let blocking = finalizers.sorted { $0.key < $1.key }.map { "\($0.key) in \($0.value) resource instances" }
    var namespace = self
    for (type, status, reason, message) in [
      ("NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"),
      (
        "NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions",
        "All legacy kube types successfully parsed"
      ),
      (
        "NamespaceDeletionContentFailure", "False", "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization"
      ),
      (
        "NamespaceContentRemaining", "True", "SomeResourcesRemain",
        "Some resources are remaining: " + remaining.joined(separator: ", ")
      ),
      blocking.isEmpty
        ? (
          "NamespaceFinalizersRemaining", "False", "ContentHasNoFinalizers",
          "All content-preserving finalizers finished"
        )
        : (
          "NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain",
          "Some content in the namespace has finalizers remaining: " + blocking.joined(separator: ", ")
        ),
    ] {
      namespace.status.conditions.set(type, status, reason: reason, message: message, at: now)
    }
    return namespace
  }
}
