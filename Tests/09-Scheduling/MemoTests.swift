import ControlLoop
import Objects
import Pods
import Store
import Testing

@testable import Scheduling

@Suite struct MemoTests {
  @Test("Whatever has happened before, a state answers as one that is made anew", arguments: 0..<10)
  func memoriesAreNotNoticed(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let fixture = try Fixture([])
    var state = ClusterState()
    for step in 0..<40 {
      // The scheduler looks when somebody waits, and much may have happened since.
      for _ in 0...random.next() % 4 { change(fixture, &random) }
      let pod = wishful("p\(step)", &random)
      #expect(fixture.choice(for: pod, in: &state) == fixture.choice(for: pod), "seed \(seed), step \(step)")
      // Some of what is assumed never comes true.
      if let node = state.nodes.first?.name, random.next() % 2 == 0 { state.assume(pod, on: node) }
    }
  }

  @Test func whatWasAssumedAndNeverWrittenIsForgotten() throws {
    let fixture = try Fixture([someNode("one", cpu: 2)])
    var state = ClusterState()
    state.update(to: fixture.view)
    state.assume(somePod("a", cpu: 2), on: "one")
    #expect(state.nodes.map(\.podCount) == [1])
    state.update(to: fixture.view)
    #expect(state.nodes.map(\.podCount) == [0], "a binding that was not written has not happened")
  }

  @Test func anOlderSnapshotIsAsGoodAsALaterOne() throws {
    let fixture = try Fixture([someNode("one"), someNode("two")])
    let before = fixture.view
    fixture.put(somePod("a", on: "one"))
    var state = ClusterState()
    state.update(to: fixture.view)
    #expect(state.nodes.map(\.podCount) == [1, 0])
    state.update(to: before)
    #expect(state.nodes.map(\.podCount) == [0, 0])
  }

  @Test func aNodeThatComesBackWithoutItsPodsIsEmpty() throws {
    let fixture = try Fixture([someNode("one"), somePod("a", on: "one")])
    var state = ClusterState()
    state.update(to: fixture.view)
    fixture.delete(someNode("one"))
    state.update(to: fixture.view)
    fixture.put(somePod("a", on: "one") { $0.metadata.labels = ["seen": "alone"] })
    state.update(to: fixture.view)
    fixture.put(someNode("one"))
    fixture.delete(somePod("a", on: "one"))
    state.update(to: fixture.view)
    #expect(state.nodes.map(\.podCount) == [0])
  }

  @Test func aPodThatIsMadeAgainOnANewNodeHasLeftTheOld() throws {
    let fixture = try Fixture([someNode("one"), somePod("a", on: "one")])
    var state = ClusterState()
    state.update(to: fixture.view)
    fixture.put(someNode("two"))
    fixture.put(somePod("a", on: "two"))
    state.update(to: fixture.view)
    #expect(state.nodes.map(\.podCount) == [0, 1])
  }

  private func change(_ fixture: Fixture, _ random: inout SeededGenerator) {
    let name = "node-\(random.next() % 4)"
    switch random.next() % 8 {
    case 0: fixture.delete(someNode(name))
    case 1, 2:
      fixture.put(
        someNode(name, cpu: Int(random.next() % 3) * 2 + 2) {
          $0.metadata.labels["zone"] = "z\(random.next() % 2)"
          if random.next() % 4 == 0 { $0.spec.taints = [Taint("a", .noSchedule)] }
          if random.next() % 4 == 0 { $0.spec.taints.append(Taint("b", .preferNoSchedule)) }
        })
    case 3: fixture.delete(somePod("q\(random.next() % 8)"))
    default:
      var pod = wishful("q\(random.next() % 8)", &random)
      pod.spec.nodeName = name
      if random.next() % 4 == 0 { pod.status.phase = .failed }
      fixture.put(pod)
    }
  }

  private func wishful(_ name: String, _ random: inout SeededGenerator) -> Pod {
    let cpu = Int(random.next() % 3)
    let pod = somePod(name, cpu: cpu) { $0.metadata.labels = ["app": random.next() % 2 == 0 ? "web" : "db"] }
    let key = random.next() % 2 == 0 ? "zone" : "kubernetes.io/hostname"
    switch random.next() % 5 {
    case 0: return pod.near(term(key))
    case 1: return pod.away(from: term(key, app: "db"))
    case 2: return changing(pod) { $0.spec.topologySpreadConstraints = [spread(key)] }
    case 3: return changing(pod) { $0.spec.topologySpreadConstraints = [spread(key, .scheduleAnyway)] }
    default: return pod
    }
  }

  private func changing(_ pod: Pod, _ change: (inout Pod) -> Void) -> Pod {
    var pod = pod
    change(&pod)
    return pod
  }
}
