import APIServer
import HTTP
import Synchronization
import Testing

@Suite struct AnswerTests {
  @Test(arguments: Transport.allCases)
  func aRequestReachesTheHandlerAsItWasSent(transport: Transport) async throws {
    let seen = Mutex<Request?>(nil)
    try await withServer(transport) { request in
      seen.withLock { $0 = request }
      return .now(Response(status: 201, headers: [(name: "Content-Type", value: "text/plain")]))
    } _: { address in
      let request = Request(
        method: "PATCH", path: "/api/v1/pods/a%2Fb", query: [("labelSelector", "a=b,c d"), ("watch", ""), ("ü", "+")],
        headers: [(name: "Accept", value: "application/json")], body: Array("{}".utf8))
      let answer = try await ask(transport, address, request)
      #expect(answer.status == 201)
      #expect(answer.header("content-type") == "text/plain")
      #expect(answer.header("content-length") == "0")
      #expect(answer.header("date")?.hasSuffix(" GMT") == true)
      #expect(answer.body.isEmpty)
      let arrived = try #require(seen.withLock { $0 })
      #expect(arrived.method == "PATCH")
      #expect(arrived.path == "/api/v1/pods/a%2Fb")
      #expect(arrived.query.map(\.name) == ["labelSelector", "watch", "ü"])
      #expect(arrived.query.map(\.value) == ["a=b,c d", "", "+"])
      #expect(arrived.header("accept") == "application/json")
      #expect(arrived.body == Array("{}".utf8))
      #expect(arrived.user == nil)
    }
  }

  @Test(arguments: [Transport.tls, .http2])
  func theClientsCertificateNamesTheUser(transport: Transport) async throws {
    try await withServer(transport) { request in
      let user = request.user.map { "\($0.name) \($0.groups)" } ?? "nobody"
      return .now(Response(status: 200, body: .pieces([Array(user.utf8)])))
    } _: { address in
      let known = try await ask(transport, address, Request(method: "GET", path: "/"), certificate: true)
      #expect(String(decoding: known.body, as: UTF8.self) == "kubernetes-admin [\"system:masters\"]")
      let unknown = try await ask(transport, address, Request(method: "GET", path: "/"))
      #expect(String(decoding: unknown.body, as: UTF8.self) == "nobody")
    }
  }

  @Test func aStrangersCertificateEndsTheHandshake() async throws {
    try await withServer(.tls) { _ in
      .now(Response(status: 200))
    } _: { address in
      let tls = ClientTLS(
        authorities: Fixture.authority, certificateChain: Fixture.stranger, privateKey: Fixture.strangerKey)
      let client = try HTTPClient(server: "https://\(address)", tls: tls)
      await #expect(throws: HTTPClientError.self) { try await client.send(Request(method: "GET", path: "/")) }
    }
  }

  /// Larger than every buffer on the way, in pieces that are smaller and larger than a slice.
  @Test(arguments: Transport.allCases)
  func aLongListArrivesInItsOrder(transport: Transport) async throws {
    let pieces = (0..<150).map { index in
      [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: index % 7 == 0 ? 200_000 : index * 20)
    }
    try await withServer(transport) { _ in
      .now(Response(status: 200, body: .pieces(pieces)))
    } _: { address in
      let answer = try await ask(transport, address, Request(method: "GET", path: "/"))
      #expect(answer.body == Array(pieces.joined()))
    }
  }

  @Test(arguments: Transport.allCases)
  func anAnswerMayComeLater(transport: Transport) async throws {
    try await withServer(transport) { request in
      .later {
        await Task.yield()
        return Response(status: 200, body: .pieces([request.body]))
      }
    } _: { address in
      let body = [UInt8](repeating: 7, count: 1 << 20)
      let answer = try await ask(transport, address, Request(method: "POST", path: "/", body: body))
      #expect(answer.body == body)
    }
  }

  @Test(arguments: Transport.allCases)
  func headHasTheLengthAndNoBody(transport: Transport) async throws {
    try await withServer(transport) { _ in
      .now(Response(status: 200, body: .pieces([[1, 2, 3]])))
    } _: { address in
      let answer = try await ask(transport, address, Request(method: "HEAD", path: "/"))
      #expect(answer.header("content-length") == "3")
      #expect(answer.body.isEmpty)
    }
  }

