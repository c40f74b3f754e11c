import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Pods
import Services
import Synchronization

/// How long the ingress waits, and how often it tries.
struct IngressLimits: Sendable {
  /// For a request's head, from its first byte.
  var headTime = TimeAmount.seconds(30)
  /// From one request on a connection to the next; also for a TLS handshake.
  var idleTime = TimeAmount.seconds(75)
  /// For an answer to begin, and for any of its bytes or of the request's body to move.
  var answerTime = TimeAmount.seconds(60)
  /// For anything to move in a connection that has become something else than HTTP.
  var tunnelTime = TimeAmount.hours(1)
  /// For a client to read the last answer.
  var lingerTime = TimeAmount.seconds(2)
  /// How many backends are asked for one request.
  var attempts = 8
}

/// What all connections of one port of the ingress share.
struct IngressService: Sendable {
  let router: IngressRouter
  let dialer: Dialer
  let limits: IngressLimits
  let isSecure: Bool
  /// As clients see it.
  let port: Int
}

/// Takes HTTP requests from outside and leads them to the pods that an ingress names.
final class IngressServer: Sendable {
  private let router: IngressRouter
  private let dialer: Dialer
  private let limits: IngressLimits
  private let certificates: IngressCertificates
  private let pools: [ObjectIdentifier: NIOLoopBoundBox<UpstreamPool>]
  private let sweeps: [RepeatedTask]
  private let listeners = Mutex<[any Channel]>([])
  private let connections = Mutex<[ObjectIdentifier: any Channel]>([:])

  init(
    router: IngressRouter, dialer: Dialer, certificates: IngressCertificates, limits: IngressLimits = IngressLimits()
  ) {
    self.router = router
    self.dialer = dialer
    self.limits = limits
    self.certificates = certificates
    var pools: [ObjectIdentifier: NIOLoopBoundBox<UpstreamPool>] = [:]
    var sweeps: [RepeatedTask] = []
    for loop in Loops.group.makeIterator() {
      let pool = NIOLoopBoundBox.makeBoxSendingValue(UpstreamPool(), eventLoop: loop)
      pools[ObjectIdentifier(loop)] = pool
      sweeps.append(
        loop.scheduleRepeatedTask(initialDelay: .seconds(30), delay: .seconds(30)) { _ in pool.value.sweep() })
    }
    self.pools = pools
    self.sweeps = sweeps
  }

  /// Listens at an address of this machine; returns the port, which the system chooses for 0.
  func listen(address: String, port: Int, isSecure: Bool) async throws -> Int {
    let socket = try dialer.host.listen(address: address, port: port, transport: .tcp)
    let service = IngressService(router: router, dialer: dialer, limits: limits, isSecure: isSecure, port: port)
    let listener = try await ServerBootstrap(group: Loops.group.next(), childGroup: Loops.group)
      .serverChannelOption(ChannelOptions.backlog, value: 1024)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
        }
      }
      .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture { try accept(channel, service) }
      }
      .withBoundSocket(socket).get()
    listeners.withLock { $0.append(listener) }
    return listener.localAddress?.port ?? port
  }

  private func accept(_ channel: any Channel, _ service: IngressService) throws {
    guard let pool = pools[ObjectIdentifier(channel.eventLoop)]?.value else { throw ChannelError.ioOnClosedChannel }
    let id = ObjectIdentifier(channel)
    connections.withLock { $0[id] = channel }
    channel.closeFuture.whenComplete { [self] _ in connections.withLock { $0[id] = nil } }
    let pipeline = channel.pipeline.syncOperations
    let connection = IngressConnection(service, pool: pool, on: channel)
    if service.isSecure { try pipeline.addHandler(serverName(channel)) }
    try pipeline.addHandler(connection)
  }

  /// Reads for which name the client's handshake asks, and goes on with the certificate that is for it at this moment.
  private func serverName(_ channel: any Channel) -> ByteToMessageHandler<SNIHandler> {
    let certificates = certificates
    let router = router
    return ByteToMessageHandler(
      SNIHandler { result in
        let name = if case .hostname(let name) = result { name } else { String?.none }
        let added = channel.eventLoop.makeCompletedFuture {
          guard let context = certificates.context(of: router.secret(for: name)) else {
            throw NIOSSLError.handshakeFailed(.noError)
          }
          let pipeline = channel.pipeline.syncOperations
          let reader = try pipeline.handler(type: ByteToMessageHandler<SNIHandler>.self)
          try pipeline.addHandler(NIOSSLServerHandler(context: context), position: .after(reader))
        }
        added.whenFailure { _ in channel.close(promise: nil) }
        return added
      })
  }

  /// Accepts nothing more, lets the requests in flight end, and returns when the last connection has ended: after a few
  /// seconds those that are left are closed.
  func stop() async {
    for sweep in sweeps { sweep.cancel() }
    for listener in listeners.withLock({ $0 }) { try? await listener.close() }
    let open = connections.withLock { Array($0.values) }
    for channel in open { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    let force = Loops.group.next().scheduleTask(in: .seconds(3)) {
      for channel in open { channel.close(promise: nil) }
    }
    for channel in open { try? await channel.closeFuture.get() }
    force.cancel()
  }
}
