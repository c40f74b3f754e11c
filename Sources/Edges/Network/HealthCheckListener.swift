import NIOCore
import NIOPosix
import Objects
import Services
import Synchronization

/// Tells load balancers, on a port of its own, whether this node has pods of a service. Any request gets the answer.
final class HealthCheckListener: Sendable {
  private let check: Mutex<HealthCheck>
  private let channel = Mutex<EventLoopFuture<any Channel>?>(nil)

  /// - Parameter socket: is owned by the listener from now on.
  init(_ check: HealthCheck, socket: Int32) {
    self.check = Mutex(check)
    let listening = ServerBootstrap(group: Loops.group.next(), childGroup: Loops.group)
      .childChannelInitializer { [weak self] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            OneReply(on: channel.eventLoop) { self?.reply ?? ByteBuffer() })
        }
      }
      .withBoundSocket(socket)
    channel.withLock { $0 = listening }
  }

  func update(_ check: HealthCheck) { self.check.withLock { $0 = check } }

  func close() { channel.withLock { $0 }?.whenSuccess { $0.close(promise: nil) } }

  private var reply: ByteBuffer {
    let answer = check.withLock { $0.answer }
    let body = answer.body.encodedString
    let fields = answer.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
    let reason = answer.status == 200 ? "OK" : "Service Unavailable"
    return ByteBuffer(
      string: "HTTP/1.1 \(answer.status) \(reason)\r\n\(fields)Content-Length: \(body.utf8.count)\r\n"
        + "Connection: close\r\n\r\n\(body)")
  }
}

/// Reads a request's head, replies and ends.
private final class OneReply: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let reply: () -> ByteBuffer
  private let loop: any EventLoop
  private var reader = HeadReader()
  private var input = ByteBuffer()
  private var isDone = false
  private var context: ChannelHandlerContext?
  private lazy var deadline = Deadline(on: loop) { [weak self] in self?.context?.close(promise: nil) }

  init(on loop: any EventLoop, reply: @escaping () -> ByteBuffer) {
    self.loop = loop
    self.reply = reply
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    deadline.set(after: .seconds(10))
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    deadline.cancel()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    input.writeBuffer(&bytes)
    do {
      guard !isDone, try reader.next(from: &input) != nil else { return }
      isDone = true
      context.writeAndFlush(wrapOutboundOut(reply())).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    } catch {
      context.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
