import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Services
import Simulation
import Store
import ViewFixtures

let ingressLayers: [Layer] = [.pods, .replicaSets, .deployments, .services]
private let ingressCluster = Cluster(layers: ingressLayers)

func backend(_ service: String, port: Int = 80) -> IngressBackend {
  IngressBackend {
    $0.service = IngressServiceBackend {
      $0.name = service
      $0.port.number = port
    }
  }
}

/// A path of a rule, and the service behind it: `path("/api", to: "api")`.
func path(_ path: String, _ type: PathType = .prefix, to service: String) -> HTTPIngressPath {
  HTTPIngressPath {
    $0.path = path
    $0.pathType = type
    $0.backend = backend(service)
  }
}

func rule(_ host: String?, _ paths: HTTPIngressPath...) -> IngressRule {
  IngressRule {
    $0.host = host
    $0.http = HTTPIngressRuleValue { $0.paths = paths }
  }
}

func ingress(
  _ name: String, in namespace: String = "default", age: Int = 0, _ rules: IngressRule...,
  change: (inout Ingress) -> Void = { _ in }
) -> Ingress {
  Ingress(name: name, namespace: namespace) {
    $0.metadata.creationTimestamp = World.epoch - .seconds(age)
    $0.spec.ingressClassName = "swiftlet"
    $0.spec.rules = rules
    change(&$0)
  }
}

func ingressClass(_ name: String = "swiftlet", controller: String = IngressController.identifier) -> IngressClass {
  IngressClass(name: name) { $0.spec.controller = controller }
}

/// A view of these objects as they are, and of nothing else.
func ingressView(_ objects: [any Resource]) throws -> View { try ingressCluster.view(of: objects) }

func makeRoutes(_ ingresses: Ingress...) throws -> IngressRoutes {
  IngressRoutes(in: try ingressView(ingresses + [ingressClass()]))
}

extension IngressRoutes {
  /// The name of the service that gets a request.
  func service(_ host: String, _ path: String) -> String? {
    destination(host: host, path: path)?.service?.name
  }
}
