public import APIServer
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Serves a function from requests to replies over HTTP/1.1 and HTTP/2, with TLS or without.
///
/// The handler is called on the connection's own event loop, so it must not block. When it answers `.now`, the
/// answer leaves in the same turn of the loop. When it answers `.later`, or with a stream, that runs as a task on
/// the same thread until it waits for something; the task is cancelled when the client goes away.
///
/// Framing belongs to the server: a handler says nothing about `content-length`, `transfer-encoding`, `connection`
/// or `date`.
public final class HTTPServer: Sendable {
  /// Where the server listens.
  public struct Address: Sendable, Hashable, CustomStringConvertible {
    public var host: String
    public var port: Int

    /// "127.0.0.1:6443", "[::1]:6443"
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  }

  /// Why a server could not start.
  public struct StartError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Reason: Sendable, Hashable {
      case addressInUse, addressNotAvailable, notPermitted
      case other(String)
    }

    public let address: Address
    public let reason: Reason

    public var description: String {
      let why =
        switch reason {
        case .addressInUse: "another program is listening there"
        case .addressNotAvailable: "this machine has no such address"
        case .notPermitted: "it is not permitted (ports below 1024 belong to root)"
        case .other(let why): why
        }
      return "cannot listen on \(address): \(why)"
    }
  }

  private let address: Address
  private let tls: ServerTLS?
  private let service: Service
  private let listener = Mutex<(channel: any Channel, gate: NIOLoopBound<AcceptGate>)?>(nil)

  /// - Parameters:
  ///   - host: An address of this machine, or a name of one.
  ///   - port: 0 takes any that is free.
  ///   - tls: Without it, plain HTTP/1.1 is served.
  public init(
    host: String, port: Int, tls: ServerTLS? = nil, limits: Limits = Limits(),
    handler: @escaping @Sendable (Request) -> Reply
  ) {
    address = Address(host: host, port: port)
    self.tls = tls
    service = Service(limits: limits, identify: tls?.identify, handler: handler)
  }

  /// Begins to listen; returns the address, with the port that was taken.
  ///
  /// Throws `StartError` when the address cannot be had, and NIOSSL's errors when the certificates cannot be read.
  public func start() async throws -> Address {
    let tls = try tls?.makeContext()
    let service = service
    let loop = Loops.group.next()
    let gate = try await loop.submit {
      NIOLoopBound(AcceptGate(connections: service.limits.connections, loop: loop), eventLoop: loop)
    }.get()
    let bootstrap = ServerBootstrap(group: loop, childGroup: Loops.group)
      .serverChannelOption(ChannelOptions.backlog, value: 1024)
      .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          // Without file descriptors left, accepting is tried again a little later, not at once and for ever.
          try channel.pipeline.syncOperations.addHandlers([
            gate.value, AcceptBackoffHandler(),
          ])
        }
      }
      .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(ChannelOptions.socketOption(.so_keepalive), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try Pipeline.begin(channel, service: service, tls: tls) }
      }
    do {
      let channel = try await bootstrap.bind(host: address.host, port: address.port).get()
      listener.withLock { $0 = (channel, gate) }
      return Address(host: address.host, port: channel.localAddress?.port ?? address.port)
    } catch {
      throw StartError(address: address, reason: .init(error))
    }
  }

  /// Stops listening, lets the requests in flight end, ends the streams, and returns when the last connection has
  /// been closed: after `Limits.shutdownTime` those that are left are closed by force.
  public func shutdown() async {
    let taken = listener.withLock { listener in
      defer { listener = nil }
      return listener
    }
    guard let (channel, gate) = taken else { return }
    try? await channel.close()
    let loop = channel.eventLoop
    let connections = (try? await loop.submit { Array(gate.value.open.values) }.get()) ?? []
    for connection in connections {
      connection.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
    let force = loop.scheduleTask(in: TimeAmount(service.limits.shutdownTime)) {
      for connection in connections { connection.close(promise: nil) }
    }
    for connection in connections { try? await connection.closeFuture.get() }
    force.cancel()
  }
}

extension HTTPServer.StartError.Reason {
  fileprivate init(_ error: any Error) {
    switch (error as? IOError)?.errnoCode {
    case EADDRINUSE: self = .addressInUse
    case EADDRNOTAVAIL: self = .addressNotAvailable
    case EACCES, EPERM: self = .notPermitted
    default: self = .other("\(error)")
    }
  }
}

/// Knows the connections that are open, and accepts no more when there are too many.
final class AcceptGate: ChannelDuplexHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel
  typealias OutboundIn = Never

  private(set) var open: [ObjectIdentifier: any Channel] = [:]
  private let connections: Int
  private let loop: any EventLoop
  private var context: ChannelHandlerContext?
  private var isReadHeld = false

  init(connections: Int, loop: any EventLoop) {
    self.connections = connections
    self.loop = loop
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let connection = unwrapInboundIn(data)
    open[ObjectIdentifier(connection)] = connection
    connection.closeFuture.hop(to: loop).assumeIsolated().whenComplete { _ in self.ended(connection) }
    context.fireChannelRead(data)
  }

  func read(context: ChannelHandlerContext) {
    if open.count < connections { context.read() } else { isReadHeld = true }
  }

  private func ended(_ connection: any Channel) {
    open[ObjectIdentifier(connection)] = nil
    guard isReadHeld, open.count < connections else { return }
    isReadHeld = false
    context?.read()
  }
}
