public import ControlLoop
public import Objects
public import Pods
public import Store

/// Compares how many pods a set has with how many it should have, and makes or deletes the difference.
///
/// It remembers nothing: the pods themselves say, by their owner reference, whose they are. Specified by the Kubernetes
/// API reference (ReplicaSet v1 apps).
public struct ReplicaSetController: Controller {
  public let name = "replicaset-controller"

  /// At most this many pods are made or deleted by one plan.
  static let burst = 500

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(ReplicaSet.self),
      .on(Pod.self, controlledBy: ReplicaSet.self),
      .on(Pod.self, keys: setsThatMightAdopt),
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let set = view[ReplicaSet.self, key] else { return .nothing }
    var (plan, pods) = claim(podsFor: set, in: view)
    let active = pods.filter(\.isActive)
    plan += status(of: set, from: pods, in: view, at: now)
    guard !set.isBeingDeleted else { return plan }
    let missing = set.replicas - active.count
    plan +=
      missing > 0
      ? create(min(missing, Self.burst), for: set, in: view)
      : delete(min(-missing, Self.burst), of: active, for: set, in: view, at: now)
    return plan
  }

  // A pod that nobody controls concerns every set that selects it.
  private func setsThatMightAdopt(_ pod: Pod, in view: View) -> [Key] {
    guard pod.controller == nil, !pod.isBeingDeleted else { return [] }
    return view.all(ReplicaSet.self, in: pod.namespace)
      .filter { $0.selector.matches(pod.metadata.labels) }
      .map(\.key)
  }
}

// MARK: Which pods are the set's

extension ReplicaSetController {
  /// The set's pods, with the writes that take in orphans that its selector matches and let go pods that it no longer
  /// matches. A set that is being deleted takes in nobody.
  private func claim(podsFor set: ReplicaSet, in view: View) -> (Plan, [Pod]) {
    var plan = Plan()
    var claimed: [Pod] = []
    for pod in view.all(Pod.self, controlledBy: set) {
      if set.selector.matches(pod.metadata.labels) {
        claimed.append(pod)
      } else if !set.isBeingDeleted {
        plan.update(pod.released(by: set))
      }
    }
    guard !set.isBeingDeleted else { return (plan, claimed) }
    for pod in view.all(Pod.self, in: set.namespace, matching: set.selector)
    where pod.controller == nil && pod.isActive {
      plan.update(pod.adopted(by: set))
      claimed.append(pod)
    }
    return (plan, claimed)
  }
}

extension APIObject {
  /// This object with `owner` as its controller.
  public func adopted(by owner: some Resource) -> Self {
    var object = self
    object.metadata.ownerReferences.append(OwnerReference(controller: owner))
    return object
  }

  /// This object without its reference to `owner`.
  public func released(by owner: some Resource) -> Self {
    var object = self
    object.metadata.ownerReferences.removeAll { $0.uid == owner.uid }
    return object
  }
}

// MARK: Too few, too many

extension ReplicaSetController {
  private func create(_ count: Int, for set: ReplicaSet, in view: View) -> Plan {
    var plan = Plan()
    var names = view.names(for: set)
    for _ in 0..<count {
      let pod = Pod(from: set.spec.template, for: set, names: &names)
      plan.create(pod)
      plan.record("SuccessfulCreate", "Created pod: \(pod.name)", about: set)
    }
    if let refusal = view.refusal, count > 0 {
      plan.record(.warning, "FailedCreate", "Error creating: \(refusal.message)", about: set)
    }
    return plan
  }

  private func delete(_ count: Int, of pods: [Pod], for set: ReplicaSet, in view: View, at now: Time) -> Plan {
    guard count > 0 else { return .nothing }
    var plan = Plan()
    let neighbours = podsPerNode(near: set, in: view)
    for pod in DeletionOrder(podsPerNode: neighbours, now: now).sorted(pods).prefix(count) {
      plan.delete(pod)
      plan.record("SuccessfulDelete", "Deleted pod: \(pod.name)", about: set)
    }
    return plan
  }

  // Of two equal pods the one with more relatives on its node goes first, so that the rest stays spread. Relatives are
  // the pods of all sets with the same controller: those of one Deployment.
  private func podsPerNode(near set: ReplicaSet, in view: View) -> [String: Int] {
    let relatives =
      set.controller.map { owner in
        view.all(ReplicaSet.self, in: set.namespace).filter { $0.controller?.uid == owner.uid }
      } ?? [set]
    let pods = relatives.flatMap { view.all(Pod.self, controlledBy: $0) }.filter(\.isActive)
    return pods.reduce(into: [:]) { $0[$1.spec.nodeName ?? "", default: 0] += 1 }
  }
}

extension Pod {
  /// A new pod from a template, controlled by `owner` and named after it.
  public init(from template: PodTemplateSpec, for owner: some Resource, names: inout SeededGenerator) {
    let prefix = owner.name + "-"
    self.init(name: Names.unique(prefix: prefix, using: &names), namespace: owner.namespace) {
      $0.metadata.generateName = prefix
      $0.metadata.labels = template.metadata.labels
      $0.metadata.annotations = template.metadata.annotations
      $0.metadata.finalizers = template.metadata.finalizers
      $0.metadata.ownerReferences = [OwnerReference(controller: owner)]
      $0.spec = template.spec
    }
  }
}

// MARK: What there is

extension ReplicaSetController {
  private func status(of set: ReplicaSet, from pods: [Pod], in view: View, at now: Time) -> Plan {
    let active = pods.filter(\.isActive)
    let ready = active.filter(\.isReady)
    let pause = Duration.seconds(set.spec.minReadySeconds ?? 0)
    // When those become available that are ready and have to wait: mostly nobody has to.
    let moments = pause == .zero ? [] : ready.compactMap(\.readySince).map { $0 + pause }.filter { $0 > now }
    var changed = set
    changed.status.replicas = active.count
    changed.status.fullyLabeledReplicas = active.count { $0.hasLabels(of: set.spec.template) }
    changed.status.readyReplicas = ready.count
    changed.status.availableReplicas = ready.count - moments.count
    changed.status.terminatingReplicas = pods.count { $0.isBeingDeleted && !$0.isFinished }
    changed.status.observedGeneration = set.metadata.generation
    changed.status.conditions = conditions(of: set, in: view, at: now)
    var plan = Plan()
    if changed.status != set.status { plan.updateStatus(changed) }
    // A ready pod becomes available although nothing happens to it.
    for moment in moments { plan.wake(at: moment) }
    return plan
  }

  // A refusal is told once: the next one names another pod, and is the same to people.
  private func conditions(of set: ReplicaSet, in view: View, at now: Time) -> [ReplicaSetCondition] {
    guard let refusal = view.refusal else { return set.status.conditions.filter { $0.type != "ReplicaFailure" } }
    if set.status.conditions.contains(where: { $0.type == "ReplicaFailure" }) { return set.status.conditions }
    return set.status.conditions + [
      ReplicaSetCondition {
        $0.type = "ReplicaFailure"
        $0.status = "True"
        $0.lastTransitionTime = now
        $0.reason = "FailedCreate"
        $0.message = refusal.message
      }
    ]
  }
}

extension Pod {
  fileprivate func hasLabels(of template: PodTemplateSpec) -> Bool {
    template.metadata.labels.allSatisfy { metadata.labels[$0.name] == $0.value }
  }
}
