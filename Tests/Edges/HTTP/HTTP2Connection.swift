import APIServer
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL

@testable import HTTP

/// A small HTTP/2 client: as many requests at a time as a test wants, on one connection.
struct HTTP2Connection: Sendable {
  let channel: any Channel
  private let streams: NIOHTTP2Handler.StreamMultiplexer

  init(_ address: HTTPServer.Address, certificate: Bool = false) async throws {
    let tls = try NIOSSLContext(configuration: clientConfiguration(protocols: ["h2"], certificate: certificate))
    (channel, streams) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: address.host, port: address.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          let frames = NIOHTTP2Handler(mode: .client, eventLoop: channel.eventLoop) { stream in
            stream.eventLoop.makeSucceededVoidFuture()
          }
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandlers([try NIOSSLClientHandler(context: tls, serverHostname: nil), frames])
          return (channel as any Channel, try frames.syncMultiplexer())
        }
      }
  }

  /// One more stream; its answers are read in HTTP/1's terms. An endless one never says that its request is over.
  func stream(endless: Bool = false) async throws -> ClientConnection {
    let (channel, opened) = (channel, channel.eventLoop.makePromise(of: ClientConnection.self))
    streams.createStreamChannel(promise: nil) { stream in
      stream.eventLoop.makeCompletedFuture {
        let handler = ClientHandler(address: "\(channel.remoteAddress?.description ?? "")")
        try stream.pipeline.syncOperations.addHandlers([
          HTTP2FramePayloadToHTTP1ClientCodec(httpProtocol: .https), WithoutEnd(isOn: endless), handler,
        ])
        opened.succeed(
          ClientConnection(channel: stream, handler: NIOLoopBound(handler, eventLoop: stream.eventLoop)))
      }
    }
    return try await opened.futureResult.get()
  }

  func send(_ request: Request) async throws -> HTTPClient.Answer<[UInt8]> {
    let stream = try await stream()
    let head = try await stream.send(request, host: "localhost")
    var body: [UInt8] = []
    while case .bytes(let bytes) = try await stream.next() { body += bytes }
    return HTTPClient.Answer(
      status: Int(head.status.code), headers: head.headers.map { (name: $0.name, value: $0.value) }, body: body)
  }
}

private final class WithoutEnd: ChannelOutboundHandler {
  typealias OutboundIn = HTTPClientRequestPart
  typealias OutboundOut = HTTPClientRequestPart
  private let isOn: Bool

  init(isOn: Bool) { self.isOn = isOn }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if isOn, case .end = unwrapOutboundIn(data) {
      promise?.succeed()
    } else {
      context.write(data, promise: promise)
    }
  }
}
