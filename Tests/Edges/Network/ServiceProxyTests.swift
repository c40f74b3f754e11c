import ControlLoop
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

/// The proxy, with real connections on the loopback interface.
@Suite(.timeLimit(.minutes(2))) struct ServiceProxyTests {
  private func world(_ hasPodNetwork: Bool = false) async throws -> NetworkWorld {
    let world = try NetworkWorld(hasPodNetwork: hasPodNetwork)
    _ = try await world.networking.start()
    return world
  }

  /// What a connection hears first.
  private func word(from port: Int, host: String = "127.0.0.1") async throws -> String {
    let peer = try await Peer.connect(host: host, port: port)
    defer { peer.close() }
    return try await peer.read(count: 1)
  }

  /// A listener is closed by its own thread, which may come to it a little later.
  private func isSoonRefused(_ port: Int) async -> Bool {
    for _ in 0..<1_000 {
      do { _ = try await word(from: port) } catch { return true }
    }
    return false
  }

  @Test func aServiceIsReachedAtItsAddressAndAtItsNodePort() async throws {
    let world = try await world(true)
    let server = try await TestServer.echo("a", host: "127.244.9.1")
    let nodePort = unusedPort()
    try world.put(service(port: 8_080, nodePort: nodePort, clusterIP: "10.96.3.1"))
    try world.put(slice(1, port: server.port, address: "10.244.9.1"))
    #expect(try await word(from: 8_080, host: "127.96.3.1") == "a")
    #expect(try await word(from: nodePort) == "a")
    await world.networking.stop()
    try await server.stop()
  }

  @Test func withoutAnEndpointConnectionsAreRefusedAtOnce() async throws {
    let world = try await world()
    let server = try await TestServer.echo("a")
    let nodePort = unusedPort()
    try world.put(service(nodePort: nodePort))
    await #expect(throws: (any Error).self) { try await word(from: nodePort) }
    try world.put(slice(1, port: server.port))
    #expect(try await word(from: nodePort) == "a")
    try world.put(slice(1, port: server.port, ready: false))
    #expect(await isSoonRefused(nodePort))
    try world.put(slice(1, port: server.port))
    #expect(try await word(from: nodePort) == "a")
    try world.delete(service())
    #expect(await isSoonRefused(nodePort))
    await world.networking.stop()
    try await server.stop()
  }

  @Test func whenOneEndpointDoesNotAnswerTheNextIsTried() async throws {
    let world = try await world()
    let server = try await TestServer.echo("a")
    let nodePort = unusedPort()
    try world.put(service(nodePort: nodePort))
    try world.put(slice(1, port: unusedPort()))
    try world.put(slice(2, port: server.port))
    for _ in 0..<20 { #expect(try await word(from: nodePort) == "a") }
    // And when none answers, the client is told by a reset.
    try await server.stop()
    await #expect(throws: (any Error).self) { try await word(from: nodePort) }
    await world.networking.stop()
  }

  @Test func connectionsTakeTurnsAmongTheEndpoints() async throws {
    let world = try await world()
    let servers = [try await TestServer.echo("a"), try await TestServer.echo("b"), try await TestServer.echo("c")]
    let nodePort = unusedPort()
    try world.put(service(nodePort: nodePort))
    for (number, server) in servers.enumerated() { try world.put(slice(number, port: server.port)) }
    var words: [String: Int] = [:]
    for _ in 0..<30 { words[try await word(from: nodePort), default: 0] += 1 }
    #expect(words == ["a": 10, "b": 10, "c": 10])

    try world.put(
      service(nodePort: nodePort) {
        $0.spec.sessionAffinity = .clientIP
      })
    var sticky: Set<String> = []
    for _ in 0..<10 { sticky.insert(try await word(from: nodePort)) }
    #expect(sticky.count == 1, "with session affinity a client comes to the same endpoint again")
    await world.networking.stop()
    for server in servers { try await server.stop() }
  }

  @Test func anEndpointThatGoesKeepsTheConnectionsThatItHas() async throws {
    let world = try await world()
    let (old, new) = (try await TestServer.echo("a"), try await TestServer.echo("b"))
    let nodePort = unusedPort()
    try world.put(service(nodePort: nodePort))
    try world.put(slice(1, port: old.port))
    let established = try await Peer.connect(port: nodePort)
    #expect(try await established.read(count: 1) == "a")
    try world.put(slice(2, port: new.port))
    try world.delete(slice(1, port: old.port))
    #expect(try await word(from: nodePort) == "b", "new connections go elsewhere")
    try await established.send("still here")
    #expect(try await established.read(count: 10) == "still here")
    try world.delete(service())
    try await established.send("and here")
    #expect(try await established.read(count: 8) == "and here")
    established.close()
    await world.networking.stop()
    try await old.stop()
    try await new.stop()
  }

  @Test func aPodThatIsGoneTakesItsConnectionsWithIt() async throws {
    let world = try await world(true)
    let server = try await TestServer.echo("a", host: "127.244.9.2")
    let nodePort = unusedPort()
    let pod = Pod(name: "web-1", namespace: "default") { $0.status.podIP = "10.244.9.2" }
    try world.put(pod)
    try world.put(service(nodePort: nodePort, clusterIP: "10.96.3.2"))
    try world.put(slice(1, port: server.port, address: "10.244.9.2"))
    let peer = try await Peer.connect(port: nodePort)
    #expect(try await peer.read(count: 1) == "a")
    try world.delete(pod)
    #expect(try await peer.readToEnd() == "", "its network has gone, and nobody in it can say so")
    await world.networking.stop()
    try await server.stop()
  }

  @Test func whoHasFinishedSendingIsStillAnswered() async throws {
    let world = try await world()
    let server = try await TestServer.start { peer in
      let said = try await peer.readToEnd()
      try await peer.send("you said \(said)")
    }
    let nodePort = unusedPort()
    try world.put(service(nodePort: nodePort))
    try world.put(slice(1, port: server.port))
    let peer = try await Peer.connect(port: nodePort)
    try await peer.send("everything")
    try await peer.endOutput()
    #expect(try await peer.readToEnd() == "you said everything")
    await world.networking.stop()
    try await server.stop()
  }

  /// 32 MB to a server that reads slowly: all of it arrives, and the proxy holds next to nothing of it.
  @Test func aSlowReaderSlowsTheSenderDown() async throws {
    let world = try await world()
    let total = 32 << 20
    let gate = AsyncStream.makeStream(of: Void.self)
    let server = try await TestServer.start(
      options: { $0.childChannelOption(ChannelOptions.autoRead, value: false) },
      serve: { peer in
        for await _ in gate.stream { break }
        try await peer.channel.setOption(ChannelOptions.autoRead, value: true).get()
        var count = 0
        while let piece = try await peer.read() { count += piece.readableBytes }
        try await peer.send("\(count)")
      })
    let nodePort = unusedPort()
    try world.put(service(nodePort: nodePort))
    try world.put(slice(1, port: server.port))
    let peer = try await Peer.connect(port: nodePort)
    let block = ByteBuffer(repeating: 7, count: 1 << 20)
    let sent = Shared(0)
    let sending = Task {
      for _ in 0..<(total >> 20) {
        try await peer.send(block)
        sent.withLock { $0 += 1 }
      }
      try await peer.endOutput()
    }
    // The server reads nothing: what has left the sender is in the buffers of sockets, and in the proxy's.
    var before = -1
    while before != sent.withLock({ $0 }) {
      before = sent.withLock { $0 }
      for _ in 0..<200 { try await loops.next().scheduleTask(in: .milliseconds(1)) {}.futureResult.get() }
    }
    #expect(sent.withLock { $0 } < 20, "\(sent.withLock { $0 }) MB have been taken though nobody reads")
    gate.continuation.yield()
    #expect(try await peer.readToEnd() == "\(total)")
    try await sending.value
    await world.networking.stop()
    try await server.stop()
  }

  @Test func thousandsOfConnectionsPassAChangingSetOfEndpointsWithoutAFailure() async throws {
    let world = try await world()
    let nodePort = unusedPort()
    try world.put(service(nodePort: nodePort))
    var servers: [Int: TestServer] = [:]
    func start(_ number: Int) async throws {
      let server = try await TestServer.echo()
      servers[number] = server
      try world.put(slice(number, port: server.port))
    }
    for number in 0..<3 { try await start(number) }
    let failures = Shared<[String]>([])
    let done = Shared(0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<32 {
        group.addTask {
          for round in 0..<64 {
            do {
              let peer = try await Peer.connect(port: nodePort)
              defer { peer.close() }
              let text = "client \(client) round \(round)"
              try await peer.send(text)
              let heard = try await peer.read(count: text.utf8.count)
              if heard != text { failures.withLock { $0.append(heard) } }
            } catch {
              failures.withLock { $0.append("\(error)") }
            }
            done.withLock { $0 += 1 }
          }
        }
      }
      // Meanwhile endpoints come and go, as pods of a rolling update do: out of the slices first, ended some rounds later.
      var number = 3
      while done.withLock({ $0 }) < 2_000 {
        try await start(number)
        let leaving = number - 3
        try world.delete(slice(leaving, port: 0))
        try await servers[leaving - 3]?.stopListening()
        number += 1
        let before = done.withLock { $0 }
        while done.withLock({ $0 }) < min(before + 40, 2_048) { await Task.yield() }
      }
      try await group.waitForAll()
    }
    #expect(failures.withLock { $0 } == [])
    #expect(done.withLock { $0 } == 2_048)
    await world.networking.stop()
    for server in servers.values { try await server.stop() }
  }

  @Test func aLoadBalancerIsToldWhetherThereArePodsHere() async throws {
    let world = try await world()
    let (nodePort, checkPort) = (unusedPort(), unusedPort())
    try world.put(
      service(nodePort: nodePort) {
        $0.spec.type = .loadBalancer
        $0.spec.externalTrafficPolicy = .local
        $0.spec.healthCheckNodePort = checkPort
      })
    func ask() async throws -> String {
      let peer = try await Peer.connect(port: checkPort)
      try await peer.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
      return try await peer.readToEnd()
    }
    #expect(try await ask().hasPrefix("HTTP/1.1 503 "))
    var here = slice(1, port: nodePort)
    here.endpoints[0].nodeName = "node-1"
    try world.put(here)
    let answer = try await ask()
    #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.contains(#""localEndpoints":1"#))
    await world.networking.stop()
  }

  @Test func aPortThatCannotBeHadIsAnEventOfItsService() async throws {
    let world = try await world()
    let taken = try await TestServer.echo()
    try world.put(service(nodePort: taken.port))
    try world.put(slice(1, port: taken.port))
    let view = NetworkWorld.cluster.view(of: world.store.snapshot)
    let events = view.all(RecordedEvent.self).filter { $0.involvedObject.name == "web" }
    #expect(events.map(\.reason) == ["PortUnavailable"])
    #expect(events.first?.message?.hasPrefix("cannot listen on 127.0.0.1:\(taken.port): ") == true)
    await world.networking.stop()
    try await taken.stop()
  }

  // MARK: UDP

  @Test func packetsFindTheirWayAndBack() async throws {
    let world = try await world()
    let servers = [try await UDPPeer.echo("a"), try await UDPPeer.echo("b")]
    let nodePort = unusedPort()
    try world.put(service(nodePort: nodePort, transport: .udp))
    try world.put(slice(0, port: servers[0].port, transport: .udp))
    let (one, other) = (try await UDPPeer.open(), try await UDPPeer.open())
    for client in [one, other] {
      client.send("hello", to: nodePort)
      #expect(await client.next() == "a hello")
    }
    try world.put(slice(1, port: servers[1].port, transport: .udp))
    try world.delete(slice(0, port: 0))
    one.send("again", to: nodePort)
    #expect(await one.next() == "b again", "a flow does not stay with an endpoint that is none any more")
    await world.networking.stop()
  }
}

/// A UDP socket of the test.
final class UDPPeer: Sendable {
  private let channel: any Channel
  private let packets: AsyncStream<String>

  var port: Int { channel.localAddress?.port ?? 0 }

  private init(_ channel: any Channel, _ packets: AsyncStream<String>) {
    self.channel = channel
    self.packets = packets
  }

  static func open(reply: (@Sendable (ByteBuffer) -> ByteBuffer?)? = nil) async throws -> UDPPeer {
    let (packets, continuation) = AsyncStream.makeStream(of: String.self)
    let channel = try await DatagramBootstrap(group: loops)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Packets(continuation, reply))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return UDPPeer(channel, packets)
  }

  static func echo(_ word: String) async throws -> UDPPeer {
    try await open { ByteBuffer(string: "\(word) \(String(buffer: $0))") }
  }

  func send(_ text: String, to port: Int) { send(ByteBuffer(string: text), to: port) }

  func send(_ bytes: ByteBuffer, to port: Int) {
    guard let address = try? SocketAddress(ipAddress: "127.0.0.1", port: port) else { return }
    channel.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: bytes), promise: nil)
  }

  func next() async -> String? {
    var iterator = packets.makeAsyncIterator()
    return await iterator.next()
  }

  private final class Packets: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>
    private let continuation: AsyncStream<String>.Continuation
    private let reply: (@Sendable (ByteBuffer) -> ByteBuffer?)?

    init(_ continuation: AsyncStream<String>.Continuation, _ reply: (@Sendable (ByteBuffer) -> ByteBuffer?)?) {
      self.continuation = continuation
      self.reply = reply
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let packet = unwrapInboundIn(data)
      continuation.yield(String(buffer: packet.data))
      guard let answer = reply?(packet.data) else { return }
      context.writeAndFlush(
        wrapOutboundOut(AddressedEnvelope(remoteAddress: packet.remoteAddress, data: answer)), promise: nil)
    }
  }
}
