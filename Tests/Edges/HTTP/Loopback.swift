import APIServer
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@testable import HTTP

/// The ways to the server. What holds on one has to hold on all.
enum Transport: CaseIterable {
  case plain, tls, http2
}

/// Runs a server on loopback for as long as `body` takes.
func withServer(
  _ transport: Transport, limits: Limits = .unhurried, handler: @escaping @Sendable (Request) -> Reply,
  _ body: (HTTPServer.Address) async throws -> Void
) async throws {
  let tls = ServerTLS(
    certificateChain: Fixture.server, privateKey: Fixture.serverKey, clientAuthorities: Fixture.authority,
    identify: { der in
      let known = try? NIOSSLCertificate(bytes: Array(Fixture.client.utf8), format: .pem).toDERBytes()
      return der == known ? User(name: "kubernetes-admin", groups: ["system:masters"]) : nil
    })
  let server = HTTPServer(
    host: "127.0.0.1", port: 0, tls: transport == .plain ? nil : tls, limits: limits, handler: handler)
  let address = try await server.start()
  do {
    try await body(address)
  } catch {
    await server.shutdown()
    throw error
  }
  await server.shutdown()
}

func client(_ transport: Transport, _ address: HTTPServer.Address, certificate: Bool = false) throws -> HTTPClient {
  let tls = ClientTLS(
    authorities: Fixture.authority, certificateChain: certificate ? Fixture.client : nil,
    privateKey: certificate ? Fixture.clientKey : nil)
  return try HTTPClient(server: "\(transport == .plain ? "http" : "https")://\(address)", tls: tls)
}

/// Sends one request over any transport and reads the whole answer.
func ask(
  _ transport: Transport, _ address: HTTPServer.Address, _ request: Request, certificate: Bool = false
) async throws -> HTTPClient.Answer<[UInt8]> {
  guard transport == .http2 else {
    let client = try client(transport, address, certificate: certificate)
    let answer = try await client.send(request)
    await client.close()
    return answer
  }
  let connection = try await HTTP2Connection(address, certificate: certificate)
  let answer = try await connection.send(request)
  try? await connection.channel.close()
  return answer
}

/// A connection on which a test says byte by byte what is sent.
final class RawConnection: Sendable {
  let channel: any Channel
  private let collector: Collector

  init(_ transport: Transport, _ address: HTTPServer.Address, isReading: Bool = true) async throws {
    let collector = Collector()
    self.collector = collector
    channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(ChannelOptions.autoRead, value: isReading)
      .channelOption(ChannelOptions.socketOption(.so_rcvbuf), value: 16 << 10)
      .connect(host: address.host, port: address.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if transport != .plain {
            let context = try NIOSSLContext(configuration: clientConfiguration(protocols: ["http/1.1"]))
            try channel.pipeline.syncOperations.addHandler(
              try NIOSSLClientHandler(context: context, serverHostname: nil))
          }
          try channel.pipeline.syncOperations.addHandler(collector.handler())
          return channel
        }
      }
  }

  func send(_ text: String) async throws {
    try await channel.writeAndFlush(ByteBuffer(string: text))
  }

  /// Everything that has come since the beginning, as soon as it satisfies the condition; all of it when the server
  /// closes the connection first.
  func received(until isEnough: @escaping @Sendable (String) -> Bool) async -> String {
    await collector.text(until: isEnough)
  }

  /// Everything that the server sends until it closes the connection.
  func receivedToTheEnd() async -> String {
    await collector.text { _ in false }
  }

  func close() async throws {
    try? await channel.close()
  }
}

/// Collects what a channel reads and wakes who waits for it.
private final class Collector: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    var isClosed = false
    var waiter: (isEnough: @Sendable (String) -> Bool, continuation: CheckedContinuation<String, Never>)?

    mutating func satisfied() -> (() -> Void)? {
      let text = String(decoding: bytes, as: UTF8.self)
      guard let waiter, isClosed || waiter.isEnough(text) else { return nil }
      self.waiter = nil
      return { waiter.continuation.resume(returning: text) }
    }
  }

  private let state = Mutex(State())

  func text(until isEnough: @escaping @Sendable (String) -> Bool) async -> String {
    await withCheckedContinuation { continuation in
      change { $0.waiter = (isEnough, continuation) }
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let wake = state.withLock { state in
      body(&state)
      return state.satisfied()
    }
    wake?()
  }

  func handler() -> some ChannelHandler { Handler(self) }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let collector: Collector

    init(_ collector: Collector) { self.collector = collector }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let bytes = unwrapInboundIn(data)
      collector.change { $0.bytes.append(contentsOf: bytes.readableBytesView) }
    }

    func channelInactive(context: ChannelHandlerContext) {
      collector.change { $0.isClosed = true }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}

func clientConfiguration(protocols: [String], certificate: Bool = false) throws -> TLSConfiguration {
  var configuration = TLSConfiguration.makeClientConfiguration()
  configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(Fixture.authority.utf8)))
  configuration.applicationProtocols = protocols
  if certificate {
    configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(Fixture.client.utf8)).map {
      .certificate($0)
    }
    configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(Fixture.clientKey.utf8), format: .pem))
  }
  return configuration
}

extension Limits {
  /// As they are, but in no hurry: beside other tests a client may get no processor for half a minute. A test of one of
  /// these times sets it.
  static var unhurried: Limits {
    var limits = Limits()
    for time in [\Limits.handshakeTime, \.requestTime, \.idleTime, \.stallTime] {
      limits[keyPath: time] = .seconds(3_600)
    }
    return limits
  }
}
