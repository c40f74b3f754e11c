import ControlLoop
import Objects
import Store
import Testing

/// What the garbage collector says of one object. Nobody carries it out: objects stand in the store as the test puts
/// them there, with all the metadata that only the server writes.
@Suite struct CollectorPlanTests {
  let farm: Farm

  init() throws { farm = try Farm() }

  // MARK: Who owns it

  @Test func anOwnerThatIsThereKeepsItsDependents() throws {
    let flock = try put(flock("a"))
    let dolly = try put(sheep("dolly", of: [flock]))
    #expect(try plan(for: dolly) == [], "its owner is there")
  }

  @Test func aDependentOfNobodyGoes() throws {
    let dolly = try put(sheep("dolly", of: [flock("a")]))
    #expect(try plan(for: dolly) == ["delete dolly"], "the flock that it names is not there")
  }

  @Test func anotherObjectOfThatNameIsNotTheOwner() throws {
    let former = flock("a")
    try put(flock("a").with { $0.metadata.uid = "another" })
    let dolly = try put(sheep("dolly", of: [former]))
    #expect(
      try plan(for: dolly) == ["delete dolly"], "an owner is an object and not a name: this flock has another uid")
  }

  @Test func anOwnerThatWaitsForItsDependentsLetsThemGo() throws {
    let waiting = try put(deleted(flock("a"), finalizers: ["foregroundDeletion"]))
    let dolly = try put(sheep("dolly", of: [waiting]))
    #expect(try plan(for: dolly) == ["delete dolly"], "deleted in the foreground, the owner waits for dolly to go")
    let held = try put(deleted(flock("b"), finalizers: ["test/held"]))
    let molly = try put(sheep("molly", of: [held]))
    #expect(try plan(for: molly) == [], "an owner that is only marked is still there: molly stays until it has gone")
  }

  @Test func aReferenceToNobodyIsDropped() throws {
    let flock = try put(flock("a"))
    let dolly = try put(sheep("dolly", of: [flock, self.flock("gone")]))
    #expect(try plan(for: dolly) == ["update dolly, owned by [a]"], "dolly stays, without the reference to nobody")
  }

  @Test func whatCannotBeLookedUpIsNotTakenForGone() throws {
    let dolly = sheep("dolly", of: [flock("a")]).with { $0.metadata.ownerReferences[0].kind = "Goat" }
    #expect(try plan(for: put(dolly)) == [], "nobody serves goats today: that does not mean that there are none")
  }

  // MARK: The owner waits

  @Test func anOwnerIsReleasedWhenNobodyBlocksIt() throws {
    let flock = try put(deleted(flock("a"), finalizers: ["test/other", "foregroundDeletion"]))
    #expect(
      try plan(for: flock) == ["update a, held by [test/other]"], "no dependents: only the collector's finalizer goes")
    try put(sheep("dolly", of: [flock]).with { $0.metadata.ownerReferences[0].blockOwnerDeletion = nil })
    #expect(try plan(for: flock) == ["update a, held by [test/other]"], "dolly does not ask to be waited for")
  }

  @Test func anOwnerWaitsForEveryoneWhoBlocksIt() throws {
    let flock = try put(deleted(flock("a"), finalizers: ["foregroundDeletion"]))
    try put(sheep("dolly", of: [flock]))
    #expect(try plan(for: flock) == [], "dolly says blockOwnerDeletion and is still there")
  }

  @Test func twoThatWaitForEachOtherDoNotWaitForEver() throws {
    let (a, b) = (sheep("a", of: []), sheep("b", of: []))
    let finalizers = ["foregroundDeletion"]
    for (one, other) in [(a, b), (b, a)] {
      try put(
        deleted(one, finalizers: finalizers).with { $0.metadata.ownerReferences = [OwnerReference(controller: other)] })
    }
    #expect(try plan(for: a) == ["update a, held by []"], "b, for which a would wait, waits for a")
  }

  @Test func threeThatWaitForEachOtherInACircleDoNotWaitForEver() throws {
    for (name, owner) in [("a", "c"), ("b", "a"), ("c", "b")] {
      try put(
        deleted(sheep(name, of: []), finalizers: ["foregroundDeletion"]).with {
          $0.metadata.ownerReferences = [OwnerReference(controller: sheep(owner, of: []))]
        })
    }
    #expect(try plan(for: sheep("a", of: [])) == ["update a, held by []"], "b waits for c, and c waits for a")
  }

  // MARK: How it goes

  @Test(
    arguments: [
      (true, true, true, .foreground, "the owner waits for dolly, and dolly's own dependent has to go before her"),
      (true, true, false, .background, "nobody depends on dolly"),
      (true, false, true, .background, "the owner does not wait for dolly"),
      (false, true, true, .background, "there is no owner that waits"),
    ] as [(Bool, Bool, Bool, PropagationPolicy, Comment)])
  func aDependentGoesInTheForegroundWhereItsOwnerWaitsForAllBelowIt(
    _ ownerWaits: Bool, _ isBlocking: Bool, _ hasDependent: Bool, _ policy: PropagationPolicy, _ why: Comment
  ) throws {
    let owner = deleted(flock("a"), finalizers: ["foregroundDeletion"])
    if ownerWaits { try put(owner) }
    let dolly = try put(
      sheep("dolly", of: [owner]).with { $0.metadata.ownerReferences[0].blockOwnerDeletion = isBlocking })
    if hasDependent {
      try put(sheep("lamb", of: []).with { $0.metadata.ownerReferences = [OwnerReference(controller: dolly)] })
    }
    let options = try #require(try deletion(of: dolly))
    #expect(options.propagationPolicy == policy, why)
    #expect(options.uid == "uid-of-dolly", "a later sheep of that name is not meant")
  }

  @Test(
    arguments: [
      ([], .background), (["orphan"], .orphan), (["foregroundDeletion"], .foreground), (["test/held"], .background),
    ] as [([String], PropagationPolicy)])
  func whatADependentWishesForItsOwnDependentsCounts(_ finalizers: [String], _ policy: PropagationPolicy) throws {
    let dolly = try put(sheep("dolly", of: [flock("gone")]).with { $0.metadata.finalizers = finalizers })
    #expect(try deletion(of: dolly)?.propagationPolicy == policy)
  }

  private func deletion(of object: some Resource) throws -> DeleteOptions? {
    try GarbageCollector().reconcile(object.key, in: farm.view, at: farm.now).intents.lazy.compactMap {
      if case .delete(object.key, let options) = $0 { options } else { nil }
    }.first
  }

  // MARK: Objects as they are

  private func flock(_ name: String) -> Flock { Flock(name, size: 0).with { $0.metadata.uid = "uid-of-\(name)" } }

  private func sheep(_ name: String, of owners: [Flock]) -> Sheep {
    Sheep(name: name, namespace: "farm") {
      $0.metadata.uid = "uid-of-\(name)"
      $0.metadata.ownerReferences = owners.map { OwnerReference(controller: $0) }
    }
  }

  private func deleted<T: Resource>(_ object: T, finalizers: [String]) -> T {
    object.with {
      $0.metadata.deletionTimestamp = farm.now
      $0.metadata.finalizers = finalizers
    }
  }

  @discardableResult
  private func put<T: Resource>(_ object: T) throws -> T {
    _ = try farm.store.commit([Write(object.key, .put(object.json), expecting: .absent)])[0].get()
    return try farm.stored(object)
  }

  private func plan(for object: some Resource) throws -> [String] {
    try GarbageCollector().reconcile(object.key, in: farm.view, at: farm.now).intents.map { intent in
      switch intent {
      case .delete(let key, _): return "delete \(key.name)"
      case .update(let value):
        let object = Object(json: value)
        if object.isBeingDeleted {
          return "update \(object.name), held by [\(object.metadata.finalizers.joined(separator: ", "))]"
        }
        let owners = object.metadata.ownerReferences.compactMap(\.name)
        return "update \(object.name), owned by [\(owners.joined(separator: ", "))]"
      default: return "\(intent)"
      }
    }
  }
}
