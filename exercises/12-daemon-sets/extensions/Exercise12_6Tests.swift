import ControlLoop
import Objects
import Pods
import Testing

@testable import DaemonSets

@Suite struct Exercise12_6Tests {
  private let nodes = [
    makeNode("node-1"), makeNode("node-2", labels: ["stage": "canary"]), makeNode("node-3", labels: ["stage": "live"]),
  ]

  private func set(_ selector: String?) -> DaemonSet {
    storedSet(unavailable: 3) { $0.metadata.annotations["swiftlet/roll-out-on"] = selector }
  }

  private func replaced(_ set: DaemonSet) throws -> [String] {
    let pods = nodes.map { makePod("old-" + $0.name, of: set, on: $0.name, isNew: false) }
    return try plan(for: set, seeing: nodes + pods).deleted
  }

  @Test func aRollOutStaysOnTheNodesThatAreNamed() throws {
    #expect(try replaced(set("stage in (canary)")) == ["old-node-2"])
    #expect(try replaced(set("stage")) == ["old-node-2", "old-node-3"])
    #expect(try replaced(set("stage in canary)")) == [], "what cannot be read selects nothing")
  }

  @Test func withoutTheWordItGoesEverywhere() throws {
    #expect(try replaced(set(nil)).count == 3)
    #expect(try replaced(set("stage in (canary)")).count == 1, "and with it, it does not")
  }

  @Test func missingPodsAreMadeEverywhere() throws {
    let set = set("stage in (canary)")
    let plan = try plan(for: set, seeing: nodes)
    #expect(plan.filled == ["node-1", "node-2", "node-3"])
    #expect(try replaced(set) == ["old-node-2"], "to make a pod that is missing is no roll-out")
  }
}
