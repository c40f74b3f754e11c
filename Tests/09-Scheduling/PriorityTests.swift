import ControlLoop
import Objects
import Pods
import Testing

@testable import Scheduling

@Suite struct PriorityTests {
  private func priorityClass(_ name: String, _ value: Int, _ change: (inout PriorityClass) -> Void = { _ in })
    -> PriorityClass
  {
    PriorityClass(name: name) {
      $0.value = value
      change(&$0)
    }
  }

  @Test func aPodGetsThePriorityOfItsClass() throws {
    var rack = try Rack()
    try rack.write(.create(priorityClass("high", 1_000) { $0.preemptionPolicy = .never }.json))
    let high = try rack.add(makePod("high") { $0.spec.priorityClassName = "high" })
    #expect(high.priority == 1_000)
    #expect(high.spec.preemptionPolicy == .never)
    #expect(try rack.add(makePod("plain")).priority == 0)
    #expect(
      try rack.add(makePod("dns") { $0.spec.priorityClassName = "system-node-critical" }).priority == 2_000_001_000)
    try rack.write(.create(priorityClass("usual", 7) { $0.globalDefault = true }.json))
    let usual = try rack.add(makePod("usual"))
    #expect(usual.priority == 7)
    #expect(usual.spec.priorityClassName == "usual")
  }

  @Test func whatThePodSaysMustAgreeWithItsClass() throws {
    var rack = try Rack()
    func message(_ pod: Pod) -> String? {
      #expect(throws: StatusError.self) { try rack.add(pod) }?.message
    }
    #expect(
      message(makePod("web") { $0.spec.priorityClassName = "none" })
        == "pods \"web\" is forbidden: no PriorityClass with name none was found")
    #expect(
      message(makePod("web") { $0.spec.priority = 5 })
        == "pods \"web\" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority "
        + "admission controller computed 0 from the given PriorityClass name")
    #expect(
      message(makePod("web") { $0.spec.preemptionPolicy = .never })
        == "pods \"web\" is forbidden: the string value of PreemptionPolicy (Never) must not be provided in pod spec; "
        + "priority admission controller computed PreemptLowerPriority from the given PriorityClass name")
  }

  @Test func aClientThatLeavesThePriorityOutDoesNotChangeIt() throws {
    var rack = try Rack()
    var pod = try rack.add(makePod("web"))
    pod.spec.priority = nil
    pod.spec.preemptionPolicy = nil
    try rack.write(.update(pod.json))
    #expect(rack.pod("web")?.spec.priority == 0)
    #expect(rack.pod("web")?.spec.preemptionPolicy == .lower)
  }

  @Test func systemClassesAreThereAndNobodyElseHasTheirs() throws {
    var rack = try Rack()
    func message(_ new: PriorityClass) -> String? {
      #expect(throws: StatusError.self) { try rack.write(.create(new.json)) }?.message
    }
    #expect(
      message(priorityClass("high", 1_000_000_001))?
        .hasSuffix("value: Forbidden: maximum allowed value of a user defined priority is 1000000000") == true)
    #expect(
      message(priorityClass("system-mine", 5))?.hasSuffix(
        "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: "
          + "system-mine is not a known system priority class") == true)
    try rack.write(.create(priorityClass("usual", 7) { $0.globalDefault = true }.json))
    #expect(
      message(priorityClass("other", 8) { $0.globalDefault = true })
        == "priorityclasses.scheduling.k8s.io \"other\" is forbidden: PriorityClass usual is already marked as default. "
        + "Only one default can exist")
  }

  @Test func aClassKeepsItsValue() throws {
    var rack = try Rack()
    try rack.write(.create(priorityClass("high", 5).json))
    var high = try #require(rack.view.object(PriorityClass.self, "high"))
    high.value = 6
    high.preemptionPolicy = .never
    let error = #expect(throws: StatusError.self) { try rack.write(.update(high.json)) }
    #expect(error?.causes.map(\.field) == ["value", "preemptionPolicy"])
  }

  @Test func theTableHasKubernetesColumns() throws {
    #expect(PriorityClass.kind.table.map(\.name) == ["Name", "Value", "Global-Default", "Age", "PreemptionPolicy"])
  }
}
