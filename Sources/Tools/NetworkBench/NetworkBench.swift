import ControlLoop
import Foundation
import Network
import Objects
import Pods
import Services
import Store

/// Leads connections and requests to a server that is there already, so that a load generator can compare three ways to
/// it: directly, through the proxy, and through the ingress.
///
///     network-bench 9000        the server's port; the two others are printed
@main
struct NetworkBench {
  static func main() async throws {
    guard CommandLine.arguments.count > 1, let port = Int(CommandLine.arguments[1]) else {
      print("usage: network-bench PORT [NODEPORT [HTTPPORT]]")
      return
    }
    func argument(_ index: Int, _ usual: Int) -> Int {
      CommandLine.arguments.count > index ? Int(CommandLine.arguments[index]) ?? usual : usual
    }
    let (nodePort, httpPort) = (argument(2, 30_080), argument(3, 8_080))
    let cluster = Cluster(layers: [.pods, .services])
    let store = try Store(storage: MemoryStorage(), indexes: cluster.indexes)
    for object in objects(backend: port, nodePort: nodePort) {
      _ = try store.commit([Write(object.key, .put(object.json), expecting: .absent)])[0].get()
    }
    var options = ClusterNetworking.Options()
    (options.httpPort, options.httpsPort, options.dnsPort) = (httpPort, nil, nil)
    let networking = ClusterNetworking(store: store, cluster: cluster, network: nil, options: options)
    let report = try await networking.start()
    for problem in report.problems { print(problem) }
    print("directly             http://127.0.0.1:\(port)/")
    print("through the proxy    http://127.0.0.1:\(nodePort)/")
    print("through the ingress  http://127.0.0.1:\(report.http ?? 0)/")
    fflush(nil)
    while true { try await Task.sleep(for: .seconds(3_600)) }
  }

  private static func objects(backend port: Int, nodePort: Int) -> [any Resource] {
    let service = Service(name: "web", namespace: "default") {
      $0.spec.type = .nodePort
      $0.spec.clusterIP = "10.96.1.1"
      $0.spec.ports = [
        ServicePort {
          $0.port = 80
          $0.nodePort = nodePort
        }
      ]
    }
    let slice = EndpointSlice(name: "web", namespace: "default") {
      $0.metadata.labels = ["kubernetes.io/service-name": "web"]
      $0.addressType = .v4
      $0.ports = [EndpointPort { $0.port = port }]
      $0.endpoints = [Endpoint { $0.addresses = ["127.0.0.1"] }]
    }
    let ingress = Ingress(name: "web", namespace: "default") {
      $0.spec.ingressClassName = "swiftlet"
      $0.spec.defaultBackend = IngressBackend {
        $0.service = IngressServiceBackend {
          $0.name = "web"
          $0.port.number = 80
        }
      }
    }
    return [
      service, slice, ingress, IngressClass(name: "swiftlet") { $0.spec.controller = IngressController.identifier },
    ]
  }
}
