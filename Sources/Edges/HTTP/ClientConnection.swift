import APIServer
import NIOCore
import NIOHTTP1

/// One connection of the client: one request at a time, whose answer is read as fast as it is asked for.
struct ClientConnection: Sendable {
  enum Next {
    case bytes([UInt8])
    /// The answer's end, and whether another request can follow.
    case end(keepsAlive: Bool)
  }

  let channel: any Channel
  let handler: NIOLoopBound<ClientHandler>

  /// Sends a request; returns the answer's head.
  func send(_ request: Request, host: String) async throws -> HTTPResponseHead {
    try await closingWhenCancelled {
      try await withCheckedThrowingContinuation { continuation in
        channel.eventLoop.execute { handler.value.send(request, host: host, continuation) }
      }
    }
  }

  /// The next bytes of the answer's body.
  func next() async throws -> Next {
    try await closingWhenCancelled {
      try await withCheckedThrowingContinuation { continuation in
        channel.eventLoop.execute { handler.value.next(continuation) }
      }
    }
  }

  private func closingWhenCancelled<Result: Sendable>(
    _ body: () async throws -> sending Result
  ) async throws -> Result {
    do {
      return try await withTaskCancellationHandler {
        try await body()
      } onCancel: {
        channel.close(promise: nil)
      }
    } catch {
      try Task.checkCancellation()
      throw error
    }
  }
}

/// Stands at the end of a client connection's handlers. While more than a little of an answer waits to be asked
/// for, nothing is read.
final class ClientHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = Never
  typealias OutboundOut = HTTPClientRequestPart

  private enum Phase {
    case idle, waitingForHead, reading, ended, closed
  }

  private let address: String
  private var context: ChannelHandlerContext?
  private var phase = Phase.idle
  private var keepsAlive = true
  private var failure: (any Error)?
  private var unread: [UInt8] = []
  private var isReadHeld = false
  private var headWaiter: CheckedContinuation<HTTPResponseHead, any Error>?
  private var bodyWaiter: CheckedContinuation<ClientConnection.Next, any Error>?

  /// Bytes of an answer that may wait.
  private let mostUnread = 256 << 10

  init(address: String) { self.address = address }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    fail(ChannelError.eof)
    self.context = nil
  }

  func send(_ request: Request, host: String, _ waiter: CheckedContinuation<HTTPResponseHead, any Error>) {
    guard phase == .idle, let context else {
      return waiter.resume(throwing: HTTPClientError(address: address, failure ?? ChannelError.eof))
    }
    phase = .waitingForHead
    headWaiter = waiter
    var target = request.path
    if !request.query.isEmpty { target += "?" + PercentCoding.encoded(request.query) }
    var headers = HTTPHeaders()
    if request.header("host") == nil { headers.add(name: "host", value: host) }
    for (name, value) in request.headers { headers.add(name: name, value: value) }
    let hasBody = !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method)
    if hasBody { headers.add(name: "content-length", value: String(request.body.count)) }
    let head = HTTPRequestHead(
      version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: target, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if !request.body.isEmpty {
      let body = context.channel.allocator.buffer(bytes: request.body)
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func next(_ waiter: CheckedContinuation<ClientConnection.Next, any Error>) {
    bodyWaiter = waiter
    satisfy()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      guard phase == .waitingForHead else { return context.close(promise: nil) }
      phase = .reading
      keepsAlive = head.isKeepAlive
      headWaiter?.resume(returning: head)
      headWaiter = nil
    case .body(let bytes):
      unread.append(contentsOf: bytes.readableBytesView)
    case .end:
      // An answer before the request's end would come here too, but our requests leave in one piece.
      phase = .ended
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    satisfy()
    context.fireChannelReadComplete()
  }

  func read(context: ChannelHandlerContext) {
    if unread.count < mostUnread { context.read() } else { isReadHeld = true }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(ChannelError.eof)
    context.fireChannelInactive()
  }

  private func satisfy() {
    guard let waiter = bodyWaiter else { return }
    if !unread.isEmpty {
      bodyWaiter = nil
      waiter.resume(returning: .bytes(unread))
      unread = []
    } else if phase == .ended {
      bodyWaiter = nil
      phase = .idle
      waiter.resume(returning: .end(keepsAlive: keepsAlive))
    } else if phase == .closed {
      bodyWaiter = nil
      waiter.resume(throwing: HTTPClientError(address: address, failure ?? ChannelError.eof))
    }
    if isReadHeld, unread.count < mostUnread {
      isReadHeld = false
      context?.read()
    }
  }

  /// What has been read already can still be had; an answer that was complete stays so.
  private func fail(_ error: any Error) {
    if failure == nil { failure = error }
    if phase == .ended {
      keepsAlive = false
    } else {
      phase = .closed
    }
    headWaiter?.resume(throwing: HTTPClientError(address: address, failure ?? error))
    headWaiter = nil
    satisfy()
  }
}
