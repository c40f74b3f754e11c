import NIOCore
import NIOHTTP1

/// Writes responses as HTTP/1.1 (RFC 9112).
///
/// A small answer leaves as one buffer, head and body together: one TLS record and one system call where NIO's own
/// encoder makes two or three. What frames the body is what the head says: `transfer-encoding: chunked`, or
/// nothing of ours.
final class ResponseEncoder: ChannelOutboundHandler {
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = ByteBuffer

  private var isChunked = false
  private var unsent = ByteBuffer()
  private var written: EventLoopPromise<Void>?

  /// Bytes; a larger part of a body is passed on as it is rather than copied.
  private let largestCopy = 16 << 10

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(let head):
      append(head)
    case .body(.byteBuffer(let bytes)):
      guard bytes.readableBytes > 0 else { break }
      if isChunked { unsent.writeString("\(String(bytes.readableBytes, radix: 16))\r\n") }
      if bytes.readableBytes <= largestCopy {
        unsent.writeImmutableBuffer(bytes)
      } else {
        send(context)
        context.write(wrapOutboundOut(bytes), promise: nil)
      }
      if isChunked { unsent.writeStaticString("\r\n") }
    case .body(.fileRegion):
      promise?.fail(ChannelError.operationUnsupported)
      return
    case .end:
      if isChunked { unsent.writeStaticString("0\r\n\r\n") }
    }
    if let promise { written.setOrCascade(to: promise) }
  }

  func flush(context: ChannelHandlerContext) {
    send(context)
    context.flush()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    written?.fail(ChannelError.ioOnClosedChannel)
    written = nil
  }

  private func send(_ context: ChannelHandlerContext) {
    guard unsent.readableBytes > 0 || written != nil else { return }
    context.write(wrapOutboundOut(unsent), promise: written)
    unsent = ByteBuffer()
    written = nil
  }

  private func append(_ head: HTTPResponseHead) {
    if unsent.capacity == 0 { unsent = ByteBufferAllocator().buffer(capacity: 1024) }
    isChunked = false
    unsent.writeString("HTTP/\(head.version.major).\(head.version.minor) ")
    unsent.writeString("\(head.status.code) \(head.status.reasonPhrase)\r\n")
    for (name, value) in head.headers {
      if name == "transfer-encoding" { isChunked = true }
      unsent.writeString(name)
      unsent.writeStaticString(": ")
      unsent.writeString(value)
      unsent.writeStaticString("\r\n")
    }
    unsent.writeStaticString("\r\n")
  }
}
