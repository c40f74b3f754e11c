import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import Scheduling

@Suite struct TaintEvictionTests {
  /// A pod on node "one" since now.
  private func rack(tolerating tolerations: [Toleration]) throws -> Rack {
    var rack = try Rack()
    try rack.addNode("one")
    try rack.add(makePod("web") { $0.spec.tolerations = tolerations })
    try rack.bind("web", to: "one")
    return rack
  }

  private let key = Pod.key("web", in: "default")

  /// Patience of none, some and any length; a taint before and after the pod; one taint and two.
  @Test(arguments: [nil, 0, 60] as [Int64?], [-100, 0, 100] as [Int64])
  func aPodLeavesWhenItsPatienceIsOver(patience: Int64?, added: Int64) throws {
    var rack = try rack(tolerating: [Toleration("a", effect: .noExecute, seconds: patience)])
    let start = rack.now
    let taint = Taint("a", .noExecute, since: start + .seconds(added))
    try rack.change("one") { $0.taints = [taint, Taint("b", .noSchedule)] }
    let leave = patience.map { start + .seconds(max(0, added) + $0) }
    #expect(rack.pod("web")?.timeToLeave(try #require(rack.node("one"))) == leave)
    let plan = try TaintEvictionController().reconcile(key, in: rack.view, at: start)
    if let leave, leave > start {
      #expect(plan.wakeAt == leave)
      rack.now = leave - .microseconds(1)
      #expect(try rack.run(TaintEvictionController(), key).intents.isEmpty)
      rack.now = leave
    }
    try rack.run(TaintEvictionController(), key)
    #expect((rack.pod("web")?.disruption == .tainted) == (patience != nil))
    #expect(rack.pod("web")?.isBeingDeleted == (patience != nil))
  }

  @Test func theTaintWhoseTimeIsOverFirstDecides() throws {
    let placed = World.epoch + .seconds(100)
    var pod = makePod("web")
    pod.status.conditions.set("PodScheduled", "True", at: placed)
    func leaves(_ taints: Taint...) -> Time? { pod.timeToLeave(Node(name: "one") { $0.spec.taints = taints }) }
    func taint(_ key: String, _ seconds: Int64) -> Taint {
      Taint(key, .noExecute, since: World.epoch + .seconds(seconds))
    }
    #expect(leaves() == nil)
    #expect(leaves(Taint("a", .noSchedule), Taint("b", .preferNoSchedule)) == nil)
    #expect(leaves(taint("a", 0)) == placed, "a pod that was not there yet was not patient either")
    #expect(leaves(taint("a", 200)) == World.epoch + .seconds(200))
    #expect(
      leaves(taint("a", 300), taint("b", 200)) == World.epoch + .seconds(200), "one taint whose time is over is enough")
    pod.status.conditions = []
    pod.metadata.creationTimestamp = World.epoch
    #expect(leaves(taint("a", -5)) == World.epoch)
  }

  @Test func oneTaintThatIsNotToleratedIsEnough() throws {
    var rack = try rack(tolerating: [Toleration("a")])
    try rack.change("one") { $0.taints = [Taint("a", .noExecute), Taint("b", .noExecute)] }
    let plan = try rack.run(TaintEvictionController(), key)
    #expect(plan.notes.map(\.message) == ["Marking for deletion Pod default/web"])
    #expect(plan.notes.map(\.reason) == ["TaintManagerEviction"])
    let pod = try #require(rack.pod("web"))
    #expect(pod.metadata.deletionGracePeriodSeconds == 30)
    let condition = try #require(pod.status.conditions["DisruptionTarget"])
    #expect(condition.message == "Taint manager: deleting due to NoExecute taint")
    #expect(try rack.run(TaintEvictionController(), key).intents.isEmpty)
  }

  @Test func otherTaintsLeaveAPodWhereItIs() throws {
    var rack = try rack(tolerating: [])
    try rack.change("one") { $0.taints = [Taint("a", .noSchedule), Taint("b", .preferNoSchedule)] }
    #expect(try rack.run(TaintEvictionController(), key).intents.isEmpty)
    #expect(rack.pod("web")?.isBeingDeleted == false)
  }

  @Test func theFirstReasonToGoStays() throws {
    var pod = makePod("web")
    pod.disrupt(.evicted, at: World.epoch)
    pod.disrupt(.tainted, at: World.epoch)
    #expect(pod.disruption == .evicted)
  }

  @Test func thePodsOfASilentNodeAreNotReady() throws {
    var rack = try rack(tolerating: [])
    var pod = try #require(rack.pod("web"))
    pod.status.conditions.set("Ready", "True", at: rack.now)
    try rack.write(.updateStatus(pod.json))
    #expect(try rack.run(UnreadyPodsController(), key).intents.isEmpty)
    try rack.report("one") { $0.conditions.set("Ready", "Unknown", at: World.epoch) }
    let plan = try rack.run(UnreadyPodsController(), key)
    #expect(plan.notes.map(\.message) == ["Node is not ready"])
    #expect(rack.pod("web")?.isReady == false)
    #expect(try rack.run(UnreadyPodsController(), key).intents.isEmpty)
  }
}
