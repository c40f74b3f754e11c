import ControlLoop
import Objects
import Store
import Testing

/// The rules at the top of GarbageCollector.swift.
@Suite struct GarbageCollectorTests {
  let farm: Farm

  init() throws { farm = try Farm() }

  @Test func inTheBackgroundDependentsGoAfterTheirOwner() throws {
    let flock = try farm.create(Flock("a", size: 0))
    let sheep = try farm.create(sheep("dolly", of: [flock]))
    try farm.create(self.sheep("lamb", of: [sheep]))
    farm.run()
    #expect(farm.sheep.count == 2, "an owner that is there keeps them")
    try farm.delete(flock)
    #expect(farm.sheep.count == 2)
    farm.run()
    #expect(farm.sheep.isEmpty)
  }

  @Test func inTheForegroundTheOwnerWaitsForThoseThatBlockIt() throws {
    let flock = try farm.create(Flock("a", size: 0))
    try farm.create(sheep("held", of: [flock]) { $0.metadata.finalizers = ["test/held"] })
    try farm.create(sheep("free", of: [flock]))
    try farm.delete(flock, DeleteOptions(propagationPolicy: .foreground))
    farm.run()
    #expect(farm.sheep.map(\.name) == ["held"])
    #expect(farm.flock("a") != nil)
    try farm.update(#require(farm.sheep.first)) { $0.metadata.finalizers = [] }
    farm.run()
    #expect(farm.flock("a") == nil)
  }

  @Test func inTheForegroundTheOwnerDoesNotWaitForThoseThatDoNotBlockIt() throws {
    let flock = try farm.create(Flock("a", size: 0))
    try farm.create(
      sheep("held", of: [flock]) {
        $0.metadata.finalizers = ["test/held"]
        $0.metadata.ownerReferences[0].blockOwnerDeletion = nil
      })
    try farm.delete(flock, DeleteOptions(propagationPolicy: .foreground))
    farm.run()
    #expect(farm.flock("a") == nil)
    #expect(farm.sheep("held")?.isBeingDeleted == true)
  }

  @Test func inTheForegroundADependentThatIsLetGoBlocksNoLonger() throws {
    let flock = try farm.create(Flock("a", size: 0))
    let held = try farm.create(
      sheep("held", of: [flock]) {
        $0.metadata.finalizers = ["test/held"]
      })
    try farm.delete(flock, DeleteOptions(propagationPolicy: .foreground))
    farm.run()
    #expect(farm.flock("a") != nil)
    try farm.update(held) { $0.metadata.ownerReferences = [] }
    farm.run()
    #expect(farm.flock("a") == nil)
  }

  @Test func inTheForegroundAChainGoesFromItsEnd() throws {
    let flock = try farm.create(Flock("a", size: 0))
    let dolly = try farm.create(sheep("dolly", of: [flock]))
    try farm.create(sheep("lamb", of: [dolly]) { $0.metadata.finalizers = ["test/held"] })
    try farm.delete(flock, DeleteOptions(propagationPolicy: .foreground))
    farm.run()
    #expect(farm.sheep("dolly")?.metadata.finalizers == ["foregroundDeletion"])
    try farm.update(try #require(farm.sheep("lamb"))) { $0.metadata.finalizers = [] }
    farm.run()
    #expect(farm.sheep.isEmpty && farm.flock("a") == nil)
  }

  @Test func orphansStayWithoutTheirReference() throws {
    let flock = try farm.create(Flock("a", size: 0))
    try farm.create(sheep("dolly", of: [flock]))
    try farm.delete(flock, DeleteOptions(propagationPolicy: .orphan))
    farm.run()
    #expect(farm.flock("a") == nil)
    #expect(farm.sheep("dolly")?.metadata.ownerReferences.isEmpty == true)
  }

  @Test func oneOwnerThatIsThereIsEnough() throws {
    let (a, b) = (try farm.create(Flock("a", size: 0)), try farm.create(Flock("b", size: 0)))
    try farm.create(sheep("dolly", of: [a, b]) { $0.metadata.ownerReferences[1].controller = nil })
    try farm.delete(a)
    farm.run()
    #expect(farm.sheep("dolly")?.metadata.ownerReferences.map(\.name) == ["b"])
    try farm.delete(b)
    farm.run()
    #expect(farm.sheep.isEmpty)
  }

  @Test(arguments: [PropagationPolicy.background, .foreground])
  func aCircleGoesAsAWhole(_ policy: PropagationPolicy) throws {
    let dolly = try farm.create(sheep("dolly", of: []))
    let molly = try farm.create(sheep("molly", of: [dolly]))
    try farm.update(dolly) { $0.metadata.ownerReferences = [OwnerReference(controller: molly)] }
    farm.run()
    #expect(farm.sheep.count == 2)
    try farm.delete(dolly, DeleteOptions(propagationPolicy: policy))
    farm.run()
    #expect(farm.sheep.isEmpty)
  }

  @Test func anOwnerThatNeverWasIsNone() throws {
    try farm.create(sheep("dolly", of: [Flock("ghost", size: 0).with { $0.metadata.uid = "1" }]))
    farm.run()
    #expect(farm.sheep.isEmpty)
  }

  @Test func anotherObjectOfTheSameNameIsNotTheOwner() throws {
    let flock = try farm.create(Flock("a", size: 0))
    try farm.create(sheep("dolly", of: [flock.with { $0.metadata.uid = "earlier" }]))
    farm.run()
    #expect(farm.sheep.isEmpty)
    #expect(farm.flock("a") != nil)
  }

  @Test func anOwnerInAnotherNamespaceCountsAsGone() throws {
    let flock = try farm.create(Flock("a", size: 0))
    try farm.create(sheep("dolly", of: [flock]).with { $0.metadata.namespace = "elsewhere" })
    farm.run()
    #expect(farm.sheep.isEmpty)
  }

  @Test func anOwnerWithoutANamespaceMayOwnAnything() throws {
    let hill = try farm.create(Pasture(name: "hill"))
    try farm.create(sheep("dolly", of: [hill]))
    farm.run()
    #expect(farm.sheep.count == 1)
    try farm.delete(hill)
    farm.run()
    #expect(farm.sheep.isEmpty)
  }

  @Test func aDependentWithoutANamespaceIsLeftAloneWhenItsOwnerHasOne() throws {
    let flock = try farm.create(Flock("a", size: 0))
    try farm.create(Pasture(name: "hill").with { $0.metadata.ownerReferences = [OwnerReference(controller: flock)] })
    try farm.delete(flock)
    farm.run(for: .seconds(700))
    #expect(farm.view.object(Pasture.self, "hill") != nil)
  }

  @Test func anOwnerOfAKindThatNobodyServesKeepsItsDependents() throws {
    let dolly = sheep("dolly", of: [Flock("a", size: 0).with { $0.metadata.uid = "1" }]) {
      $0.metadata.ownerReferences[0].kind = "Goat"
    }
    try farm.create(dolly)
    farm.run()
    #expect(farm.sheep.count == 1)
  }

  private func sheep(
    _ name: String, of owners: [any Resource], _ change: (inout Sheep) -> Void = { _ in }
  ) -> Sheep {
    Sheep(name: name, namespace: "farm") {
      $0.metadata.ownerReferences = owners.map { OwnerReference(controller: $0) }
      change(&$0)
    }
  }
}
