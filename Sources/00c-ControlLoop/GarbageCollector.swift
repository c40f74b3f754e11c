public import Objects
public import Store

/// Deletes what nobody owns any more, and carries out what a deletion says about dependents.
///
/// Its rules (Kubernetes: "Garbage Collection", "Owners and Dependents"):
/// - An object with owners goes when all of them are gone. As long as one is there, references to others are dropped.
/// - An owner deleted in the foreground stays until every dependent that blocks it is gone.
/// - An owner deleted with orphans leaves its dependents, without their reference to it.
/// - An owner is in its dependent's namespace, or has none. An owner elsewhere counts as gone; a dependent without a
///   namespace cannot have an owner in one, and is left alone.
public struct GarbageCollector: Controller {
  public let name = "garbage-collector-controller"

  public init() {}

  public var triggers: [Trigger] { [Trigger(resource: nil, keys: affected)] }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let record = view.snapshot.record(key) else { return .nothing }
    let object = Object(json: record.value)
    guard object.isBeingDeleted else { return collect(object, key, in: view) }
    if object.metadata.finalizers.contains(Finalizers.orphan) { return orphanDependents(of: object, in: view) }
    if object.metadata.finalizers.contains(Finalizers.foreground) { return finishForeground(object, in: view) }
    return .nothing
  }

  // A change concerns the object itself, its dependents when it goes, and owners that may have waited for it: until it
  // goes, or until it names them no longer.
  private func affected(by event: Event, in view: View) -> [Key] {
    let object = Object(json: event.record.value)
    let owners = object.metadata.ownerReferences
    let formerOwners = event.previous.map { Object(json: $0.value).metadata.ownerReferences } ?? owners
    let isGoing = event.type == .deleted || object.isBeingDeleted
    var keys: [Key] = []
    if event.type != .deleted, isGoing || !owners.isEmpty { keys.append(event.record.key) }
    if isGoing { keys += view.snapshot.records(index: Index.owner.name, equals: object.uid).map(\.key) }
    if isGoing || formerOwners.map(\.json) != owners.map(\.json) {
      keys += (formerOwners + owners).compactMap { ownerKey($0, of: object, in: view) }
    }
    return keys
  }
}

extension GarbageCollector {
  private enum Ownership {
    case present
    case absent
    /// Being deleted in the foreground: waits for its dependents.
    case waiting
    /// Of a kind that is not served, or in a place where an owner cannot be.
    case unknown
  }

  private func collect(_ object: Object, _ key: Key, in view: View) -> Plan {
    let references = object.metadata.ownerReferences
    let states = references.map { ownership($0, of: object, in: view) }
    let isFree = states.allSatisfy { $0 == .absent || $0 == .waiting }
    var plan = Plan()
    if isFree, !references.isEmpty {
      let isBlocking = zip(references, states).contains { $1 == .waiting && $0.blockOwnerDeletion == true }
      let hasDependents = !dependents(of: object, in: view).isEmpty
      var options = DeleteOptions(propagationPolicy: policy(of: object))
      if isBlocking, hasDependents { options.propagationPolicy = .foreground }
      plan.delete(key, uid: object.uid, options)
    } else if states.contains(.present), states.contains(where: { $0 == .absent || $0 == .waiting }) {
      var changed = object
      changed.metadata.ownerReferences = zip(references, states).filter { $1 == .present || $1 == .unknown }.map(\.0)
      plan.update(changed)
    }
    return plan
  }

  // The object's own wish, left as a finalizer, counts more than the usual background.
  private func policy(of object: Object) -> PropagationPolicy {
    let finalizers = object.metadata.finalizers
    if finalizers.contains(Finalizers.orphan) { return .orphan }
    return finalizers.contains(Finalizers.foreground) ? .foreground : .background
  }

  private func orphanDependents(of owner: Object, in view: View) -> Plan {
    var plan = Plan()
    for var dependent in dependents(of: owner, in: view) {
      dependent.metadata.ownerReferences.removeAll { $0.uid == owner.uid }
      plan.update(dependent)
    }
    plan.update(owner.without(finalizer: Finalizers.orphan))
    return plan
  }

  private func finishForeground(_ owner: Object, in view: View) -> Plan {
    let blocking = dependents(of: owner, in: view).filter { dependent in
      dependent.metadata.ownerReferences.contains { $0.uid == owner.uid && $0.blockOwnerDeletion == true }
        && !isInCycle(dependent, with: owner, in: view)
    }
    guard blocking.isEmpty else { return .nothing }
    var plan = Plan()
    plan.update(owner.without(finalizer: Finalizers.foreground))
    return plan
  }

  // Two objects that wait for each other in the foreground would wait for ever.
  private func isInCycle(_ dependent: Object, with owner: Object, in view: View) -> Bool {
    guard dependent.isBeingDeleted, dependent.metadata.finalizers.contains(Finalizers.foreground) else { return false }
    var seen: Set<String> = [dependent.uid]
    var frontier = [dependent]
    while let next = frontier.popLast() {
      for object in dependents(of: next, in: view) where seen.insert(object.uid).inserted {
        if object.uid == owner.uid { return true }
        frontier.append(object)
      }
    }
    return false
  }

  private func dependents(of owner: Object, in view: View) -> [Object] {
    view.snapshot.records(index: Index.owner.name, equals: owner.uid).map { Object(json: $0.value) }
  }

  private func ownership(_ reference: OwnerReference, of object: Object, in view: View) -> Ownership {
    guard let key = ownerKey(reference, of: object, in: view) else { return .unknown }
    guard let owner = view.snapshot.record(key).map({ Object(json: $0.value) }), owner.uid == reference.uid else {
      return .absent
    }
    return owner.isBeingDeleted && owner.metadata.finalizers.contains(Finalizers.foreground) ? .waiting : .present
  }

  private func ownerKey(_ reference: OwnerReference, of object: Object, in view: View) -> Key? {
    guard let kind = view.scheme.kind(apiVersion: reference.apiVersion ?? "", name: reference.kind ?? ""),
      !kind.isNamespaced || !object.namespace.isEmpty
    else { return nil }
    return Key(
      resource: kind.groupResource, namespace: kind.isNamespaced ? object.namespace : "", name: reference.name ?? "")
  }
}

extension Object {
  fileprivate func without(finalizer: String) -> Object {
    var object = self
    object.metadata.finalizers.removeAll { $0 == finalizer }
    return object
  }
}
