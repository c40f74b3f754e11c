import NIOCore
import NIOHPACK
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import Pods
import Probes
import Services
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The machine's own network.
final class PlainNetwork: ClusterNetwork {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  func listen(address: String, port: Int, transport: TransportProtocol) throws -> Int32 {
    throw Failure(description: "not needed")
  }

  func connect(address: String, port: Int, transport: TransportProtocol) async throws -> Int32 {
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = UInt16(port).bigEndian
    inet_pton(AF_INET, address, &place.sin_addr)
    #if canImport(Glibc)
      let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let number = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    let result = withUnsafePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        systemConnect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      let why = String(cString: strerror(errno))
      close(number)
      throw Failure(description: "connect to \(address):\(port): \(why)")
    }
    return number
  }
}

private func systemConnect(_ number: Int32, _ place: UnsafePointer<sockaddr>, _ size: socklen_t) -> Int32 {
  connect(number, place, size)
}

/// Runs nothing: answers as the test says.
final class ScriptedExecutor: ContainerExecutor {
  struct NotFound: Error, CustomStringConvertible {
    var description: String { "no such program" }
  }

  func run(_ command: [String], in container: ContainerID, timeout: Duration?) async throws -> CommandResult {
    switch command.first {
    case "true": CommandResult(exitCode: 0, output: Array("well".utf8))
    case "false": CommandResult(exitCode: 1, output: Array("unwell".utf8))
    case "sleep": CommandResult(exitCode: nil)
    default: throw NotFound()
    }
  }
}

/// A server on 127.0.0.1, for one test.
struct TestServer: Sendable {
  let channel: any Channel

  var port: Int { channel.localAddress?.port ?? 0 }

  func close() async throws { try await channel.close() }

  private init(_ prepare: @escaping @Sendable (any Channel) throws -> Void) async throws {
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in channel.eventLoop.makeCompletedFuture { try prepare(channel) } }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  /// - Parameter answer: to a request and its headers: status, headers, body. Nil is no answer at all.
  static func http(
    tls: Bool = false,
    _ answer: @escaping @Sendable (HTTPRequestHead) -> (status: Int, headers: HTTPHeaders, body: String)?
  ) async throws -> TestServer {
    let context = tls ? try Self.context() : nil
    return try await TestServer { channel in
      if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
      try channel.pipeline.syncOperations.configureHTTPServerPipeline()
      try channel.pipeline.syncOperations.addHandler(HTTPAnswerer(answer))
    }
  }

  /// - Parameter answer: to the request's message: what the service says, or the code and the message of an error.
  static func grpc(
    _ answer: @escaping @Sendable (_ path: String, _ message: [UInt8]) -> Result<[UInt8], GRPCError>
  ) async throws -> TestServer {
    try await TestServer { channel in
      let frames = NIOHTTP2Handler(mode: .server, eventLoop: channel.eventLoop) { stream in
        stream.eventLoop.makeCompletedFuture {
          try stream.pipeline.syncOperations.addHandler(GRPCAnswerer(answer))
        }
      }
      try channel.pipeline.syncOperations.addHandler(frames)
    }
  }

  struct GRPCError: Error {
    let code: Int
    let message: String
  }

  private static func context() throws -> NIOSSLContext {
    try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: [.certificate(NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem))],
        privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))))
  }
}

private final class HTTPAnswerer: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let answer: @Sendable (HTTPRequestHead) -> (status: Int, headers: HTTPHeaders, body: String)?

  init(_ answer: @escaping @Sendable (HTTPRequestHead) -> (status: Int, headers: HTTPHeaders, body: String)?) {
    self.answer = answer
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let head) = unwrapInboundIn(data), let (status, headers, body) = answer(head) else { return }
    var all = headers
    all.add(name: "content-length", value: String(body.utf8.count))
    let reply = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: all)
    context.write(wrapOutboundOut(.head(reply)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}

private final class GRPCAnswerer: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private let answer: @Sendable (String, [UInt8]) -> Result<[UInt8], TestServer.GRPCError>
  private var path = ""

  init(_ answer: @escaping @Sendable (String, [UInt8]) -> Result<[UInt8], TestServer.GRPCError>) {
    self.answer = answer
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .headers(let frame): path = frame.headers.first(name: ":path") ?? ""
    case .data(let frame):
      guard case .byteBuffer(let buffer) = frame.data else { return }
      reply(to: Array(buffer.readableBytesView), context)
    default: break
    }
  }

  private func reply(to message: [UInt8], _ context: ChannelHandlerContext) {
    var headers = HPACKHeaders([(":status", "200"), ("content-type", "application/grpc")])
    switch answer(path, message) {
    case .success(let body):
      context.write(wrapOutboundOut(.headers(.init(headers: headers))), promise: nil)
      context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(ByteBuffer(bytes: body))))), promise: nil)
      let trailers = HPACKHeaders([("grpc-status", "0")])
      context.writeAndFlush(wrapOutboundOut(.headers(.init(headers: trailers, endStream: true))), promise: nil)
    case .failure(let error):
      headers.add(name: "grpc-status", value: String(error.code))
      headers.add(name: "grpc-message", value: error.message)
      context.writeAndFlush(wrapOutboundOut(.headers(.init(headers: headers, endStream: true))), promise: nil)
    }
  }
}

// Nobody's: a key and a certificate that nobody has any reason to believe.
private let key = """
  -----BEGIN PRIVATE KEY-----
  MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgS0BipQIIfLjAjxqh
  4+oL68C23tZCqZfz6f6g+YKDZpihRANCAASJzqGH7ynJC1wJK9fq4Gqgp8KDhN56
  GpGMRluwn35GQDRTYOm9rURQ+51Fl5sWzp8+XCjd3f4I3jwdIw9UrWNL
  -----END PRIVATE KEY-----
  """
private let certificate = """
  -----BEGIN CERTIFICATE-----
  MIIBeTCCAR+gAwIBAgIUZS3RnyBgeocAxSqCzt28BY8Ryg0wCgYIKoZIzj0EAwIw
  ETEPMA0GA1UEAwwGbm9ib2R5MCAXDTI2MTEyMTEwNDQzM1oYDzIxMjYxMDI4MTA0
  NDMzWjARMQ8wDQYDVQQDDAZub2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
  AASJzqGH7ynJC1wJK9fq4Gqgp8KDhN56GpGMRluwn35GQDRTYOm9rURQ+51Fl5sW
  zp8+XCjd3f4I3jwdIw9UrWNLo1MwUTAdBgNVHQ4EFgQUw2NvcHaawk00PN5y//+U
  N8LhI+owHwYDVR0jBBgwFoAUw2NvcHaawk00PN5y//+UN8LhI+owDwYDVR0TAQH/
  BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiB3yvH0hqcdQYB+yXWqd07ifWs6vchR
  VF8g6E/E2tW43AIhAJej9efBLbpHnQaa/yf8zq1JP4Bcsfu9rovfWEkQ333z
  -----END CERTIFICATE-----
  """
