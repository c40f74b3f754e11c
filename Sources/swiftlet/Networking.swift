import Certificates
import ControlLoop
import Foundation
import Network
import Objects
import ProcessRuntime
import Runner
import Services
import Store
import Synchronization

/// The cluster's network on this machine: services' addresses, names, and requests from outside. A process has one.
enum Networking {
  private static let running = Mutex<ClusterNetworking?>(nil)
  private static let report = Mutex<ClusterNetworking.Report?>(nil)

  /// Starts it, unless the cluster's chapters have no services.
  /// - Parameters:
  ///   - pods: the network of the cluster's pods.
  ///   - port: where the API server listens.
  static func start(
    for cluster: Cluster, _ store: Store, pods: PodNetwork, api port: Int, _ authority: CertificateAuthority
  ) async throws {
    guard cluster.scheme.kind(resource: Service.kind.groupResource) != nil else { return }
    try announceAPI(at: port, in: cluster, store)
    var options = ClusterNetworking.Options()
    let identity = try authority.issueServer(
      ServerNames(["localhost", "127.0.0.1"]), commonName: "ingress", at: Date())
    options.identity = IngressIdentity(
      certificatePEM: identity.certificatePEM, privateKeyPEM: identity.privateKeyPEM)
    let networking = ClusterNetworking(
      store: store, cluster: cluster, network: pods.form == .namespaces ? pods : nil, options: options)
    let started = try await networking.start()
    running.withLock { $0 = networking }
    report.withLock { $0 = started }
  }

  static func stop() async {
    let networking = running.withLock { running in
      defer { running = nil }
      return running
    }
    await networking?.stop()
  }

  /// Where the ingress can be reached, and what could not be had.
  static var summary: [String] {
    guard let report = report.withLock({ $0 }) else { return [] }
    let places = [report.http.map { "http://localhost:\($0)" }, report.https.map { "https://localhost:\($0)" }]
      .compactMap(\.self)
    return (places.isEmpty ? [] : ["Ingress listens at \(places.joined(separator: " and "))."])
      + report.problems.map { "Note: \($0)" }
  }

  /// The service `kubernetes` leads to the API server, wherever that listens this time.
  private static func announceAPI(at port: Int, in cluster: Cluster, _ store: Store) throws {
    let wanted = EndpointSlice.api(address: "127.0.0.1", port: port)
    let view = cluster.view(of: store.snapshot)
    guard var slice = view[EndpointSlice.self, wanted.key],
      slice.ports != wanted.ports || slice.endpoints != wanted.endpoints
    else { return }
    slice.ports = wanted.ports
    slice.endpoints = wanted.endpoints
    let write = try cluster.registry.update(slice.json, of: EndpointSlice.kind, in: view, at: SystemClock.now())
    for case .failure(let error) in store.commit([write]) { throw StatusError(error, for: write.key) }
  }
}
