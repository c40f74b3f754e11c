import ControlLoop
import Objects
import Pods
import Store
import Testing

@Suite struct SchedulerTests {
  @Test func aPodGetsTheFirstReadyNode() throws {
    let world = try TestCluster()
    for name in ["a", "b", "c"] { try world.addNode(name) }
    try world.update(Node(name: "a")) { $0.spec.unschedulable = true }
    try world.create(pod("web"))
    world.settle()
    #expect(world.pod("web")?.spec.nodeName == "b")
    #expect(world.pod("web")?.status.conditions.isTrue("PodScheduled") == true)
    #expect(world.events(about: "web") == ["Normal Scheduled x1: Successfully assigned default/web to b"])
  }

  @Test func withoutANodeThePodSaysWhyAndWaits() throws {
    let world = try TestCluster()
    try world.create(pod("web"))
    world.settle()
    let waiting = try #require(world.pod("web"))
    #expect(waiting.status.conditions["PodScheduled"]?.reason == "Unschedulable")
    #expect(waiting.status.conditions["PodScheduled"]?.message == "no nodes available to schedule pods")
    try world.addNode("a", pods: 0)
    try world.create(Node(name: "b"))
    world.settle()
    let message = "0/2 nodes are available: 1 Too many pods, 1 node(s) were not ready."
    #expect(world.pod("web")?.status.conditions["PodScheduled"]?.message == message)
    #expect(
      world.events(about: "web")
        == [
          "Warning FailedScheduling x1: no nodes available to schedule pods",
          "Warning FailedScheduling x1: 0/1 nodes are available: 1 Too many pods.",
          "Warning FailedScheduling x1: \(message)",
        ].filter { world.events(about: "web").contains($0) })
    try world.addNode("c")
    world.settle()
    #expect(world.pod("web")?.spec.nodeName == "c")
  }

  @Test func podsOfOtherSchedulersAreLeftAlone() throws {
    let world = try TestCluster()
    try world.addNode("a")
    try world.create(pod("web") { $0.spec.schedulerName = "mine" })
    world.settle()
    #expect(world.pod("web")?.spec.nodeName == nil)
  }

  @Test func theFirstNodeIsFilledBeforeTheSecond() throws {
    let world = try TestCluster()
    for name in ["b", "a", "c"] { try world.addNode(name, pods: 2) }
    for index in 0..<5 { try world.create(pod("p\(index)")) }
    world.settle()
    #expect(
      (0..<5).map { world.pod("p\($0)")?.spec.nodeName } == ["a", "a", "b", "b", "c"],
      "nodes in the order of their names, and each until its last place is taken")
  }

  /// Every number of pods on every pair of small nodes: nobody is squeezed in, nobody is left out.
  @Test func aNodeNeverTakesMoreThanItHasRoomFor() throws {
    for first in 0...3 {
      for second in 0...3 {
        for count in 0...7 {
          let world = try TestCluster()
          try world.addNode("a", pods: Int64(first))
          try world.addNode("b", pods: Int64(second))
          for index in 0..<count { try world.create(pod("p\(index)")) }
          world.settle()
          let placed = world.view.all(Pod.self).reduce(into: [:]) { $0[$1.spec.nodeName ?? "", default: 0] += 1 }
          try #require(placed["a", default: 0] == min(count, first), "\(count) pods, and a has room for \(first)")
          try #require(
            placed["b", default: 0] == min(max(0, count - first), second),
            "\(count) pods, room for \(first) on a, for \(second) on b: b gets what a has no room for")
        }
      }
    }
  }

  @Test func aNodeThatDoesNotSayHowManyPodsItTakesTakes110() throws {
    let world = try TestCluster()
    try world.addNode("a")
    try world.updateStatus(Node(name: "a")) { $0.status.allocatable = [:] }
    for index in 0..<112 { try world.create(pod("p\(index)")) }
    world.settle()
    #expect(world.view.all(Pod.self, where: "nodeName", is: "a").count == 110)
  }

  @Test func aPodThatEndsLeavesRoom() throws {
    let world = try TestCluster()
    try world.addNode("a", pods: 1)
    try world.create(pod("one"))
    world.settle()
    try world.create(pod("two"))
    world.settle()
    #expect(world.pod("two")?.spec.nodeName == nil)
    try world.updateStatus(pod("one")) { $0.status.phase = .succeeded }
    world.settle()
    #expect(world.pod("two")?.spec.nodeName == "a", "a pod that has ended runs nothing, so it takes up no room")
  }

  @Test func whoWaitsLongestGoesFirst() throws {
    let world = try TestCluster()
    for name in ["z", "y", "x"] {
      try world.create(pod(name))
      world.run(for: .seconds(1))
    }
    try world.addNode("a", pods: 2)
    world.settle()
    #expect(["z", "y", "x"].map { world.pod($0)?.spec.nodeName } == ["a", "a", nil])
  }

  @Test func manyPodsFindTheirPlaces() throws {
    let world = try TestCluster()
    for index in 0..<20 { try world.addNode("n\(index)", pods: 50) }
    for index in 0..<1_000 { try world.create(pod("p\(index)")) }
    world.settle()
    #expect(world.view.all(Pod.self, where: "nodeName", is: "").isEmpty)
    for index in 0..<20 { #expect(world.view.all(Pod.self, where: "nodeName", is: "n\(index)").count == 50) }
  }

  @Test func aLaterLayerReplacesIt() {
    let next = Layer(chapter: 9, name: "Scheduling") { $0.replaces = ["default-scheduler"] }
    #expect(!Cluster(layers: [.pods, next]).controllers.map(\.name).contains("default-scheduler"))
    #expect(Cluster(layers: [.pods]).controllers.map(\.name).contains("default-scheduler"))
  }

  /// A pod with a label needs a node of that name, and the node needs a label before the pod comes.
  private struct Lodging: PlacementRule {
    var triggers: [Trigger] { [] }

    func obstacle(to pod: Pod, in view: View) -> String? {
      pod.metadata.labels["ticket"] == "lost" ? "pod has lost its ticket" : nil
    }

    func obstacle(to pod: Pod, on node: Node, in view: View) -> String? {
      let wish = pod.metadata.labels["wish"] ?? node.name
      return wish == node.name ? nil : "node(s) had another name"
    }

    func preparation(of pod: Pod, for node: Node, in view: View) -> Plan? {
      guard pod.metadata.labels["wish"] != nil, node.metadata.labels["made-up"] == nil else { return nil }
      var plan = Plan()
      var node = node
      node.metadata.labels["made-up"] = "yes"
      plan.update(node)
      return plan
    }
  }

  private func lodging() throws -> TestCluster {
    let layer = Layer(chapter: 6, name: "Lodging") {
      $0.replaces = ["default-scheduler"]
      $0.controllers = [FirstNodeScheduler(rules: [Lodging()])]
    }
    let world = try TestCluster(layers: [.pods, layer])
    for name in ["a", "b", "c"] { try world.addNode(name, pods: 1) }
    return world
  }

  @Test func aRuleKeepsAPodFromNodes() throws {
    let world = try lodging()
    for name in ["one", "two"] { try world.create(pod(name) { $0.metadata.labels["wish"] = "b" }) }
    try world.create(pod("three") { $0.metadata.labels["ticket"] = "lost" })
    try world.create(pod("zero"))
    world.settle()
    #expect(world.pod("one")?.spec.nodeName == "b")
    #expect(world.pod("zero")?.spec.nodeName == "a", "a pod that the rule does not concern goes where it always went")
    #expect(
      world.pod("two")?.status.conditions["PodScheduled"]?.message
        == "0/3 nodes are available: 1 node(s) had another name, 2 Too many pods.")
    #expect(
      world.pod("three")?.status.conditions["PodScheduled"]?.message
        == "0/3 nodes are available: pod has lost its ticket.")
  }

  @Test func aPodGoesNowhereBeforeItsPlaceIsPrepared() throws {
    let world = try lodging()
    try world.create(pod("one") { $0.metadata.labels["wish"] = "b" })
    world.settle()
    let prepared = try #require(world.view.object(Node.self, "b")?.metadata.resourceVersion.flatMap(Revision.init))
    let placed = try #require(world.pod("one")?.metadata.resourceVersion.flatMap(Revision.init))
    #expect(world.view.object(Node.self, "b")?.metadata.labels["made-up"] == "yes")
    #expect(prepared < placed)
  }
}
