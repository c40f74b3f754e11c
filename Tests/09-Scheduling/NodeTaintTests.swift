import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import Scheduling

@Suite struct NodeTaintTests {
  private func keys(_ rack: Rack) -> [String] { rack.node("one")?.spec.taints.compactMap(\.key).sorted() ?? [] }

  /// All conditions that matter, in every combination.
  @Test func aNodesTaintsSayWhatItsConditionsSay() throws {
    var rack = try Rack()
    let now = rack.now
    try rack.addNode("one", taints: [Taint("mine", .noSchedule)])
    let pressures = ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"]
    let names = ["memory-pressure", "disk-pressure", "pid-pressure", "network-unavailable"]
    for ready in ["True", "False", "Unknown"] {
      for isCordoned in [false, true] {
        for bits in 0..<16 {
          let ailing = (0..<4).filter { bits & 1 << $0 != 0 }
          try rack.report("one") { status in
            status.conditions.set("Ready", ready, at: now)
            for index in 0..<4 {
              status.conditions.set(pressures[index], ailing.contains(index) ? "True" : "False", at: now)
            }
          }
          try rack.change("one") { $0.unschedulable = isCordoned }
          try rack.run(NodeTaintController(), Node.key("one"))
          var expected = ailing.map { "node.kubernetes.io/\(names[$0])" }
          if ready != "True" { expected.append(ready == "False" ? TaintKey.notReady : TaintKey.unreachable) }
          if isCordoned { expected.append(TaintKey.unschedulable) }
          #expect(keys(rack) == (["mine"] + expected).sorted())
          #expect(try rack.run(NodeTaintController(), Node.key("one")).intents.isEmpty)
        }
      }
    }
  }

  @Test func aNodeThatComesBackIsNews() throws {
    var rack = try Rack()
    try rack.write(.create(Node(name: "one").json))
    #expect(try rack.run(NodeTaintController(), Node.key("one")).intents.isEmpty)
    try rack.report("one") { $0.conditions.set("Ready", "True", at: World.epoch) }
    let plan = try rack.run(NodeTaintController(), Node.key("one"))
    #expect(plan.notes.map(\.message) == ["Node one status is now: NodeReady"])
    #expect(keys(rack) == [])
    try rack.change("one") { $0.unschedulable = true }
    #expect(try rack.run(NodeTaintController(), Node.key("one")).notes.map(\.reason) == ["NodeNotSchedulable"])
    try rack.change("one") { $0.unschedulable = nil }
    #expect(try rack.run(NodeTaintController(), Node.key("one")).notes.map(\.reason) == ["NodeSchedulable"])
  }
}
