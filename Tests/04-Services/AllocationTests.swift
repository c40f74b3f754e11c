import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing

@testable import Services

/// Who gets which address and which port.
@Suite struct AllocationTests {
  let world: World

  init() throws { world = try .quiet() }

  private func nodePort(_ name: String, port: Int? = nil) -> Service {
    makeService(name) {
      $0.spec.type = .nodePort
      $0.spec.ports = [servicePort(80, node: port)]
    }
  }

  @Test func theAPIHasTheFirstAddress() throws {
    #expect(world.service("kubernetes")?.spec.clusterIP == "10.96.0.1")
    let slices = world.view.slices(of: Service.key("kubernetes", in: "default"))
    #expect(slices.map { $0.ports.map(\.port) } == [[6_443]])
  }

  @Test func aHundredServicesHaveAHundredAddressesAndPorts() throws {
    for number in 0..<100 { #expect(world.refusal(of: nodePort("web-\(number)")) == nil) }
    let services = world.view.all(Service.self).filter { $0.name != "kubernetes" }
    let addresses = Set(services.compactMap { $0.spec.clusterIP.flatMap { IPv4Address($0) } })
    #expect(addresses.count == 100)
    #expect(addresses.allSatisfy { ClusterAddresses.services.contains($0) && $0.bits & 0x000F_FFFF > 256 })
    #expect(Set(services.compactMap { $0.spec.ports[0].nodePort }).count == 100)
  }

  @Test func nodePortsRunOutAndComeBack() throws {
    let writes = (30_000...32_767).map { port in
      let service = storedService("web-\(port)", ip: ClusterAddresses.services[port].description) {
        $0.spec.type = .nodePort
        $0.spec.ports = [servicePort(80, node: port)]
      }
      return Write(service.key, .put(service.json), expecting: .absent)
    }
    _ = world.store.commit(writes)
    #expect(
      world.refusal(of: nodePort("late")) == "Internal error occurred: failed to allocate a nodePort: range is full")
    world.perform([.delete(Service.key("web-31000", in: "default"), DeleteOptions())])
    #expect(world.refusal(of: nodePort("late")) == nil)
    #expect(world.service("late")?.spec.ports[0].nodePort == 31_000)
  }

  @Test func whatIsTakenOrOutOfRangeIsRefusedInKubernetesWords() {
    #expect(world.refusal(of: nodePort("a", port: 30_080)) == nil)
    #expect(
      world.refusal(of: nodePort("b", port: 30_080))
        == "Service \"b\" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated")
    #expect(
      world.refusal(of: nodePort("b", port: 80))
        == "Service \"b\" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid "
        + "range. The range of valid ports is 30000-32767")
    func withAddress(_ address: String) -> Service { makeService("b") { $0.spec.clusterIP = address } }
    let start = "Service \"b\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.0.1\"]: "
    #expect(
      world.refusal(of: withAddress("10.96.0.1"))
        == start + "failed to allocate IP 10.96.0.1: provided IP is already allocated",
      "an address belongs to one service")
    #expect(
      world.refusal(of: withAddress("192.168.0.1"))?.hasSuffix(
        "failed to allocate IP 192.168.0.1: the provided IP (192.168.0.1) is not in the valid range. "
          + "The range of valid IPs is 10.96.0.0/12") == true)
    #expect(world.refusal(of: withAddress(ClusterAddresses.dns.description))?.contains("already allocated") == true)
    #expect(world.refusal(of: withAddress("10.96.0.7")) == nil)
  }

  @Test func anAddressDoesNotChange() {
    _ = world.refusal(of: makeService { $0.spec.clusterIP = "10.96.0.7" })
    #expect(
      world.change { $0.spec.clusterIP = "10.96.0.8" }
        == "Service \"web\" is invalid: spec.clusterIPs[0]: Invalid value: \"10.96.0.8\": may not change once set")
    world.change { $0.spec.clusterIPs = [] }
    #expect(world.service()?.spec.clusterIPs == ["10.96.0.7"])
  }

  @Test func replacingAServiceKeepsWhatItHas() throws {
    _ = world.refusal(of: nodePort("web"))
    let before = try #require(world.service())
    var replacement = nodePort("web")
    replacement.spec.ports = [servicePort(80, "http"), servicePort(443, "https")]
    #expect(
      world.perform([.update(replacement.json)]).isEmpty, "a file without an address means the one that the service has"
    )
    let after = try #require(world.service())
    #expect(after.spec.clusterIP == before.spec.clusterIP)
    #expect(after.spec.ports.first?.nodePort == before.spec.ports.first?.nodePort)
    #expect(after.spec.ports.compactMap(\.nodePort).count == 2)
  }

  @Test func aChangeOfTypeGivesBackAndTakes() throws {
    _ = world.refusal(of: nodePort("web", port: 30_080))
    let address = try #require(world.service()?.spec.clusterIP)
    world.change { $0.spec.type = .clusterIP }
    #expect(world.service()?.spec.ports[0].nodePort == nil)
    #expect(world.service()?.spec.externalTrafficPolicy == nil)
    #expect(world.refusal(of: nodePort("other", port: 30_080)) == nil)
    world.change {
      $0.spec.type = .externalName
      $0.spec.externalName = "example.org"
    }
    #expect(world.service()?.spec.clusterIP == nil)
    #expect(world.service()?.spec.internalTrafficPolicy == nil)
    #expect(world.refusal(of: makeService("third") { $0.spec.clusterIP = address }) == nil)
    #expect(world.change { $0.spec.type = .clusterIP } == nil)
    let again = try #require(world.service()?.spec.clusterIP)
    #expect(again != address)
  }

  @Test func onePortOfTwoProtocolsHasOneNodePort() throws {
    var service = nodePort("dns")
    service.spec.ports = [servicePort(53, "dns", .udp), servicePort(53, "dns-tcp", .tcp)]
    #expect(world.refusal(of: service) == nil)
    let ports = try #require(world.service("dns")).spec.ports.map(\.nodePort)
    #expect(ports[0] == ports[1])
  }

  /// Two writers that see the same snapshot may choose the same. The store lets one of them through.
  @Test func twoWhoChooseAtOnceNeverGetTheSame() throws {
    let view = world.view
    var names = SeededGenerator(seed: 7)
    // So few are left that both choose the same.
    var writes: [Write] = []
    for name in ["a", "b"] {
      var service = nodePort(name)
      service.spec.clusterIP = "10.96.0.7"
      let write = try world.cluster.registry.create(
        service.json, of: Service.kind, in: view, at: world.now, names: &names)
      writes.append(write)
    }
    let results = world.store.commit(writes)
    #expect(
      results.map { (try? $0.get()) != nil } == [true, false],
      "of two who chose the same from one snapshot one is refused")
    guard case .failure(let error) = results[1] else { return }
    let refusal = StatusError(error, for: writes[1].key)
    #expect(refusal.code == 409)
    #expect(refusal.message.hasSuffix("clusterIP 10.96.0.7 has just been taken by a; please try again"))
  }

  @Test func aRestartForgetsNothing() throws {
    _ = world.refusal(of: nodePort("web", port: 30_080))
    let storage = MemoryStorage()
    let first = try Store(storage: storage, indexes: world.cluster.indexes)
    try first.put(try #require(world.service()))
    let second = try Store(storage: storage, indexes: world.cluster.indexes)
    var names = SeededGenerator(seed: 1)
    #expect(throws: StatusError.self) {
      try world.cluster.registry.create(
        nodePort("other", port: 30_080).json, of: Service.kind, in: second.view, at: world.now, names: &names)
    }
  }
}
