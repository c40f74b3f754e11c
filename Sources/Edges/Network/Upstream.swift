import NIOCore
import Services

/// A connection to a backend that answers requests, one after the other, each for another client perhaps.
///
/// What must stay true: it has at most one client at a time, and reads only what that client can take; what it read is
/// passed on before its end is; and it waits for another request only if it is certain where the last answer ended.
final class Upstream: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Phase {
    case idle
    case head(HeadReader)
    case body(BodyReader)
    case tunnel
    case closed
  }

  let backend: Backend
  private let pool: UpstreamPool
  /// Both hold each other while a request is answered. Not weak: objects to which weak references lead are slow to count.
  private var client: IngressConnection?
  private var context: ChannelHandlerContext?
  private var phase = Phase.idle
  private var input = ByteBuffer()
  private var method = ""
  private var keepsAlive = true
  private var isReadHeld = false
  private(set) var idleSince = NIODeadline.now()

  init(to backend: Backend, pool: UpstreamPool) {
    self.backend = backend
    self.pool = pool
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  var isWritable: Bool { context?.channel.isWritable ?? false }

  // MARK: What the client says

  func begin(_ head: ByteBuffer, method: String, for client: IngressConnection) {
    self.client = client
    self.method = method
    phase = .head(HeadReader())
    context?.write(wrapOutboundOut(head), promise: nil)
  }

  func write(_ bytes: ByteBuffer) { context?.write(wrapOutboundOut(bytes), promise: nil) }

  func flush() { context?.flush() }

  /// The client can take more.
  func goOn() {
    guard isReadHeld else { return }
    isReadHeld = false
    context?.read()
  }

  /// The client has gone, or wants no more.
  func abandon() {
    client = nil
    phase = .closed
    context?.close(promise: nil)
  }

  /// The client has ended a tunnel: what it said before is still delivered.
  func endAfterWrites() {
    client = nil
    phase = .closed
    guard let context else { return }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
      context.close(promise: nil)
    }
  }

  func close() { context?.close(promise: nil) }

  // MARK: What the backend says

  func read(context: ChannelHandlerContext) {
    if client?.isWritable ?? true { context.read() } else { isReadHeld = true }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
    do {
      try advance()
    } catch {
      fail(error.why)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    client?.flush()
    context.fireChannelReadComplete()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { client?.upstreamBecameWritable() }
    context.fireChannelWritabilityChanged()
  }

  private func advance() throws(HTTPFault) {
    while input.readableBytes > 0 {
      switch phase {
      case .head(var reader):
        let head = try reader.next(from: &input)
        phase = .head(reader)
        guard let head else { return }
        try answered(ResponseHead(head, to: method))
      case .body(var reader):
        let part = try reader.next(from: &input)
        phase = .body(reader)
        if let part { client?.forward(part) }
        guard reader.isComplete else { return }
        complete()
      case .tunnel:
        client?.forward(input)
        input = ByteBuffer()
      // Nobody has asked for anything.
      case .idle: return abandon()
      case .closed: return
      }
    }
  }

  private func answered(_ head: ResponseHead) throws(HTTPFault) {
    keepsAlive = head.keepsAlive
    switch head.status {
    case 101:
      phase = .tunnel
      client?.upgraded(head)
    case ..<200:
      phase = .head(HeadReader())
      client?.informed(head)
    default:
      let body = BodyReader(head.framing)
      phase = .body(body)
      client?.answered(head)
      if body.isComplete { complete() }
    }
  }

  private func complete() {
    let client = client
    self.client = nil
    phase = .idle
    let isReusable = keepsAlive && input.readableBytes == 0 && client?.hasSentAll ?? false
    if isReusable {
      idleSince = .now()
      pool.give(self)
    } else {
      abandon()
    }
    client?.completed()
    goOn()
  }

  private func fail(_ why: String) {
    let client = client
    let hasAnswered = if case .head = phase { false } else { true }
    abandon()
    if hasAnswered { client?.broken() } else { client?.notAnswered(why) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    switch phase {
    case .idle: pool.remove(self)
    case .head: fail("it closed the connection without an answer")
    case .body(let reader):
      let client = client
      let isEnd = reader.endsWithTheConnection
      abandon()
      if isEnd { client?.completed() } else { client?.broken() }
    case .tunnel:
      let client = client
      abandon()
      client?.tunnelEnded()
    case .closed: break
    }
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // A backend that has finished sending has finished: half of a connection is of no use here.
    if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// The idle connections to backends of one event loop.
final class UpstreamPool {
  private var idle: [Backend: [Upstream]] = [:]

  static let idleTime = TimeAmount.seconds(60)
  private static let idlePerBackend = 64

  /// - Parameter time: it has waited no longer than this.
  func take(_ backend: Backend, idleFor time: TimeAmount) -> Upstream? {
    guard let place = idle.index(forKey: backend), let upstream = idle.values[place].last,
      upstream.idleSince + time > .now()
    else { return nil }
    return idle.values[place].popLast()
  }

  func give(_ upstream: Upstream) {
    if idle[upstream.backend, default: []].count < Self.idlePerBackend {
      idle[upstream.backend, default: []].append(upstream)
    } else {
      upstream.abandon()
    }
  }

  func remove(_ upstream: Upstream) {
    idle[upstream.backend]?.removeAll { $0 === upstream }
    if idle[upstream.backend]?.isEmpty == true { idle[upstream.backend] = nil }
  }

  /// Ends those that nobody has needed for a while.
  func sweep() {
    for (backend, upstreams) in idle {
      let old = upstreams.filter { $0.idleSince + Self.idleTime <= .now() }
      guard !old.isEmpty else { continue }
      idle[backend] = upstreams.filter { $0.idleSince + Self.idleTime > .now() }
      for upstream in old { upstream.abandon() }
    }
  }
}
