import ControlLoop
import Objects
import Pods
import Store
import Testing

@testable import Scheduling

/// Plugins, asked one at a time.
@Suite struct PluginTests {
  private func amounts(cpu: Int64 = 0, memory: Int64 = 0, gpu: Int64 = 0) -> Amounts {
    var amounts = Amounts()
    amounts.cpu = cpu
    amounts.memory = memory
    if gpu > 0 { amounts.others["example.com/gpu"] = gpu }
    return amounts
  }

  @Test func whatIsLeftIsWhatNobodyHasAskedFor() {
    let node = amounts(cpu: 4_000, memory: 100)
    func lacking(_ wanted: Amounts, beside taken: Amounts) -> [String] {
      NodeResourcesFit.lacking(wanted, of: node, beside: taken)
    }
    #expect(lacking(amounts(cpu: 1_000), beside: amounts(cpu: 3_000)) == [], "exactly enough is enough")
    #expect(lacking(amounts(cpu: 1_001), beside: amounts(cpu: 3_000)) == ["cpu"])
    #expect(
      lacking(amounts(cpu: 4_000, memory: 101, gpu: 1), beside: amounts(cpu: 1)) == [
        "cpu", "memory", "example.com/gpu",
      ])
    #expect(
      lacking(amounts(memory: 1), beside: amounts(cpu: 9_000)) == [], "too much of another resource does not matter")
    #expect(lacking(amounts(), beside: amounts(cpu: 9_000)) == [])
  }

  /// What a plugin says of the nodes one, two (both in zone a) and three (in zone b).
  private func answers(of plugin: any ClusterPlugin, for pod: Pod, beside others: [Pod]) throws -> [String?] {
    let nodes = ["one", "two", "three"].map { name in
      someNode(name) { $0.metadata.labels["zone"] = name == "three" ? "b" : "a" }
    }
    let fixture = try Fixture(nodes + others)
    var state = ClusterState()
    state.update(to: fixture.view)
    var work = try #require(plugin.prepare(state.shape(of: pod), in: state, fixture.view))
    return ["one", "two", "three"].map { name in
      state.position(of: name).flatMap { work.rejection(on: $0) }?.reasons.first
    }
  }

  private func spreading(_ change: (inout TopologySpreadConstraint) -> Void = { _ in }) -> Pod {
    var constraint = spread("zone")
    change(&constraint)
    return somePod("p") { $0.spec.topologySpreadConstraints = [constraint] }
  }

  private let uneven = "node(s) didn't match pod topology spread constraints"

  @Test func aPlaceMayExceedTheEmptiestByTheSkew() throws {
    let others = [somePod("a", on: "one"), somePod("b", on: "two")]
    func answers(_ skew: Int) throws -> [String?] {
      try self.answers(of: PodTopologySpread(), for: spreading { $0.maxSkew = skew }, beside: others)
    }
    #expect(try answers(1) == [uneven, uneven, nil])
    #expect(try answers(2) == [uneven, uneven, nil], "two are there, and the pod would be the third")
    #expect(try answers(3) == [nil, nil, nil])
  }

  @Test func aPodThatIsNotCountedItselfAddsNothing() throws {
    let other = spreading { $0.labelSelector = LabelSelector { $0.matchLabels = ["app": "db"] } }
    let database = somePod("a", on: "one") { $0.metadata.labels = ["app": "db"] }
    #expect(try answers(of: PodTopologySpread(), for: other, beside: [database]) == [nil, nil, nil])
  }

  @Test func aNodeInNoPlaceIsSaidToBeThere() throws {
    let missing = uneven + " (missing required label)"
    #expect(
      try answers(of: PodTopologySpread(), for: spreading { $0.topologyKey = "rack" }, beside: [])
        == [missing, missing, missing])
  }

  private let notNear = "node(s) didn't match pod affinity rules"
  private let notAway = "node(s) didn't match pod anti-affinity rules"
  private let unwelcome = "node(s) didn't satisfy existing pods anti-affinity rules"

  @Test func allTermsMustBeMetByTheSamePods() throws {
    let pod = somePod("p").near(term("zone"), term("kubernetes.io/hostname"))
    #expect(
      try answers(of: InterPodAffinity(), for: pod, beside: [somePod("a", on: "one")]) == [nil, notNear, notNear])
    let both = somePod("p").near(term("zone", app: "web"), term("zone", app: "db"))
    let database = somePod("b", on: "one") { $0.metadata.labels = ["app": "db"] }
    #expect(
      try answers(of: InterPodAffinity(), for: both, beside: [somePod("a", on: "one"), database])
        == [notNear, notNear, notNear])
  }

  @Test func oneUnbearablePodIsEnough() throws {
    let database = somePod("b", on: "one") { $0.metadata.labels = ["app": "db"] }
    let pod = somePod("p").away(from: term("zone", app: "db"))
    #expect(try answers(of: InterPodAffinity(), for: pod, beside: [database]) == [notAway, notAway, nil])
  }

  @Test func whoIsThereHasASayAsWell() throws {
    let alone = somePod("a", on: "one").away(from: term("zone"))
    #expect(
      try answers(of: InterPodAffinity(), for: somePod("p"), beside: [alone]) == [unwelcome, unwelcome, nil],
      "whoever is there may want to be alone")
  }
}
