import ControlLoop
import Objects
import Pods
import Testing

@Suite struct Exercise1_8Tests {
  private let zoneLabel = "topology.kubernetes.io/zone"

  private func world(_ nodes: [(name: String, zone: String?, pods: Int64)]) throws -> TestCluster {
    let world = try TestCluster()
    for node in nodes {
      try world.addNode(node.name, pods: node.pods)
      try world.update(Node(name: node.name)) { $0.metadata.labels[zoneLabel] = node.zone }
    }
    return world
  }

  private func create(_ name: String, zone: String?, in world: TestCluster) throws {
    try world.create(pod(name) { $0.metadata.annotations["example.com/zone"] = zone })
  }

  @Test func aPodThatNamesAZoneGetsANodeThere() throws {
    let world = try world([("a", "north", 110), ("b", "south", 110), ("c", nil, 110)])
    try create("picky", zone: "south", in: world)
    try create("easy", zone: nil, in: world)
    world.settle()
    #expect(world.pod("picky")?.spec.nodeName == "b", "a comes first by name, but b is in the zone that was asked for")
    #expect(world.pod("easy")?.spec.nodeName == "a", "a pod that names no zone may go anywhere")
  }

  @Test func aFullZoneDoesNotKeepOthersWaiting() throws {
    let world = try world([("a", "north", 1), ("b", "south", 2)])
    for name in ["one", "two"] { try create(name, zone: "north", in: world) }
    for name in ["x", "y"] { try create(name, zone: "south", in: world) }
    world.settle()
    #expect(world.pod("one")?.spec.nodeName == "a")
    #expect(world.pod("two")?.spec.nodeName == nil, "north is full, and south is no substitute")
    #expect(["x", "y"].map { world.pod($0)?.spec.nodeName } == ["b", "b"], "two waits; x and y need not wait with it")
  }

  @Test func aPodThatFindsNoNodeSaysWhy() throws {
    let world = try world([("a", "north", 0), ("b", "south", 110), ("c", nil, 110)])
    try create("picky", zone: "north", in: world)
    world.settle()
    #expect(
      world.pod("picky")?.status.conditions["PodScheduled"]?.message
        == "0/3 nodes are available: 1 Too many pods, 2 node(s) were in another zone.",
      "each node counts once, under its own reason")
  }
}
