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
