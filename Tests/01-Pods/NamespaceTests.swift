import ControlLoop
import Objects
import Pods
import Store
import Testing

@Suite struct NamespaceTests {
  @Test func everyClusterHasFourNamespaces() throws {
    let world = try TestCluster()
    #expect(world.view.all(Namespace.self).map(\.name) == ["default", "kube-node-lease", "kube-public", "kube-system"])
    let stored = try #require(world.view.object(Namespace.self, "default"))
    #expect(stored.metadata.labels["kubernetes.io/metadata.name"] == "default")
    #expect(stored.spec.finalizers == ["kubernetes"])
    #expect(stored.status.phase == .active)
  }

  @Test(arguments: [("default", false), ("kube-system", false), ("kube-public", false), ("kube-node-lease", true)])
  func threeOfThemCannotBeDeleted(name: String, canGo: Bool) throws {
    let world = try TestCluster()
    let refusal = world.refusal(.delete(Namespace.key(name), DeleteOptions()))
    #expect(refusal == (canGo ? nil : "namespaces \"\(name)\" is forbidden: this namespace may not be deleted"))
  }

  @Test func nothingIsMadeInANamespaceThatIsNotThere() throws {
    let world = try TestCluster()
    let error = #expect(throws: StatusError.self) { try world.create(pod("web", in: "nowhere")) }
    #expect(error?.message == "namespaces \"nowhere\" not found")
    #expect(error?.code == 404)
  }

  @Test func aDeletedNamespaceIsEmptiedAndGoes() throws {
    let world = try TestCluster()
    try world.create(Namespace(name: "shop"))
    try world.create(pod("web", in: "shop"))
    try world.create(Lease(name: "lock", namespace: "shop"))
    try world.delete(Namespace(name: "shop"))
    #expect(world.view.object(Namespace.self, "shop")?.status.phase == .terminating)
    let error = #expect(throws: StatusError.self) { try world.create(pod("late", in: "shop")) }
    #expect(
      error?.message == "pods \"late\" is forbidden: unable to create new content in namespace shop "
        + "because it is being terminated")
    #expect(error?.causes.map(\.reason) == ["NamespaceTerminating"])
    world.settle()
    #expect(world.view.object(Namespace.self, "shop") == nil)
    #expect(world.view.snapshot.records(index: "namespace", equals: "shop").isEmpty)
  }

  @Test func podsGoBeforeEverythingElse() throws {
    let world = try TestCluster()
    try world.create(Namespace(name: "shop"))
    try world.create(pod("web", in: "shop") { $0.metadata.finalizers = ["example.com/wait"] })
    try world.create(Lease(name: "lock", namespace: "shop"))
    try world.delete(Namespace(name: "shop"))
    world.run(for: .seconds(20))
    #expect(world.view.object(Lease.self, "lock", in: "shop") != nil)
    try world.update(pod("web", in: "shop")) { $0.metadata.finalizers = [] }
    world.settle()
    #expect(world.view.object(Namespace.self, "shop") == nil)
  }

  @Test func theConditionsSayWhatIsLeftAndWhatKeepsIt() throws {
    let world = try TestCluster()
    try world.create(Namespace(name: "shop"))
    for name in ["a", "b"] {
      try world.create(pod(name, in: "shop") { $0.metadata.finalizers = ["example.com/wait"] })
    }
    try world.delete(Namespace(name: "shop"))
    world.run(for: .seconds(6))
    let stored = try #require(world.view.object(Namespace.self, "shop"))
    let conditions = stored.status.conditions.map { "\($0.type ?? "") \($0.status ?? "") \($0.reason ?? "")" }
    #expect(
      conditions == [
        "NamespaceDeletionDiscoveryFailure False ResourcesDiscovered",
        "NamespaceDeletionGroupVersionParsingFailure False ParsedGroupVersions",
        "NamespaceDeletionContentFailure False ContentDeleted",
        "NamespaceContentRemaining True SomeResourcesRemain",
        "NamespaceFinalizersRemaining True SomeFinalizersRemain",
      ])
    #expect(
      stored.status.conditions["NamespaceFinalizersRemaining"]?.message
        == "Some content in the namespace has finalizers remaining: example.com/wait in 2 resource instances")
    #expect(stored.status.conditions["NamespaceContentRemaining"]?.message?.contains("pods. has 2") == true)
  }

  @Test func anObjectThatSlippedInIsDeletedAfterTheNamespace() throws {
    let world = try TestCluster()
    let late = Lease(name: "late", namespace: "gone")
    _ = try world.store.commit([Write(late.key, .put(late.json), expecting: .absent)])[0].get()
    world.settle()
    #expect(world.view.object(Lease.self, "late", in: "gone") == nil)
  }

  @Test func aNamespacesOwnFinalizersAreWrittenThroughFinalizeOnly() throws {
    let world = try TestCluster()
    try world.update(Namespace(name: "default")) { $0.spec.finalizers = [] }
    #expect(world.view.object(Namespace.self, "default")?.spec.finalizers == ["kubernetes"])
  }
}
