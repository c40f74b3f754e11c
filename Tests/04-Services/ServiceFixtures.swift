import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Simulation
import Store

@testable import Services

let serviceLayers: [Layer] = [.pods, .replicaSets, .deployments, .services]
private let serviceCluster = Cluster(layers: serviceLayers)

/// A service with one port, 80, for the pods with the label app=NAME.
func makeService(_ name: String = "web", _ change: (inout Service) -> Void = { _ in }) -> Service {
  Service(name: name, namespace: "default") {
    $0.spec.selector = ["app": name]
    $0.spec.ports = [servicePort(80)]
    change(&$0)
  }
}

func servicePort(
  _ port: Int, _ name: String? = nil, _ transport: TransportProtocol = .tcp, target: IntOrString? = nil,
  node: Int? = nil
) -> ServicePort {
  ServicePort {
    $0.name = name
    $0.port = port
    $0.protocol = transport
    $0.targetPort = target
    $0.nodePort = node
  }
}

/// A service as the store has it: complete, with an address.
func storedService(
  _ name: String = "web", ip: String = "10.96.1.1", _ change: (inout Service) -> Void = { _ in }
) -> Service {
  var service = makeService(name) {
    $0.metadata.uid = "service-" + name
    $0.spec.clusterIP = ip
    $0.spec.clusterIPs = [ip]
    change(&$0)
  }
  serviceCluster.scheme.applyDefaults(to: &service.json, as: Service.self)
  return service
}

/// A pod that runs on a node and has an address.
func runningPod(
  _ name: String, ip: String, node: String = "node-1", labels: Mapping<String> = ["app": "web"], isReady: Bool = true,
  isEnding: Bool = false, _ change: (inout Pod) -> Void = { _ in }
) -> Pod {
  Pod(name: name, namespace: "default") {
    $0.metadata.uid = "uid-" + name
    $0.metadata.labels = labels
    $0.metadata.deletionTimestamp = isEnding ? World.epoch : nil
    $0.spec.nodeName = node
    $0.spec.containers = [Container { $0.name = "main" }]
    $0.status.phase = .running
    $0.status.podIP = ip
    $0.status.podIPs = [PodIP { $0.ip = ip }]
    $0.status.conditions.set("Ready", isReady ? "True" : "False", at: World.epoch)
    change(&$0)
  }
}

func makeEndpoint(
  _ address: String, node: String = "node-1", ready: Bool = true, serving: Bool? = nil, terminating: Bool = false,
  zones: [String] = [], nodes: [String] = [], hostname: String? = nil
) -> Endpoint {
  Endpoint {
    $0.addresses = [address]
    $0.nodeName = node
    $0.hostname = hostname
    $0.conditions.ready = ready
    $0.conditions.serving = serving ?? ready
    $0.conditions.terminating = terminating
    guard !zones.isEmpty || !nodes.isEmpty else { return }
    $0.hints = EndpointHints {
      $0.forZones = zones.map { zone in ForZone { $0.name = zone } }
      $0.forNodes = nodes.map { node in ForNode { $0.name = node } }
    }
  }
}

/// A slice of the service "web", or of another, with the port 8080.
func makeSlice(
  _ endpoints: Endpoint..., named name: String = "web-1", of service: String = "web", port: String = ""
) -> EndpointSlice {
  EndpointSlice(name: name, namespace: "default") {
    $0.metadata.labels = [SliceWriter.serviceLabel: service]
    $0.addressType = .v4
    $0.ports = [
      EndpointPort {
        $0.name = port
        $0.protocol = .tcp
        $0.port = 8_080
      }
    ]
    $0.endpoints = endpoints
  }
}

func makeNode(_ name: String, zone: String? = nil) -> Node {
  Node(name: name) { $0.metadata.labels["topology.kubernetes.io/zone"] = zone }
}

/// A store with these objects as they are, and the namespace "default".
func makeStore(_ objects: [any Resource]) throws -> Store {
  let store = try Store(storage: MemoryStorage(), indexes: serviceCluster.indexes)
  for object in [Namespace(name: "default")] + objects { try store.put(object) }
  return store
}

func serviceView(_ objects: any Resource...) throws -> View { serviceCluster.view(of: try makeStore(objects).snapshot) }

extension Store {
  func put(_ object: any Resource) throws {
    _ = try commit([Write(object.key, .put(object.json), expecting: .anything)])[0].get()
  }

  var view: View { serviceCluster.view(of: snapshot) }
}

extension World {
  /// A cluster with all layers up to this one, in which nothing goes wrong.
  static func quiet(seed: UInt64 = 1) throws -> World { try World(layers: serviceLayers, seed: seed) }

  /// What comes of creating an object: nothing, or the sentence of its refusal.
  func refusal(of object: some Resource) -> String? { perform([.create(object.json)]).first?.message }

  func service(_ name: String = "web") -> Service? { view.object(Service.self, name, in: "default") }

  /// Changes the service as it is now; the sentence of the refusal, if it is refused.
  @discardableResult
  func change(_ name: String = "web", _ change: (inout Service) -> Void) -> String? {
    guard var service = service(name) else { return "no service" }
    change(&service)
    return perform([.update(service.json)]).first?.message
  }
}

extension Plan {
  var createdSlices: [EndpointSlice] {
    intents.compactMap { if case .create(let value) = $0 { EndpointSlice(json: value) } else { nil } }
  }

  var updatedSlices: [EndpointSlice] {
    intents.compactMap { if case .update(let value) = $0 { EndpointSlice(json: value) } else { nil } }
  }

  var deletedNames: [String] {
    intents.compactMap { if case .delete(let key, _) = $0 { key.name } else { nil } }
  }
}

/// Pods with the label app=web, which serve as soon as they run.
func webDeployment(replicas: Int) -> Deployment {
  Deployment(name: "web", namespace: "default") {
    $0.spec.replicas = replicas
    $0.spec.selector = LabelSelector { $0.matchLabels = ["app": "web"] }
    $0.spec.template.metadata.labels = ["app": "web"]
    $0.spec.template.spec.containers = [
      Container {
        $0.name = "web"
        $0.image = "web:v1"
      }
    ]
  }
}
