import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing

@testable import Services

/// What the proxy of node-1 does.
@Suite struct ProxyRuleTests {
  private let node = ProxyNode(name: "node-1", zone: "east")

  private func rules(_ service: Service, _ slices: EndpointSlice...) throws -> ServiceRules? {
    ServiceRules(for: service.key, in: try makeStore([service] + slices).view, on: node)
  }

  private func backends(_ service: Service, _ slices: EndpointSlice...) throws -> [String] {
    let store = try makeStore([service] + slices)
    let rules = ServiceRules(for: service.key, in: store.view, on: node)
    return rules?.frontends.first?.backends.map(\.address) ?? []
  }

  @Test func aClusterIPLeadsToWhatIsReady() throws {
    let slice = makeSlice(
      makeEndpoint("10.244.1.1"), makeEndpoint("10.244.2.1", node: "node-2"), makeEndpoint("10.244.1.2", ready: false))
    let rules = try #require(try rules(storedService(), slice))
    #expect(rules.frontends.count == 1)
    let frontend = rules.frontends[0]
    #expect(frontend.address == "10.96.1.1")
    #expect(frontend.port == 80)
    #expect(
      frontend.backends == [Backend(address: "10.244.1.1", port: 8_080), Backend(address: "10.244.2.1", port: 8_080)])
    #expect(frontend.affinity == nil)
    #expect(!frontend.isSilentWhenEmpty)
  }

  @Test func namesAloneHaveNoRules() throws {
    #expect(try rules(storedService(ip: "None")) == nil)
    let outside = storedService {
      $0.spec.type = .externalName
      $0.spec.externalName = "example.org"
    }
    #expect(try rules(outside) == nil)
    #expect(
      try rules(storedService { $0.metadata.labels["service.kubernetes.io/service-proxy-name"] = "other" }) == nil)
  }

  @Test func whoIsAboutToEndIsBetterThanNobody() throws {
    let ending = makeEndpoint("10.244.1.1", ready: false, serving: true, terminating: true)
    let unready = makeEndpoint("10.244.1.2", ready: false)
    #expect(try backends(storedService(), makeSlice(ending, unready)) == ["10.244.1.1"])
    #expect(try backends(storedService(), makeSlice(ending, unready, makeEndpoint("10.244.1.3"))) == ["10.244.1.3"])
  }

  @Test func slicesOfOtherPortsDoNotCount() throws {
    let service = storedService { $0.spec.ports = [servicePort(80, "http"), servicePort(90, "admin")] }
    let rules = try rules(
      service, makeSlice(makeEndpoint("10.244.1.1"), named: "a", port: "http"),
      makeSlice(makeEndpoint("10.244.1.1"), named: "b", port: "admin"),
      makeSlice(makeEndpoint("10.244.1.1"), named: "c", port: "http"))
    #expect(rules?.frontends.map(\.port) == [80, 90])
    #expect(rules?.frontends.map(\.backends.count) == [1, 1], "a pod that stands in two slices is one backend")
  }

  @Test func internalTrafficPolicyLocalStaysOnTheNode() throws {
    let service = storedService { $0.spec.internalTrafficPolicy = .local }
    let here = makeEndpoint("10.244.1.1")
    let there = makeEndpoint("10.244.2.1", node: "node-2")
    #expect(try backends(service, makeSlice(here, there)) == ["10.244.1.1"])
    let frontend = try rules(service, makeSlice(there))?.frontends.first
    #expect(frontend?.backends == [])
    #expect(frontend?.isSilentWhenEmpty == true, "another node has one: silence, not a refusal")
    #expect(try rules(service)?.frontends.first?.isSilentWhenEmpty == false)
  }

  @Test func externalTrafficPolicyLocalKeepsTheClientsAddress() throws {
    let service = storedService {
      $0.spec.type = .loadBalancer
      $0.spec.externalTrafficPolicy = .local
      $0.spec.healthCheckNodePort = 31_000
      $0.spec.ports = [servicePort(80, node: 30_080)]
      $0.spec.externalIPs = ["192.168.1.1"]
      $0.spec.loadBalancerSourceRanges = ["10.0.0.0/8", "192.168.0.0/16"]
      $0.status.loadBalancer.ingress = [LoadBalancerIngress { $0.ip = "127.0.96.1" }]
    }
    let slice = makeSlice(makeEndpoint("10.244.1.1"), makeEndpoint("10.244.2.1", node: "node-2"))
    let rules = try #require(try rules(service, slice))
    #expect(rules.frontends.map(\.address) == ["10.96.1.1", "192.168.1.1", nil, "127.0.96.1"])
    #expect(rules.frontends.map(\.port) == [80, 80, 30_080, 80])
    #expect(rules.frontends.map(\.backends.count) == [2, 1, 1, 1])
    #expect(rules.frontends.map(\.keepsSource) == [false, true, true, true])
    #expect(rules.frontends.map(\.sources.count) == [0, 0, 0, 2])
    // From inside, all of them are ways to the same service.
    #expect(rules.frontends.allSatisfy { $0.backends(for: "10.244.7.7").count == 2 })
    #expect(rules.frontends[1].backends(for: "1.2.3.4").count == 1)
    #expect(rules.healthCheck == HealthCheck(port: 31_000, service: service.key, localEndpoints: 1))
  }

  @Test func aHealthCheckSaysWhetherTheNodeHasPods() {
    func check(_ count: Int) -> HealthCheck {
      HealthCheck(port: 31_000, service: Service.key("web", in: "default"), localEndpoints: count)
    }
    #expect(check(2).answer.status == 200)
    #expect(
      check(2).answer.body.encodedString
        == #"{"service":{"namespace":"default","name":"web"},"localEndpoints":2,"serviceProxyHealthy":true}"#)
    #expect(check(0).answer.status == 503)
    #expect(check(2).answer.headers.contains { $0 == ("X-Load-Balancing-Endpoint-Weight", "2") })
  }

  @Test func hintsAreFollowedIfTheyLeaveSomebody() throws {
    func zones(_ east: [String], _ west: [String]) throws -> [String] {
      try backends(
        storedService(),
        makeSlice(makeEndpoint("10.244.1.1", zones: east), makeEndpoint("10.244.2.1", node: "node-2", zones: west)))
    }
    #expect(try zones(["east"], ["west"]) == ["10.244.1.1"])
    #expect(try zones(["west"], ["west"]).count == 2, "nobody is near")
    #expect(try zones(["east"], []).count == 2, "one has no hint, so none counts")
    let nodes = makeSlice(
      makeEndpoint("10.244.1.1", zones: ["east"], nodes: ["node-2"]),
      makeEndpoint("10.244.1.2", zones: ["east"], nodes: ["node-1"]))
    #expect(try backends(storedService(), nodes) == ["10.244.1.2"], "a node is nearer than a zone")
    let unready = makeSlice(
      makeEndpoint("10.244.1.1", ready: false, zones: ["east"]), makeEndpoint("10.244.2.1", zones: ["west"]))
    #expect(try backends(storedService(), unready) == ["10.244.2.1"])
  }

  // MARK: Keeping them up to date

  @Test func onlyWhatChangesIsComputed() throws {
    let store = try makeStore([
      storedService(), storedService("db", ip: "10.96.1.2"), makeSlice(makeEndpoint("10.244.1.1")),
    ])
    var table = ProxyTable(for: node)
    #expect(table.updateAll(in: store.view).map(\.service.name) == ["db", "web"])
    #expect(table.updateAll(in: store.view).isEmpty)
    try store.put(makeSlice(makeEndpoint("10.244.1.2")))
    let changes = table.update([storedService().key], in: store.view)
    #expect(changes.first?.old?.frontends.first?.backends.map(\.address) == ["10.244.1.1"])
    #expect(changes.first?.new?.frontends.first?.backends.map(\.address) == ["10.244.1.2"])
    _ = store.commit([Write(storedService().key, .delete, expecting: .anything)])
    #expect(table.updateAll(in: store.view).map { $0.new == nil } == [true])
    #expect(table.rules.keys.map(\.name) == ["db"])
  }

  @Test func eventsNameTheServicesTheyConcern() {
    func record(_ slice: EndpointSlice) -> Record { Record(key: slice.key, value: slice.json, revision: 1) }
    let web = record(makeSlice())
    let db = record(makeSlice(of: "db"))
    func names(_ event: Event) -> [String] { ProxyTable.services(concernedBy: event).map(\.name) }
    #expect(names(Event(type: .added, record: web, previous: nil)) == ["web"])
    #expect(names(Event(type: .modified, record: web, previous: web)) == ["web"])
    #expect(names(Event(type: .modified, record: db, previous: web)) == ["db", "web"])
    let service = Record(key: storedService().key, value: storedService().json, revision: 1)
    #expect(names(Event(type: .deleted, record: service, previous: service)) == ["web"])
  }

  // MARK: Choosing

  private func frontend(_ count: Int, affinity: Int? = nil) -> Frontend {
    var frontend = Frontend(address: "10.96.1.1", port: 80, transport: .tcp)
    frontend.backends = (0..<count).map { Backend(address: "10.244.1.\($0)", port: 80) }
    frontend.affinity = affinity
    return frontend
  }

  @Test func backendsTakeTurns() {
    var choice = BackendChoice()
    let frontend = frontend(3)
    let chosen = (0..<7).compactMap { choice.backend(for: frontend, from: "1.1.1.\($0)", at: World.epoch)?.address }
    #expect(chosen.map { String($0.suffix(1)) } == ["0", "1", "2", "0", "1", "2", "0"])
    #expect(choice.backend(for: self.frontend(0), from: "1.1.1.1", at: World.epoch) == nil)
  }

  @Test func whoDoesNotAnswerIsPassedOver() {
    var choice = BackendChoice()
    let frontend = frontend(2)
    let failed = Set([frontend.backends[0]])
    for _ in 0..<4 {
      #expect(choice.backend(for: frontend, from: "1.1.1.1", avoiding: failed, at: World.epoch) == frontend.backends[1])
    }
    #expect(choice.backend(for: frontend, from: "1.1.1.1", avoiding: Set(frontend.backends), at: World.epoch) != nil)
  }

  @Test func aClientIsLedToTheSameAgainUntilItsTimeIsOver() throws {
    var choice = BackendChoice()
    let frontend = frontend(3, affinity: 10)
    func choose(_ client: String, at second: Int64, _ frontend: Frontend) -> Backend? {
      choice.backend(for: frontend, from: client, at: World.epoch + .seconds(second))
    }
    let first = choose("1.1.1.1", at: 0, frontend)
    #expect(choose("2.2.2.2", at: 0, frontend) != first)
    #expect(choose("1.1.1.1", at: 9, frontend) == first)
    #expect(choose("1.1.1.1", at: 18, frontend) == first, "each connection counts anew")
    #expect(choose("1.1.1.1", at: 28, frontend) != first)
    var smaller = frontend
    smaller.backends.removeFirst()
    let other = try #require(choose("3.3.3.3", at: 28, frontend))
    smaller.backends.removeAll { $0 == other }
    #expect(choose("3.3.3.3", at: 29, smaller) != other, "a backend that is gone is not remembered")
  }

  @Test func affinityHasALimit() {
    var choice = BackendChoice(limit: 2)
    let frontend = frontend(5, affinity: 10)
    for number in 0..<100 {
      #expect(choice.backend(for: frontend, from: "1.1.1.\(number)", at: World.epoch + .seconds(number)) != nil)
    }
  }

  @Test func sourceRangesKeepOthersOut() {
    var choice = BackendChoice()
    var frontend = frontend(1)
    frontend.sources = [CIDR("10.0.0.0/8")].compactMap(\.self)
    #expect(choice.backend(for: frontend, from: "10.1.2.3", at: World.epoch) != nil)
    #expect(choice.backend(for: frontend, from: "11.1.2.3", at: World.epoch) == nil)
    #expect(choice.backend(for: frontend, from: "nonsense", at: World.epoch) == nil)
  }

  // MARK: For the kernel

  @Test func theKernelsTextNamesWhatTheRulesSay() throws {
    let local = storedService("local", ip: "10.96.1.2") {
      $0.spec.type = .nodePort
      $0.spec.externalTrafficPolicy = .local
      $0.spec.ports = [servicePort(80, node: 30_080)]
    }
    let empty = storedService("empty", ip: "10.96.1.3")
    let store = try makeStore([
      storedService(), local, empty, makeSlice(makeEndpoint("10.244.1.1"), makeEndpoint("10.244.2.1", node: "node-2")),
      makeSlice(makeEndpoint("10.244.2.2", node: "node-2"), named: "local-1", of: "local"),
    ])
    let keys = [storedService().key, local.key, empty.key]
    let text = NFTables.text(for: keys.compactMap { ServiceRules(for: $0, in: store.view, on: node) })
    #expect(text.hasPrefix("table ip swiftlet\ndelete table ip swiftlet\ntable ip swiftlet {\n"))
    for part in [
      "10.96.1.1 . tcp . 80 : goto to-2", "10.96.1.1 . tcp . 80 . 1 : 10.244.2.1 . 8080",
      "10.96.1.3 . tcp . 80 : goto refuse", "tcp . 30080 : goto local-node-to-0-node-inside-1",
      "tcp . 30080 . 4096 : 10.244.2.2 . 8080", "tcp . 30080 : goto drop-outside",
      "10.244.1.1 . 10.244.1.1", "numgen random mod 2 offset 0",
    ] {
      #expect(text.contains(part), "\(part) is missing in\n\(text)")
    }
  }
}
