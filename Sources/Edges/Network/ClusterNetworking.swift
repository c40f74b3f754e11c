public import ControlLoop
import NIOCore
import NIOPosix
import Pods
public import Services
public import Store
import Synchronization

/// Makes the cluster's network work: the services' addresses lead to their pods, the names are answered, and requests
/// from outside come in. It follows the store and has no state that a restart could miss.
public final class ClusterNetworking: Sendable {
  public struct Options: Sendable {
    /// The node whose proxy this is.
    public var node = "node-1"
    /// Where node ports are opened on this machine.
    public var nodePortAddress = "127.0.0.1"
    /// Where the ingress listens on this machine; a port that is nil is left closed.
    public var ingressAddress = "127.0.0.1"
    public var httpPort: Int? = 8080
    public var httpsPort: Int? = 8443
    /// Where names are also answered on this machine.
    public var dnsPort: Int? = 10_053
    /// The certificate for names that no ingress has one for.
    public var identity: IngressIdentity?

    public init() {}
  }

  /// Where something listens, and what could not be had.
  public struct Report: Sendable {
    public var http: Int?
    public var https: Int?
    public var dns: Int?
    public var problems: [String] = []
  }

  private let options: Options
  private let store: Store
  private let cluster: Cluster
  private let dialer: Dialer
  private let router: IngressRouter
  private let proxy: ServiceProxy
  private let running = Mutex(Running())

  private struct Running {
    var follower: NetworkFollower?
    var following: Task<Void, Never>?
    var server: IngressServer?
    var dns: DNSServer?
  }

  /// - Parameter network: the pods' own network; nil when they share that of the machine.
  public init(store: Store, cluster: Cluster, network: (any ClusterNetwork)?, options: Options = Options()) {
    self.options = options
    self.store = store
    self.cluster = cluster
    dialer = Dialer(inside: network)
    router = IngressRouter { cluster.view(of: store.snapshot) }
    proxy = ServiceProxy(dialer: dialer, nodePortAddress: options.nodePortAddress)
  }

  /// Opens what can be opened, and follows the cluster from then on. What cannot be had is in the report.
  public func start() async throws -> Report {
    var report = Report()
    let certificates = try IngressCertificates(fallback: options.identity)
    let follower = NetworkFollower(
      store: store, cluster: cluster, node: options.node, proxy: proxy, router: router, certificates: certificates,
      connections: dialer.connections)
    follower.turn()
    let server = IngressServer(router: router, dialer: dialer, certificates: certificates)
    func listen(_ port: Int?, isSecure: Bool) async -> Int? {
      guard let port else { return nil }
      do {
        return try await server.listen(address: options.ingressAddress, port: port, isSecure: isSecure)
      } catch {
        report.problems.append("ingress: \(error)")
        return nil
      }
    }
    report.http = await listen(options.httpPort, isSecure: false)
    report.https = await listen(options.httpsPort, isSecure: true)
    let dns = await startDNS(&report)
    let following = follower.run()
    running.withLock { $0 = Running(follower: follower, following: following, server: server, dns: dns) }
    return report
  }

  public func stop() async {
    let running = running.withLock { running in
      defer { running = Running() }
      return running
    }
    running.following?.cancel()
    proxy.stop()
    running.dns?.stop()
    await running.server?.stop()
  }

  /// Sees at once what has been committed, without waiting for its turn.
  func catchUp() { running.withLock { $0.follower }?.turn() }

  private func startDNS(_ report: inout Report) async -> DNSServer? {
    var sockets: [(datagram: Int32, stream: Int32)] = []
    func open(_ network: any ClusterNetwork, _ address: String, _ port: Int) {
      do {
        let datagram = try network.listen(address: address, port: port, transport: .udp)
        sockets.append((datagram, try network.listen(address: address, port: port, transport: .tcp)))
      } catch {
        report.problems.append("DNS: \(error)")
      }
    }
    if let inside = dialer.inside { open(inside, ClusterAddresses.dns.description, 53) }
    if let port = options.dnsPort {
      open(dialer.host, "127.0.0.1", port)
      if report.problems.isEmpty { report.dns = port }
    }
    let answers = ClusterDNS()
    do {
      return try await DNSServer(on: sockets, forwardingTo: DNSResolver.systemServers()) { [cluster, store] query in
        answers.answer(to: query, in: cluster.view(of: store.snapshot))
      }
    } catch {
      report.problems.append("DNS: \(error)")
      return nil
    }
  }
}
