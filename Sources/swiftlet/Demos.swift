import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Simulation

extension Demo {
  static let pods = Demo(
    chapter: 1, title: "a pod runs on a node, and nobody replaces it",
    steps: [
      Step("Three nodes are ready and have nothing to do."),
      Step("A user creates the pod web. The scheduler gives it a node, the node's agent starts it.") { world in
        world.perform([.create(pod("web", image: "web:1").json)])
      },
      Step("The program of another pod crashes after five seconds; its node starts it again, and waits longer each time.", seconds: 60) {
        $0.perform([.create(pod("crashing", image: "crash-5").json)])
      },
      Step("A user deletes web. It has 30 seconds to end, and ends at once.") {
        $0.delete(Pod.self, "web")
      },
      Step("Nothing brings web back: a bare pod has nobody who wants it.", seconds: 60),
    ])

  static let replicaSets = Demo(
    chapter: 2, title: "a replica set keeps three pods alive",
    steps: [
      Step("A user creates a replica set that asks for three pods.") { world in
        world.perform([.create(set.json)])
      },
      Step("Somebody deletes one of the pods. The set makes another one, with another name.") { world in
        if let pod = world.view.all(Pod.self, in: "default").first { world.delete(Pod.self, pod.name) }
      },
      Step("A user takes the label off one pod. The set lets it go and makes a new one; the old one runs on.") { world in
        guard var pod = world.view.all(Pod.self, in: "default").last else { return }
        pod.metadata.labels = ["app": "debug"]
        world.perform([.update(pod.json)])
      },
      Step("The set is scaled to one pod.") { world in
        guard var set = world.view.object(ReplicaSet.self, "web", in: "default") else { return }
        set.spec.replicas = 1
        world.perform([.update(set.json)])
      },
      Step("The set is deleted, and its pod is collected. The pod that was let go stays.", seconds: 10) {
        $0.delete(ReplicaSet.self, "web")
      },
    ])

  static let deployments = Demo(
    chapter: 3, title: "a deployment rolls out a change, and back",
    steps: [
      Step("A user creates a deployment of three pods. It makes a replica set, and that makes the pods.") { world in
        world.perform([.create(deployment.json)])
      },
      Step("The image changes to slow-2:v2. One pod more than three is allowed, so one new pod starts …", seconds: 1) {
        $0.setImage("slow-2:v2")
      },
      Step("… and old pods go as new ones become ready.", seconds: 3),
      Step("The roll-out is finished. The old set stays, empty, to go back to.", seconds: 8),
      Step("The next image does not exist. The roll-out stops after one pod; three old ones keep serving.", seconds: 20) {
        $0.setImage("missing:3")
      },
      Step("The user goes back to slow-2:v2. The broken pod is thrown away.", seconds: 10) { $0.setImage("slow-2:v2") },
    ])

  private static func pod(_ name: String, image: String) -> Pod {
    Pod(name: name, namespace: "default") {
      $0.spec.containers = [
        Container {
          $0.name = "web"
          $0.image = image
        }
      ]
    }
  }

  private static var template: PodTemplateSpec {
    PodTemplateSpec {
      $0.metadata.labels = ["app": "web"]
      $0.spec = pod("", image: "web:1").spec
    }
  }

  private static var set: ReplicaSet {
    ReplicaSet(name: "web", namespace: "default") {
      $0.spec.replicas = 3
      $0.spec.selector = LabelSelector { $0.matchLabels = ["app": "web"] }
      $0.spec.template = template
    }
  }

  private static var deployment: Deployment {
    Deployment(name: "web", namespace: "default") {
      $0.spec.replicas = 3
      $0.spec.selector = LabelSelector { $0.matchLabels = ["app": "web"] }
      $0.spec.template = template
    }
  }
}

extension World {
  func delete<T: Resource>(_ type: T.Type, _ name: String) {
    perform([.delete(T.key(name, in: "default"), DeleteOptions(propagationPolicy: .background))])
  }

  func setImage(_ image: String) {
    guard var deployment = view.object(Deployment.self, "web", in: "default") else { return }
    deployment.spec.template.spec.containers[0].image = image
    perform([.update(deployment.json)])
  }
}
