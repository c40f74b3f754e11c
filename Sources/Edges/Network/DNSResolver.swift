import Foundation
import NIOCore
import NIOPosix
import Services
import Synchronization

/// Finds the answer to a message as it comes from the wire.
final class DNSResolver: Sendable {
  private let servers: [SocketAddress]
  private let answer: @Sendable (DNSMessage) -> DNSMessage?
  private let forwarded = Mutex(0)

  /// How many questions may wait for other servers at one moment.
  private static let forwardLimit = 1_024
  static let patience = TimeAmount.seconds(2)

  init(servers: [SocketAddress], answer: @escaping @Sendable (DNSMessage) -> DNSMessage?) {
    self.servers = servers
    self.answer = answer
  }

  /// The machine's own resolvers, as /etc/resolv.conf names them.
  static func systemServers(in text: String? = try? String(contentsOfFile: "/etc/resolv.conf", encoding: .utf8))
    -> [SocketAddress]
  {
    (text ?? "").split(whereSeparator: \.isNewline).compactMap { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.first == "nameserver", words.count > 1 else { return nil }
      return try? SocketAddress(ipAddress: String(words[1]), port: 53)
    }
  }

  /// The reply; nil for what deserves none.
  func reply(to bytes: ByteBuffer, isDatagram: Bool, on loop: any EventLoop) -> EventLoopFuture<ByteBuffer?> {
    guard let query = try? DNSMessage(bytes: Array(bytes.readableBytesView)) else {
      return loop.makeSucceededFuture(Self.formatError(bytes))
    }
    // An answer that is answered might be answered again.
    if query.isResponse { return loop.makeSucceededFuture(nil) }
    if let reply = answer(query) {
      return loop.makeSucceededFuture(
        ByteBuffer(bytes: reply.encoded(limit: isDatagram ? query.replyLimit : 65_535)))
    }
    let failure = ByteBuffer(bytes: query.reply(.serverFailure).encoded(limit: query.replyLimit))
    let mayForward = forwarded.withLock { count in
      guard count < Self.forwardLimit else { return false }
      count += 1
      return true
    }
    guard mayForward else { return loop.makeSucceededFuture(failure) }
    let asked = isDatagram ? ask(servers[...], bytes, query.id, on: loop) : askByStream(servers[...], bytes, on: loop)
    return asked.map { [self] reply in
      forwarded.withLock { $0 -= 1 }
      return reply ?? failure
    }
  }

  // All that can be said to what cannot be read: its number, if it has one, and that.
  private static func formatError(_ bytes: ByteBuffer) -> ByteBuffer? {
    guard bytes.readableBytes >= 12, let head = bytes.getSlice(at: bytes.readerIndex, length: 2) else { return nil }
    var reply = head
    reply.writeBytes([0x80, DNSCode.formatError.rawValue, 0, 0, 0, 0, 0, 0, 0, 0])
    return reply
  }

  // MARK: Asking others

  /// Asks one server after the other, from a port of its own each time: whoever wanted to forge an answer would have to
  /// guess it. Never fails; nil when none has answered.
  private func ask(
    _ servers: ArraySlice<SocketAddress>, _ question: ByteBuffer, _ id: UInt16, on loop: any EventLoop
  ) -> EventLoopFuture<ByteBuffer?> {
    guard let server = servers.first else { return loop.makeSucceededFuture(nil) }
    let answered = loop.makePromise(of: ByteBuffer?.self)
    let socket = DatagramBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(OneAnswer(id, from: server, to: answered))
        }
      }
      .bind(host: server.protocol == .inet6 ? "::" : "0.0.0.0", port: 0)
    let timer = loop.scheduleTask(in: Self.patience) { answered.succeed(nil) }
    socket.whenComplete { result in
      switch result {
      case .success(let channel):
        channel.writeAndFlush(AddressedEnvelope(remoteAddress: server, data: question)).whenFailure { _ in
          answered.succeed(nil)
        }
      case .failure: answered.succeed(nil)
      }
    }
    return answered.futureResult.flatMap { reply in
      timer.cancel()
      socket.whenSuccess { $0.close(promise: nil) }
      return reply == nil
        ? self.ask(servers.dropFirst(), question, id, on: loop) : loop.makeSucceededFuture(reply)
    }
  }

  private func askByStream(
    _ servers: ArraySlice<SocketAddress>, _ question: ByteBuffer, on loop: any EventLoop
  ) -> EventLoopFuture<ByteBuffer?> {
    guard let server = servers.first else { return loop.makeSucceededFuture(nil) }
    let answered = loop.makePromise(of: ByteBuffer?.self)
    let connection = ClientBootstrap(group: loop).connectTimeout(Self.patience)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            ByteToMessageHandler(DNSFrames()), OneFrame(to: answered))
        }
      }
      .connect(to: server)
    let timer = loop.scheduleTask(in: Self.patience * 2) { answered.succeed(nil) }
    var frame = ByteBuffer()
    frame.writeInteger(UInt16(clamping: question.readableBytes))
    frame.writeImmutableBuffer(question)
    let sent = frame
    connection.whenComplete { result in
      switch result {
      case .success(let channel): channel.writeAndFlush(sent, promise: nil)
      case .failure: answered.succeed(nil)
      }
    }
    return answered.futureResult.flatMap { reply in
      timer.cancel()
      connection.whenSuccess { $0.close(promise: nil) }
      return reply == nil
        ? self.askByStream(servers.dropFirst(), question, on: loop) : loop.makeSucceededFuture(reply)
    }
  }
}

/// Takes the first packet that is the answer: from the server that was asked, with the question's number.
private final class OneAnswer: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let id: UInt16
  private let server: SocketAddress
  private let answered: EventLoopPromise<ByteBuffer?>

  init(_ id: UInt16, from server: SocketAddress, to answered: EventLoopPromise<ByteBuffer?>) {
    self.id = id
    self.server = server
    self.answered = answered
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let packet = unwrapInboundIn(data)
    guard packet.remoteAddress == server, packet.data.getInteger(at: packet.data.readerIndex, as: UInt16.self) == id
    else { return }
    answered.succeed(packet.data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { answered.succeed(nil) }
}

private final class OneFrame: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let answered: EventLoopPromise<ByteBuffer?>

  init(to answered: EventLoopPromise<ByteBuffer?>) { self.answered = answered }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { answered.succeed(unwrapInboundIn(data)) }
  func channelInactive(context: ChannelHandlerContext) { answered.succeed(nil) }
  func errorCaught(context: ChannelHandlerContext, error: any Error) { answered.succeed(nil) }
}
