import ControlLoop
import Objects
import Pods
import Testing

@testable import DaemonSets

@Suite struct Exercise12_7Tests {
  private func order(closed: Set<String>) throws -> [String] {
    let set = storedSet(unavailable: 2)
    let names = ["node-1", "node-2", "node-3", "node-4"]
    let nodes = names.map { name in
      var node = makeNode(name)
      node.spec.unschedulable = closed.contains(name) ? true : nil
      return node
    }
    let pods = names.map { makePod("on-" + $0, of: set, on: $0, isNew: false) }
    return try plan(for: set, seeing: nodes + pods).deleted
  }

  @Test func closedNodesComeFirst() throws {
    #expect(try order(closed: ["node-4"]) == ["on-node-4", "on-node-1"])
  }

  @Test func amongEqualsTheOrderOfNamesStays() throws {
    #expect(try order(closed: ["node-4", "node-3"]) == ["on-node-3", "on-node-4"])
    #expect(try order(closed: []) == ["on-node-1", "on-node-2"])
  }
}
