public import ControlLoop
public import Objects
public import Pods
public import Store

// What the proxy of a node does: a function of the snapshot, one service at a time. Who carries it out (a program that
// copies bytes, or the kernel) knows nothing of services, policies and hints.

/// Where a connection can be led.
public struct Backend: Sendable, Hashable {
  public var address: String
  public var port: Int

  public init(address: String, port: Int) {
    self.address = address
    self.port = port
  }
}

/// An address and a port on which a service is reached, and what becomes of connections that arrive there.
public struct Frontend: Sendable, Hashable {
  /// Nil for every address that the node itself has.
  public var address: String?
  public var port: Int
  public var transport: TransportProtocol
  /// Where connections from outside of the cluster are led, or, on a cluster IP, all connections.
  public var backends: [Backend] = []
  /// Where connections of the cluster's own pods are led.
  public var backendsInside: [Backend] = []
  /// What becomes of connections when there is no backend: refused at once, or left without an answer, because another
  /// node has one and whoever balances the load should find it.
  public var isSilentWhenEmpty = false
  /// From where connections are accepted; empty for everywhere.
  public var sources: [CIDR] = []
  /// Whether backends must see the client's own address.
  public var keepsSource = false
  /// For how many seconds after its last connection a client is led to the same backend again; nil for not at all.
  public var affinity: Int?

  public init(address: String?, port: Int, transport: TransportProtocol) {
    self.address = address
    self.port = port
    self.transport = transport
  }
}

/// The port on which a node tells load balancers whether it has pods of a service. (KEP-3836.)
public struct HealthCheck: Sendable, Hashable {
  public var port: Int
  public var service: Key
  public var localEndpoints: Int

  /// An answer to any HTTP request there: load balancers look at the code.
  public var answer: (status: Int, headers: [(name: String, value: String)], body: Value) {
    let body: Value = [
      "service": ["namespace": .string(service.namespace), "name": .string(service.name)],
      "localEndpoints": .integer(Int64(localEndpoints)), "serviceProxyHealthy": true,
    ]
    let headers = [
      ("Content-Type", "application/json"), ("X-Content-Type-Options", "nosniff"),
      ("X-Load-Balancing-Endpoint-Weight", String(localEndpoints)),
    ]
    return (localEndpoints > 0 ? 200 : 503, headers.map { (name: $0.0, value: $0.1) }, body)
  }
}

/// The node that a proxy works for.
public struct ProxyNode: Sendable, Hashable {
  public var name: String
  public var zone: String?

  public init(name: String, zone: String? = nil) {
    self.name = name
    self.zone = zone
  }
}

/// Everything that a node's proxy does for one service.
public struct ServiceRules: Sendable, Hashable {
  public let service: Key
  public private(set) var frontends: [Frontend] = []
  public private(set) var healthCheck: HealthCheck?

  /// Nil when a proxy has nothing to do with it: no such service, only a name, or somebody else's.
  public init?(for key: Key, in view: View, on node: ProxyNode) {
    guard let service = view[Service.self, key], service.spec.needsClusterIP, !service.spec.isHeadless,
      let clusterIP = service.spec.clusterIP, !clusterIP.isEmpty,
      service.metadata.labels["service.kubernetes.io/service-proxy-name"] == nil
    else { return nil }
    self.service = key
    let slices = view.slices(of: key).filter { $0.addressType == .v4 && !$0.isBeingDeleted }
    for port in service.spec.ports {
      let choice = Reachable(port, in: slices, of: service, from: node)
      add(frontendsOf: service, port, at: clusterIP, choice)
    }
    if service.spec.needsHealthCheckPort, let port = service.spec.healthCheckNodePort {
      let local = slices.flatMap(\.endpoints).filter { $0.isReady && $0.nodeName == node.name }
      healthCheck = HealthCheck(
        port: port, service: key, localEndpoints: Set(local.compactMap(\.addresses.first)).count)
    }
  }

