import Foundation
import LoopbackPorts
import Objects
import Pods
import Services
import Testing

@testable import ProcessRuntime

/// What pods' networks promise, where the machine lets them be made.
@Suite(.serialized, .enabled(if: HostWorld.hasNamespaces))
struct PodNetworkTests {
  @Test func twoPodsListenOnOnePortAndEachAnswersUnderItsOwnAddress() async throws {
    let world = try HostWorld(.namespaces)
    let pods = ["one", "two"].map { name in world.start(name, image: "web") { _ in } }
    for id in pods { #expect(world.hasWritten(id)) }
    let addresses = try pods.map(world.address)
    #expect(Set(addresses).count == 2)
    #expect(addresses.allSatisfy { $0.hasPrefix("10.244.7.") })
    for (id, address) in zip(pods, addresses) {
      let answer = try await world.ask(address, 8080)
      #expect(answer.contains("Hello from pod-\(id.podUID.dropFirst(4))"))
    }
  }

  @Test func localhostIsThePodsOwn() async throws {
    let world = try HostWorld(.namespaces)
    let (server, other) = (world.start("server", image: "web") { $0.environment = [local] }, world.idle("other"))
    #expect(world.hasWritten(server))
    #expect(try await world.ask("127.0.0.1", 8080, from: server.podUID).contains("Hello from pod-server"))
    await #expect(throws: (any Error).self) { try await world.ask("127.0.0.1", 8080, from: other.podUID) }
    await #expect(throws: (any Error).self) { try await world.ask(world.address(of: server), 8080) }
  }

  @Test func onePodReachesAnotherAndIsSeenWithItsOwnAddress() throws {
    let world = try HostWorld(.namespaces)
    let server = world.start("server", image: "web") { _ in }
    #expect(world.hasWritten(server))
    let address = try world.address(of: server)
    let client = world.start("client") { $0.command = fetch(address, 8080) }
    #expect(try world.exit(of: client).code == 0)
    #expect(try world.log(of: client).contains { $0.content == "Hello from pod-server" })
    #expect(try world.log(of: server).contains { $0.content.hasPrefix(try world.address(of: client) + " \"GET") })
  }

  @Test func aPodReachesWhatListensUnderAClusterIP() throws {
    let world = try HostWorld(.namespaces)
    let listener = Descriptor(owning: try world.network.listen(address: "10.96.12.34", port: 80, transport: .tcp))
    let client = world.start("client") { $0.command = fetch("10.96.12.34", 80) }
    #expect(waitForInput([listener.number], timeout: 30_000) == [true])
    let connection = Descriptor(owning: accept(listener.number, nil, nil))
    #expect(try read(from: connection).first == UInt8(ascii: "G"))
    try connection.write(Array("from the service\n".utf8))
    connection.close()
    #expect(try world.exit(of: client).code == 0)
    #expect(try world.log(of: client).map(\.content) == ["from the service"])
    // Where nobody listens, a client hears so at once.
    #expect(try world.exit(of: world.start("refused") { $0.command = fetch("10.96.12.35", 80) }).code != 0)
  }

  @Test(.enabled(if: HostWorld.outsideAddress != nil))
  func aPodReachesTheWorldOutsideByTCP() throws {
    let world = try HostWorld(.namespaces)
    #expect(world.network.limits == nil)
    let address = try #require(HostWorld.outsideAddress)
    let port = unusedPort()
    let listener = Descriptor(owning: try PodNetwork.host.listen(address: address, port: port, transport: .tcp))
    let client = world.start("client") { $0.command = fetch(address, port) }
    #expect(waitForInput([listener.number], timeout: 30_000) == [true])
    let connection = Descriptor(owning: accept(listener.number, nil, nil))
    #expect(try read(from: connection).first == UInt8(ascii: "G"))
    try connection.write(Array("from outside\n".utf8))
    connection.close()
    #expect(try world.exit(of: client).code == 0)
    #expect(try world.log(of: client).map(\.content) == ["from outside"])
    listener.close()
    // The relay has taken the connection before it knows: it breaks it off.
    let refused = world.start("refused") {
      $0.command = ["bash", "-c", "exec 3<>/dev/tcp/\(address)/\(port) && printf x >&3 && cat <&3"]
    }
    #expect(try world.exit(of: refused).code != 0)
  }

  @Test func datagramsComeAndGoToo() async throws {
    let world = try HostWorld(.namespaces)
    let server = Descriptor(owning: try world.network.listen(address: "10.96.0.10", port: 53, transport: .udp))
    let client = Descriptor(
      owning: try await world.network.connect(address: "10.96.0.10", port: 53, transport: .udp))
    try client.write(Array("who?".utf8))
    #expect(try read(from: server) == Array("who?".utf8))
  }

  /// What comes next.
  private func read(from descriptor: Descriptor) throws -> [UInt8] {
    #expect(waitForInput([descriptor.number], timeout: 30_000) == [true])
    var buffer = [UInt8](repeating: 0, count: 1024)
    guard case .bytes(let count) = descriptor.read(into: &buffer) else { return [] }
    return Array(buffer.prefix(count))
  }

  @Test func aPodHasAHostNameAndAnAddressOfItsOwnAndSaysSo() throws {
    let world = try HostWorld(.namespaces)
    let id = world.start("named", script: "uname -n; echo $HOSTNAME; echo $POD_IP; id -u")
    #expect(try world.exit(of: id).code == 0)
    #expect(try world.log(of: id).map(\.content) == ["pod-named", "pod-named", try world.address(of: id), "0"])
  }

  @Test func aPodOfTheHostsNetworkStaysThere() throws {
    let world = try HostWorld(.namespaces)
    let pod = PodIdentity(namespace: "default", name: "host", uid: "uid-host")
    world.perform(.startSandbox(pod, extensions: ["hostNetwork": true]))
    let id = world.start("host", script: "readlink /proc/self/ns/net")
    #expect(try world.exit(of: id).code == 0)
    #expect(try world.address(of: id) == "127.0.0.1")
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")
    #expect(try world.log(of: id).map(\.content) == [own])
  }

  @Test func theNetworkOutlivesItsOwnerAndIsFoundAgain() async throws {
    let world = try HostWorld(.namespaces)
    let server = world.start("server", image: "web") { _ in }
    #expect(world.hasWritten(server))
    let (process, holder, address) = (try world.process(of: server), try world.holder(), try world.address(of: server))
    try world.restartAgent()
    #expect(try world.holder() == holder)
    #expect(try world.process(of: server) == process)
    #expect(try world.address(of: server) == address)
    #expect(try await world.ask(address, 8080).contains("Hello from pod-server"))
    let second = world.idle("second")
    #expect(try world.address(of: second) != address)
  }

  @Test func aPodThatHasLostItsNetworkEndsAndStartsAgainInANewOne() async throws {
    let world = try HostWorld(.namespaces)
    let server = world.start("server", image: "web") { _ in }
    #expect(world.hasWritten(server))
    let (holder, address) = (try world.holder(), try world.address(of: server))
    try world.restartAgent(after: {
      kill(holder, SIGKILL)
      #expect(world.wait { !isAlive(holder) })
    })
    #expect(try world.exit(of: server).code == 137)
    #expect(try world.address(of: server) == address)
    var again = world.configuration(
      ContainerID(podUID: server.podUID, name: "main", attempt: 1),
      in: PodIdentity(namespace: "default", name: "pod-server", uid: server.podUID), .haveNoImage)
    again.image = "web"
    world.perform(.start(again))
    #expect(world.hasWritten(again.id))
    #expect(try await world.ask(address, 8080).contains("Hello from pod-server"))
  }

  @Test func aPodThatComesBackInAnotherFormOfNetworkGetsAnAddressOfThat() throws {
    for (form, next, prefix) in [
      (PodNetwork.Form.host, PodNetwork.Form.namespaces, "10.244.7."), (.namespaces, .loopback, "127.244.7."),
      (.loopback, .host, "127.0.0.1"),
    ] {
      let world = try HostWorld(form)
      let id = world.idle("moves")
      world.form = next
      try world.restartAgent()
      #expect(try world.exit(of: id).code == 137)
      #expect(try world.address(of: id).hasPrefix(prefix))
      try world.restartAgent()
      #expect(try world.address(of: id).hasPrefix(prefix))
    }
  }

  @Test func nothingIsLeftOnceTheLastPodHasGone() throws {
    let world = try HostWorld(.namespaces)
    let id = world.idle("last")
    let (holder, process) = (try world.holder(), try world.process(of: id))
    let networks = { Set(HostProcess.all().compactMap { try? network(of: $0.number) }) }
    let own = try network(of: process)
    #expect(networks().contains(own))
    world.perform(.stop(id, gracePeriod: 0))
    _ = try world.exit(of: id)
    world.perform(.removeSandbox(PodIdentity(namespace: "default", name: "pod-last", uid: id.podUID)))
    #expect(world.wait { Files.list(world.root + "/pods").isEmpty })
    #expect(isAlive(holder), "somebody is connected")
    try world.restartAgent(after: {
      #expect(world.wait { !isAlive(holder) })
      #expect(world.wait { !networks().contains(own) })
    })
    world.network.end()
    #expect(world.wait { Files.list(world.networkDirectory).isEmpty })
  }

  private let local = ContainerConfiguration.EnvironmentVariable(name: "POD_IP", value: "127.0.0.1")
}

@Suite struct AddressPoolTests {
  @Test func anAddressIsNotGivenAgainBeforeAllOthersHaveBeen() throws {
    var pool = AddressPool(prefix: "10.244.1.")
    var given: [String] = []
    for _ in 0..<253 { given.append(try pool.take(unless: [])) }
    #expect(given.first == "10.244.1.2" && given.last == "10.244.1.254")
    #expect(Set(given).count == 253)
    #expect(try pool.take(unless: ["10.244.1.2"]) == "10.244.1.3")
  }

