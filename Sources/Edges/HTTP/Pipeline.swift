import APIServer
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL
import NIOTLS

/// How a connection's handlers are put together. Both protocols end in the same `RequestHandler`:
///
///     plain   HTTP/1.1 parser, encoder ─────────────────────────── RequestHandler
///     TLS     Handshake ─┬─ http/1.1 ── as above
///                        └─ h2 ── frames, streams ── HTTP/1 terms ─ RequestHandler, one a stream
///
/// A handler that upgrades a connection (WebSocket) belongs between the parser and the `RequestHandler`.
enum Pipeline {
  static func begin(_ channel: any Channel, service: Service, tls: NIOSSLContext?) throws {
    let pipeline = channel.pipeline.syncOperations
    guard let tls else { return try addHTTP1(to: pipeline, service: service, user: nil) }
    try pipeline.addHandler(NIOSSLServerHandler(context: tls))
    try pipeline.addHandler(Handshake(service: service, channel: channel))
  }

  static func addHTTP1(to pipeline: ChannelPipeline.SynchronousOperations, service: Service, user: User?) throws {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = service.limits.headerBytes
    limits.maxHeaderListSize = service.limits.headerBytes
    limits.maxHeaderFieldCount = service.limits.headerFields
    let parser = HTTPRequestDecoder(
      leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop, limitConfiguration: limits)
    try pipeline.addHandlers([
      ResponseEncoder(),
      ByteToMessageHandler(parser),
      RequestHandler(service: service, user: user, isHTTP2: false, loop: pipeline.eventLoop),
    ])
  }

  static func addHTTP2(to pipeline: ChannelPipeline.SynchronousOperations, service: Service, user: User?) throws {
    var connection = NIOHTTP2Handler.ConnectionConfiguration()
    connection.initialSettings = [
      HTTP2Setting(parameter: .maxConcurrentStreams, value: service.limits.streamsPerConnection),
      // Far above our own limit, so that what is only a little too large gets an answer on its stream.
      HTTP2Setting(parameter: .maxHeaderListSize, value: 4 * service.limits.headerBytes),
    ]
    // A client that ends many short watches, each with a RST_STREAM and a PING, is not an attacker.
    connection.controlFrameRateLimit.maximumCount = 10_000
    var stream = NIOHTTP2Handler.StreamConfiguration()
    stream.streamResetFrameRateLimit.maximumCount = 10_000
    stream.outboundBufferSizeHighWatermark = 64 << 10
    stream.outboundBufferSizeLowWatermark = 32 << 10
    let loop = pipeline.eventLoop
    let frames = NIOHTTP2Handler(
      mode: .server, eventLoop: loop, connectionConfiguration: connection, streamConfiguration: stream
    ) { channel in
      loop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandlers([
          HTTP2FramePayloadToHTTP1ServerCodec(),
          RequestHandler(service: service, user: user, isHTTP2: true, loop: loop),
        ])
      }
    }
    let goAway = NIOHTTP2ServerConnectionManagementHandler(
      eventLoop: loop,
      configuration: .init(
        maxIdleTime: nil, maxAge: nil, maxGraceTime: TimeAmount(service.limits.shutdownTime), keepalive: nil))
    try pipeline.addHandlers([frames, goAway, StreamCount(idleTime: service.limits.idleTime, loop: loop)])
  }
}

/// Waits for the end of the TLS handshake, then learns who the client is and which protocol it chose (ALPN).
final class Handshake: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let service: Service
  private let deadline: Deadline

  init(service: Service, channel: any Channel) {
    self.service = service
    let bound = NIOLoopBound(channel, eventLoop: channel.eventLoop)
    deadline = Deadline(on: channel.eventLoop) { bound.value.close(promise: nil) }
    deadline.set(after: service.limits.handshakeTime)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case TLSUserEvent.handshakeCompleted(let negotiated): completed(negotiated, context)
    case is ChannelShouldQuiesceEvent: context.close(promise: nil)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  private func completed(_ negotiated: String?, _ context: ChannelHandlerContext) {
    deadline.cancel()
    let pipeline = context.pipeline.syncOperations
    do {
      let certificate = try pipeline.handler(type: NIOSSLServerHandler.self).peerCertificate
      let user = try certificate.flatMap { service.identify?(try $0.toDERBytes()) }
      if negotiated == "h2" {
        try Pipeline.addHTTP2(to: pipeline, service: service, user: user)
      } else {
        try Pipeline.addHTTP1(to: pipeline, service: service, user: user)
      }
      pipeline.removeHandler(self, promise: nil)
    } catch {
      context.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    deadline.cancel()
  }
}

/// Ends an HTTP/2 connection on which no stream is open for too long.
final class StreamCount: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame

  private let idleTime: Duration
  private var streams = 0
  private var isLeaving = false
  private var context: ChannelHandlerContext?
  private lazy var deadline = Deadline(on: loop) { [weak self] in self?.leave() }
  private let loop: any EventLoop

  init(idleTime: Duration, loop: any EventLoop) {
    self.idleTime = idleTime
    self.loop = loop
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    deadline.set(after: idleTime)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is NIOHTTP2StreamCreatedEvent:
      streams += 1
      deadline.clear()
    case is StreamClosedEvent:
      streams -= 1
      if streams == 0 { deadline.set(after: idleTime) }
    default: break
    }
    context.fireUserInboundEventTriggered(event)
  }

  /// First with the word that this connection takes no more requests (GOAWAY); a client that does not understand
  /// it in as long again is left without one.
  private func leave() {
    guard let context else { return }
    if isLeaving { return context.close(promise: nil) }
    isLeaving = true
    deadline.set(after: idleTime)
    context.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Errors of a single stream are its channel's; what comes here has no stream left to live on, unless it is one
    // that the HTTP/2 layer reports and survives.
    if !(error is NIOHTTP2Errors.StreamError) { context.close(promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline.cancel()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    deadline.cancel()
    self.context = nil
  }
}
