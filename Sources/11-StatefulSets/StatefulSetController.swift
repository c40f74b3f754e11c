public import ControlLoop
public import Objects
public import Pods
import ReplicaSets
public import Store
import Volumes

/// Sees to it that every number of a set has its pod: makes what is missing, replaces what has ended or is made from
/// another template, and deletes what is too much, in an order.
///
/// Specified by the Kubernetes API reference (StatefulSet v1 apps).
public struct StatefulSetController: Controller {
  public let name = "statefulset-controller"

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(StatefulSet.self),
      .on(Pod.self, controlledBy: StatefulSet.self),
      .on(Pod.self, keys: setsThatMightAdopt),
      .on(ControllerRevision.self, controlledBy: StatefulSet.self),
      .on(PersistentVolumeClaim.self) { claim, view in
        view.all(StatefulSet.self, in: claim.namespace).filter { $0.mayOwn(claim) }.map(\.key)
      },
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let set = view[StatefulSet.self, key] else { return .nothing }
    var (plan, pods) = claim(podsFor: set, in: view)
    var history = RevisionHistory(of: set, in: view)
    guard let update = set.isBeingDeleted ? history.revisions.last : history.update(in: view) else { return plan }
    let current = history.revisions.first { $0.name == set.status.currentRevision } ?? update
    if !set.isBeingDeleted { history.trim(keeping: Set([current.name, update.name] + pods.compactMap(\.revision))) }
    let look = StatefulSetLook(at: set, pods, current: current, update: update, in: view, at: now)
    plan += history.plan
    plan += look.status(collisionCount: history.collisionCount)
    if !set.isBeingDeleted { plan += look.nextStep() }
    return plan
  }

  // A pod that nobody controls concerns the set after which it is called. A pod that is gone makes room for the set's.
  private func setsThatMightAdopt(_ pod: Pod, in view: View) -> [Key] {
    guard pod.controller == nil, let dash = pod.name.lastIndex(of: "-") else { return [] }
    return [StatefulSet.key(String(pod.name[..<dash]), in: pod.namespace)]
  }

  /// The set's pods, with the writes that take in orphans that are selected and called as the set's pods are, and let
  /// go pods that are not. A set that is being deleted takes in nobody.
  private func claim(podsFor set: StatefulSet, in view: View) -> (Plan, [Pod]) {
    func isMember(_ pod: Pod) -> Bool {
      set.ordinal(of: pod) != nil && set.selector.matches(pod.metadata.labels)
    }
    var plan = Plan()
    var claimed: [Pod] = []
    for pod in view.all(Pod.self, controlledBy: set) {
      if isMember(pod) {
        claimed.append(pod)
      } else if !set.isBeingDeleted {
        plan.update(pod.released(by: set))
      }
    }
    guard !set.isBeingDeleted else { return (plan, claimed) }
    for pod in view.all(Pod.self, in: set.namespace, matching: set.selector)
    where pod.controller == nil && !pod.isBeingDeleted && isMember(pod) {
      plan.update(pod.adopted(by: set))
      claimed.append(pod.adopted(by: set))
    }
    return (plan, claimed)
  }
}

extension Pod {
  /// The name of the revision that the pod is made from.
  public var revision: String? { metadata.labels[PodLabels.revision] }
}