  @Test func whatIsInUseIsPassedOver() throws {
    var pool = AddressPool(prefix: "10.244.1.")
    pool.restore("10.244.1.9")
    pool.restore("10.244.2.200")
    #expect(try pool.take(unless: ["10.244.1.10", "10.244.1.11"]) == "10.244.1.12")
    #expect(throws: SystemError.self) { try pool.take(unless: Set((0...255).map { "10.244.1.\($0)" })) }
  }

  @Test func onTheMachinesOwnAddressThereIsAlwaysRoom() throws {
    var pool = AddressPool(prefix: nil)
    #expect(try pool.take(unless: ["127.0.0.1"]) == "127.0.0.1")
  }

  @Test func whereThereAreNoNamespacesPodsSaySoInOneSentence() throws {
    for form in [PodNetwork.Form.loopback, .host] {
      let network = try PodNetwork.open(directory: "/nowhere", executable: "/nothing", form: form)
      #expect(network.limits?.isEmpty == false)
    }
    let directory = NSTemporaryDirectory() + "swiftlet-none-" + UUID().uuidString
    defer { Files.remove(directory) }
    let best = try PodNetwork.open(directory: directory, executable: "/no/such/program")
    #expect(best.form != .namespaces)
    #expect(best.limits?.contains("network") == true)
  }
}

/// A command that connects and prints what comes.
private func fetch(_ address: String, _ port: Int) -> [String] {
  [
    "bash", "-c",
    "exec 3<>/dev/tcp/\(address)/\(port) && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3 | tr -d '\\r'",
  ]
}

private func network(of process: pid_t) throws -> String {
  try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/net")
}

extension HostWorld {
  static let hasNamespaces: Bool = {
    let directory = NSTemporaryDirectory() + "swiftlet-trial-" + UUID().uuidString
    defer { Files.remove(directory) }
    guard let network = try? PodNetwork.open(directory: directory, executable: executable) else { return false }
    network.end()
    return network.form == .namespaces
  }()

