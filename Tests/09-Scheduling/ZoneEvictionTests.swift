import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing

@testable import Scheduling

@Suite struct ZoneEvictionTests {
  private func silence(_ node: String, _ status: String = "Unknown", in rack: inout Rack) throws {
    let now = rack.now
    try rack.report(node) { $0.conditions.set("Ready", status, at: now) }
  }

  private func tainted(_ rack: Rack) -> [String] {
    rack.view.all(Node.self).filter { node in node.spec.taints.contains { $0.effect == .noExecute } }.map(\.name)
  }

  /// Lets time pass as the controller asks for it.
  private func run(_ rack: inout Rack, for duration: Duration) throws {
    let end = rack.now + duration
    while true {
      let plan = try rack.run(ZoneEvictionController(), ZoneEvictionController.key)
      guard let wakeAt = plan.wakeAt, wakeAt <= end else { break }
      rack.now = wakeAt
    }
    rack.now = end
  }

  @Test func theNodesOfAZoneLoseTheirPodsOneAfterTheOther() throws {
    var rack = try Rack()
    for index in 1...9 { try rack.addNode("n\(index)") }
    for index in 1...3 {
      try silence("n\(4 - index)", in: &rack)
      rack.now = rack.now + .seconds(1)
    }
    try run(&rack, for: .zero)
    #expect(tainted(rack) == ["n3"])
    try run(&rack, for: .seconds(9))
    #expect(tainted(rack) == ["n3"])
    try run(&rack, for: .seconds(2))
    #expect(tainted(rack) == ["n2", "n3"])
    try run(&rack, for: .seconds(10))
    #expect(tainted(rack) == ["n1", "n2", "n3"])
    let times = rack.view.all(Node.self).compactMap { $0.spec.taints.first?.timeAdded }.sorted()
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= .seconds(10) })
  }

  /// All zones of up to six nodes, and larger ones at their limits.
  @Test func theMoreAreSilentTheSlowerItGoes() {
    for size in 1...6 {
      for silent in 0...size {
        let isPartial = silent < size && silent > 2 && silent * 100 >= size * 55
        #expect(ZoneEvictionController.pause(silent: silent, of: size) == (isPartial ? nil : .seconds(10)))
      }
    }
    #expect(ZoneEvictionController.pause(silent: 27, of: 50) == .seconds(10))
    #expect(ZoneEvictionController.pause(silent: 28, of: 50) == nil)
    #expect(ZoneEvictionController.pause(silent: 55, of: 100) == .seconds(100))
    #expect(ZoneEvictionController.pause(silent: 100, of: 100) == .seconds(10))
  }

  @Test func whenNobodyCanBeHeardNobodyIsDrivenAway() throws {
    var rack = try Rack()
    for index in 1...3 { try rack.addNode("n\(index)") }
    try silence("n1", in: &rack)
    try run(&rack, for: .zero)
    #expect(tainted(rack) == ["n1"])
    for node in ["n2", "n3"] { try silence(node, in: &rack) }
    try run(&rack, for: .seconds(600))
    #expect(tainted(rack) == [])
    try silence("n3", "True", in: &rack)
    try run(&rack, for: .seconds(5))
    #expect(tainted(rack) == ["n1"])
  }

  @Test func aZoneThatIsSilentAsAWholeLosesItsPodsToTheOthers() throws {
    var rack = try Rack()
    for index in 1...2 {
      try rack.addNode("a\(index)", zone: "a")
      try rack.addNode("b\(index)", zone: "b")
      try silence("a\(index)", in: &rack)
    }
    try run(&rack, for: .seconds(10))
    #expect(tainted(rack) == ["a1", "a2"])
  }

  @Test func aNodeThatComesBackLosesTheTaintAndOneThatSaysMoreKeepsItsTime() throws {
    var rack = try Rack()
    for index in 1...3 { try rack.addNode("n\(index)") }
    let start = rack.now
    try silence("n1", "False", in: &rack)
    try run(&rack, for: .seconds(30))
    #expect(rack.node("n1")?.spec.taints == [Taint(TaintKey.notReady, .noExecute, since: start)])
    try silence("n1", in: &rack)
    try run(&rack, for: .seconds(30))
    #expect(rack.node("n1")?.spec.taints == [Taint(TaintKey.unreachable, .noExecute, since: start)])
    try silence("n1", "True", in: &rack)
    try run(&rack, for: .zero)
    #expect(rack.node("n1")?.spec.taints == [])
  }

  @Test func aNodeThatHasNeverBeenHeardOfDrivesNobodyAway() throws {
    var rack = try Rack()
    try rack.addNode("n1")
    try rack.write(.create(Node(name: "n2").json))
    try run(&rack, for: .seconds(60))
    #expect(tainted(rack) == [])
  }

  @Test func onlyWhatItLooksAtWakesIt() throws {
    var rack = try Rack()
    try rack.addNode("n1")
    let trigger = try #require(ZoneEvictionController().triggers.first)
    func wakes(_ change: (inout NodeStatus) -> Void) throws -> Bool {
      let before = try #require(rack.store.snapshot.record(Node.key("n1")))
      try rack.report("n1", change)
      let after = try #require(rack.store.snapshot.record(Node.key("n1")))
      return !trigger.keys(Event(type: .modified, record: after, previous: before), rack.view).isEmpty
    }
    #expect(try !wakes { $0.conditions.set("MemoryPressure", "True", at: World.epoch) })
    #expect(try wakes { $0.conditions.set("Ready", "Unknown", at: World.epoch) })
  }
}
