import ControlLoop
import Foundation
import Objects
import Pods
import Services
import Store

@testable import Network

/// A store with what a test puts there, and the network that follows it.
final class NetworkWorld: Sendable {
  static let cluster = Cluster(layers: [.pods, .services])
  let store: Store
  let networking: ClusterNetworking

  init(_ change: (inout ClusterNetworking.Options) -> Void = { _ in }, hasPodNetwork: Bool = false) throws {
    store = try Store(storage: MemoryStorage(), indexes: Self.cluster.indexes)
    var options = ClusterNetworking.Options()
    (options.httpPort, options.httpsPort, options.dnsPort) = (nil, nil, nil)
    change(&options)
    networking = ClusterNetworking(
      store: store, cluster: Self.cluster, network: hasPodNetwork ? LoopbackNetwork() : nil, options: options)
    try put(Namespace(name: "default"))
  }

  /// Writes an object as it is, and lets the network see it.
  func put(_ object: some Resource) throws {
    let old = store.snapshot.record(object.key)
    _ = try store.commit([
      Write(object.key, .put(object.json), expecting: old.map { .revision($0.revision) } ?? .absent)
    ])[0].get()
    networking.catchUp()
  }

  func delete(_ object: some Resource) throws {
    guard let old = store.snapshot.record(object.key) else { return }
    _ = try store.commit([Write(object.key, .delete, expecting: .revision(old.revision))])[0].get()
    networking.catchUp()
  }

  /// A secret, which is a kind of another chapter: data in base64.
  func putSecret(_ name: String, certificate: String, key: String) throws {
    let address = Key(resource: "secrets", namespace: "default", name: name)
    let old = store.snapshot.record(address)
    func base64(_ text: String) -> Value { .string(Data(text.utf8).base64EncodedString()) }
    let secret: Value = [
      "apiVersion": "v1", "kind": "Secret", "metadata": ["name": .string(name), "namespace": "default"],
      "data": ["tls.crt": base64(certificate), "tls.key": base64(key)],
    ]
    _ = try store.commit([Write(address, .put(secret), expecting: old.map { .revision($0.revision) } ?? .absent)])[0]
      .get()
    networking.catchUp()
  }
}

/// A network whose addresses are those of the cluster, on this machine: 10.96.0.10 is 127.96.0.10 here.
final class LoopbackNetwork: ClusterNetwork {
  private let host = HostNetwork()

  static func local(_ address: String) -> String { address.hasPrefix("10.") ? "127." + address.dropFirst(3) : address }

  func listen(address: String, port: Int, transport: TransportProtocol) throws -> Int32 {
    try host.listen(address: Self.local(address), port: port, transport: transport)
  }

  func connect(address: String, port: Int, transport: TransportProtocol) async throws -> Int32 {
    try await host.connect(address: Self.local(address), port: port, transport: transport)
  }
}

/// A service of one port, named http.
func service(
  _ name: String = "web", port: Int = 80, nodePort: Int? = nil, clusterIP: String = "10.96.7.7",
  transport: TransportProtocol = .tcp, change: (inout Service) -> Void = { _ in }
) -> Service {
  Service(name: name, namespace: "default") {
    $0.spec.type = nodePort == nil ? .clusterIP : .nodePort
    $0.spec.clusterIP = clusterIP
    $0.spec.ports = [
      ServicePort {
        $0.name = "http"
        $0.protocol = transport
        $0.port = port
        $0.nodePort = nodePort
      }
    ]
    change(&$0)
  }
}

/// Where a service leads: addresses with ports of the loopback interface, each a slice of its own.
func slice(
  _ number: Int, of service: String = "web", port: Int, address: String = "127.0.0.1",
  transport: TransportProtocol = .tcp, ready: Bool = true
) -> EndpointSlice {
  EndpointSlice(name: "\(service)-\(number)", namespace: "default") {
    $0.metadata.labels = ["kubernetes.io/service-name": service]
    $0.addressType = .v4
    $0.ports = [
      EndpointPort {
        $0.name = "http"
        $0.protocol = transport
        $0.port = port
      }
    ]
    $0.endpoints = [
      Endpoint {
        $0.addresses = [address]
        $0.conditions.ready = ready
      }
    ]
  }
}
