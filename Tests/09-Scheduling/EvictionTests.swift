import ControlLoop
import Objects
import Pods
import Store
import Testing

@testable import Scheduling

@Suite struct EvictionTests {
  private func eviction(of pod: Pod, _ options: Value? = nil) -> Intent {
    var eviction = Eviction(name: pod.name, namespace: pod.namespace)
    eviction.json["deleteOptions"] = options
    return .writeSubresource(pod.key, "eviction", eviction.json)
  }

  @Test func anEvictedPodIsDeletedWithItsGracePeriodAndSaysWhy() throws {
    var rack = try Rack()
    try rack.addNode("one")
    let pod = try rack.add(makePod("web"))
    try rack.bind("web", to: "one")
    try rack.write(eviction(of: pod, ["gracePeriodSeconds": 7]))
    let gone = try #require(rack.pod("web"))
    #expect(gone.metadata.deletionGracePeriodSeconds == 7)
    #expect(gone.disruption == .evicted)
    #expect(gone.status.conditions["DisruptionTarget"]?.message == "Eviction API: evicting")
  }

  @Test func aPodThatRunsNowhereGoesAtOnce() throws {
    var rack = try Rack()
    let pod = try rack.add(makePod("web"))
    try rack.write(eviction(of: pod))
    #expect(rack.pod("web") == nil)
    #expect(#expect(throws: StatusError.self) { try rack.write(eviction(of: pod)) }?.code == 404)
  }

  @Test func anEvictionIsOfOnePodAndNotOfALaterOneOfItsName() throws {
    var rack = try Rack()
    let pod = try rack.add(makePod("web"))
    let error = #expect(throws: StatusError.self) {
      try rack.write(eviction(of: pod, ["preconditions": ["uid": "another"]]))
    }
    #expect(error?.code == 409)
    #expect(rack.pod("web") != nil)
  }

  @Test func anEvictionOfAPodThatIsGoingChangesNothing() throws {
    var rack = try Rack()
    try rack.addNode("one")
    let pod = try rack.add(makePod("web"))
    try rack.bind("web", to: "one")
    try rack.write(eviction(of: pod))
    let before = rack.store.snapshot.revision
    rack.now = rack.now + .seconds(5)
    try rack.write(eviction(of: pod))
    #expect(rack.store.snapshot.revision == before)
  }
}
