import NIOCore
import NIOPosix
import Pods
import Services
import Synchronization

/// Opens sockets as channels: inside the pods' network where that is one of its own, and otherwise on this machine.
struct Dialer: Sendable {
  let host: any ClusterNetwork
  /// Nil when pods share the machine's network.
  let inside: (any ClusterNetwork)?
  let connections = OpenConnections()

  init(inside: (any ClusterNetwork)?, host: any ClusterNetwork = HostNetwork()) {
    self.inside = inside
    self.host = host
  }

  /// A connection that reads nothing yet. Fails when nobody answers.
  func connect(to backend: Backend, on loop: any EventLoop) -> EventLoopFuture<any Channel> {
    let bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(.seconds(3))
      .channelOption(ChannelOptions.autoRead, value: false)
      .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
      .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
    guard let inside = network(of: backend.address) else {
      do {
        let place = try SocketAddress(ipAddress: backend.address, port: backend.port)
        return bootstrap.connect(to: place)
      } catch {
        return loop.makeFailedFuture(error)
      }
    }
    return loop.makeFutureWithTask {
      try await inside.connect(address: backend.address, port: backend.port, transport: .tcp)
    }
    .assumeIsolated()
    .flatMap { bootstrap.withConnectedSocket($0) }
    .map { [connections] channel in
      connections.add(channel, to: backend.address)
      return channel
    }
    .nonisolated()
  }

  /// An open UDP socket from which a backend is reached; nothing is bound to it but its own port.
  func openDatagram(towards backend: Backend) throws -> Int32 {
    try (network(of: backend.address) ?? host).listen(address: "0.0.0.0", port: 0, transport: .udp)
  }

  private func network(of address: String) -> (any ClusterNetwork)? {
    guard let inside, let address = IPv4Address(address) else { return nil }
    return ClusterAddresses.pods.contains(address) || ClusterAddresses.services.contains(address) ? inside : nil
  }
}

/// The connections into pods' own networks. When such a network goes, nobody is left in it who could say goodbye: whoever
/// is connected would wait for ever.
final class OpenConnections: Sendable {
  private let channels = Mutex<[String: [ObjectIdentifier: any Channel]]>([:])

  func add(_ channel: any Channel, to address: String) {
    let id = ObjectIdentifier(channel)
    channels.withLock { $0[address, default: [:]][id] = channel }
    channel.closeFuture.whenComplete { [weak self] _ in
      self?.channels.withLock {
        $0[address]?[id] = nil
        if $0[address]?.isEmpty == true { $0[address] = nil }
      }
    }
  }

  func closeAll(to address: String) {
    let gone = channels.withLock { $0.removeValue(forKey: address) } ?? [:]
    for channel in gone.values { channel.close(promise: nil) }
  }
}
