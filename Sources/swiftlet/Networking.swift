import Certificates
import ControlLoop
import Foundation
import Network
import Objects
import ProcessRuntime
import Runner
import Services
import Store

/// The cluster's network on this machine: services' addresses, names, and requests from outside.
struct Networking: Sendable {
  /// Ports of this machine; 0 for any that is free.
  struct Ports {
    var ingress = 8080
    var ingressTLS = 8443
    var dns = 10_053
  }

  private let networking: ClusterNetworking
  private let report: ClusterNetworking.Report

  /// Starts it; nil when the cluster's chapters have no services.
  /// - Parameters:
  ///   - pods: the network of the cluster's pods.
  ///   - port: where the API server listens.
  static func start(
    for cluster: Cluster, _ store: Store, pods: PodNetwork, api port: Int, _ ports: Ports,
    _ authority: CertificateAuthority
  ) async throws -> Networking? {
    guard cluster.scheme.kind(resource: Service.kind.groupResource) != nil else { return nil }
    try announceAPI(at: port, in: cluster, store)
    var options = ClusterNetworking.Options()
    (options.httpPort, options.httpsPort, options.dnsPort) = (ports.ingress, ports.ingressTLS, ports.dns)
    let identity = try authority.issueServer(
      ServerNames(["localhost", "127.0.0.1"]), commonName: "ingress", at: Date())
    options.identity = IngressIdentity(
      certificatePEM: identity.certificatePEM, privateKeyPEM: identity.privateKeyPEM)
    let networking = ClusterNetworking(
      store: store, cluster: cluster, network: pods.form == .namespaces ? pods : nil, options: options)
    return Networking(networking: networking, report: try await networking.start())
  }

  func stop() async { await networking.stop() }

  /// Where the Ingress answers without TLS.
  var ingress: String? { report.http.map { "http://localhost:\($0)" } }

  /// Where the Ingress can be reached, and what could not be had.
  var summary: [String] {
    let places = [ingress, report.https.map { "https://localhost:\($0)" }].compactMap(\.self)
    return (places.isEmpty ? [] : ["  ingress: \(places.joined(separator: " and "))"])
      + report.problems.map { "  note:   \($0)" }
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
