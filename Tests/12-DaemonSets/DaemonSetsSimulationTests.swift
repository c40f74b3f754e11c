import ControlLoop
import Objects
import Pods
import Scheduling
import Simulation
import Store
import Testing

@testable import DaemonSets

/// The promises of chapter 12 and of those before it, under all faults.
@Suite struct DaemonSetsSimulationTests {
  private let seeds: ClosedRange<UInt64> = 1...20

  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(layers: layers, chapter: 12).run(seeds: 1...20)
  }

  /// With its own users alone, so that every world is full of daemons.
  @Test func everyPromiseOfDaemonSetsHoldsInTheSimulator() throws {
    try Search(layers: layers.map { $0.with(users: $0.chapter == 12) }, chapter: 12).run(seeds: seeds)
  }

  /// Where nobody else deletes pods, an available one goes only as the bound allows.
  @Test func aRollOutTakesAwayNoMoreThanItMay() throws {
    let users = Layer(chapter: 12, name: "rolling users") {
      $0.contributions = UserAction.daemonSets.filter { $0.name.contains("daemon set") }
      $0.invariants = [.rollOutsKeepTheirBound]
    }
    try Search(layers: layers.map { $0.with(users: false) } + [users], chapter: 12).run(seeds: seeds)
  }

  // MARK: Do the promises notice that they are broken?

  @Test func aSecondPodOnANodeIsNoticed() throws {
    let check = Invariant.oneDaemonPerNode.makeCheck()
    let set = storedSet()
    let (first, second) = (makePod("a", of: set), makePod("b", of: set))
    #expect(check(try makeView([set]), event(.modified, set), now) == nil)
    #expect(check(try makeView([set, first]), event(.added, first), now) == nil)
    #expect(check(try makeView([set, first, second]), event(.added, second), now) == #"b was made beside ["a"]"#)
    let elsewhere = makePod("c", of: set, on: "node-2")
    #expect(check(try makeView([set, first, elsewhere]), event(.added, elsewhere), now) == nil)
    #expect(check(try makeView([set, first.beingDeleted, second]), event(.added, second), now) != nil, "it still runs")
    let surging = storedSet(unavailable: 0, surge: 1)
    #expect(check(try makeView([surging]), event(.modified, surging), now) == nil)
    #expect(check(try makeView([surging, first, second]), event(.added, second), now) == nil)
    let third = makePod("c", of: set)
    #expect(check(try makeView([surging, first, second, third]), event(.added, third), now) != nil)
  }

  @Test func aPodForTheWrongNodeIsNoticed() throws {
    let check = Invariant.daemonsWhereTheyBelong.makeCheck()
    let set = storedSet { $0.spec.template.spec.nodeSelector = ["disk": "ssd"] }
    let (plain, labelled, pod) = (makeNode(), makeNode(labels: ["disk": "ssd"]), makePod("a", of: set))
    #expect(check(try makeView([set, plain]), event(.added, set), now) == nil)
    #expect(check(try makeView([set, plain]), event(.added, plain), now) == nil)
    #expect(check(try makeView([set, plain, pod]), event(.added, pod), now) == "a was made for node-1")
    #expect(check(try makeView([set, labelled]), event(.modified, labelled), now) == nil)
    #expect(check(try makeView([set, plain, pod]), event(.added, pod), now) == nil, "it was to have one, a moment ago")
  }

  @Test func aSetThatHasNotFinishedIsNoticed() throws {
    let check = Invariant.daemonSetsFinish.makeCheck()
    var node = makeNode()
    node.status.conditions.set("Ready", "True", at: now)
    let set = storedSet {
      $0.metadata.generation = 2
      $0.status.observedGeneration = 2
      $0.status.desiredNumberScheduled = 1
    }
    func verdict(_ set: DaemonSet, _ objects: any Resource...) throws -> String? {
      check(try makeView([set] + objects), nil, now)
    }
    func scheduled(_ name: String, isNew: Bool = true, ready: Time? = now) -> Pod {
      var pod = makePod(name, of: set, isNew: isNew, ready: ready)
      pod.status.conditions.set("PodScheduled", "True", at: now)
      return pod
    }
    #expect(try verdict(set, node, scheduled("a")) == nil)
    #expect(try verdict(set, node) == "agent has 0 pods on node-1")
    #expect(try verdict(set, node, scheduled("a"), scheduled("b")) == "agent has 2 pods on node-1")
    #expect(try verdict(set, node, scheduled("a", isNew: false)) == "a is old")
    #expect(try verdict(set, node, scheduled("a", ready: nil)) == "a is not ready")
    let unwanted = makeNode(taints: [Taint("dedicated", .noExecute)])
    #expect(try verdict(set, unwanted, scheduled("a")) == "agent is still on node-1")
    #expect(
      try verdict(set.with { $0.metadata.generation = 3 }, node, scheduled("a")) == "agent has not been looked at")
    #expect(
      try verdict(set.with { $0.status.desiredNumberScheduled = 2 }, node, scheduled("a"))
        == "agent does not count 1 nodes")
    #expect(try verdict(set.beingDeleted, node) == nil)
  }

  private func event(_ type: Event.Kind, _ object: some Resource) -> Event {
    Event(type: type, record: Record(key: object.key, value: object.json, revision: 1), previous: nil)
  }
}

extension Layer {
  fileprivate func with(users: Bool) -> Layer {
    var layer = self
    if !users { layer.contributions = contributions.filter { !($0 is UserAction) } }
    return layer
  }
}

extension Invariant {
  /// A node owes a pod from the moment at which a roll-out takes an available one away until a pod there is available
  /// again. Holds where only controllers delete pods.
  fileprivate static let rollOutsKeepTheirBound = Invariant("a roll-out takes away no more than it may", .always) {
    var owing: [String: Set<String>] = [:]
    return { view, event, now in
      guard let event, event.type == .modified, let old = event.previous,
        event.record.key.resource == Pod.kind.groupResource
      else { return nil }
      let (before, pod) = (Pod(json: old.value), Pod(json: event.record.value))
      guard let owner = pod.controller?.uid, let node = pod.daemonNode,
        let set = view.all(DaemonSet.self).first(where: { $0.uid == owner }), !set.isBeingDeleted
      else { return nil }
      let pause = Duration.seconds(set.spec.minReadySeconds ?? 0)
      func isAvailable(_ pod: Pod) -> Bool { pod.isActive && pod.readySince.map { $0 + pause <= now } == true }
      // What it sees as available is so for whoever looks later as well, or has failed by itself.
      for other in view.all(Pod.self, controlledBy: set) where isAvailable(other) {
        owing[owner]?.remove(other.daemonNode ?? "")
      }
      guard isAvailable(before), pod.isBeingDeleted, set.isRolling,
        view.object(Node.self, node).map(set.fate) == .runs
      else { return nil }
      let isCovered = view.all(Pod.self, controlledBy: set).contains { $0.daemonNode == node && isAvailable($0) }
      guard !isCovered else { return nil }
      owing[owner, default: []].insert(node)
      let bound = set.maxUnavailable(of: 3)
      let count = owing[owner]?.count ?? 0
      return count > bound ? "\(set.name) has taken \(count) pods away, and may take \(bound)" : nil
    }
  }
}
