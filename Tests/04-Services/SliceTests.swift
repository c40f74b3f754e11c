import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing

@testable import Services

/// From pods to slices and Endpoints.
@Suite struct SliceTests {
  private func plan(_ service: Service = storedService(), _ others: any Resource...) throws -> Plan {
    try plan(for: service, others)
  }

  private func plan(for service: Service, _ others: [any Resource]) throws -> Plan {
    try EndpointSliceController().reconcile(service.key, in: makeStore([service] + others).view, at: World.epoch)
  }

  @Test func aPodWithAnAddressIsAnEndpoint() throws {
    let pod = runningPod("a", ip: "10.244.1.2") { $0.metadata.namespace = "default" }
    let slices = try plan(storedService(), makeNode("node-1", zone: "east"), pod).createdSlices
    let slice = try #require(slices.first)
    #expect(slice.metadata.labels["kubernetes.io/service-name"] == "web")
    #expect(slice.metadata.labels["endpointslice.kubernetes.io/managed-by"] == "endpointslice-controller.k8s.io")
    #expect(slice.controller?.uid == "service-web")
    #expect(slice.addressType == .v4)
    #expect(slice.ports.map(\.port) == [80])
    let endpoint = try #require(slice.endpoints.first)
    #expect(endpoint.addresses == ["10.244.1.2"])
    #expect(endpoint.nodeName == "node-1")
    #expect(endpoint.zone == "east")
    #expect(endpoint.targetRef?.uid == "uid-a")
    #expect(endpoint.hostname == nil)
  }

