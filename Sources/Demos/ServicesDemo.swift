import ControlLoop
import Deployments
import Objects
import Pods
import Services

extension Demo {
  static let services = Demo(chapter: "4", title: "a service keeps its address while its pods come and go") {
    let cluster = try SimulatedCluster(through: 4, nameInTimeline: named, boxesBeside: rules)
    return Play(
      stage: cluster,
      steps: [
        Step(
          "A user creates a deployment of three pods, and a service for them.",
          note: "The service says: port 80, pods with the label app=web. Its address is nobody's; it is a rule.",
          length: 5
        ) {
          cluster.create(
            Deployment(name: "web", namespace: "default") {
              $0.spec.replicas = 3
              $0.spec.selector = SimulatedCluster.selector
              $0.spec.template = SimulatedCluster.template
            })
          cluster.create(
            Service(name: "web", namespace: "default") {
              $0.spec.clusterIP = "10.96.0.80"
              $0.spec.selector = ["app": "web"]
              $0.spec.ports = [ServicePort { $0.port = 80 }]
            })
        },
        Step(
          "Somebody deletes one of the pods.",
          ask: "Which addresses change: those of the pods, or the service's?",
          answer: "A new pod has a new address. The service keeps its own, and leads to the new one.",
          note:
            "A client that knew the old pod's address talks to nobody now. One that knows the service's notices nothing.",
          length: 5
        ) { if let pod = cluster.pods.first { cluster.delete(Pod.self, pod.name) } },
        Step(
          "The image changes to slow-2:v2, which takes two seconds to start.",
          ask: "Does the service lead to pods that have been started and are not ready?",
          answer: "No. It counts readiness, and the roll-out counts the same readiness: so there are always three.",
          note: "Nobody told the service of the roll-out. Both look at the pods.", length: 8
        ) { cluster.change(Deployment.self, "web") { $0.spec.template.spec.containers[0].image = "slow-2:v2" } },
        Step(
          "Now something breaks: a user mistypes the service's selector, app=wbe.",
          ask: "The pods run, and are ready. What does a client of the service see?",
          answer: "It is refused at once: the address has rules still, and they lead nowhere.",
          note:
            "The first thing to look at when a service is silent: kubectl get endpointslices. An empty one is a selector.",
          length: 4
        ) { cluster.change(Service.self, "web") { $0.spec.selector = ["app": "wbe"] } },
        Step(
          "The selector is corrected.", note: "Not one pod was touched, in either direction.", length: 4
        ) { cluster.change(Service.self, "web") { $0.spec.selector = ["app": "web"] } },
      ])
  }

  // Where the service leads, as a box.
  private static func rules(_ view: View) -> [Scene.Box] {
    guard let service = view.object(Service.self, "web", in: "default"),
      let frontend = ServiceRules(for: service.key, in: view, on: ProxyNode(name: "node-1"))?.frontends.first
    else { return [] }
    let lines = frontend.backends.map { Scene.Line("→", "\($0.address):\($0.port)") }
    return [Scene.Box(title: "web \(frontend.address ?? ""):\(frontend.port)", lines: lines)]
  }

  private static func named(_ pod: Pod) -> String {
    "\(pod.spec.containers.first?.image ?? "") \(pod.name.suffix(5))"
  }
}
