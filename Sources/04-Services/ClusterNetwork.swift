public import Pods

/// Where sockets of the cluster's network come from. What this chapter computes is carried out by programs that listen
/// and connect there: a proxy, a DNS server, an Ingress.
///
/// One form opens plain sockets of the machine. The other opens them inside the network that the pods live in and hands
/// them out, so that the program that uses them need not be there itself.
public protocol ClusterNetwork: AnyObject, Sendable {
  /// Opens a socket on an address and a port: for TCP it listens, for UDP it is bound.
  ///
  /// The descriptor does not block, is closed when a program is started (`O_CLOEXEC`), and belongs to the caller.
  /// Throws when the address or the port is not to be had: in use, not of this network, not allowed.
  func listen(address: String, port: Int, transport: TransportProtocol) throws -> Int32

  /// Opens a socket that is connected to an address and a port, or for UDP sends there.
  ///
  /// The descriptor is as that of `listen`. Throws when nothing answers: at once when the connection is refused, after a
  /// few seconds when it is not answered at all.
  func connect(address: String, port: Int, transport: TransportProtocol) async throws -> Int32
}

/// Addresses that are the same in every cluster.
public enum ClusterAddresses {
  /// Cluster IPs come from here.
  public static let services = CIDR(base: IPv4Address(10, 96, 0, 0), length: 12)
  /// Pods' addresses come from here, a part of it for each node.
  public static let pods = CIDR(base: IPv4Address(10, 244, 0, 0), length: 16)
  /// The API, which is the service `kubernetes` in the namespace `default`.
  public static let api = IPv4Address(10, 96, 0, 1)
  /// The DNS server. Its port is 53.
  public static let dns = IPv4Address(10, 96, 0, 10)
  /// Load balancers' addresses come from here. They are the machine's own, so that programs beside the cluster reach
  /// them without anybody's permission.
  public static let loadBalancers = CIDR(base: IPv4Address(127, 0, 96, 0), length: 24)
  public static let nodePorts = 30_000...32_767
  /// The end of all names of the cluster.
  public static let domain = "cluster.local"
}
