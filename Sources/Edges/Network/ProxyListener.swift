import Foundation
import NIOCore
import NIOPosix
import Objects
import Pods
import Services
import Synchronization

/// A place on which the proxy listens: an address and a port, in one of the two networks.
struct Site: Hashable, Sendable, CustomStringConvertible {
  var isInside: Bool
  var address: String
  var port: Int
  var transport: TransportProtocol

  var description: String { "\(address):\(port)/\(transport.rawValue)" }
}

/// Where one frontend leads, now; shared by all who lead connections there.
final class BackendSource: Sendable {
  private struct State {
    var frontend: Frontend
    var choice = BackendChoice()
  }

  private let state: Mutex<State>

  init(_ frontend: Frontend) { state = Mutex(State(frontend: frontend)) }

  func update(_ frontend: Frontend) { state.withLock { $0.frontend = frontend } }

  /// Where to lead a client; nil when there is nowhere that has not just failed.
  func choose(for source: String, avoiding failed: Set<Backend> = []) -> Backend? {
    let chosen = state.withLock { $0.choice.backend(for: $0.frontend, from: source, avoiding: failed, at: .now) }
    return chosen.flatMap { failed.contains($0) ? nil : $0 }
  }

  /// Whether a client may still be led to a backend.
  func leads(_ source: String, to backend: Backend) -> Bool {
    state.withLock { $0.frontend.accepts(source) && $0.frontend.backends(for: source).contains(backend) }
  }
}

/// Leads what arrives at one place to the backends of a service. The backends may change at any time: connections that
/// are established stay with theirs.
final class ProxyListener: Sendable {
  let source: BackendSource
  private let channel: EventLoopFuture<any Channel>

  /// - Parameter socket: is owned by the listener from now on.
  init(_ frontend: Frontend, socket: Int32, dialer: Dialer) {
    let source = BackendSource(frontend)
    self.source = source
    let loop = Loops.group.next()
    switch frontend.transport {
    case .udp:
      channel = DatagramBootstrap(group: loop)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(DatagramProxy(to: source, dialer: dialer))
          }
        }
        .withBoundSocket(socket)
    default:
      channel = ServerBootstrap(group: loop, childGroup: Loops.group)
        .serverChannelOption(ChannelOptions.backlog, value: 1024)
        .serverChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            // Without file descriptors left, accepting is tried again a little later, not at once and for ever.
            try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
          }
        }
        .childChannelOption(ChannelOptions.autoRead, value: false)
        .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
        .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(StreamProxy(to: source, dialer: dialer))
          }
        }
        .withBoundSocket(socket)
    }
  }

  /// Accepts nothing more. What is established goes on.
  func close() {
    channel.whenSuccess { $0.close(promise: nil) }
  }
}

extension Time {
  static var now: Time { Time(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
}

/// A connection for which a backend is looked for: the first that answers gets it.
final class StreamProxy: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let source: BackendSource
  private let dialer: Dialer
  private var failed: Set<Backend> = []

  init(to source: BackendSource, dialer: Dialer) {
    self.source = source
    self.dialer = dialer
  }

  func channelActive(context: ChannelHandlerContext) {
    findBackend(for: context.channel)
    context.fireChannelActive()
  }

  private func findBackend(for client: any Channel) {
    let address = client.remoteAddress?.ipAddress ?? ""
    guard failed.count < Self.attempts, let backend = source.choose(for: address, avoiding: failed) else {
      return refuse(client)
    }
    dialer.connect(to: backend, on: client.eventLoop).assumeIsolated().whenComplete { [self] result in
      switch result {
      case .success(let server):
        guard client.isActive else { return server.close(promise: nil) }
        client.pipeline.syncOperations.removeHandler(self, promise: nil)
        Splice.join(client, server)
      case .failure:
        failed.insert(backend)
        findBackend(for: client)
      }
    }
  }

  private static let attempts = 8

  // With a reset, as a port on which nobody listens would: an orderly end would look like an empty answer.
  private func refuse(_ client: any Channel) {
    let atOnce = (isOn: Int32(1), seconds: Int32(0))
    _ = (client as? any SocketOptionProvider)?.unsafeSetSocketOption(level: .socket, name: .so_linger, value: atOnce)
    client.close(promise: nil)
  }
}
