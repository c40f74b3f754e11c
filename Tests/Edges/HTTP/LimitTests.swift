import APIServer
import NIOCore
import NIOHTTP1
import Testing

@testable import HTTP

/// What a client must not send, and what it is told.
struct Bad: CustomTestStringConvertible {
  let testDescription: String
  let request: String
  let status: Int

  init(_ name: String, _ request: String, _ status: Int) {
    testDescription = name
    self.request = request
    self.status = status
  }
}

/// Each limit has its answer, and who keeps within them notices nothing.
@Suite struct LimitTests {
  private static let small: Limits = {
    var limits = Limits.unhurried
    limits.bodyBytes = 1_000
    limits.headerBytes = 2_000
    limits.headerFields = 20
    limits.lingerTime = .milliseconds(50)
    return limits
  }()

  /// What each of these does to the server is answered, and then the connection is closed.
  @Test(arguments: [
    Bad("length over the limit", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1001\r\n\r\n", 413),
    Bad(
      "length over the limit, waiting",
      "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1001\r\nexpect: 100-continue\r\n\r\n", 413),
    Bad(
      "chunks over the limit",
      "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
        + "3e9\r\n\(String(repeating: "x", count: 1001))\r\n0\r\n\r\n", 413
    ),
    Bad("long target", "GET /\(String(repeating: "x", count: 2_000)) HTTP/1.1\r\nhost: a\r\n\r\n", 431),
    Bad("long header", "GET / HTTP/1.1\r\nhost: a\r\nx: \(String(repeating: "x", count: 2_000))\r\n\r\n", 431),
    Bad("many headers", "GET / HTTP/1.1\r\nhost: a\r\n\((0..<20).map { "x\($0): y\r\n" }.joined())\r\n", 431),
    Bad("broken chunk", "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nno number\r\n", 400),
    Bad("length no number", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ten\r\n\r\n", 400),
    Bad(
      "length and chunks", "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", 400),
    Bad("no host", "GET / HTTP/1.1\r\n\r\n", 400),
    Bad("two hosts", "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400),
    Bad("broken escape in path", "GET /%zz HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    Bad("cut escape in query", "GET /?a=%f HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    Bad("query not UTF-8", "GET /?a=%ff HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    Bad("no path", "GET pods HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    Bad("no HTTP", "hello\r\n\r\n", 400),
    Bad("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}", 400),
    Bad("unknown expectation", "GET / HTTP/1.1\r\nhost: a\r\nexpect: miracles\r\n\r\n", 417),
    Bad("unknown version", "GET / HTTP/3.7\r\nhost: a\r\n\r\n", 505),
  ])
  func aBadRequestHasItsAnswer(bad: Bad) async throws {
    try await withServer(.plain, limits: Self.small) { _ in
      .now(Response(status: 200))
    } _: { address in
      let kept = try client(.plain, address)
      #expect(try await kept.send(Request(method: "GET", path: "/")).status == 200)
      let connection = try await RawConnection(.plain, address)
      try await connection.send(bad.request)
      let text = await connection.receivedToTheEnd()
      #expect(text.hasPrefix("HTTP/1.1 \(bad.status) "))
      #expect(text.contains("connection: close\r\n"))
      #expect(text.contains("{\"kind\":\"Status\",\"apiVersion\":\"v1\","))
      #expect(text.contains("\"code\":\(bad.status)}"))
      #expect(try await kept.send(Request(method: "GET", path: "/")).status == 200)
    }
  }

  @Test func tooLargeABodyIsAnsweredInKubernetesWords() async throws {
    try await withServer(.plain) { _ in
      .now(Response(status: 200))
    } _: { address in
      let bad = try await RawConnection(.plain, address)
      try await bad.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3145729\r\n\r\n")
      let text = await bad.received { $0.contains("\"code\":413") }
      #expect(text.contains("\"message\":\"Request entity too large: limit is 3145728\""))
      #expect(text.contains("\"reason\":\"RequestEntityTooLarge\""))
      try await bad.close()
    }
  }

  /// The answer is there for a client that sends its whole body before it looks, or one that never stops.
  @Test(arguments: Transport.allCases)
  func whoSendsTooMuchCanReadWhy(transport: Transport) async throws {
    try await withServer(transport, limits: Self.small) { _ in
      .now(Response(status: 200))
    } _: { address in
      let body = [UInt8](repeating: 0x20, count: 2 << 20)
      let answer = try await ask(transport, address, Request(method: "POST", path: "/", body: body))
      #expect(answer.status == 413)
    }
  }

  @Test func http2RequestsAreHeldToTheSameLimits() async throws {
    try await withServer(.http2, limits: Self.small) { _ in
      .now(Response(status: 200))
    } _: { address in
      let connection = try await HTTP2Connection(address)
      let many = (0..<20).map { (name: "x\($0)", value: "y") }
      #expect(try await connection.send(Request(method: "GET", path: "/", headers: many)).status == 431)
      let long = [(name: "x", value: String(repeating: "y", count: 2_000))]
      #expect(try await connection.send(Request(method: "GET", path: "/", headers: long)).status == 431)
      #expect(try await connection.send(Request(method: "GET", path: "/%")).status == 400)
      // The other streams of the connection go on.
      #expect(try await connection.send(Request(method: "GET", path: "/")).status == 200)
      try await connection.channel.close()
    }
  }

  @Test func allBodiesTogetherAreBounded() async throws {
    var limits = Limits.unhurried
    limits.bodyBytesInAll = 1_000
    try await withServer(.plain, limits: limits) { _ in
      .now(Response(status: 200))
    } _: { address in
      let first = try await RawConnection(.plain, address)
      try await first.send(
        "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 901\r\n\r\n")
      _ = await first.received { $0.contains("100 Continue") }
      try await first.send(String(repeating: "x", count: 900))
      let request = Request(method: "POST", path: "/", body: [UInt8](repeating: 0, count: 600))
      var second = try await ask(.plain, address, request)
      // The first one's bytes may still be on their way.
      while second.status == 200 { second = try await ask(.plain, address, request) }
      #expect(second.status == 429)
      #expect(second.header("retry-after") == "1")
      try await first.send("x")
      _ = await first.received { $0.contains("200 OK") }
      // What the first one held is free again.
      #expect(try await ask(.plain, address, request).status == 200)
      try await first.close()
    }
  }

  /// The times are as short as can be, so that nobody has to wait for them; nothing here depends on how short.
  private static let hasty: Limits = {
    var limits = Limits.unhurried
    limits.requestTime = .milliseconds(20)
    limits.lingerTime = .milliseconds(20)
    return limits
  }()

  @Test(arguments: [
    Bad("half a head", "GET / HTT", 408),
    Bad("half a body", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{", 408),
  ])
  func aRequestThatDoesNotEndIsAnsweredInTime(bad: Bad) async throws {
    try await withServer(.plain, limits: Self.hasty) { _ in
      .now(Response(status: 200))
    } _: { address in
      let slow = try await RawConnection(.plain, address)
      try await slow.send(bad.request)
      #expect(await slow.receivedToTheEnd().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
    }
  }

  @Test func aHandshakeThatDoesNotEndIsGivenUp() async throws {
    var limits = Limits.unhurried
    limits.handshakeTime = .milliseconds(20)
    try await withServer(.tls, limits: limits) { _ in
      .now(Response(status: 200))
    } _: { address in
      let slow = try await RawConnection(.plain, address)
      #expect(await slow.receivedToTheEnd().isEmpty)
    }
  }

  @Test func aStreamWhoseBodyDoesNotEndIsAnsweredInTime() async throws {
    try await withServer(.http2, limits: Self.hasty) { _ in
      .now(Response(status: 200))
    } _: { address in
      let connection = try await HTTP2Connection(address)
      let stream = try await connection.stream(endless: true)
      let head = try await stream.send(Request(method: "POST", path: "/"), host: "localhost")
      #expect(head.status == .requestTimeout)
      try await connection.channel.close()
    }
  }

  @Test(arguments: Transport.allCases)
  func anIdleConnectionIsClosed(transport: Transport) async throws {
    var limits = Limits.unhurried
    limits.handshakeTime = .milliseconds(20)
    limits.idleTime = .milliseconds(20)
    limits.shutdownTime = .milliseconds(20)
    try await withServer(transport, limits: limits) { _ in
      .now(Response(status: 200))
    } _: { address in
      guard transport != .http2 else {
        let connection = try await HTTP2Connection(address)
        try await connection.channel.closeFuture.get()
        return
      }
      let idle = try await RawConnection(transport, address)
      #expect(await idle.receivedToTheEnd().isEmpty)
    }
  }

  @Test(arguments: Transport.allCases)
  func whoDoesNotReadIsDropped(transport: Transport) async throws {
    var limits = Limits.unhurried
    limits.stallTime = .milliseconds(20)
    let letGo = Signal()
    try await withServer(transport, limits: limits) { _ in
      .now(Response(status: 200, body: .stream(Zeros(letGo: letGo))))
    } _: { address in
      let request = Request(method: "GET", path: "/")
      guard transport != .http2 else {
        let connection = try await HTTP2Connection(address)
        let stream = try await connection.stream()
        _ = try await stream.send(request, host: "localhost")
        await letGo.wait()
        return try await connection.channel.close()
      }
      let answer = try await client(transport, address).stream(request)
      await letGo.wait()
      await #expect(throws: HTTPClientError.self) { for try await _ in answer.body {} }
    }
  }

  @Test func connectionsBeyondTheLimitWaitForAPlace() async throws {
    var limits = Limits.unhurried
    limits.connections = 2
    try await withServer(.plain, limits: limits) { _ in
      .now(Response(status: 200))
    } _: { address in
      let request = "GET / HTTP/1.1\r\nhost: a\r\n\r\n"
      var open: [RawConnection] = []
      for _ in 0..<2 {
        let connection = try await RawConnection(.plain, address)
        try await connection.send(request)
        _ = await connection.received { $0.contains("200 OK") }
        open.append(connection)
      }
      let waiting = try await RawConnection(.plain, address)
      try await waiting.send(request)
      try await open[0].close()
      _ = await waiting.received { $0.contains("200 OK") }
      try await waiting.close()
      try await open[1].close()
    }
  }

  @Test func manyStreamsShareAnHTTP2Connection() async throws {
    try await withServer(.http2) { request in
      .later { Response(status: 200, body: .pieces([Array(request.path.utf8)])) }
    } _: { address in
      let connection = try await HTTP2Connection(address)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<500 {
          group.addTask {
            let answer = try await connection.send(Request(method: "GET", path: "/\(number)"))
            #expect(answer.body == Array("/\(number)".utf8))
          }
        }
        try await group.waitForAll()
      }
      try await connection.channel.close()
    }
  }
}

/// One MiB at a time, without end; says when nobody wants more.
private final class Zeros: ByteStream {
  private let letGo: Signal

  init(letGo: Signal) { self.letGo = letGo }
  deinit { letGo.set() }

  func next() async throws -> [UInt8]? { [UInt8](repeating: 0, count: 1 << 20) }
}