  /// An address of this machine that others use too; nil without a network.
  static let outsideAddress: String? = {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return nil }
    defer { freeifaddrs(list) }
    for entry in sequence(first: list, next: { $0?.pointee.ifa_next }).compactMap(\.self) {
      guard let address = entry.pointee.ifa_addr, address.pointee.sa_family == AF_INET else { continue }
      var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
      address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        _ = inet_ntop(AF_INET, &$0.pointee.sin_addr, &text, socklen_t(text.count))
      }
      let string = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if !string.hasPrefix("127.") { return string }
    }
    return nil
  }()

  /// The process that holds the networks.
  func holder() throws -> pid_t {
    try #require(
      HostProcess.all().first { process in
        Files.read("/proc/\(process.number)/cmdline").map { String(decoding: $0, as: UTF8.self) }?
          .contains("network\0\(networkDirectory)\0") == true
      }
    ).number
  }

  func address(of id: ContainerID) throws -> String { try #require(runtime.pod(id.podUID)?.addresses.first) }

  /// A pod that runs and does nothing.
  func idle(_ name: String) -> ContainerID {
    let id = start(name, script: "echo ready; exec sleep 1000")
    #expect(hasWritten(id))
    return id
  }

  /// What a web server says.
  func ask(_ address: String, _ port: Int, from pod: String? = nil) async throws -> String {
    let connection = Descriptor(
      owning: try await network.connect(address: address, port: port, transport: .tcp, from: pod))
    try connection.write(Array("GET / HTTP/1.1\r\nConnection: close\r\n\r\n".utf8))
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while waitForInput([connection.number], timeout: 30_000) == [true],
      case .bytes(let count) = connection.read(into: &buffer)
    {
      answer += buffer.prefix(count)
    }
    return String(decoding: answer, as: UTF8.self)
  }
}
