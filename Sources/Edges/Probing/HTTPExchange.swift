import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Objects
import Probes

/// A GET request, and those that its redirects lead to.
struct HTTPExchange: Sendable {
  let dialer: Dialer
  let headers: [HTTPHeader]
  let limit: Limit

  /// - Parameter isHook: any answer will do.
  func answer(to first: HTTPQuestion, isHook: Bool) async -> Answer {
    var (question, redirects) = (first, 0)
    while true {
      do {
        let reply = try await ask(question)
        if isHook { return (.success, reply.body) }
        let verdict = question.verdict(
          status: reply.status, location: reply.location, body: reply.body, redirects: redirects)
        switch verdict {
        case .ends(let outcome, let output): return (outcome, output)
        case .goesOn(let next): (question, redirects) = (next, redirects + 1)
        }
      } catch {
        return (.failure, "Get \"\(question.url.absoluteString)\": \(Self.words(for: error))")
      }
    }
  }

  private static func words(for error: any Error) -> String {
    let expired = "(Client.Timeout exceeded while awaiting headers)"
    switch error {
    case let failure as DialFailure where failure.isTimeout: return "\(failure) \(expired)"
    case is TimeIsUp: return "context deadline exceeded \(expired)"
    case is ConnectionEnded: return "EOF"
    case NIOSSLError.handshakeFailed(.sslError(let errors)) where "\(errors)".contains("WRONG_VERSION_NUMBER"):
      return "http: server gave HTTP response to HTTPS client"
    default: return "\(error)"
    }
  }

  struct Reply: Sendable {
    var status = 0
    var location: String?
    var body = ""
  }

  private func ask(_ question: HTTPQuestion) async throws -> Reply {
    let (url, isSecure) = (question.url, question.url.scheme == "https")
    let host = (url.host() ?? "").trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    let port = url.port ?? (isSecure ? 443 : 80)
    let descriptor = try await dialer.dial(host, port, within: limit)
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let head = head(of: url, port)
    let tls = isSecure ? try Self.trustingContext() : nil
    let reply = loop.makePromise(of: Reply.self)
    let channel: any Channel
    do {
      channel = try await ClientBootstrap(group: loop).channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls { try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: nil)) }
          try pipeline.addHTTPClientHandlers()
          try pipeline.addHandler(ReplyCollector(head, reply))
        }
      }.withConnectedSocket(descriptor).get()
    } catch {
      reply.fail(error)
      throw error
    }
    defer { channel.close(promise: nil) }
    return try await limit.hold {
      try await withTaskCancellationHandler {
        try await reply.futureResult.get()
      } onCancel: {
        channel.close(promise: nil)
      }
    }
  }

  // Who the certificate belongs to is not the question: the container is asked, and nothing secret is told.
  private static func trustingContext() throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    return try NIOSSLContext(configuration: configuration)
  }

  private func head(of url: URL, _ port: Int) -> HTTPRequestHead {
    let path = url.path(percentEncoded: true)
    var all = HTTPHeaders()
    for header in headers { all.add(name: header.name ?? "", value: header.value ?? "") }
    let host = url.host().map { $0.contains(":") && !$0.hasPrefix("[") ? "[\($0)]" : $0 } ?? ""
    for (name, value) in [
      ("Host", url.port == nil ? host : "\(host):\(port)"), ("User-Agent", "kube-probe/1.36"), ("Accept", "*/*"),
      ("Connection", "close"),
    ] where !all.contains(name: name) {
      all.add(name: name, value: value)
    }
    let target = (path.isEmpty ? "/" : path) + (url.query(percentEncoded: true).map { "?\($0)" } ?? "")
    return HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: all)
  }
}

struct ConnectionEnded: Error {}

/// Sends the request when it is connected, and collects the answer. Of a long body the beginning is enough.
private final class ReplyCollector: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let head: HTTPRequestHead
  private let promise: EventLoopPromise<HTTPExchange.Reply>
  private var reply: HTTPExchange.Reply?
  private var body: [UInt8] = []
  private var isDone = false

  private static let mostBytes = 10 * 1_024

  init(_ head: HTTPRequestHead, _ promise: EventLoopPromise<HTTPExchange.Reply>) {
    self.head = head
    self.promise = promise
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { send(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    send(context)
    context.fireChannelActive()
  }

  private func send(_ context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      reply = HTTPExchange.Reply(status: Int(head.status.code), location: head.headers.first(name: "location"))
    case .body(let bytes):
      body += bytes.readableBytesView
      if body.count >= Self.mostBytes { finish() }
    case .end: finish()
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(error)
    context.close(promise: nil)
  }

  // An answer whose end does not come is an answer: its status is known.
  func channelInactive(context: ChannelHandlerContext) { finish() }
  func handlerRemoved(context: ChannelHandlerContext) { fail(ConnectionEnded()) }

  private func finish() {
    guard var reply, !isDone else { return fail(ConnectionEnded()) }
    isDone = true
    reply.body = String(decoding: body.prefix(Self.mostBytes), as: UTF8.self)
    promise.succeed(reply)
  }

  private func fail(_ error: any Error) {
    guard !isDone else { return }
    isDone = true
    promise.fail(error)
  }
}
