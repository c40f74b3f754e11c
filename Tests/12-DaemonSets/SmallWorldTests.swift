import ControlLoop
import Objects
import Pods
import Scheduling
import Simulation
import Testing

@testable import DaemonSets

/// Every small world there is: what one plan says, without anything else at work.
@Suite struct SmallWorldTests {
  enum Life: CaseIterable { case starting, ready, ending, failed }

  static let fates: [(fate: Fate, node: Node)] = [
    (.runs, makeNode()), (.stays, makeNode(taints: [Taint("dedicated", .noSchedule)])),
    (.goes, makeNode(taints: [Taint("dedicated", .noExecute)])),
  ]

  static let crowds: [[Life]] =
    [[]] + Life.allCases.map { [$0] } + Life.allCases.flatMap { first in Life.allCases.map { [first, $0] } }

  func pods(_ lives: [Life], of set: DaemonSet) -> [Pod] {
    lives.enumerated().map { index, life in
      let pod = makePod(
        "pod-\(index)", of: set, ready: life == .ready || life == .ending ? World.epoch : nil,
        phase: life == .failed ? .failed : .running, created: World.epoch + .seconds(index))
      return life == .ending ? pod.beingDeleted : pod
    }
  }

  @Test(arguments: crowds)
  func aNodeEndsUpWithOnePodIfItIsToHaveOne(lives: [Life]) throws {
    let set = storedSet()
    for (fate, node) in Self.fates {
      let plan = try plan(for: set, seeing: [node] + pods(lives, of: set))
      let living = lives.indices.filter { lives[$0] == .starting || lives[$0] == .ready }
      let failed = lives.indices.filter { lives[$0] == .failed }
      let goes = fate == .goes ? living + failed : Array(living.dropFirst()) + failed
      #expect(Set(plan.deleted) == Set(goes.map { "pod-\($0)" }), "\(fate) \(lives)")
      let isFree = lives.allSatisfy { $0 == .failed }
      #expect(plan.filled == (fate == .runs && isFree ? ["node-1"] : []), "\(fate) \(lives)")
    }
  }

  @Test(arguments: crowds)
  func withASurgeAnEndingPodHoldsNoPlace(lives: [Life]) throws {
    let set = storedSet(unavailable: 0, surge: 1)
    let plan = try plan(for: set, seeing: [makeNode()] + pods(lives, of: set))
    #expect(plan.filled == (lives.allSatisfy { $0 == .failed || $0 == .ending } ? ["node-1"] : []), "\(lives)")
  }

  // MARK: Replacing old pods

  enum Place: CaseIterable { case oldAvailable, oldStarting, newAvailable, newStarting, ending }

  static let threePlaces = Place.allCases.flatMap { first in
    Place.allCases.flatMap { second in Place.allCases.map { [first, second, $0] } }
  }

  @Test(arguments: threePlaces)
  func aRollOutStaysWithinItsBoundAndUsesIt(places: [Place]) throws {
    for bound in 1...3 {
      let set = storedSet(unavailable: bound)
      let objects: [[any Resource]] = places.enumerated().map { index, place in
        let isNew = place == .newAvailable || place == .newStarting
        let isStarting = place == .oldStarting || place == .newStarting
        let node = "node-\(index)"
        let pod = makePod("pod-\(index)", of: set, on: node, isNew: isNew, ready: isStarting ? nil : World.epoch)
        return [makeNode(node), place == .ending ? pod.beingDeleted : pod]
      }
      let plan = try plan(for: set, seeing: objects.flatMap { $0 })
      let gone = plan.deleted.compactMap { Int($0.dropFirst(4)) }.map { places[$0] }
      let down = places.count { $0 == .oldStarting || $0 == .newStarting || $0 == .ending }
      let old = places.count { $0 == .oldAvailable }
      #expect(gone.count { $0 == .oldAvailable } == min(old, max(0, bound - down)), "\(bound) \(places)")
      #expect(gone.count { $0 == .oldStarting } == places.count { $0 == .oldStarting }, "nobody misses them")
      #expect(!gone.contains(.newAvailable) && !gone.contains(.newStarting) && !gone.contains(.ending))
      #expect(plan.filled == [])
    }
  }

  enum Pair: CaseIterable { case old, oldStarting, new, newStarting, oldBesideStarting, oldBesideNew }

  static let threePairs = Pair.allCases.flatMap { first in
    Pair.allCases.flatMap { second in Pair.allCases.map { [first, second, $0] } }
  }

  @Test(arguments: threePairs)
  func aSurgeTakesNoPodAwayBeforeItsSuccessorIsAvailable(pairs: [Pair]) throws {
    for bound in 1...2 {
      let set = storedSet(unavailable: 0, surge: bound)
      var objects: [any Resource] = []
      for (index, pair) in pairs.enumerated() {
        let node = "node-\(index)"
        objects.append(makeNode(node))
        func pod(_ name: String, isNew: Bool, isReady: Bool) -> Pod {
          makePod("\(name)-\(index)", of: set, on: node, isNew: isNew, ready: isReady ? World.epoch : nil)
        }
        if [.old, .oldBesideStarting, .oldBesideNew].contains(pair) {
          objects.append(pod("old", isNew: false, isReady: true))
        }
        if pair == .oldStarting { objects.append(pod("old", isNew: false, isReady: false)) }
        if [.new, .oldBesideNew].contains(pair) { objects.append(pod("new", isNew: true, isReady: true)) }
        if [.newStarting, .oldBesideStarting].contains(pair) {
          objects.append(pod("new", isNew: true, isReady: false))
        }
      }
      let plan = try plan(for: set, seeing: objects)
      let done = pairs.indices.filter { pairs[$0] == .oldBesideNew }
      #expect(plan.deleted == done.map { "old-\($0)" }, "\(bound) \(pairs)")
      let room = max(0, bound - pairs.count { $0 == .oldBesideStarting })
      let chosen =
        pairs.indices.filter { pairs[$0] == .oldStarting } + pairs.indices.filter { pairs[$0] == .old }.prefix(room)
      #expect(plan.filled == (done.isEmpty ? chosen.map { "node-\($0)" } : []), "\(bound) \(pairs)")
    }
  }

  @Test func aPlanIsTheSameForTheSameView() throws {
    func names() throws -> [String] {
      try plan(for: storedSet(), seeing: (1...3).map { makeNode("node-\($0)") }).createdPods.map(\.name)
    }
    #expect(try names() == names() && Set(names()).count == 3)
  }
}
