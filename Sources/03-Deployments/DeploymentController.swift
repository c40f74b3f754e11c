public import ControlLoop
public import Objects
import Pods
import ReplicaSets
public import Store

/// Moves a deployment towards its template: makes the replica set for it, and shifts size from the old sets to the new
/// one, one step at a time, each step within the bounds of the strategy.
///
/// Specified by the Kubernetes API reference (Deployment v1 apps).
public struct DeploymentController: Controller {
  public let name = "deployment-controller"

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(Deployment.self),
      .on(ReplicaSet.self, controlledBy: Deployment.self),
      .on(ReplicaSet.self, keys: deploymentsThatMightAdopt),
      .on(Pod.self, keys: deploymentsThatWaitForPods),
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let deployment = view[Deployment.self, key] else { return .nothing }
    let (claims, sets) = claim(setsFor: deployment, in: view)
    var plan = claims
    var rollout = Rollout(of: deployment, sets: sets, in: view, at: now)
    if !deployment.isBeingDeleted { plan += rollout.nextStep() }
    plan += rollout.status()
    return plan
  }

  private func deploymentsThatMightAdopt(_ set: ReplicaSet, in view: View) -> [Key] {
    guard set.controller == nil, !set.isBeingDeleted else { return [] }
    return view.all(Deployment.self, in: set.namespace).filter { $0.selector.matches(set.metadata.labels) }.map(\.key)
  }

  // Recreate goes on when the last old pod has gone.
  private func deploymentsThatWaitForPods(_ pod: Pod, in view: View) -> [Key] {
    guard pod.isBeingDeleted || pod.isFinished, let set = pod.controller, set.kind == ReplicaSet.kind.name,
      let owner = view.object(ReplicaSet.self, set.name ?? "", in: pod.namespace)?.controller,
      let deployment = view.object(Deployment.self, owner.name ?? "", in: pod.namespace), !deployment.isRolling
    else { return [] }
    return [deployment.key]
  }

  /// The deployment's sets, with the writes that take in orphans and let go sets that it no longer selects.
  private func claim(setsFor deployment: Deployment, in view: View) -> (Plan, [ReplicaSet]) {
    var plan = Plan()
    var claimed: [ReplicaSet] = []
    for set in view.all(ReplicaSet.self, in: deployment.namespace) {
      let isSelected = deployment.selector.matches(set.metadata.labels)
      if set.controller?.uid == deployment.uid {
        if isSelected || deployment.isBeingDeleted {
          claimed.append(set)
        } else {
          plan.update(set.released(by: deployment))
        }
      } else if isSelected, set.controller == nil, !set.isBeingDeleted, !deployment.isBeingDeleted {
        plan.update(set.adopted(by: deployment))
        claimed.append(set)
      }
    }
    return (plan, claimed)
  }
}
