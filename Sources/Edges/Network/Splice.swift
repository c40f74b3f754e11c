import NIOCore

/// One end of two connections that are tied together: what one reads the other writes.
///
/// What must stay true: an end reads only while the other can write, so that a slow reader slows its sender down and
/// fills nobody's memory; when one side has finished sending, the other is told so and may still answer; and nothing
/// that was read is lost because the connection it came from has ended.
final class Splice: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var other: Splice?
  private var context: ChannelHandlerContext?
  private var isReadHeld = false

  private init() {}

  /// Ties two connections of one event loop together, and lets them read.
  static func join(_ first: any Channel, _ second: any Channel) {
    let ends = (Splice(), Splice())
    ends.0.other = ends.1
    ends.1.other = ends.0
    do {
      try first.pipeline.syncOperations.addHandler(ends.0)
      try second.pipeline.syncOperations.addHandler(ends.1)
      for channel in [first, second] { try channel.syncOptions?.setOption(.autoRead, value: true) }
    } catch {
      first.close(promise: nil)
      second.close(promise: nil)
    }
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    other = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    other?.context?.write(data, promise: nil)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    other?.context?.flush()
  }

  func read(context: ChannelHandlerContext) {
    if other?.context?.channel.isWritable ?? false { context.read() } else { isReadHeld = true }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { other?.goOn() }
  }

  private func goOn() {
    guard isReadHeld else { return }
    isReadHeld = false
    context?.read()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event { other?.end(.output) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    other?.end(.all)
    other = nil
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  // A write of nothing is done when all before it are.
  private func end(_ mode: CloseMode) {
    guard let context else { return }
    context.writeAndFlush(NIOAny(context.channel.allocator.buffer(capacity: 0))).assumeIsolated().whenComplete { _ in
      context.close(mode: mode, promise: nil)
    }
  }
}
