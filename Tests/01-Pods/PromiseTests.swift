import ControlLoop
import Objects
import Store
import Testing

@testable import Pods

/// The chapter's promises notice when they are broken.
struct PromiseTests {
  private let world: TestCluster

  init() throws {
    world = try TestCluster()
    for name in ["a", "b"] { try world.addNode(name) }
    try world.create(pod("web"))
    world.settle()
  }

  private func broken(_ invariant: Invariant, by event: Event? = nil) -> String? {
    invariant.makeCheck()(world.view, event, world.now)
  }

  private func event(_ object: some Resource) throws -> Event {
    let watcher = try world.store.watch(object.key.resource, after: world.store.snapshot.revision)
    _ = try world.store.commit([Write(object.key, .put(object.json), expecting: .anything)])[0].get()
    return try #require(watcher.next().first)
  }

  @Test func aPodThatMovesIsNoticed() throws {
    var web = try #require(world.pod("web"))
    web.metadata.labels = ["touched": "yes"]
    #expect(broken(.podsStayOnTheirNode, by: try event(web)) == nil)
    web.spec.nodeName = "b"
    #expect(broken(.podsStayOnTheirNode, by: try event(web)) == "web moved from a to b")
    web.spec.nodeName = nil
    #expect(broken(.podsStayOnTheirNode, by: try event(web)) == "web moved from b to no node")
    web.spec.nodeName = "a"
    #expect(broken(.podsStayOnTheirNode, by: try event(web)) == nil, "from no node it may go to any")
    #expect(broken(.podsStayOnTheirNode, by: try event(Node(name: "a"))) == nil)
  }

  @Test func aNamespaceThatStaysAndOneThatLeavesSomethingAreNoticed() throws {
    #expect(broken(.namespacesGo) == nil)
    _ = try event(Lease(name: "late", namespace: "gone"))
    #expect(broken(.namespacesGo) == "leases.coordination.k8s.io/gone/late has no namespace")
    try world.create(Namespace(name: "shop"))
    try world.create(pod("slow", in: "shop") { $0.metadata.finalizers = ["example.com/wait"] })
    try world.delete(Namespace(name: "shop"))
    #expect(broken(.namespacesGo) == "shop is still there")
  }

  @Test func aPodOfWhichTheAgentDoesNotSpeakIsNoticed() throws {
    #expect(broken(.podsAreReportedHonestly) == "web has not been looked at")
    try world.updateStatus(pod("web")) { $0.status.observedGeneration = 1 }
    #expect(broken(.podsAreReportedHonestly) == "web has no word on some of its containers")
    try world.updateStatus(pod("web")) { $0.status.containerStatuses = [ContainerStatus { $0.name = "main" }] }
    #expect(broken(.podsAreReportedHonestly) == nil)
    try world.delete(pod("web"))
    #expect(broken(.podsAreReportedHonestly) == "web is still being deleted")
    world.run(for: .seconds(60))
    #expect(broken(.podsAreReportedHonestly) == nil, "nobody asks the agents of nodes that are not ready")
  }
}
