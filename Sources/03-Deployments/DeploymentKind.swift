import ControlLoop
public import Objects
import Pods
import ReplicaSets

extension Deployment {
  /// How many pods there should be.
  public var replicas: Int { self.spec.replicas ?? 1 }

  public var selector: LabelQuery { LabelQuery(self.spec.selector) }

  /// How many pods may be too many during a rolling update.
  public var maxSurge: Int { isRolling ? bounds.surge : 0 }

  /// How many pods may be missing during a rolling update.
  public var maxUnavailable: Int { isRolling ? bounds.unavailable : 0 }

  var isRolling: Bool { self.spec.strategy.type ?? .rollingUpdate == .rollingUpdate }

  // If both came to nothing, no pod could ever be replaced.
  private var bounds: (surge: Int, unavailable: Int) {
    let rolling = self.spec.strategy.rollingUpdate
    let surge = rolling?.maxSurge?.scaled(of: replicas, roundingUp: true) ?? 0
    let unavailable = rolling?.maxUnavailable?.scaled(of: replicas, roundingUp: false) ?? 0
    return (surge, surge == 0 && unavailable == 0 ? 1 : min(unavailable, replicas))
  }

  public static let kind = Kind(
    Deployment.self, group: "apps", name: "Deployment", resource: "deployments", shortNames: ["deploy"],
    categories: ["all"]
  ).with {
    $0.hasStatus = true
    $0.countsGenerations = true
    $0.scale = ScalePaths()
    $0.columns =
      [
        Column("Ready", "Ready pods of those that there should be.") { deployment, _ in
          let deployment = Deployment(json: deployment)
          return .string("\(deployment.status.readyReplicas ?? 0)/\(deployment.replicas)")
        },
        Column("Up-to-date", "Pods made from the current template.") { deployment, _ in
          .integer(Int64(Deployment(json: deployment).status.updatedReplicas ?? 0))
        },
        Column("Available", "Pods that have been ready for minReadySeconds.") { deployment, _ in
          .integer(Int64(Deployment(json: deployment).status.availableReplicas ?? 0))
        },
        .age,
      ]
      + TemplateColumns.columns(
        template: { Deployment(json: $0).spec.template }, selector: { Deployment(json: $0).spec.selector })
  }
}

extension IntOrString {
  public var isZero: Bool { self == .integer(0) || percentage == 0 }
}
