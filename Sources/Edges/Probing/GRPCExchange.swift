import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import Pods
import Probes

/// One call of `grpc.health.v1.Health/Check`. Its two messages have one field each, so they are written by hand:
/// `HealthCheckRequest { string service = 1; }`, `HealthCheckResponse { ServingStatus status = 1; }`.
/// (gRPC: "Health Checking Protocol", "gRPC over HTTP2".)
struct GRPCExchange: Sendable {
  let dialer: Dialer
  let host: String
  let port: Int
  let limit: Limit

  func health(of service: String) async -> Answer {
    let address = "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    let patience = limit.length?.inMinutes ?? ""
    do {
      let descriptor = try await dialer.dial(host, port, within: limit)
      return try await call(service, at: address, over: descriptor).answer
    } catch is DialFailure {
      return (
        .failure, "timeout: failed to connect service \"\(address)\" within \(patience): context deadline exceeded"
      )
    } catch is TimeIsUp {
      return (.failure, "timeout: health rpc did not complete within \(patience)")
    } catch {
      return (.failure, "error: health rpc probe failed: rpc error: code = Unavailable desc = \(error)")
    }
  }

  private func call(_ service: String, at address: String, over descriptor: Int32) async throws -> GRPCReply {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let (channel, streams) = try await ClientBootstrap(group: loop).withConnectedSocket(descriptor) { channel in
      channel.eventLoop.makeCompletedFuture {
        let frames = NIOHTTP2Handler(mode: .client, eventLoop: channel.eventLoop) { stream in
          stream.eventLoop.makeSucceededVoidFuture()
        }
        try channel.pipeline.syncOperations.addHandler(frames)
        return (channel, try frames.syncMultiplexer())
      }
    }
    defer { channel.close(promise: nil) }
    let reply = loop.makePromise(of: GRPCReply.self)
    channel.closeFuture.whenComplete { _ in reply.fail(ConnectionEnded()) }
    streams.createStreamChannel(promise: nil) { stream in
      stream.eventLoop.makeCompletedFuture {
        try stream.pipeline.syncOperations.addHandler(GRPCCall(service, at: address, reply))
      }
    }
    return try await limit.hold {
      try await withTaskCancellationHandler {
        try await reply.futureResult.get()
      } onCancel: {
        channel.close(promise: nil)
      }
    }
  }
}

/// What a server has said when its answer is over.
struct GRPCReply: Sendable {
  /// Of HTTP.
  var status = ""
  /// Of gRPC: in the last headers, which may be the first too.
  var code: Int?
  var message = ""
  var body: [UInt8] = []

  var answer: Answer {
    guard let code else {
      return (
        .failure,
        "error: health rpc probe failed: rpc error: code = Unknown desc = unexpected HTTP status code received from "
          + "server: \(status)"
      )
    }
    switch code {
    case 0:
      return health == 1
        ? (.success, "service healthy")
        : (.failure, "service unhealthy (responded with \"\(Self.words[health] ?? "")\")")
    case 12:
      return (
        .failure,
        "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): \(message)"
      )
    default:
      let name = Self.codes.indices.contains(code) ? Self.codes[code] : "Code(\(code))"
      return (.failure, "error: health rpc probe failed: rpc error: code = \(name) desc = \(message)")
    }
  }

  // Behind five bytes (compressed or not, length) comes the message: nothing for 0, else 08 and the status.
  private var health: Int {
    let message = body.dropFirst(5)
    return message.first == 0x08 ? message.dropFirst().first.map(Int.init) ?? 0 : 0
  }

  private static let words = [0: "UNKNOWN", 1: "SERVING", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"]
  private static let codes = [
    "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied",
    "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable",
    "DataLoss", "Unauthenticated",
  ]
}

/// One stream: headers and a message go, headers, a message and headers come.
private final class GRPCCall: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private let service: String
  private let address: String
  private let promise: EventLoopPromise<GRPCReply>
  private var reply = GRPCReply()

  init(_ service: String, at address: String, _ promise: EventLoopPromise<GRPCReply>) {
    self.service = service
    self.address = address
    self.promise = promise
  }

  func channelActive(context: ChannelHandlerContext) {
    let headers = HPACKHeaders([
      (":method", "POST"), (":scheme", "http"), (":path", "/grpc.health.v1.Health/Check"), (":authority", address),
      ("content-type", "application/grpc"), ("te", "trailers"), ("user-agent", "kube-probe/1.36"),
    ])
    context.write(wrapOutboundOut(.headers(.init(headers: headers))), promise: nil)
    let body = context.channel.allocator.buffer(bytes: Self.frame(service))
    context.writeAndFlush(wrapOutboundOut(.data(.init(data: .byteBuffer(body), endStream: true))), promise: nil)
    context.fireChannelActive()
  }

  // Not compressed, so many bytes: an empty message when no service is named, else field 1, its length, its bytes.
  private static func frame(_ service: String) -> [UInt8] {
    var message: [UInt8] = []
    if !service.isEmpty {
      message.append(0x0A)
      var length = service.utf8.count
      while length > 0x7F {
        message.append(UInt8(length & 0x7F) | 0x80)
        length >>= 7
      }
      message.append(UInt8(length))
      message += service.utf8
    }
    return [0] + withUnsafeBytes(of: UInt32(message.count).bigEndian, Array.init) + message
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .headers(let frame):
      reply.status = frame.headers.first(name: ":status") ?? reply.status
      reply.code = frame.headers.first(name: "grpc-status").flatMap { Int($0) } ?? reply.code
      reply.message = frame.headers.first(name: "grpc-message") ?? reply.message
      if frame.endStream { promise.succeed(reply) }
    case .data(let frame):
      if case .byteBuffer(let buffer) = frame.data { reply.body += buffer.readableBytesView }
      if frame.endStream { promise.succeed(reply) }
    default: break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    promise.fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) { promise.fail(ConnectionEnded()) }
}