  /// What a pod's state makes of it: ready, serving, terminating, or no endpoint at all.
  @Test func conditionsFollowFromThePod() throws {
    func conditions(_ pod: Pod, publishes: Bool = false) throws -> [Bool?]? {
      let service = storedService { $0.spec.publishNotReadyAddresses = publishes }
      let endpoint = try plan(service, pod).createdSlices.first?.endpoints.first
      return endpoint.map { [$0.conditions.ready, $0.conditions.serving, $0.conditions.terminating] }
    }
    let ip = "10.244.1.2"
    #expect(try conditions(runningPod("a", ip: ip)) == [true, true, false])
    #expect(
      try conditions(runningPod("a", ip: ip, isReady: false)) == [false, false, false],
      "a pod that is not ready is there, and says so")
    #expect(try conditions(runningPod("a", ip: ip, isEnding: true)) == [false, true, true])
    #expect(try conditions(runningPod("a", ip: ip, isReady: false, isEnding: true)) == [false, false, true])
    #expect(try conditions(runningPod("a", ip: ip, isReady: false), publishes: true) == [true, false, false])
    #expect(try conditions(runningPod("a", ip: "")) == nil)
    #expect(try conditions(runningPod("a", ip: ip) { $0.status.phase = .succeeded }) == nil)
    #expect(try conditions(runningPod("a", ip: ip, labels: ["app": "other"])) == nil)
  }

  @Test func aServiceWithoutPodsHasAnEmptySlice() throws {
    let slices = try plan().createdSlices
    #expect(slices.count == 1)
    #expect(slices.first?.endpoints == [])
    #expect(slices.first?.ports == [])
    #expect(try plan(storedService { $0.spec.selector = [:] }).intents.isEmpty)
  }

  @Test func aNamedPortMayHaveAnotherNumberInEachPod() throws {
    let service = storedService { $0.spec.ports = [servicePort(80, "http", target: .string("web"))] }
    func pod(_ name: String, _ ip: String, _ port: Int?) -> Pod {
      runningPod(name, ip: ip) {
        $0.spec.containers[0].ports =
          port.map { number in
            [
              ContainerPort {
                $0.name = "web"
                $0.containerPort = number
              }
            ]
          } ?? []
      }
    }
    let pods = [pod("a", "10.244.1.1", 8_080), pod("b", "10.244.1.2", 9_090), pod("c", "10.244.1.3", 8_080)]
    let slices = try plan(for: service, pods + [pod("d", "10.244.1.4", nil)]).createdSlices
    #expect(slices.map { $0.ports.map(\.port) } == [[8_080], [9_090], []])
    #expect(slices.map { $0.endpoints.compactMap(\.targetRef?.name) } == [["a", "c"], ["b"], ["d"]])
    #expect(slices.allSatisfy { $0.ports.allSatisfy { $0.name == "http" } })
  }

  @Test func aSliceHasAtMostAHundredEndpoints() throws {
    let pods = (0..<250).map { runningPod("p\($0)", ip: "10.244.\($0 / 100).\($0 % 100)") }
    let slices = try plan(for: storedService(), pods).createdSlices
    #expect(slices.map(\.endpoints.count) == [100, 100, 50])
    #expect(Set(slices.map(\.name)).count == 3)
  }

  /// Every way in which three pods can be in two slices, go, stay or come.
  @Test func aChangeTouchesAsFewSlicesAsItCan() throws {
    let pods = (0..<3).map { runningPod("p\($0)", ip: "10.244.1.\($0)") }
    let store = try makeStore([storedService()] + pods)
    func apply() throws -> (created: Int, updated: Int, deleted: Int) {
      let key = storedService().key
      let plan = try EndpointSliceController().reconcile(key, in: store.view, at: World.epoch)
      for slice in plan.createdSlices + plan.updatedSlices { try store.put(slice) }
      for name in plan.deletedNames {
        _ = store.commit([Write(EndpointSlice.key(name, in: "default"), .delete, expecting: .anything)])
      }
      return (plan.createdSlices.count, plan.updatedSlices.count, plan.deletedNames.count)
    }
    #expect(try apply() == (1, 0, 0))
    #expect(try apply() == (0, 0, 0))
    var pod = pods[1]
    pod.status.conditions.set("Ready", "False", at: World.epoch)
    try store.put(pod)
    #expect(try apply() == (0, 1, 0))
    try store.put(runningPod("p9", ip: "10.244.1.9"))
    #expect(try apply() == (0, 1, 0))
    for index in 10..<120 { try store.put(runningPod("p\(index)", ip: "10.244.2.\(index)")) }
    #expect(try apply() == (1, 1, 0))
    _ = store.commit([Write(Pod.key("p0", in: "default"), .delete, expecting: .anything)])
    #expect(try apply() == (0, 1, 0), "one pod goes: one slice changes, and no endpoint moves")
    // A new one takes its place in the fuller slice.
    try store.put(runningPod("p500", ip: "10.244.3.1"))
    #expect(try apply() == (0, 1, 0))
    #expect(store.view.slices(of: storedService().key).map(\.endpoints.count).sorted() == [14, 100])
  }

  @Test func slicesOfOthersAreLeftAlone() throws {
    let others = makeSlice(makeEndpoint("10.9.9.9"), named: "by-hand")
    let plan = try plan(storedService(), others, runningPod("a", ip: "10.244.1.2"))
    #expect(plan.createdSlices.count == 1)
    #expect(plan.updatedSlices.isEmpty && plan.deletedNames.isEmpty)
  }

  @Test func hintsNameTheEndpointsOwnNeighbours() throws {
    func hints(_ distribution: String) throws -> EndpointHints? {
      let service = storedService { $0.spec.trafficDistribution = distribution }
      let pod = runningPod("a", ip: "10.244.1.2")
      return try plan(service, makeNode("node-1", zone: "east"), pod).createdSlices.first?.endpoints.first?.hints
    }
    #expect(try hints("PreferClose")?.forZones.map(\.name) == ["east"])
    #expect(try hints("PreferSameZone")?.forNodes.isEmpty == true)
    #expect(try hints("PreferSameNode")?.forNodes.map(\.name) == ["node-1"])
    #expect(try hints("") == nil)
  }

  @Test func aHostnameBelowTheServiceIsTold() throws {
    let pod = runningPod("a", ip: "10.244.1.2") {
      $0.spec.hostname = "db-0"
      $0.spec.subdomain = "web"
    }
    #expect(try plan(storedService(), pod).createdSlices.first?.endpoints.first?.hostname == "db-0")
    let elsewhere = runningPod("a", ip: "10.244.1.2") {
      $0.spec.hostname = "db-0"
      $0.spec.subdomain = "other"
    }
    #expect(try plan(storedService(), elsewhere).createdSlices.first?.endpoints.first?.hostname == nil)
  }

  @Test func aNodeThatMovesToAnotherZoneConcernsAllServices() throws {
    let world = try World.quiet()
    _ = world.refusal(of: makeService())
    world.run(for: .seconds(1))
    let trigger = try #require(EndpointSliceController().triggers.last)
    func keys(_ old: String?, _ new: String?) -> [String] {
      func record(_ zone: String?) -> Record {
        Record(key: Node.key("n"), value: makeNode("n", zone: zone).json, revision: 1)
      }
      return trigger.keys(Event(type: .modified, record: record(new), previous: record(old)), world.view).map(\.name)
    }
    #expect(keys("east", "west") == ["kubernetes", "web"])
    #expect(keys("east", "east") == [])
  }

  // MARK: Endpoints

  @Test func endpointsTellReadyAndNotReadyApart() throws {
    let pods = [runningPod("a", ip: "10.244.1.1"), runningPod("b", ip: "10.244.1.2", isReady: false)]
    let ending = runningPod("c", ip: "10.244.1.3", isEnding: true)
    let store = try makeStore([storedService()] + pods + [ending])
    let plan = try EndpointsController().reconcile(storedService().key, in: store.view, at: World.epoch)
    guard case .create(let value)? = plan.intents.first else { throw Missing() }
    let subsets = Endpoints(json: value).subsets
    #expect(subsets.map { $0.addresses.compactMap(\.ip) } == [["10.244.1.1"]])
    #expect(subsets.map { $0.notReadyAddresses.compactMap(\.ip) } == [["10.244.1.2"]])
    #expect(subsets.first?.ports.map(\.port) == [80])
  }

  @Test func endpointsHoldAThousandAddressesAndSayThatThereAreMore() throws {
    let pods = (0..<1_010).map {
      runningPod("p\($0)", ip: "10.244.\($0 / 250).\($0 % 250)", isReady: $0 >= 100)
    }
    let store = try makeStore([storedService()] + pods)
    let plan = try EndpointsController().reconcile(storedService().key, in: store.view, at: World.epoch)
    guard case .create(let value)? = plan.intents.first else { throw Missing() }
    let endpoints = Endpoints(json: value)
    #expect(endpoints.subsets.map(\.addresses.count) == [910])
    #expect(endpoints.subsets.map(\.notReadyAddresses.count) == [90])
    #expect(endpoints.metadata.annotations["endpoints.kubernetes.io/over-capacity"] == "truncated")
  }

  @Test func whatUsersWriteForAServiceWithoutSelectorIsMirrored() throws {
    let world = try World.quiet()
    _ = world.refusal(of: makeService("db") { $0.spec.selector = [:] })
    let endpoints = Endpoints(name: "db", namespace: "default") {
      $0.subsets = [
        EndpointSubset {
          $0.addresses = [EndpointAddress { $0.ip = "192.168.7.1" }]
          $0.notReadyAddresses = [EndpointAddress { $0.ip = "192.168.7.2" }]
          $0.ports = [SubsetPort { $0.port = 5_432 }]
        }
      ]
    }
    #expect(world.refusal(of: endpoints) == nil)
    world.run(for: .seconds(5))
    func slices() -> [EndpointSlice] { world.view.slices(of: Service.key("db", in: "default")) }
    #expect(slices().flatMap(\.endpoints).map { $0.conditions.ready } == [true, false])
    #expect(slices().first?.ports.first?.port == 5_432)
    #expect(slices().first?.controller?.kind == "Endpoints")
    world.perform([.delete(Endpoints.key("db", in: "default"), DeleteOptions())])
    world.run(for: .seconds(5))
    #expect(slices().isEmpty)
  }

  private struct Missing: Error {}
}
