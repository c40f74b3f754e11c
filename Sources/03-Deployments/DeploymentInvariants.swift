public import ControlLoop
import Objects
import Pods
import ReplicaSets
import Store

extension Layer {
  /// Chapter 3.
  public static let deployments = Layer(chapter: 3, name: "Deployments") {
    $0.kinds = [Deployment.kind]
    $0.controllers = [DeploymentController()]
    $0.invariants = [.deploymentsFinish]
  }
}

extension Invariant {
  /// Left alone, every deployment that is not paused ends up with pods of its template only.
  static let deploymentsFinish = Invariant.eventually("every roll-out finishes", within: .seconds(1_800)) { view, _ in
    for deployment in view.all(Deployment.self) where !deployment.isBeingDeleted && deployment.spec.paused != true {
      let sets = view.all(ReplicaSet.self, controlledBy: deployment)
      guard let current = deployment.newSet(among: sets) else {
        return "\(deployment.name) has no set for its template"
      }
      if current.replicas != deployment.replicas { return "\(current.name) has size \(current.replicas)" }
      if let old = sets.first(where: { $0.uid != current.uid && $0.replicas > 0 }) {
        return "\(old.name) is still there"
      }
      if !deployment.isComplete { return "\(deployment.name) does not report that it is complete" }
    }
    return nil
  }
}
