import ControlLoop
import NIOCore
import NIOPosix
import Services
import Store

/// Answers questions for names: those of the cluster from a snapshot, all others by asking the machine's own resolvers.
final class DNSServer: Sendable {
  private let resolver: DNSResolver
  private let channels: [any Channel]

  /// - Parameters:
  ///   - sockets: a bound UDP socket and a listening TCP socket for each place; they belong to the server.
  ///   - answer: the cluster's own answer to a question; nil when it is for others to know.
  init(
    on sockets: [(datagram: Int32, stream: Int32)], forwardingTo servers: [SocketAddress],
    answer: @escaping @Sendable (DNSMessage) -> DNSMessage?
  ) async throws {
    let resolver = DNSResolver(servers: servers, answer: answer)
    self.resolver = resolver
    var channels: [any Channel] = []
    for pair in sockets {
      channels.append(
        try await DatagramBootstrap(group: Loops.group.next())
          .channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
              try channel.pipeline.syncOperations.addHandler(DNSDatagrams(resolver))
            }
          }
          .withBoundSocket(pair.datagram).get())
      channels.append(
        try await ServerBootstrap(group: Loops.group.next(), childGroup: Loops.group)
          .serverChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
              try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
            }
          }
          .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
              try channel.pipeline.syncOperations.addHandlers(
                ByteToMessageHandler(DNSFrames()), DNSStream(resolver, on: channel.eventLoop))
            }
          }
          .withBoundSocket(pair.stream).get())
    }
    self.channels = channels
  }

  func stop() {
    for channel in channels { channel.close(promise: nil) }
  }
}

private final class DNSDatagrams: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>
  typealias OutboundOut = AddressedEnvelope<ByteBuffer>

  private let resolver: DNSResolver

  init(_ resolver: DNSResolver) { self.resolver = resolver }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let packet = unwrapInboundIn(data)
    let client = packet.remoteAddress
    resolver.reply(to: packet.data, isDatagram: true, on: context.eventLoop).assumeIsolated().whenSuccess { reply in
      guard let reply else { return }
      context.writeAndFlush(self.wrapOutboundOut(AddressedEnvelope(remoteAddress: client, data: reply)), promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

/// Messages on a stream have their length before them.
struct DNSFrames: NIOSingleStepByteToMessageDecoder {
  typealias InboundOut = ByteBuffer

  mutating func decode(buffer: inout ByteBuffer) -> ByteBuffer? { buffer.readLengthPrefixedSlice(as: UInt16.self) }
  mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) -> ByteBuffer? { decode(buffer: &buffer) }
}

private final class DNSStream: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let resolver: DNSResolver
  private let loop: any EventLoop
  private var context: ChannelHandlerContext?
  private lazy var deadline = Deadline(on: loop) { [weak self] in self?.context?.close(promise: nil) }

  init(_ resolver: DNSResolver, on loop: any EventLoop) {
    self.resolver = resolver
    self.loop = loop
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    deadline.set(after: .seconds(30))
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    deadline.cancel()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    deadline.set(after: .seconds(30))
    resolver.reply(to: unwrapInboundIn(data), isDatagram: false, on: context.eventLoop).assumeIsolated().whenSuccess {
      guard let reply = $0, let context = self.context else { return }
      var frame = context.channel.allocator.buffer(capacity: 2 + reply.readableBytes)
      frame.writeInteger(UInt16(clamping: reply.readableBytes))
      frame.writeImmutableBuffer(reply)
      context.writeAndFlush(self.wrapOutboundOut(frame), promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
