public import ControlLoop
public import Objects
import Pods
import ReplicaSets
import StatefulSets
public import Store

/// Compares which nodes have a pod of a set with which should have one, and makes or deletes the difference; then
/// replaces old pods by new ones, within the bounds of the strategy.
///
/// It says for which node a pod is, and leaves it to the scheduler to put it there. Specified by the Kubernetes API
/// reference (DaemonSet v1 apps).
public struct DaemonSetController: Controller {
  public let name = "daemonset-controller"

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(DaemonSet.self),
      .on(Pod.self, controlledBy: DaemonSet.self),
      .on(Pod.self, keys: setsThatMightAdopt),
      .on(ControllerRevision.self, controlledBy: DaemonSet.self),
      Trigger(resource: Node.kind.groupResource, keys: setsThatLookAtNodes),
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let set = view[DaemonSet.self, key], !set.isBeingDeleted else { return .nothing }
    var (plan, pods) = claim(podsFor: set, in: view)
    var history = RevisionHistory(of: set, in: view)
    let current = history.update(in: view)
    var round = DaemonRound(of: set, pods, revision: current.hash, in: view, at: now)
    let work = round.work()
    if work.intents.isEmpty { history.trim(keeping: history.names(usedBy: pods, and: current)) }
    plan += history.plan
    plan += work
    plan += round.status(collisionCount: history.collisionCount)
    return plan
  }

  // A pod that nobody controls concerns every set that selects it.
  private func setsThatMightAdopt(_ pod: Pod, in view: View) -> [Key] {
    guard pod.controller == nil, !pod.isBeingDeleted else { return [] }
    return view.all(DaemonSet.self, in: pod.namespace).filter { $0.selector.matches(pod.metadata.labels) }.map(\.key)
  }

  // Nodes report often, and daemon sets do not ask how they are.
  private func setsThatLookAtNodes(_ event: Event, in view: View) -> [Key] {
    let node = Node(json: event.record.value)
    if event.type == .modified, let old = event.previous.map({ Node(json: $0.value) }), old.spec == node.spec,
      old.metadata.labels == node.metadata.labels
    {
      return []
    }
    return view.all(DaemonSet.self).map(\.key)
  }

  /// The set's pods, with the writes that take in orphans that its selector matches and let go pods that it no longer
  /// matches.
  private func claim(podsFor set: DaemonSet, in view: View) -> (Plan, [Pod]) {
    var plan = Plan()
    var claimed: [Pod] = []
    for pod in view.all(Pod.self, controlledBy: set) {
      if set.selector.matches(pod.metadata.labels) {
        claimed.append(pod)
      } else {
        plan.update(pod.released(by: set))
      }
    }
    for pod in view.all(Pod.self, in: set.namespace, matching: set.selector)
    where pod.controller == nil && pod.isActive {
      plan.update(pod.adopted(by: set))
      claimed.append(pod)
    }
    return (plan, claimed)
  }
}

extension ControllerRevision {
  /// What the pods of the revision carry as their label.
  var hash: String { metadata.labels[DaemonSet.hashLabel] ?? name }
}

extension RevisionHistory {
  fileprivate func names(usedBy pods: [Pod], and current: ControllerRevision) -> Set<String> {
    let hashes = Set(pods.compactMap { $0.metadata.labels[DaemonSet.hashLabel] })
    return Set(revisions.filter { hashes.contains($0.hash) }.map(\.name) + [current.name])
  }
}
