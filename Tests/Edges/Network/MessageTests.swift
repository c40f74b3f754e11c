import NIOCore
import Testing

@testable import Network

/// How HTTP/1 messages are read by somebody who passes them on.
@Suite struct MessageTests {
  private func request(_ text: String) throws -> RequestHead? {
    var input = ByteBuffer(string: text)
    var reader = HeadReader()
    return try reader.next(from: &input).map { try RequestHead($0) }
  }

  private func fault(_ text: String) -> Int? {
    do {
      _ = try request(text)
      return nil
    } catch {
      return (error as? HTTPFault)?.status
    }
  }

  @Test func aRequestSaysWhereItWantsToGo() throws {
    let head = try #require(
      try request("POST /cart?id=7 HTTP/1.1\r\nhost:  Web.example.com:8080 \r\nContent-Length: 12\r\nX-A: b\r\n\r\n"))
    #expect(head.method == "POST" && head.target == "/cart?id=7" && head.path == "/cart")
    #expect(head.host == "Web.example.com:8080" && head.framing == .length(12) && head.keepsAlive)
    #expect(
      String(buffer: head.lines)
        == "POST /cart?id=7 HTTP/1.1\r\nhost:  Web.example.com:8080 \r\nContent-Length: 12\r\nX-A: b\r\n",
      "what is passed on stays as it was written")
    let absolute = try #require(try request("GET http://other.example.com/a?b HTTP/1.1\r\nHost: web\r\n\r\n"))
    #expect(absolute.host == "other.example.com" && absolute.path == "/a")
    #expect(try request("GET http://x?y HTTP/1.1\r\nHost: web\r\n\r\n")?.path == "/")
    #expect(try request("OPTIONS * HTTP/1.1\r\nHost: web\r\n\r\n")?.path == "*")
  }

  @Test func fieldsOfTheConnectionStayWithTheConnection() throws {
    let head = try #require(
      try request(
        "GET / HTTP/1.1\r\nHost: w\r\nConnection: close, X-Hop\r\nKeep-Alive: 5\r\nx-hop: 1\r\nTE: gzip\r\n"
          + "Proxy-Connection: a\r\nProxy-Authorization: b\r\nX-Forwarded-For: 1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\n"
          + "Forwarded: for=1\r\nUpgrade: h2c\r\nX-Stays: 1\r\n\r\n"))
    #expect(String(buffer: head.lines) == "GET / HTTP/1.1\r\nHost: w\r\nX-Stays: 1\r\n")
    #expect(!head.keepsAlive && head.upgrade == nil, "an upgrade has to be named by the field connection")
    let socket = try #require(
      try request("GET / HTTP/1.1\r\nHost: w\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n"))
    #expect(socket.upgrade == "websocket" && socket.keepsAlive)
  }

  @Test func whetherTheConnectionGoesOnIsUnderstood() throws {
    #expect(try request("GET / HTTP/1.0\r\n\r\n")?.keepsAlive == false)
    #expect(try request("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")?.keepsAlive == true)
    #expect(try request("GET / HTTP/1.1\r\nHost: w\r\nConnection: Close\r\n\r\n")?.keepsAlive == false)
  }

  /// What a server behind us could understand otherwise than we do.
  @Test(
    arguments: [
      ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
      ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501),
      ("GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\n X: folded\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400),
      ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET / x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
      ("GET /\r\nHost: a\r\n\r\n", 400), ("G{T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
      ("GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
      ("GET / http/1.1\r\nHost: a\r\n\r\n", 400), ("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
      ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 70_000))\r\n\r\n", 431),
      ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", nil),
      ("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", nil),
    ] as [(String, Int?)])
  func whatCouldBeUnderstoodInTwoWaysIsRefused(_ text: String, _ status: Int?) {
    #expect(fault(text) == status)
  }

  @Test func aHeadMayArriveInPieces() throws {
    let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\nrest".utf8)
    for cut in 1..<(bytes.count - 4) {
      var input = ByteBuffer(bytes: bytes.prefix(cut))
      var reader = HeadReader()
      let early = try reader.next(from: &input)
      #expect(early == nil)
      input.writeBytes(bytes.dropFirst(cut))
      let head = try reader.next(from: &input)
      #expect(head != nil && String(buffer: input) == "rest")
    }
  }

  private func response(_ text: String, to method: String = "GET") throws -> ResponseHead {
    var input = ByteBuffer(string: text)
    var reader = HeadReader()
    let bytes = try reader.next(from: &input)
    return try ResponseHead(try #require(bytes), to: method)
  }

  @Test func theEndOfAnAnswerIsFound() throws {
    #expect(try response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").framing == .length(5))
    #expect(try response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", to: "HEAD").framing == .empty)
    #expect(try response("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n").framing == .empty)
    #expect(try response("HTTP/1.1 204 No Content\r\n\r\n").keepsAlive)
    #expect(
      try response("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 5\r\n\r\n").framing == .chunked)
    let open = try response("HTTP/1.1 200\r\n\r\n")
    #expect(open.framing == .untilClose && !open.keepsAlive && open.status == 200)
    let old = try response("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nKeep-Alive: 5\r\nX-Forwarded-For: a\r\n\r\n")
    #expect(!old.keepsAlive && old.framing == .empty)
    #expect(String(buffer: old.lines) == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Forwarded-For: a\r\n")
    let missing = try response("HTTP/1.0 404 Not Found at all\r\n\r\n")
    #expect(missing.status == 404 && String(buffer: missing.lines) == "HTTP/1.1 404 Not Found at all\r\n")
    for text in [
      "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\nX\r\n\r\n",
    ] {
      #expect(throws: HTTPFault.self) { try self.response(text) }
    }
  }

  @Test func aChunkedBodyEndsWhereItEnds() throws {
    let body = "5\r\nhello\r\nA;name=\"v\"\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
    for cut in 0...body.utf8.count {
      var reader = BodyReader(.chunked)
      var seen = ""
      var input = ByteBuffer(bytes: body.utf8.prefix(cut))
      while let part = try reader.next(from: &input) { seen += String(buffer: part) }
      input.writeBytes(Array(body.utf8.dropFirst(cut)) + Array("GET /".utf8))
      while let part = try reader.next(from: &input) { seen += String(buffer: part) }
      #expect(seen == body && reader.isComplete && String(buffer: input) == "GET /", "cut at \(cut)")
    }
  }

  @Test(arguments: [
    "x\r\n", "\r\n", "5\nhello\r\n", "5\r\nhello0\r\n", "5\r\nhello\r0", "0\r\n\rX", "1000000000000000\r\n", "-1\r\n",
    "5 \nhello", "0\r\nA\nB\r\n\r\n", "1;\(String(repeating: "x", count: 20_000))\r\na\r\n", "0x5\r\nhello\r\n",
  ])
  func aChunkThatIsWrittenOtherwiseIsRefused(_ body: String) {
    var reader = BodyReader(.chunked)
    var input = ByteBuffer(string: body)
    #expect(throws: HTTPFault.self) { while try reader.next(from: &input) != nil {} }
  }

  @Test func aCountedBodyEndsAfterItsCount() throws {
    var reader = BodyReader(.length(5))
    var input = ByteBuffer(string: "hel")
    #expect(try reader.next(from: &input).map { String(buffer: $0) } == "hel" && !reader.isComplete)
    input.writeString("lo and more")
    #expect(try reader.next(from: &input).map { String(buffer: $0) } == "lo" && reader.isComplete)
    #expect(try reader.next(from: &input) == nil && String(buffer: input) == " and more")
  }
}
