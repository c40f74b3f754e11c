import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)

/// A server of the test on a port of the loopback interface: what it does with each connection is the test's.
final class TestServer: Sendable {
  private let listener: any Channel
  let accepted = Mutex<[any Channel]>([])

  var port: Int { listener.localAddress?.port ?? 0 }
  var connections: Int { accepted.withLock { $0.count } }

  private init(_ listener: any Channel) { self.listener = listener }

  static func start(
    host: String = "127.0.0.1", port: Int = 0, options: (ServerBootstrap) -> ServerBootstrap = { $0 },
    serve: @escaping @Sendable (Peer) async throws -> Void
  ) async throws -> TestServer {
    let pending = Shared<TestServer?>(nil)
    let bootstrap = ServerBootstrap(group: loops)
      .serverChannelOption(ChannelOptions.backlog, value: 512)
      .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let peer = try Peer(on: channel)
          Task {
            while pending.withLock({ $0 }) == nil { await Task.yield() }
            pending.withLock { $0 }?.accepted.withLock { $0.append(channel) }
            try? await serve(peer)
            channel.close(promise: nil)
          }
        }
      }
    let server = TestServer(try await options(bootstrap).bind(host: host, port: port).get())
    pending.withLock { $0 = server }
    return server
  }

  /// Answers every connection with what it says, and a word of its own before.
  static func echo(_ word: String = "", host: String = "127.0.0.1", port: Int = 0) async throws -> TestServer {
    try await start(host: host, port: port) { peer in
      if !word.isEmpty { try await peer.send(word) }
      while let bytes = try await peer.read() { try await peer.send(bytes) }
      try await peer.endOutput()
    }
  }

  /// Accepts nothing more; what is established goes on.
  func stopListening() async throws { try await listener.close() }

  func stop() async throws {
    try? await listener.close()
    for channel in accepted.withLock({ $0 }) { channel.close(promise: nil) }
  }
}

/// A value that several tasks of a test share.
final class Shared<Value: Sendable>: Sendable {
  private let mutex: Mutex<Value>

  init(_ value: Value) { mutex = Mutex(value) }

  @discardableResult
  func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result { mutex.withLock { body(&$0) } }
}

/// One end of a connection, read piece by piece.
final class Peer: Sendable {
  struct Ended: Error, CustomStringConvertible {
    var description: String
  }

  let channel: any Channel
  private let pieces: AsyncStream<ByteBuffer>
  private let rest = Mutex(ByteBuffer())

  init(on channel: any Channel) throws {
    self.channel = channel
    let (pieces, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
    self.pieces = pieces
    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
  }

  static func connect(host: String = "127.0.0.1", port: Int, tls name: String? = nil, trust: [String] = [])
    async throws -> Peer
  {
    let peer = Shared<Peer?>(nil)
    _ = try await ClientBootstrap(group: loops)
      .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          defer { peer.withLock { $0 = try? Peer(on: channel) } }
          guard let name else { return }
          var configuration = TLSConfiguration.makeClientConfiguration()
          configuration.trustRoots = .certificates(
            try trust.flatMap { try NIOSSLCertificate.fromPEMBytes(Array($0.utf8)) })
          let context = try NIOSSLContext(configuration: configuration)
          try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
        }
      }
      .connect(host: host, port: port).get()
    guard let peer = peer.withLock({ $0 }) else { throw Ended(description: "no connection") }
    return peer
  }

  func send(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes) }
  func send(_ text: String) async throws { try await send(ByteBuffer(string: text)) }

  func endOutput() async throws { try await channel.close(mode: .output) }
  func close() { channel.close(promise: nil) }

  /// The next bytes; nil at the end.
  func read() async throws -> ByteBuffer? {
    let left = rest.withLock { rest in
      defer { rest = ByteBuffer() }
      return rest
    }
    if left.readableBytes > 0 { return left }
    var iterator = pieces.makeAsyncIterator()
    return await iterator.next()
  }

  func read(count: Int) async throws -> String {
    var all = ByteBuffer()
    while all.readableBytes < count {
      guard var piece = try await read() else { throw Ended(description: "ended after \(String(buffer: all))") }
      all.writeBuffer(&piece)
    }
    let text = all.readString(length: count) ?? ""
    rest.withLock { [all] in $0 = all }
    return text
  }

  func readToEnd() async throws -> String {
    var all = ByteBuffer()
    while var piece = try await read() { all.writeBuffer(&piece) }
    return String(buffer: all)
  }

  /// Up to and with this text.
  func read(through mark: String) async throws -> String {
    var all = ByteBuffer()
    while true {
      if let range = String(buffer: all).range(of: mark) {
        let count = String(buffer: all)[..<range.upperBound].utf8.count
        let text = all.readString(length: count) ?? ""
        rest.withLock { [all] in $0 = all }
        return text
      }
      guard var piece = try await read() else { throw Ended(description: "ended after \(String(buffer: all))") }
      all.writeBuffer(&piece)
    }
  }
}

private final class Collector: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let continuation: AsyncStream<ByteBuffer>.Continuation

  init(_ continuation: AsyncStream<ByteBuffer>.Continuation) { self.continuation = continuation }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield(unwrapInboundIn(data)) }
  func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event { continuation.finish() }
    context.fireUserInboundEventTriggered(event)
  }
}
