import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Simulation
import Store
import ViewFixtures

// One look at a deployment: its sets as they might stand in the store, and the plan that is made from them.

/// When the plans of the tests are made.
let now = World.epoch + .seconds(1_000)

let revision = "deployment.kubernetes.io/revision"

/// A deployment of web:2 in the middle of its second roll-out, with one pod of surge and none missing.
func rollingDeployment(
  replicas: Int = 3, _ change: (inout Deployment) -> Void = { _ in }
) -> Deployment {
  makeDeployment(replicas: replicas, image: "web:2") {
    $0.metadata.uid = "deployment"
    $0.metadata.annotations[revision] = "2"
    $0.spec.progressDeadlineSeconds = 600
    $0.spec.strategy.rollingUpdate = RollingUpdateDeployment {
      $0.maxSurge = .integer(1)
      $0.maxUnavailable = .integer(0)
    }
    change(&$0)
  }
}

/// The set of an image, as its deployment and its own controller have left it.
func makeSet(
  _ image: String, size: Int, available: Int? = nil, revision number: Int, of deployment: Deployment,
  sizedFor replicas: Int? = nil, _ change: (inout ReplicaSet) -> Void = { _ in }
) -> ReplicaSet {
  ReplicaSet(name: "web-" + image.filter { $0 != ":" }, namespace: "default") {
    $0.metadata.uid = image
    $0.metadata.creationTimestamp = World.epoch + .seconds(number)
    $0.metadata.labels = ["app": "web", "pod-template-hash": image]
    $0.metadata.annotations = [
      revision: String(number),
      "deployment.kubernetes.io/desired-replicas": String(replicas ?? deployment.replicas),
      "deployment.kubernetes.io/max-replicas": String((replicas ?? deployment.replicas) + 1),
    ]
    $0.metadata.ownerReferences = [OwnerReference(controller: deployment)]
    $0.spec.replicas = size
    $0.spec.selector = LabelSelector { $0.matchLabels = ["app": "web", "pod-template-hash": image] }
    $0.spec.template = deployment.spec.template
    $0.spec.template.metadata.labels["pod-template-hash"] = image
    $0.spec.template.spec.containers[0].image = image
    $0.status.replicas = size
    $0.status.readyReplicas = available ?? size
    $0.status.availableReplicas = available ?? size
    change(&$0)
  }
}

/// What the controller wants when it sees these objects and nothing else.
func plan(for deployment: Deployment, seeing objects: [any Resource]) throws -> Plan {
  try DeploymentController().reconcile(deployment.key, in: makeView([deployment] + objects), at: now)
}

/// A view of these objects and nothing else.
func makeView(_ objects: [any Resource]) throws -> View { try Cluster(layers: layers).view(of: objects) }

extension Plan {
  /// The objects that are created or updated, the status left alone.
  var written: [Object] {
    intents.compactMap {
      switch $0 {
      case .create(let object), .update(let object): Object(json: object)
      default: nil
      }
    }
  }

  var writtenSets: [ReplicaSet] {
    written.filter { $0.kindName == ReplicaSet.kind.name }.map { ReplicaSet(json: $0.json) }
  }

  /// The sizes that are written, by image.
  var sizes: [String: Int] {
    writtenSets.reduce(into: [:]) { $0[$1.spec.template.spec.containers.first?.image ?? ""] = $1.replicas }
  }

  var status: DeploymentStatus? {
    intents.lazy.compactMap { if case .updateStatus(let object) = $0 { Deployment(json: object).status } else { nil } }
      .first
  }
}
