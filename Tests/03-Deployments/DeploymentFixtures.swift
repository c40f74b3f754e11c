import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Simulation
import Store

/// The layers under test.
let layers: [Layer] = [.pods, .replicaSets, .deployments]

func makeDeployment(
  _ name: String = "web", replicas: Int, image: String = "web:1", _ change: (inout Deployment) -> Void = { _ in }
) -> Deployment {
  Deployment(name: name, namespace: "default") {
    $0.spec.replicas = replicas
    $0.spec.selector = LabelSelector { $0.matchLabels = ["app": name] }
    $0.spec.template.metadata.labels = ["app": name]
    $0.spec.template.spec.containers = [
      Container {
        $0.name = "main"
        $0.image = image
      }
    ]
    change(&$0)
  }
}

extension World {
  var deployment: Deployment? { view.object(Deployment.self, "web", in: "default") }

  var sets: [ReplicaSet] { view.all(ReplicaSet.self, in: "default") }

  var pods: [Pod] { view.all(Pod.self, in: "default").filter(\.isActive) }

  /// The set whose pods run this image.
  func set(of image: String) -> ReplicaSet? {
    sets.first { $0.spec.template.spec.containers.first?.image == image }
  }

  func change(_ change: (inout Deployment) -> Void) {
    guard var deployment else { return }
    change(&deployment)
    perform([.update(deployment.json)])
  }

  func setImage(_ image: String) {
    change { $0.spec.template.spec.containers[0].image = image }
  }

  func condition(_ type: String) -> DeploymentCondition? {
    deployment?.status.conditions.first { $0.type == type }
  }
}