  private mutating func add(
    frontendsOf service: Service, _ port: ServicePort, at clusterIP: String, _ reachable: Reachable
  ) {
    let spec = service.spec
    let transport = port.protocol ?? .tcp
    func frontend(_ address: String?, _ number: Int, isExternal: Bool) -> Frontend {
      var frontend = Frontend(address: address, port: number, transport: transport)
      frontend.affinity =
        spec.sessionAffinity == .clientIP ? spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800 : nil
      let isLocal = (isExternal ? spec.externalTrafficPolicy : spec.internalTrafficPolicy) == .local
      frontend.backends = isLocal ? reachable.local : reachable.cluster
      // From inside an outer address is a detour to the same service: the policy is about clients outside.
      frontend.backendsInside = isExternal ? reachable.cluster : frontend.backends
      frontend.isSilentWhenEmpty = isLocal && reachable.hasAny
      frontend.keepsSource = isExternal && isLocal
      return frontend
    }
    frontends.append(frontend(clusterIP, port.port ?? 0, isExternal: false))
    for address in spec.externalIPs { frontends.append(frontend(address, port.port ?? 0, isExternal: true)) }
    guard spec.type == .nodePort || spec.type == .loadBalancer else { return }
    if let number = port.nodePort, number != 0 { frontends.append(frontend(nil, number, isExternal: true)) }
    for ingress in service.status.loadBalancer.ingress where ingress.ipMode ?? "VIP" == "VIP" {
      guard let address = ingress.ip else { continue }
      var balanced = frontend(address, port.port ?? 0, isExternal: true)
      balanced.sources = spec.loadBalancerSourceRanges.compactMap { CIDR($0) }
      frontends.append(balanced)
    }
  }
}

// MARK: Which endpoints

extension Endpoint {
  // What is not said counts as yes.
  var isReady: Bool { self.conditions.ready ?? true }

  fileprivate var isLastResort: Bool {
    self.conditions.terminating == true && self.conditions.serving ?? isReady
  }
}

/// The backends of one port of a service, as seen from one node.
struct Reachable {
  /// For traffic that may go anywhere.
  var cluster: [Backend]
  /// For traffic that has to stay on the node.
  var local: [Backend]
  /// Whether any node has one.
  var hasAny: Bool

  init(_ port: ServicePort, in slices: [EndpointSlice], of service: Service, from node: ProxyNode) {
    var found: [(endpoint: Endpoint, backend: Backend)] = []
    for slice in slices {
      let match = slice.ports.first { $0.name ?? "" == port.name ?? "" && $0.protocol ?? .tcp == port.protocol ?? .tcp }
      guard let number = match?.port else { continue }
      for endpoint in slice.endpoints {
        guard let address = endpoint.addresses.first else { continue }
        found.append((endpoint, Backend(address: address, port: number)))
      }
    }
    // Pods that are about to end, and still answer, are better than none.
    func usable(_ candidates: [(endpoint: Endpoint, backend: Backend)]) -> [(endpoint: Endpoint, backend: Backend)] {
      let ready = candidates.filter(\.endpoint.isReady)
      return ready.isEmpty ? candidates.filter(\.endpoint.isLastResort) : ready
    }
    let all = usable(found)
    hasAny = !all.isEmpty
    let near = all.first?.endpoint.isReady == true ? Self.near(all, node) : all
    cluster = near.map(\.backend).uniqued()
    local = usable(found.filter { $0.endpoint.nodeName == node.name }).map(\.backend).uniqued()
  }

  // Hints count if every endpoint has one and some are for this node, or else for its zone. Otherwise this node would
  // be cut off by what is meant as a preference.
  private static func near(
    _ all: [(endpoint: Endpoint, backend: Backend)], _ node: ProxyNode
  ) -> [(endpoint: Endpoint, backend: Backend)] {
    let forNodes = all.map { $0.endpoint.hints?.forNodes.compactMap(\.name) ?? [] }
    let forZones = all.map { $0.endpoint.hints?.forZones.compactMap(\.name) ?? [] }
    for (hints, place) in [(forNodes, node.name), (forZones, node.zone ?? "")]
    where hints.allSatisfy({ !$0.isEmpty }) {
      let near = zip(all, hints).filter { $1.contains(place) }.map(\.0)
      if !near.isEmpty { return near }
    }
    return all
  }
}

extension [Backend] {
  // A pod may stand in two slices for a moment.
  fileprivate func uniqued() -> [Backend] {
    var seen: Set<Backend> = []
    return filter { seen.insert($0).inserted }
  }
}
