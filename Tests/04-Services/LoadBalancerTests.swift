import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing

@testable import Services

/// Addresses for services and for nodes.
@Suite struct LoadBalancerTests {
  let world: World

  init() throws { world = try .quiet() }

  private func balanced(_ name: String = "web", _ change: (inout ServiceSpec) -> Void = { _ in }) -> Service {
    makeService(name) {
      $0.spec.type = .loadBalancer
      change(&$0.spec)
    }
  }

  private func address(_ name: String = "web") -> String? { world.service(name)?.balancerAddress }

  @Test func aServiceGetsAnAddressAndGivesItBack() {
    _ = world.refusal(of: balanced("a"))
    _ = world.refusal(of: balanced("b"))
    world.run(for: .seconds(5))
    #expect(Set([address("a"), address("b")]) == ["127.0.96.1", "127.0.96.2"])
    #expect(world.service("a")?.metadata.finalizers == ["service.kubernetes.io/load-balancer-cleanup"])
    world.perform([.delete(Service.key("a", in: "default"), DeleteOptions())])
    world.run(for: .seconds(5))
    #expect(world.service("a") == nil)
    world.change("b") { $0.spec.type = .clusterIP }
    world.run(for: .seconds(5))
    #expect(address("b") == nil)
    #expect(world.service("b")?.metadata.finalizers == [])
    #expect(world.service("b")?.spec.allocateLoadBalancerNodePorts == nil)
  }

  @Test func aServiceOfAClassIsForSomebodyElse() {
    _ = world.refusal(of: balanced { $0.loadBalancerClass = "example.org/balancer" })
    world.run(for: .seconds(5))
    #expect(address() == nil)
    #expect(world.service()?.metadata.finalizers == [])
    #expect(
      world.change { $0.spec.loadBalancerClass = nil }
        == "Service \"web\" is invalid: spec.loadBalancerClass: Invalid value: null: may not change once set")
  }

  @Test func anAddressMayBeAskedFor() {
    _ = world.refusal(of: balanced("a") { $0.loadBalancerIP = "127.0.96.40" })
    _ = world.refusal(of: balanced("b") { $0.loadBalancerIP = "8.8.8.8" })
    world.run(for: .seconds(5))
    #expect(address("a") == "127.0.96.40")
    #expect(address("b") == nil)
    let events = world.view.all(RecordedEvent.self, in: "default").filter { $0.involvedObject.name == "b" }
    #expect(events.map(\.message) == ["8.8.8.8 is not free in 127.0.96.0/24"])
  }

  @Test func whoWaitsGetsWhatComesFree() throws {
    let controller = LoadBalancerController(pool: CIDR(base: IPv4Address(127, 0, 96, 0), length: 30))
    let services = (0..<3).map { number in
      storedService("web-\(number)", ip: "10.96.1.\(number)") {
        $0.spec.type = .loadBalancer
        if number < 2 { $0.status.loadBalancer.ingress = [LoadBalancerIngress { $0.ip = "127.0.96.\(number + 1)" }] }
      }
    }
    let store = try makeStore(services)
    let plan = try controller.reconcile(services[2].key, in: store.view, at: World.epoch)
    #expect(plan.notes.map(\.reason) == ["SyncLoadBalancerFailed"])
    let old = Record(key: services[0].key, value: services[0].json, revision: 2)
    let event = Event(type: .deleted, record: old, previous: old)
    #expect(controller.triggers.flatMap { $0.keys(event, store.view) }.map(\.name) == ["web-0", "web-2"])
    _ = store.commit([Write(services[0].key, .delete, expecting: .anything)])
    let next = try controller.reconcile(services[2].key, in: store.view, at: World.epoch)
    #expect(next.notes.map(\.reason) == ["EnsuredLoadBalancer"])
  }

  @Test func everyNodeHasAddressesForItsPods() {
    for number in 0..<20 { _ = world.refusal(of: makeNode("extra-\(number)")) }
    world.run(for: .seconds(5))
    let ranges = world.view.all(Node.self).compactMap(\.spec.podCIDR).compactMap { CIDR($0) }
    #expect(ranges.count == world.view.all(Node.self).count)
    #expect(Set(ranges).count == ranges.count)
    #expect(ranges.allSatisfy { $0.length == 24 && ClusterAddresses.pods.contains($0.base) })
  }

  @Test func addressesAreReadStrictly() {
    #expect(IPv4Address("10.0.0.1")?.description == "10.0.0.1")
    for text in [
      "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "1..3.4", "a.b.c.d", "+1.2.3.4", "1.2.3.٤",
    ] {
      #expect(IPv4Address(text) == nil, "\(text)")
    }
    #expect(CIDR("10.96.3.4/12")?.description == "10.96.0.0/12")
    #expect(CIDR("10.0.0.0/0")?.contains(IPv4Address(255, 1, 2, 3)) == true)
    #expect(CIDR("10.0.0.1/32")?.count == 1)
    for text in ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0/8/8"] { #expect(CIDR(text) == nil) }
  }
}
