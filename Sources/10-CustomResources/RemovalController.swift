public import ControlLoop
public import Objects
import Pods
public import Store

/// Empties definitions that are being deleted, and lets them go when they are empty.
///
/// The admission step `CustomResourceRemoval.start` has left a finalizer in such a definition. Its kind is served until
/// the end, so that whoever has finalizers in the objects can take them away.
public struct RemovalController: Controller {
  public let name = "crd-finalizer"

  public init() {}

  public var triggers: [Trigger] { [.on(CustomResourceDefinition.self), Trigger(resource: nil, keys: emptied)] }

  // An object that goes may be the last one.
  private func emptied(by event: Event, in view: View) -> [Key] {
    guard event.type == .deleted, event.record.key.resource.contains(".") else { return [] }
    let definition = view.object(CustomResourceDefinition.self, event.record.key.resource)
    return definition?.isBeingDeleted == true ? [CustomResourceDefinition.key(event.record.key.resource)] : []
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var definition = view[CustomResourceDefinition.self, key], definition.isBeingDeleted,
      definition.metadata.finalizers.contains(CustomResourceRemoval.finalizer)
    else { return .nothing }
    var plan = Plan()
    // What was on its way into the store when the deletion came is there by now.
    let settled = (definition.metadata.deletionTimestamp ?? now) + Self.patience
    if now < settled { plan.wake(at: settled) }
    let instances = view.snapshot.records(definition.resource)
    for record in instances {
      let object = Object(json: record.value)
      if !object.isBeingDeleted { plan.delete(record.key, uid: object.uid) }
    }
    guard instances.isEmpty, now >= settled, !waitsForCollector(definition, in: view) else {
      definition.status.conditions.set(
        "Terminating", "True", reason: "InstanceDeletionInProgress", message: "CustomResource deletion is in progress",
        at: now)
      if definition.status != view[CustomResourceDefinition.self, key]?.status { plan.updateStatus(definition) }
      plan.wake(at: now + Self.patience)
      return plan
    }
    definition.metadata.finalizers.removeAll { $0 == CustomResourceRemoval.finalizer }
    plan.update(definition)
    return plan
  }

  private static let patience = Duration.seconds(1)

  // Dependents name their owner's kind. Once that is gone nobody knows what they depended on, so they go first.
  private func waitsForCollector(_ definition: CustomResourceDefinition, in view: View) -> Bool {
    let prefix = (definition.spec.group ?? "") + "/"
    let collector = GarbageCollector()
    return view.snapshot.resources.contains { resource in
      view.snapshot.records(resource).contains { record in
        let owners = Object(json: record.value).metadata.ownerReferences
        guard
          owners.contains(where: { $0.kind == definition.spec.names.kind && $0.apiVersion?.hasPrefix(prefix) == true })
        else { return false }
        let plan = try? collector.reconcile(record.key, in: view, at: .distantPast)
        return plan?.intents.isEmpty == false
      }
    }
  }
}

/// How the deletion of a definition begins, and what it forbids.
enum CustomResourceRemoval {
  static let finalizer = "customresourcecleanup.apiextensions.k8s.io"

  /// A deleted definition stays until its objects are gone.
  static let start = AdmissionStep("CustomResourceRemoval", resource: CustomResourceDefinition.kind.groupResource) {
    request, object throws(StatusError) in
    guard request.operation == .delete else { return }
    var definition = CustomResourceDefinition(json: object)
    guard !definition.isBeingDeleted, definition.isEstablished else { return }
    if !definition.metadata.finalizers.contains(finalizer) { definition.metadata.finalizers.append(finalizer) }
    definition.status.conditions.set(
      "Terminating", "True", reason: "InstanceDeletionPending",
      message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon", at: request.now)
    object = definition.json
  }

  /// Nothing is created under a definition that goes or has changed since the request was read.
  static let guardCreation = AdmissionStep("CustomResourceLifecycle") { request, object throws(StatusError) in
    guard let schema = request.kind.schema, request.operation != .delete else { return }
    let served = request.view.scheme.kind(resource: request.kind.groupResource, version: request.kind.version)
    guard let newest = served?.schema else { throw .notFound(request.key) }
    if newest !== schema {
      object = newest.pruned(object)
      let errors = newest.validate(object, replacing: request.old)
      if !errors.isEmpty { throw .invalid(request.kind, name: request.key.name, errors) }
    }
    guard request.operation == .create,
      request.view.object(CustomResourceDefinition.self, request.kind.groupResource)?.isBeingDeleted == true
    else { return }
    throw StatusError(
      "MethodNotAllowed", code: 405, "create not allowed while custom resource definition is terminating")
  }
}
