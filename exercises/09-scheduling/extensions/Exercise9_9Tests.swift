import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing

@testable import Scheduling

@Suite struct Exercise9_9Tests {
  /// A pod on node "one", and what becomes of it when the node is tainted.
  private func pod(isGoing: Bool, ready: String, _ effect: TaintEffect = .noExecute) throws -> Pod? {
    var rack = try Rack()
    try rack.addNode("one")
    let pod = try rack.add(makePod("web") { $0.spec.tolerations = [Toleration("")] })
    try rack.bind("web", to: "one")
    if isGoing { try rack.write(.delete(pod.key, DeleteOptions())) }
    try rack.report("one") { $0.conditions.set("Ready", ready, at: World.epoch) }
    try rack.change("one") { $0.taints = [Taint("node.kubernetes.io/out-of-service", effect)] }
    let node = try #require(rack.store.snapshot.record(Node.key("one")))
    let event = Event(type: .modified, record: node, previous: nil)
    for trigger in TaintEvictionController().triggers where trigger.resource == "nodes" {
      for key in trigger.keys(event, rack.view) { try rack.run(TaintEvictionController(), key) }
    }
    return rack.pod("web")
  }

  @Test(arguments: [TaintEffect.noExecute, .noSchedule])
  func aPodThatIsGoingGoesAtOnceFromANodeThatIsSwitchedOff(effect: TaintEffect) throws {
    #expect(try pod(isGoing: true, ready: "Unknown", effect) == nil, "nobody else will ever end this pod")
    #expect(try pod(isGoing: true, ready: "False", effect) == nil)
  }

  @Test func aNodeThatAnswersIsNotSwitchedOff() throws {
    #expect(try pod(isGoing: true, ready: "True") != nil, "an agent that answers ends its pods itself")
    #expect(try pod(isGoing: true, ready: "Unknown") == nil)
  }

  @Test func aPodThatIsNotGoingStays() throws {
    #expect(try pod(isGoing: false, ready: "Unknown")?.isBeingDeleted == false, "nobody has asked this pod to go")
    #expect(try pod(isGoing: true, ready: "Unknown") == nil)
  }
}
