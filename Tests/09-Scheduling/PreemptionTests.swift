import ControlLoop
import Objects
import Pods
import Simulation
import Synchronization
import Testing

@testable import Scheduling

@Suite struct PreemptionTests {
  private let scheduler = PodScheduler(profiles: [SchedulerProfile(postFilter: DefaultPreemption())])

  /// Nodes of four processors, each full with one pod that does not matter.
  private func rack(nodes: Int) throws -> Rack {
    var rack = try Rack()
    for (name, value) in [("high", 100), ("low", -1)] {
      try rack.write(.create(PriorityClass(name: name) { $0.value = value }.json))
    }
    for index in 1...nodes {
      try rack.addNode("n\(index)")
      try rack.add(makePod("low\(index)", cpu: "4") { $0.spec.priorityClassName = "low" })
      try rack.bind("low\(index)", to: "n\(index)")
    }
    return rack
  }

  private func high(_ name: String = "high", cpu: String = "3", _ change: (inout Pod) -> Void = { _ in }) -> Pod {
    makePod(name, cpu: cpu) {
      $0.spec.priorityClassName = "high"
      change(&$0)
    }
  }

  private func message(_ rack: Rack, _ pod: String) -> String? {
    rack.pod(pod)?.status.conditions["PodScheduled"]?.message
  }

  @Test func aPodThatMattersTakesThePlaceOfOneThatDoesNot() throws {
    var rack = try rack(nodes: 1)
    try rack.add(high())
    let plan = try rack.run(scheduler, FirstNodeScheduler.key)
    #expect(rack.pod("high")?.status.nominatedNodeName == "n1")
    #expect(message(rack, "high") == "0/1 nodes are available: 1 Insufficient cpu.")
    let victim = try #require(rack.pod("low1"))
    #expect(victim.metadata.deletionGracePeriodSeconds == 30)
    #expect(victim.disruption == .preempted)
    #expect(
      victim.status.conditions["DisruptionTarget"]?.message
        == "default-scheduler: preempting to accommodate a higher priority pod")
    let note = try #require(plan.notes.first { $0.reason == "Preempted" })
    #expect(note.message == "Preempted by pod \(rack.pod("high")?.uid ?? "") on node n1")
    // While the victim ends, nobody else has to go.
    let waiting = try rack.run(scheduler, FirstNodeScheduler.key)
    #expect(waiting.intents.count == 1)
    #expect(
      message(rack, "high")
        == "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to a terminating pod on the "
        + "nominated node.")
    try rack.write(.delete(victim.key, DeleteOptions(gracePeriodSeconds: 0)))
    try rack.run(scheduler, FirstNodeScheduler.key)
    #expect(rack.pod("high")?.spec.nodeName == "n1")
    #expect(rack.pod("high")?.status.nominatedNodeName == nil)
  }

  @Test func whoMattersNoMoreDrivesNobodyAwayAndIsToldSo() throws {
    var rack = try rack(nodes: 3)
    try rack.change("n3") { $0.unschedulable = true }
    try rack.add(makePod("same", cpu: "3") { $0.spec.priorityClassName = "low" })
    try rack.run(scheduler, FirstNodeScheduler.key)
    #expect(
      message(rack, "same")
        == "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/3 nodes are "
        + "available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.")
    #expect(rack.view.all(Pod.self).allSatisfy { !$0.isBeingDeleted })
  }

  @Test func whoMayNotDriveAwayWaits() throws {
    var rack = try rack(nodes: 1)
    let class1 = PriorityClass(name: "patient") {
      $0.value = 500
      $0.preemptionPolicy = .never
    }
    try rack.write(.create(class1.json))
    try rack.add(high { $0.spec.priorityClassName = "patient" })
    try rack.run(scheduler, FirstNodeScheduler.key)
    #expect(message(rack, "high")?.hasSuffix("preemption: not eligible due to preemptionPolicy=Never.") == true)
    #expect(rack.pod("low1")?.isBeingDeleted == false)
  }

  @Test func roomThatIsBeingMadeIsKeptFromPodsThatMatterLess() throws {
    var rack = try rack(nodes: 1)
    try rack.addNode("n2", cpu: 4)
    try rack.add(makePod("half", cpu: "2") { $0.spec.priorityClassName = "low" })
    try rack.bind("half", to: "n2")
    try rack.change("n1") { $0.unschedulable = true }
    try rack.add(high(cpu: "4"))
    try rack.run(scheduler, FirstNodeScheduler.key)
    #expect(rack.pod("high")?.status.nominatedNodeName == "n2")
    // There are two processors free on n2, and somebody waits for them.
    try rack.add(makePod("small", cpu: "2"))
    try rack.run(scheduler, FirstNodeScheduler.key)
    #expect(rack.pod("small")?.spec.nodeName == nil)
    try rack.add(high("urgent", cpu: "2") { $0.spec.priorityClassName = "system-node-critical" })
    try rack.run(scheduler, FirstNodeScheduler.key)
    #expect(rack.pod("urgent")?.spec.nodeName == "n2")
  }

  @Test func twoWhoMatterTakeTwoPlaces() throws {
    var rack = try rack(nodes: 3)
    try rack.add(high("a"))
    try rack.add(high("b"))
    try rack.run(scheduler, FirstNodeScheduler.key)
    let nominated = ["a", "b"].compactMap { rack.pod($0)?.status.nominatedNodeName }
    #expect(Set(nominated).count == 2)
    #expect(rack.view.all(Pod.self).count(where: \.isBeingDeleted) == 2)
  }

  /// Counts how often it is asked.
  private final class Witness: FilterPlugin {
    let name = "Witness"
    let questions = Mutex(0)

    func rejection(of shape: PodShape, on node: NodeState) -> Rejection? {
      questions.withLock { $0 += 1 }
      return nil
    }
  }

  @Test func roomThatCannotBeMadeIsLookedForOnceForAllThatAreAlike() throws {
    let (fixture, witness) = (try Fixture([someNode("one", cpu: 4), somePod("low", on: "one")]), Witness())
    fixture.put(somePod("equal", cpu: 3, on: "one") { $0.spec.priority = 10 })
    var profile = SchedulerProfile(postFilter: DefaultPreemption())
    profile.filters.insert(witness, at: 0)
    var state = ClusterState()
    func search(_ name: String) throws -> (room: RoomSearch, questions: Int) {
      let pod = somePod(name, cpu: 2) { $0.spec.priority = 10 }
      state.update(to: fixture.view)
      guard case .nowhere(let diagnosis) = state.choose(for: pod, by: profile, fixture.view) else {
        throw StatusError.badRequest("there is room for \(name)")
      }
      let before = witness.questions.withLock { $0 }
      let room = DefaultPreemption().makeRoom(
        for: pod, after: diagnosis, in: &state, by: profile, fixture.view, at: World.epoch)
      return (room, witness.questions.withLock { $0 } - before)
    }
    let (first, second) = (try search("first"), try search("second"))
    #expect(first.room.message == "preemption: 0/1 nodes are available: 1 Insufficient cpu.")
    #expect(first.questions > 0)
    #expect(second.room.message == first.room.message)
    #expect(second.questions == 0)
    fixture.put(somePod("equal", cpu: 3, on: "one"))
    #expect(try search("third").room.node == "one", "who matters less now can go")
  }
}