  @Test(arguments: Transport.allCases)
  func noContentHasNoLength(transport: Transport) async throws {
    try await withServer(transport) { _ in
      .now(Response(status: 204))
    } _: { address in
      let answer = try await ask(transport, address, Request(method: "GET", path: "/"))
      #expect(answer.status == 204)
      #expect(answer.header("content-length") == nil)
    }
  }

  @Test(arguments: Transport.allCases)
  func aStreamArrivesPieceByPiece(transport: Transport) async throws {
    try await withServer(transport) { _ in
      .now(Response(status: 200, body: .stream(Numbers(upTo: 5_000))))
    } _: { address in
      let answer = try await ask(transport, address, Request(method: "GET", path: "/"))
      #expect(answer.header("content-length") == nil)
      #expect(answer.body == (0..<5_000).flatMap { Array("\($0)\n".utf8) })
    }
  }

  /// A header value made from what a client wrote must not begin a header of its own.
  @Test func aLineBreakInAHeaderBecomesASpace() async throws {
    try await withServer(.plain) { _ in
      .now(Response(status: 200, headers: [(name: "warning", value: "299 - \"a\r\nset-cookie: b\"")]))
    } _: { address in
      let answer = try await ask(.plain, address, Request(method: "GET", path: "/"))
      #expect(answer.header("warning") == "299 - \"a  set-cookie: b\"")
      #expect(answer.header("set-cookie") == nil)
    }
  }

  @Test func pipelinedRequestsAreAnsweredInTheirOrder() async throws {
    try await withServer(.plain) { request in
      let body = Response(status: 200, body: .pieces([Array("<\(request.path)>".utf8)]))
      return request.path.hasSuffix("1") ? .later { body } : .now(body)
    } _: { address in
      let connection = try await RawConnection(.plain, address)
      try await connection.send((0..<300).map { "GET /\($0) HTTP/1.1\r\nhost: a\r\n\r\n" }.joined())
      let text = await connection.received { $0.contains("</299>") }
      let bodies = text.split(separator: "<").dropFirst().map { $0.prefix { $0 != ">" } }
      #expect(bodies.map(String.init) == (0..<300).map { "/\($0)" })
      try await connection.close()
    }
  }

