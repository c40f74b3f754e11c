import Foundation
import LoopbackPorts
import NIOCore
import NIOPosix
import Objects
import Services
import Synchronization
import Testing

@testable import Network

/// The ingress, with real connections on the loopback interface.
@Suite(.timeLimit(.minutes(2))) struct IngressServerTests {
  // MARK: Routing

  @Test func aRequestFindsTheServiceThatItsIngressNames() async throws {
    let world = try await IngressWorld()
    try await world.serve("web", "api")
    try world.route("/", to: "web")
    try world.route("/api", to: "api", host: "api.example.com")
    let client = try await world.client()
    #expect(try await client.get("/any", host: "shop.example.com").body == "web GET /any")
    #expect(try await client.get("/api/v1?x=1", host: "api.example.com").body == "api GET /api/v1?x=1")
    #expect(try await client.get("/", host: "api.example.com").body == "web GET /")
    await world.stop()
  }

  @Test func whyThereIsNoAnswerIsSaid() async throws {
    let world = try await IngressWorld()
    try world.route("/gone", to: "gone")
    try world.network.put(service("empty", clusterIP: "10.96.1.1"))
    try world.route("/empty", to: "empty")
    try world.network.put(service("dead", clusterIP: "10.96.1.2"))
    try world.network.put(slice(1, of: "dead", port: unusedPort()))
    try world.route("/dead", to: "dead")
    let client = try await world.client()
    let none = try await client.get("/none", host: "web.example.com")
    #expect(none.status == 404)
    #expect(none.body == "404 Not Found: no ingress has a rule for host \"web.example.com\" and path \"/none\"\n")
    let gone = try await client.get("/gone")
    #expect(gone.status == 503 && gone.body == "503 Service Unavailable: service \"default/gone\" is not there\n")
    let empty = try await client.get("/empty")
    #expect(empty.status == 503 && empty.body.contains("service \"default/empty\" has no endpoints"))
    let dead = try await client.get("/dead")
    #expect(dead.status == 502 && dead.body.contains("no endpoint of service \"default/dead\" answered: 127.0.0.1:"))
    try await world.serve("empty")
    #expect(try await client.get("/empty").body == "empty GET /empty", "and as soon as there is one, it answers")
    await world.stop()
  }

  @Test func whatCannotBeReadIsRefused() async throws {
    let world = try await IngressWorld()
    for (text, status) in [
      ("GET /\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
    ] {
      let client = try await world.client()
      try await client.peer.send(text)
      #expect(try await client.answer(to: "GET").status == status)
      #expect(try await client.peer.readToEnd() == "", "after that nobody knows where the next request begins")
    }
    await world.stop()
  }

  // MARK: Passing on

  @Test func theBackendLearnsWhoAsked() async throws {
    let world = try await IngressWorld()
    try await world.serve(["web"]) { request, _ in
      "HTTP/1.1 200 OK\r\nContent-Length: \(request.head.utf8.count)\r\nKeep-Alive: timeout=5\r\nConnection: keep-alive\r\n"
        + "X-Own: 1\r\n\r\n\(request.head)"
    }
    try world.route("/", to: "web")
    let client = try await world.client()
    try await client.peer.send(
      "GET /a%20b HTTP/1.1\r\nHost: Shop.example.com:99\r\nX-Forwarded-For: 1.1.1.1\r\nConnection: keep-alive, X-Hop\r\n"
        + "X-Hop: 1\r\nCookie: a=b\r\n\r\n")
    let answer = try await client.answer(to: "GET")
    let lines = answer.body.components(separatedBy: "\r\n")
    #expect(lines.first == "GET /a%20b HTTP/1.1")
    #expect(lines.contains("Host: Shop.example.com:99") && lines.contains("Cookie: a=b"))
    #expect(lines.contains("X-Forwarded-For: 127.0.0.1"), "what a client claims about itself does not count")
    #expect(lines.contains("X-Forwarded-Host: Shop.example.com:99") && lines.contains("X-Forwarded-Proto: http"))
    #expect(!answer.body.contains("X-Hop") && !answer.body.contains("1.1.1.1"))
    #expect(answer.head.contains("X-Own: 1") && !answer.head.contains("Keep-Alive: timeout"))
    await world.stop()
  }

  @Test func connectionsAreKeptOnBothSides() async throws {
    let world = try await IngressWorld()
    let server = try await world.serve("web")[0]
    try world.route("/", to: "web")
    let client = try await world.client()
    for number in 0..<50 { #expect(try await client.get("/\(number)").body == "web GET /\(number)") }
    #expect(server.connections == 1)
    // Requests that are sent before the answers have come are answered in their order.
    try await client.peer.send((0..<20).map { "GET /early/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
    for number in 0..<20 { #expect(try await client.answer(to: "GET").body == "web GET /early/\(number)") }
    #expect(server.connections == 1)
    try await client.peer.send("GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    #expect(try await client.peer.readToEnd().hasSuffix("web GET /last"))
    await world.stop()
  }

  @Test func answersEndAsTheirServersEndThem() async throws {
    let world = try await IngressWorld()
    try await world.serve(["web"]) { request, _ in
      switch request.path {
      case "/chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
      case "/open": "HTTP/1.1 200 OK\r\n\r\nuntil the end"
      case "/empty": "HTTP/1.1 204 No Content\r\n\r\n"
      case "/informed":
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
      default: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
      }
    }
    try world.route("/", to: "web")
    let client = try await world.client()
    #expect(try await client.get("/chunked").body == "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    #expect(try await client.get("/empty").status == 204)
    try await client.peer.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try await client.answer(to: "HEAD").head.contains("Content-Length: 10"), "the head of what there would be")
    #expect(try await client.get("/informed").status == 103)
    #expect(try await client.answer(to: "GET").body == "ok")
    try await client.peer.send("GET /open HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try await client.peer.readToEnd().hasSuffix("until the end"))
    let old = try await world.client()
    try await old.peer.send("GET /empty HTTP/1.0\r\n\r\n")
    #expect(try await old.peer.readToEnd().hasPrefix("HTTP/1.1 204 No Content\r\n"))
    await world.stop()
  }

  @Test func anAnswerThatBreaksOffIsNotTakenForAWholeOne() async throws {
    let world = try await IngressWorld()
    try await world.serve(["web"]) { _, peer in
      try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
      peer.close()
      return ""
    }
    try world.route("/", to: "web")
    let client = try await world.client()
    try await client.peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try await client.peer.readToEnd().hasSuffix("half"), "the length says that more should have come")
    await world.stop()
  }

  @Test func largeBodiesStreamInBothDirections() async throws {
    let world = try await IngressWorld()
    let size = 24 << 20
    // The server sends back what it gets, while it gets it.
    try await world.serve(["web"]) { request, peer in
      try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
      var left = size
      while left > 0, let piece = try await peer.read() {
        left -= piece.readableBytes
        try await peer.send(piece)
      }
      return ""
    }
    try world.route("/", to: "web")
    let client = try await world.client()
    try await client.peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
    let sending = Task {
      for number in 0..<(size >> 20) {
        try await client.peer.send(ByteBuffer(repeating: UInt8(number), count: 1 << 20))
      }
    }
    _ = try await client.peer.read(through: "\r\n\r\n")
    var count = 0
    while count < size, let piece = try await client.peer.read() {
      #expect(piece.readableBytesView.first == UInt8(count >> 20), "in its order, at byte \(count)")
      count += piece.readableBytes
    }
    #expect(count == size)
    try await sending.value
    await world.stop()
  }

  @Test func aRequestInChunksArrivesInChunks() async throws {
    let world = try await IngressWorld()
    try await world.serve(["web"]) { request, peer in
      let body = try await peer.read(through: "0\r\n\r\n")
      return "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
    try world.route("/", to: "web")
    let client = try await world.client()
    try await client.peer.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab")
    try await client.peer.send("c\r\n0\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    #expect(try await client.answer(to: "POST").body == "3\r\nabc\r\n0\r\n\r\n")
    await world.stop()
  }

  @Test func anotherProtocolPassesAfterAnUpgrade() async throws {
    let world = try await IngressWorld()
    try await world.serve(["web"]) { request, peer in
      guard request.head.contains("Upgrade: websocket"), request.head.contains("Connection: Upgrade") else {
        return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
      }
      // The first frame comes with the head, as a server may send it.
      try await peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello")
      while let bytes = try await peer.read() { try await peer.send(bytes) }
      return ""
    }
    try world.route("/", to: "web")
    let client = try await world.client()
    try await client.peer.send(
      "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n")
    let head = try await client.peer.read(through: "\r\n\r\n")
    #expect(
      head.hasPrefix("HTTP/1.1 101 ") && head.contains("Upgrade: websocket") && head.contains("Connection: Upgrade"))
    #expect(try await client.peer.read(count: 5) == "hello")
    for text in ["\u{1}frame", String(repeating: "x", count: 200_000), "GET / HTTP/1.1\r\n\r\n"] {
      try await client.peer.send(text)
      #expect(try await client.peer.read(count: text.utf8.count) == text)
    }
    client.peer.close()

    let plain = try await world.client()
    #expect(try await plain.get("/chat").status == 400, "who does not ask for it does not get it")
    await world.stop()
  }

  // MARK: Trying again

  @Test func aBackendThatDoesNotAnswerIsPassedOver() async throws {
    let world = try await IngressWorld()
    try await world.serve("web")
    try world.network.put(slice(8, of: "web", port: unusedPort()))
    // It accepts, and hangs up.
    let rude = try await TestServer.start { _ in }
    try world.network.put(slice(9, of: "web", port: rude.port))
    try world.route("/", to: "web")
    for _ in 0..<12 {
      let client = try await world.client()
      #expect(try await client.get("/").body == "web GET /")
      client.peer.close()
    }
    // What might be done twice is not asked twice.
    try world.network.delete(slice(0, of: "web", port: 0))
    let client = try await world.client()
    try await client.peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
    #expect(try await client.answer(to: "POST").status == 502)
    await world.stop()
    try await rude.stop()
  }

  @Test func thousandsOfRequestsPassAChangingSetOfEndpointsWithoutAFailure() async throws {
    let world = try await IngressWorld()
    try world.network.put(service("web", clusterIP: "10.96.1.1"))
    try world.route("/", to: "web")
    var servers: [Int: TestServer] = [:]
    func start(_ number: Int) async throws {
      let server = try await TestServer.start {
        try await HTTPRequest.answerAll(from: $0) { request, _ in
          HTTPRequest.ok("\(number) \(request.method) \(request.path)")
        }
      }
      servers[number] = server
      try world.network.put(slice(number, of: "web", port: server.port))
    }
    for number in 0..<3 { try await start(number) }
    let failures = Shared<[String]>([])
    let done = Shared(0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<16 {
        group.addTask {
          do {
            let connection = try await world.client()
            for round in 0..<250 {
              let answer = try await connection.get("/\(client)/\(round)")
              if answer.status != 200 || !answer.body.hasSuffix(" GET /\(client)/\(round)") {
                failures.withLock { $0.append("\(answer)") }
              }
              done.withLock { $0 += 1 }
            }
          } catch {
            failures.withLock { $0.append("client \(client): \(error)") }
          }
        }
      }
      var number = 3
      while done.withLock({ $0 }) < 3_800, failures.withLock({ $0.isEmpty }) {
        try await start(number)
        let leaving = number - 3
        try world.network.delete(slice(leaving, of: "web", port: 0))
        // One that has left some rounds ago ends, and with it the idle connections that are kept to it.
        try await servers[leaving - 3]?.stop()
        number += 1
        let before = done.withLock { $0 }
        while done.withLock({ $0 }) < min(before + 40, 4_000), failures.withLock({ $0.isEmpty }) { await Task.yield() }
      }
      try await group.waitForAll()
    }
    #expect(failures.withLock { $0 } == [])
    #expect(done.withLock { $0 } == 4_000)
    await world.stop()
    for server in servers.values { try await server.stop() }
  }

  // MARK: TLS

  @Test func eachNameHasItsCertificateAndANewOneServesWithoutAPause() async throws {
    let world = try await IngressWorld()
    try await world.serve("web")
    try world.network.putSecret("web", certificate: TestCertificate.first.certificate, key: TestCertificate.first.key)
    try world.network.putSecret(
      "all", certificate: TestCertificate.wildcard.certificate, key: TestCertificate.wildcard.key)
    try world.route("/", to: "web") {
      $0.spec.tls = [("web", "web.example.com"), ("all", "*.example.com")].map { secret, host in
        IngressTLS {
          $0.secretName = secret
          $0.hosts = [host]
        }
      }
    }
    func connect(_ name: String, trusting certificate: TestCertificate) async throws -> HTTPClientPeer {
      HTTPClientPeer(
        try await Peer.connect(port: world.https, tls: name, trust: [certificate.certificate]), name: name)
    }
    let early = try await connect("web.example.com", trusting: .first)
    #expect(try await early.get("/").body == "web GET /")
    let other = try await connect("shop.example.com", trusting: .wildcard)
    #expect(try await other.get("/").body == "web GET /")
    await #expect(throws: (any Error).self) {
      _ = try await connect("web.example.com", trusting: .second).get("/")
    }
    // Nobody has a certificate for this name.
    await #expect(throws: (any Error).self) {
      _ = try await connect("a.b.example.com", trusting: .wildcard).get("/")
    }

    try world.network.putSecret("web", certificate: TestCertificate.second.certificate, key: TestCertificate.second.key)
    let late = try await connect("web.example.com", trusting: .second)
    #expect(try await late.get("/").body == "web GET /", "a new connection gets the new certificate")
    #expect(try await early.get("/again").body == "web GET /again", "and an old one notices nothing")

    try world.network.putSecret("web", certificate: "nonsense", key: "nonsense")
    let later = try await connect("web.example.com", trusting: .second)
    #expect(try await later.get("/").body == "web GET /", "what cannot be used does not replace what can")
    await world.stop()
  }
}
