public import ControlLoop
import Objects
import Pods
import Simulation
import Store

extension Layer {
  /// Chapter 4.
  public static let services = Layer(chapter: 4, name: "Services") {
    $0.kinds = [Service.kind, Endpoints.kind, EndpointSlice.kind]
    $0.extensions = [FacetExtension(of: PodSpec.self, with: PodNaming.self)]
    $0.admission = [ServiceAllocation.step]
    $0.controllers = [
      EndpointSliceController(), EndpointsController(), EndpointsMirror(), LoadBalancerController(),
      NodeAddressController(),
    ]
    $0.indexes = [.clusterIP, .nodePort, .balancerAddress, .selector, .endpointAddress, .podCIDR]
    $0.invariants = [
      .addressesAreUnique, .slicesStaySmall, .rulesLeadToEndpoints, .slicesShowThePods, .balancersAreProvided,
    ]
    $0.initialObjects = [Service.api.json, EndpointSlice.api(address: "127.0.0.1", port: 6_443).json]
    $0.contributions = UserAction.services + [ServiceNamesStage()]
    $0.addIngress()
  }
}

// MARK: The API is a service

extension Service {
  /// The API, as pods reach it.
  static let api = Service(name: "kubernetes", namespace: "default") {
    $0.metadata.labels = ["component": "apiserver", "provider": "kubernetes"]
    $0.spec.type = .clusterIP
    $0.spec.clusterIP = ClusterAddresses.api.description
    $0.spec.ports = [
      ServicePort {
        $0.name = "https"
        $0.port = 443
        $0.targetPort = .integer(6_443)
      }
    ]
  }
}

extension EndpointSlice {
  /// Where the API's service leads. No controller knows it: whoever starts the API server writes it.
  public static func api(address: String, port: Int) -> EndpointSlice {
    EndpointSlice(name: "kubernetes", namespace: "default") {
      $0.metadata.labels = [SliceWriter.serviceLabel: "kubernetes"]
      $0.addressType = .v4
      $0.ports = [
        EndpointPort {
          $0.name = "https"
          $0.protocol = .tcp
          $0.port = port
        }
      ]
      $0.endpoints = [
        Endpoint {
          $0.addresses = [address]
          $0.conditions.ready = true
        }
      ]
    }
  }
}