  @Test func aConnectionIsKeptAsTheClientAsks() async throws {
    try await withServer(.plain) { _ in
      .now(Response(status: 200))
    } _: { address in
      let once = try await RawConnection(.plain, address)
      try await once.send("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
      #expect(await once.receivedToTheEnd().contains("connection: close\r\n"))

      let old = try await RawConnection(.plain, address)
      try await old.send("GET / HTTP/1.0\r\n\r\n")
      #expect(await old.receivedToTheEnd().hasPrefix("HTTP/1.0 200 OK\r\n"))

      let kept = try await RawConnection(.plain, address)
      try await kept.send("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
      _ = await kept.received { $0.contains("connection: keep-alive\r\n") && $0.hasSuffix("\r\n\r\n") }
      try await kept.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
      _ = await kept.received { $0.contains("HTTP/1.1 200 OK\r\n") }
      try await kept.close()
    }
  }

  @Test func theBodyIsAskedForWhenTheClientWaits() async throws {
    try await withServer(.plain) {
      .now(Response(status: 200, body: .pieces([$0.body])))
    } _: { address in
      let connection = try await RawConnection(.plain, address)
      try await connection.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n")
      _ = await connection.received { $0 == "HTTP/1.1 100 Continue\r\n\r\n" }
      try await connection.send("{}")
      _ = await connection.received { $0.hasSuffix("\r\n\r\n{}") }
      try await connection.send(
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nexpect: 100-continue\r\n\r\n")
      _ = await connection.received { $0.hasSuffix("{}HTTP/1.1 100 Continue\r\n\r\n") }
      try await connection.send("3\r\n[1]\r\n0\r\n\r\n")
      _ = await connection.received { $0.hasSuffix("\r\n\r\n[1]") }
      try await connection.close()
    }
  }

  @Test(arguments: Transport.allCases)
  func whenTheClientGoesTheWorkForItIsCancelled(transport: Transport) async throws {
    for path in ["/stream", "/later"] {
      let work = Endless()
      try await withServer(transport) { request in
        guard request.path == "/stream" else {
          return .later {
            await work.untilCancelled()
            return Response(status: 200)
          }
        }
        return .now(Response(status: 200, body: .stream(work)))
      } _: { address in
        let going = Task { try await ask(transport, address, Request(method: "GET", path: path)) }
        await work.began.wait()
        going.cancel()
        await work.cancelled.wait()
        _ = try? await going.value
      }
    }
  }

  @Test(arguments: Transport.allCases)
  func shutdownEndsStreamsCleanly(transport: Transport) async throws {
    let work = Endless()
    let answer = Mutex<Task<HTTPClient.Answer<[UInt8]>, any Error>?>(nil)
    try await withServer(transport) { _ in
      .now(Response(status: 200, body: .stream(work)))
    } _: { address in
      answer.withLock { $0 = Task { try await ask(transport, address, Request(method: "GET", path: "/")) } }
      await work.began.wait()
    }
    let task = try #require(answer.withLock { $0 })
    let ended = try await task.value
    #expect(ended.body == Array("first\n".utf8))
  }

  /// A stream that breaks must not look like one that has ended.
  @Test(arguments: Transport.allCases)
  func aBrokenStreamIsAnErrorToTheClient(transport: Transport) async throws {
    try await withServer(transport) { _ in
      .now(Response(status: 200, body: .stream(Broken())))
    } _: { address in
      await #expect(throws: (any Error).self) {
        try await ask(transport, address, Request(method: "GET", path: "/"))
      }
    }
  }

  /// Each piece is made only when the client has taken what was made before.
  @Test(arguments: [Transport.plain, .tls])
  func aSlowClientSlowsItsOwnStream(transport: Transport) async throws {
    let zeros = Zeros()
    try await withServer(transport) { request in
      .now(Response(status: 200, body: request.path == "/stream" ? .stream(zeros) : .pieces([[1]])))
    } _: { address in
      let slow = try await client(transport, address).stream(Request(method: "GET", path: "/stream"))
      // The others are answered all the while, until the slow one's buffers are full.
      let other = try client(transport, address)
      var made = -1
      while made != zeros.made {
        made = zeros.made
        for _ in 0..<100 { #expect(try await other.send(Request(method: "GET", path: "/")).body == [1]) }
      }
      #expect(made < 32)
      var chunks = slow.body.makeAsyncIterator()
      var taken = 0
      while taken < 40 << 20, let chunk = try await chunks.next() { taken += chunk.count }
      #expect(zeros.made > 32)
    }
  }
}

private struct Broken: ByteStream {
  struct Failure: Error {}
  func next() async throws -> [UInt8]? { throw Failure() }
}

private final class Numbers: ByteStream {
  private let state = Mutex(0)
  private let end: Int

  init(upTo end: Int) { self.end = end }

  func next() async throws -> [UInt8]? {
    state.withLock { number in
      guard number < end else { return nil }
      defer { number += 1 }
      return Array("\(number)\n".utf8)
    }
  }
}

/// One MiB at a time, without end.
private final class Zeros: ByteStream {
  private let count = Mutex(0)
  var made: Int { count.withLock { $0 } }

  func next() async throws -> [UInt8]? {
    count.withLock { $0 += 1 }
    return [UInt8](repeating: 0, count: 1 << 20)
  }
}

/// Gives one line and then nothing until it is cancelled.
private final class Endless: ByteStream {
  let began = Signal()
  let cancelled = Signal()
  private let isFirst = Mutex(true)

  func next() async throws -> [UInt8]? {
    if isFirst.withLock({ first in
      defer { first = false }; return first
    }) {
      return Array("first\n".utf8)
    }
    await untilCancelled()
    throw CancellationError()
  }

  func untilCancelled() async {
    began.set()
    let stopped = Signal()
    await withTaskCancellationHandler {
      await stopped.wait()
    } onCancel: {
      stopped.set()
    }
    cancelled.set()
  }
}

/// Something that happens once and can be waited for.
final class Signal: Sendable {
  private let state = Mutex<(isSet: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

  func set() {
    let waiters = state.withLock { state in
      defer { state = (true, []) }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isSet = state.withLock { state in
        if !state.isSet { state.waiters.append(continuation) }
        return state.isSet
      }
      if isSet { continuation.resume() }
    }
  }
}
