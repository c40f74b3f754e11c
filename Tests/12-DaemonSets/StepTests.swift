import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import DaemonSets

/// The parts of one look, each by itself.
@Suite struct StepTests {
  private func round(of set: DaemonSet, _ objects: [any Resource] = []) throws -> DaemonRound {
    let view = try makeView([set] + objects)
    return DaemonRound(
      of: set, view.all(Pod.self, controlledBy: set), revision: set.currentHash, in: view, at: now)
  }

  // MARK: Who is one too many

  private func excess(_ set: DaemonSet, _ pods: [Pod]) throws -> [String] {
    try round(of: set).excess(at: Site(node: makeNode(), fate: .runs, pods: pods)).map(\.name)
  }

  @Test func withoutASurgeTheFirstStays() throws {
    let set = storedSet()
    let pods = ["a", "b", "c"].map { makePod($0, of: set) }
    #expect(try excess(set, pods) == ["b", "c"])
    #expect(try excess(set, [pods[0].beingDeleted, pods[1]]) == [], "whoever is going already does not count")
  }

  @Test func withASurgeTheOldPodGoesWhenTheNewOneIsAvailable() throws {
    let set = storedSet(unavailable: 0, surge: 1) { $0.spec.minReadySeconds = 30 }
    let old = makePod("old", of: set, isNew: false)
    func new(ready: Time?) -> Pod { makePod("new", of: set, ready: ready) }
    #expect(try excess(set, [old, new(ready: nil)]) == [])
    #expect(try excess(set, [old, new(ready: now - .seconds(29))]) == [], "ready is not available")
    #expect(try excess(set, [old, new(ready: now - .seconds(30))]) == ["old"])
  }

  @Test func anOldPodThatDoesNotWorkStandsInNobodysWay() throws {
    let set = storedSet(unavailable: 0, surge: 1)
    let old = makePod("old", of: set, isNew: false, ready: nil)
    #expect(try excess(set, [old, makePod("new", of: set, ready: nil)]) == ["old"])
    #expect(try excess(set, [old]) == [], "alone on its node it waits for a new one")
  }

  @Test func withASurgeOneOfEachTemplateStays() throws {
    let set = storedSet(unavailable: 0, surge: 1)
    let old = ["o1", "o2"].map { makePod($0, of: set, isNew: false) }
    let new = ["n1", "n2"].map { makePod($0, of: set, ready: nil) }
    #expect(try excess(set, old + new) == ["n2", "o2"])
  }

  // MARK: A step of a roll-out

  private func rollOut(_ set: DaemonSet, _ pods: [Pod]) throws -> Plan {
    let nodes = Set(pods.compactMap(\.spec.nodeName)).sorted().map { makeNode($0) }
    var round = try round(of: set, nodes + pods)
    return round.rollOut()
  }

  @Test func whateverIsMissingAlreadyCounts() throws {
    let set = storedSet(unavailable: 2)
    let old = (1...3).map { makePod("old-\($0)", of: set, on: "node-\($0)", isNew: false) }
    #expect(try rollOut(set, old).deleted == ["old-1", "old-2"])
    #expect(try rollOut(set, old + [makePod("new", of: set, on: "node-4", ready: nil)]).deleted == ["old-1"])
    #expect(try rollOut(set, old + [makePod("gone", of: set, on: "node-4").beingDeleted]).deleted == ["old-1"])
  }

  @Test func oldPodsThatDoNotWorkGoAndAreNotCountedTwice() throws {
    let set = storedSet(unavailable: 2)
    let broken = (1...3).map { makePod("broken-\($0)", of: set, on: "node-\($0)", isNew: false, ready: nil) }
    #expect(try rollOut(set, broken).deleted.count == 3, "nobody misses them, however many there are")
    let good = makePod("good", of: set, on: "node-4", isNew: false)
    #expect(try rollOut(set, [broken[0], good]).deleted == ["broken-1", "good"])
    #expect(try rollOut(set, Array(broken.prefix(2)) + [good]).deleted == ["broken-1", "broken-2"])
  }

  @Test func aSurgeDeletesNothingAndMakesOneMore() throws {
    let set = storedSet(unavailable: 0, surge: 1)
    let old = (1...3).map { makePod("old-\($0)", of: set, on: "node-\($0)", isNew: false) }
    let plan = try rollOut(set, old)
    #expect(plan.deleted == [] && plan.createdPods.count == 1)
    let underWay = try rollOut(set, old + [makePod("new", of: set, on: "node-1", ready: nil)])
    #expect(underWay.createdPods.isEmpty, "one node has two pods already")
  }

  @Test func aDeletionIsAboutThePodAsItWasSeen() throws {
    let set = storedSet()
    let plan = try rollOut(set, [makePod("old", of: set, isNew: false)])
    guard case .delete(_, let options)? = plan.intents.first else { return #expect(Bool(false), "nothing is deleted") }
    #expect(options.uid == "uid-old" && options.resourceVersion != nil)
  }
}
