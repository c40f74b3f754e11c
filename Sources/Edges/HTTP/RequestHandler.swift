import APIServer
import NIOCore
import NIOHTTP1

/// Carries requests to the API and answers back: one instance for each HTTP/1.1 connection, where requests follow
/// each other, and one for each HTTP/2 stream, which is a connection with a single request.
///
/// What must stay true: answers leave in the order of their requests, one at a time; requests that arrive early
/// wait, and while any waits nothing more is read; whatever the client does, each phase ends by a deadline, except
/// that of waiting for the API to answer, which ends when the client goes away.
///
/// This file is the reading half; RequestHandler+Answer.swift is the writing half.
final class RequestHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = Never
  typealias OutboundOut = HTTPServerResponsePart

  enum Phase {
    /// No request is at hand.
    case waiting
    /// A head has come; its body is being collected.
    case reading
    /// The answer is being made or sent.
    case answering
    /// The answer has been sent and the connection is about to end; what still comes in is dropped.
    case draining
    case closed
  }

  /// What has to be remembered of the request that is being answered.
  struct Exchange {
    var version = HTTPVersion.http1_1
    var isHEAD = false
    var keepsAlive = true
    /// Whether the request has been read to its end.
    var isRead = false
    /// Whether the answer has left this process.
    var isSent = false
    var bodyBytes = 0
  }

  private enum Early {
    case part(HTTPServerRequestPart)
    case refusal(Refusal)
  }

  let service: Service
  let user: User?
  let isHTTP2: Bool
  var context: ChannelHandlerContext?
  private(set) lazy var deadline = Deadline(on: loop) { [weak self] in self?.deadlineReached() }
  private let loop: any EventLoop

  var phase = Phase.waiting
  var exchange = Exchange()
  var isQuiescing = false
  private var request: Request?
  private var early = CircularBuffer<Early>(initialCapacity: 0)
  private var isDelivering = false
  private var isReadHeld = false
  /// Since the last time that nothing was left to read: whether a part was seen, whether a head has begun.
  private var sawPart = false
  private var isHeadBegun = false

  // The writing half's.
  var outgoing: Outgoing?
  var isPumping = false
  var task: Task<Void, Never>?
  var isStreaming = false
  var drained: CheckedContinuation<Void, Never>?

  init(service: Service, user: User?, isHTTP2: Bool, loop: any EventLoop) {
    self.service = service
    self.user = user
    self.isHTTP2 = isHTTP2
    self.loop = loop
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    // After a TLS handshake we are in the middle of its last read, which is not the beginning of a request.
    sawPart = context.channel.isActive
    if !isHTTP2 { deadline.set(after: service.limits.handshakeTime) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    sawPart = true
    deliver(.part(unwrapInboundIn(data)))
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    switch phase {
    case .waiting where !sawPart && !isHeadBegun, .reading where !isHeadBegun:
      isHeadBegun = true
      deadline.set(after: service.limits.requestTime)
    default: break
    }
    sawPart = false
    context.fireChannelReadComplete()
  }

  /// Nothing is read while requests wait: the client's pipelining fills its own buffers, not ours. Otherwise reading
  /// goes on during an answer, for that is how the client's going away is noticed.
  func read(context: ChannelHandlerContext) {
    if early.isEmpty { context.read() } else { isReadHeld = true }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard context.channel.isActive else { return }
    guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
    let refusal: Refusal =
      switch error {
      case .headerOverflow: .headersTooLarge
      case .invalidVersion: .unknownVersion
      default: .badRequest("malformed HTTP request")
      }
    deliver(.refusal(refusal))
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
    isQuiescing = true
    if isStreaming { task?.cancel() }
    if phase == .waiting, !isHTTP2 { context.close(promise: nil) }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    pump()
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end()
    self.context = nil
  }

  private func end() {
    phase = .closed
    deadline.cancel()
    early.removeAll()
    outgoing = nil
    releaseBody()
    task?.cancel()
    drained?.resume()
    drained = nil
  }

  // MARK: From parts to requests

  private func deliver(_ next: Early) {
    early.append(next)
    deliverEarly()
  }

  /// Goes on with what has arrived, until a request is being answered.
  func deliverEarly() {
    guard !isDelivering else { return }
    isDelivering = true
    defer { isDelivering = false }
    while !(phase == .answering && exchange.isRead), let next = early.popFirst() {
      switch next {
      case .part(let part): receive(part)
      case .refusal(let refusal): receive(refusal)
      }
    }
    if early.isEmpty, isReadHeld {
      isReadHeld = false
      context?.read()
    }
  }

  private func receive(_ part: HTTPServerRequestPart) {
    switch (phase, part) {
    case (.waiting, .head(let head)): begin(head)
    case (.reading, .body(let bytes)): collect(bytes)
    case (.reading, .end):
      exchange.isRead = true
      ask()
    case (.answering, .end): exchange.isRead = true
    case (.draining, .end):
      exchange.isRead = true
      endIfDone()
    default: break
    }
  }

  private func receive(_ refusal: Refusal) {
    switch phase {
    case .waiting, .reading: refuse(refusal)
    case .answering: exchange.keepsAlive = false
    case .draining, .closed: context?.close(promise: nil)
    }
  }

  private func begin(_ head: HTTPRequestHead) {
    deadline.clear()
    isHeadBegun = false
    exchange = Exchange(version: head.version, isHEAD: head.method == .HEAD)
    phase = .reading
    do throws(Refusal) {
      let head = try RequestHead(head, from: user, limits: service.limits)
      exchange.keepsAlive = head.keepsAlive
      request = head.request
      if let length = head.contentLength {
        guard length <= service.limits.bodyBytes else {
          return refuse(.bodyTooLarge(limit: service.limits.bodyBytes))
        }
        request?.body.reserveCapacity(min(length, 64 << 10))
      }
      if head.expectsContinue, let context {
        let go = HTTPResponseHead(version: head.version, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(go)), promise: nil)
      }
    } catch {
      refuse(error)
    }
  }

  private func collect(_ bytes: ByteBuffer) {
    guard exchange.bodyBytes + bytes.readableBytes <= service.limits.bodyBytes else {
      return refuse(.bodyTooLarge(limit: service.limits.bodyBytes))
    }
    guard service.bodies.take(bytes.readableBytes) else { return refuse(.tooManyBodies) }
    exchange.bodyBytes += bytes.readableBytes
    request?.body.append(contentsOf: bytes.readableBytesView)
  }

  private func ask() {
    guard let request else { return }
    self.request = nil
    phase = .answering
    deadline.clear()
    switch service.handler(request) {
    case .now(let response): answer(response)
    case .later(let make):
      run { handler in
        let response = await make()
        handler.value.answer(response)
      }
    }
  }

  func refuse(_ refusal: Refusal) {
    if phase == .waiting { exchange = Exchange() }
    request = nil
    exchange.keepsAlive = false
    phase = .answering
    answer(refusal.response)
  }

  func releaseBody() {
    service.bodies.give(back: exchange.bodyBytes)
    exchange.bodyBytes = 0
  }

  func waitForRequest() {
    phase = .waiting
    isHeadBegun = false
    deadline.set(after: service.limits.idleTime)
    deliverEarly()
  }

  private func deadlineReached() {
    switch phase {
    case .waiting where isHeadBegun, .reading: refuse(.tooSlow)
    case .waiting, .answering, .draining: context?.close(promise: nil)
    case .closed: break
    }
  }
}
