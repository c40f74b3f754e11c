import NIOCore
import Services

/// A client's connection to the ingress: takes its requests, one after the other, and leads each to a backend.
///
/// What must stay true: answers leave in the order of the requests; a request whose body has begun to leave is never
/// sent twice; while an answer cannot leave, nothing is read that would have to be kept; and whatever the other sides do,
/// each wait ends by a deadline.
final class IngressConnection: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  enum Phase {
    case head(HeadReader)
    /// The request's body is on its way.
    case body(BodyReader)
    /// The request has been read, the answer not been sent.
    case waiting
    case tunnel
    /// The last answer has been sent; what still comes is dropped until the client has read it.
    case lingering
    case closed
  }

  /// The request that is being answered. A class: it is looked at far more often than it is made.
  final class Exchange {
    let head: RequestHead
    let service: String
    var source: BackendSource
    var keepsAlive: Bool
    var failed: Set<Backend> = []
    var attempts = 0
    var lastFailure = ""
    var hasSentBody = false
    var hasSentAll: Bool
    /// Whether a connection that has waited idle may be tried: it may have ended without our knowing it yet.
    var mayReuse = true
    var isAnswered = false
    var isComplete = false

    init(_ head: RequestHead, to source: BackendSource, of service: String) {
      self.head = head
      self.source = source
      self.service = service
      keepsAlive = head.keepsAlive
      hasSentAll = head.framing == .empty
    }
  }

  let ingress: IngressService
  let pool: UpstreamPool
  var phase = Phase.head(HeadReader())
  var exchange: Exchange?
  var upstream: Upstream?
  var input = ByteBuffer()
  var context: ChannelHandlerContext?
  /// The client's.
  let address: String
  /// What only we can know of the client, as fields of its requests.
  let forwarded: String
  let deadline: Deadline
  private var isReadHeld = false
  private(set) var isAdvancing = false
  /// The beginning of an answer: what follows may leave with it.
  private var unsent: ByteBuffer?

  init(_ ingress: IngressService, pool: UpstreamPool, on channel: any Channel) {
    self.ingress = ingress
    self.pool = pool
    address = channel.remoteAddress?.ipAddress ?? "unknown"
    forwarded =
      "X-Forwarded-For: \(address)\r\nX-Real-IP: \(address)\r\nX-Forwarded-Port: \(ingress.port)\r\n"
      + "X-Forwarded-Proto: \(ingress.isSecure ? "https" : "http")\r\n"
    deadline = Deadline(on: channel.eventLoop)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    deadline.reached = { [unowned self] in deadlineReached() }
    deadline.set(after: ingress.limits.idleTime)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    deadline.cancel()
  }

  var isWritable: Bool { context?.channel.isWritable ?? false }

  // MARK: Reading

  func read(context: ChannelHandlerContext) {
    if mayRead { context.read() } else { isReadHeld = true }
  }

  private var mayRead: Bool {
    switch phase {
    case .head, .lingering: true
    case .body, .tunnel: upstream?.isWritable ?? false
    // To notice that the client goes away; requests that come early wait in its own buffers.
    case .waiting: input.readableBytes == 0
    case .closed: false
    }
  }

  func goOn() {
    guard isReadHeld, mayRead else { return }
    isReadHeld = false
    context?.read()
  }

  func upstreamBecameWritable() { proceed() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
    advance()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    upstream?.flush()
    context.fireChannelReadComplete()
  }

  /// Does what can be done, when it is not the client's bytes that have made it possible.
  func proceed() {
    advance()
    upstream?.flush()
    goOn()
  }

  /// Does with what has been read what can be done. What is written leaves when all that is there has been read.
  private func advance() {
    guard !isAdvancing else { return }
    isAdvancing = true
    defer { isAdvancing = false }
    do {
      while try advanceOnce() {}
    } catch let fault as HTTPFault {
      answer(fault.status, fault.why)
    } catch {
      close()
    }
  }

  private func advanceOnce() throws -> Bool {
    guard input.readableBytes > 0 else { return false }
    switch phase {
    case .head(var reader):
      let isFirst = !reader.hasBegun
      let bytes = try reader.next(from: &input)
      phase = .head(reader)
      guard let bytes else {
        // Counted from the first byte: who sends one a minute gains nothing.
        if isFirst { deadline.set(after: ingress.limits.headTime) }
        return false
      }
      try begin(RequestHead(bytes))
      return true
    case .body(var reader):
      guard let upstream, upstream.isWritable else { return false }
      let part = try reader.next(from: &input)
      phase = .body(reader)
      if let part {
        exchange?.hasSentBody = true
        upstream.write(part)
        deadline.set(after: ingress.limits.answerTime)
      }
      guard reader.isComplete else { return part != nil }
      phase = .waiting
      exchange?.hasSentAll = true
      finishIfComplete()
      return true
    case .tunnel:
      upstream?.write(input)
      input = ByteBuffer()
      return false
    case .lingering:
      input = ByteBuffer()
      return false
    case .waiting, .closed: return false
    }
  }

  // MARK: Writing

  /// - Parameter isBeginning: something follows at once.
  func write(_ bytes: ByteBuffer, isBeginning: Bool = false) {
    if unsent != nil, bytes.readableBytes <= 2048 {
      unsent?.writeImmutableBuffer(bytes)
      return writeUnsent()
    }
    writeUnsent()
    if isBeginning { unsent = bytes } else { context?.write(wrapOutboundOut(bytes), promise: nil) }
  }

  func flush() {
    writeUnsent()
    context?.flush()
  }

  private func writeUnsent() {
    guard let unsent else { return }
    self.unsent = nil
    context?.write(wrapOutboundOut(unsent), promise: nil)
  }

  // MARK: Ends

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { upstream?.goOn() }
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    let upstream = upstream
    self.upstream = nil
    let isTunnel = if case .tunnel = phase { true } else { false }
    phase = .closed
    exchange = nil
    if isTunnel { upstream?.endAfterWrites() } else { upstream?.abandon() }
    deadline.cancel()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // The ingress is being stopped: a connection that waits for nothing ends.
    if event is ChannelShouldQuiesceEvent {
      if case .head = phase { return close() }
      isLeaving = true
    }
    context.fireUserInboundEventTriggered(event)
  }

  var isLeaving = false

  private func deadlineReached() {
    switch phase {
    case .head where input.readableBytes > 0: answer(408, "the request's head did not arrive in time")
    case .waiting where exchange?.isAnswered == false:
      upstream?.abandon()
      upstream = nil
      answer(504, "\(exchange?.service ?? "the service") did not answer in time")
    default: close()
    }
  }

  func close() {
    guard let context else { return }
    phase = .closed
    upstream?.abandon()
    upstream = nil
    context.close(promise: nil)
  }

  /// Closes when all that was written has left, and the client has had time to read it.
  func closeAfterWrites() {
    guard let context else { return }
    writeUnsent()
    phase = .lingering
    deadline.set(after: ingress.limits.lingerTime)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
      context.close(mode: .output, promise: nil)
    }
    goOn()
  }
}
