import LoopbackPorts
import NIOCore
import NIOPosix
import Objects
import Pods
import Services
import Store
import Synchronization
import Testing

@testable import Network

/// Names, asked over real sockets.
@Suite(.timeLimit(.minutes(1))) struct DNSServerTests {
  private func question(_ name: String, _ type: DNSRecordType = .a, id: UInt16 = 77) -> ByteBuffer {
    ByteBuffer(bytes: DNSMessage(id: id, asking: DNSName(name), type).encoded())
  }

  /// The reply of a server on a port of this machine.
  private func ask(_ question: ByteBuffer, port: Int) async throws -> DNSMessage {
    let replies = AsyncStream.makeStream(of: ByteBuffer.self)
    let client = try await UDPPeer.open { reply in
      replies.continuation.yield(reply)
      return nil
    }
    client.send(question, to: port)
    var iterator = replies.stream.makeAsyncIterator()
    return try DNSMessage(bytes: Array((await iterator.next() ?? ByteBuffer()).readableBytesView))
  }

  private func askByStream(_ question: ByteBuffer, port: Int) async throws -> DNSMessage {
    let peer = try await Peer.connect(port: port)
    defer { peer.close() }
    var frame = ByteBuffer()
    frame.writeInteger(UInt16(question.readableBytes))
    frame.writeImmutableBuffer(question)
    // In two pieces, as a network may deliver them.
    try await peer.send(frame.readSlice(length: 3) ?? ByteBuffer())
    try await peer.send(frame)
    var all = ByteBuffer()
    while true {
      guard var piece = try await peer.read() else { throw Peer.Ended(description: "no reply") }
      all.writeBuffer(&piece)
      var whole = all
      if let reply = whole.readLengthPrefixedSlice(as: UInt16.self) {
        return try DNSMessage(bytes: Array(reply.readableBytesView))
      }
    }
  }

  @Test func aServicesNameIsAnsweredByPacketAndByStream() async throws {
    let port = unusedPort()
    let world = try NetworkWorld({ $0.dnsPort = port })
    let report = try await world.networking.start()
    #expect(report.dns == port && report.problems.isEmpty)
    try world.put(service("web", clusterIP: "10.96.4.4"))
    let query = question("web.default.svc.cluster.local")
    for reply in [try await ask(query, port: port), try await askByStream(query, port: port)] {
      #expect(reply.id == 77 && reply.isResponse && reply.code == DNSCode.noError.rawValue)
      #expect(reply.answers.map(\.data) == [.a(IPv4Address(10, 96, 4, 4))])
    }
    try world.delete(service("web"))
    #expect(try await ask(query, port: port).code == DNSCode.nameError.rawValue)
    await world.networking.stop()
  }

  private func forwarder(to servers: [SocketAddress]) async throws -> (DNSServer, port: Int) {
    let port = unusedPort()
    let host = HostNetwork()
    let sockets = try (
      host.listen(address: "127.0.0.1", port: port, transport: .udp),
      host.listen(address: "127.0.0.1", port: port, transport: .tcp)
    )
    return (try await DNSServer(on: [sockets], forwardingTo: servers) { _ in nil }, port)
  }

  private static func answering(_ address: IPv4Address) -> @Sendable (ByteBuffer) -> ByteBuffer? {
    { bytes in
      guard let query = try? DNSMessage(bytes: Array(bytes.readableBytesView)) else { return nil }
      var reply = query.reply()
      reply.answers = query.questions.map { DNSRecord($0.name, .a(address)) }
      return ByteBuffer(bytes: reply.encoded())
    }
  }

  @Test func whatIsNotOfTheClusterIsAskedElsewhere() async throws {
    // The first server is silent; the second knows.
    let silent = try await UDPPeer.open()
    let knowing = try await UDPPeer.open(reply: Self.answering(IPv4Address(192, 0, 2, 1)))
    let (server, port) = try await forwarder(
      to: try [silent, knowing].map { try SocketAddress(ipAddress: "127.0.0.1", port: $0.port) })
    let reply = try await ask(question("example.com", id: 4_711), port: port)
    #expect(reply.id == 4_711 && reply.answers.map(\.data) == [.a(IPv4Address(192, 0, 2, 1))])
    server.stop()
  }

  @Test func aStreamIsForwardedAsAStream() async throws {
    let upstream = try await TestServer.start { peer in
      var all = ByteBuffer()
      while var piece = try await peer.read() {
        all.writeBuffer(&piece)
        guard let question = all.readLengthPrefixedSlice(as: UInt16.self),
          let reply = Self.answering(IPv4Address(192, 0, 2, 2))(question)
        else { continue }
        var frame = ByteBuffer()
        frame.writeInteger(UInt16(reply.readableBytes))
        frame.writeImmutableBuffer(reply)
        try await peer.send(frame)
      }
    }
    let (server, port) = try await forwarder(to: [try SocketAddress(ipAddress: "127.0.0.1", port: upstream.port)])
    let reply = try await askByStream(question("example.com"), port: port)
    #expect(reply.answers.map(\.data) == [.a(IPv4Address(192, 0, 2, 2))])
    server.stop()
    try await upstream.stop()
  }

  @Test func whenNobodyAnswersTheClientIsToldSo() async throws {
    let silent = try await UDPPeer.open()
    let (server, port) = try await forwarder(to: [try SocketAddress(ipAddress: "127.0.0.1", port: silent.port)])
    let reply = try await ask(question("example.com"), port: port)
    #expect(reply.code == DNSCode.serverFailure.rawValue && reply.questions.count == 1)
    server.stop()
  }

  @Test func whatCannotBeReadIsSaidToBeSo() async throws {
    let (server, port) = try await forwarder(to: [])
    let garbage = ByteBuffer(bytes: [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xFF])
    let reply = try await ask(garbage, port: port)
    #expect(reply.id == 0x1234 && reply.code == DNSCode.formatError.rawValue)
    server.stop()
  }

  @Test func theMachinesOwnServersAreFound() throws {
    let servers = DNSResolver.systemServers(
      in: """
        # a comment
        search example.com
        nameserver 192.0.2.53
        nameserver\t2001:db8::53
        nameserver nonsense
        options timeout:1
        """)
    #expect(servers.map(\.ipAddress) == ["192.0.2.53", "2001:db8::53"] && servers.allSatisfy { $0.port == 53 })
  }
}
