import ControlLoop
import Objects
import Store
import Testing

/// The promises at the top of Driver.swift and Execution.swift.
@Suite struct DriverTests {
  @Test func changesThatArriveTogetherLeadToOneCallThatSeesTheLast() throws {
    let calls = Log<Int>()
    let farm = try Farm([
      Doing { key, view, _ in
        calls.add(view[Flock.self, key]?.wantedSize ?? -1)
        return .nothing
      }
    ])
    let flock = try farm.create(Flock("a", size: 1))
    for size in 2...4 { try farm.update(flock) { $0.spec.size = size } }
    farm.run()
    #expect(calls.entries == [4])
    try farm.delete(flock)
    farm.run()
    #expect(calls.entries == [4, -1])
  }

  @Test func everyChangeLeadsToACallThatSeesItOrALaterState() throws {
    for seed in 0..<30 as Range<UInt64> {
      let calls = Log<(key: Key, revision: Revision)>()
      let farm = try Farm([
        Doing { key, view, _ in
          calls.add((key, view.snapshot.revision))
          return .nothing
        }
      ])
      var random = SeededGenerator(seed: seed)
      let flocks = try ["a", "b", "c"].map { try farm.create(Flock($0, size: 0)) }
      for _ in 0..<20 {
        guard let flock = flocks.randomElement(using: &random) else { continue }
        try farm.update(flock) { $0.spec.size = ($0.spec.size ?? 0) + 1 }
        if Bool.random(using: &random) { farm.turn() }
      }
      farm.run()
      for flock in flocks {
        let record = try #require(farm.store.snapshot.record(flock.key))
        let latest = try #require(calls.entries.last { $0.key == flock.key })
        try #require(latest.revision >= record.revision, "seed \(seed): the last call was shown an older state")
      }
    }
  }

  @Test func aKeyIsNotReconciledBeforeItsViewHasReachedItsOwnWrites() throws {
    // Nobody tells this shepherd of sheep: he looks again because he asked to be called.
    let farm = try Farm([
      Doing(triggers: [.on(Flock.self)]) { key, view, now in
        var plan = try Doing.shepherd.plan(key, view, now)
        plan.wake(at: now + .milliseconds(10))
        return plan
      }
    ])
    try farm.create(Flock("a", size: 3))
    farm.switches.shown = farm.store.snapshot
    farm.run(for: .seconds(1))
    #expect(farm.sheep.count == 3, "a second call would have seen no sheep and created three more")
    farm.switches.shown = nil
    farm.run(for: .seconds(1))
    #expect(farm.sheep.count == 3)
    try farm.delete(#require(farm.sheep.first))
    farm.run(for: .seconds(1))
    #expect(farm.sheep.count == 3, "and now it looks again")
  }

  @Test func aKeyIsNotReconciledBeforeItsViewHasReachedTheChangeThatCalledForIt() throws {
    let sizes = Log<Int>()
    let farm = try Farm([
      Doing { key, view, _ in
        sizes.add(view[Flock.self, key]?.wantedSize ?? -1)
        return .nothing
      }
    ])
    let flock = try farm.create(Flock("a", size: 1))
    farm.switches.shown = farm.store.snapshot
    farm.run()
    try farm.update(flock) { $0.spec.size = 2 }
    farm.run(for: .seconds(1))
    #expect(sizes.entries == [1])
    farm.switches.shown = nil
    farm.run()
    #expect(sizes.entries == [1, 2])
  }

  @Test func writesGoOutInBatchesThatDouble() throws {
    let farm = try Farm([Doing.shepherd])
    try farm.create(Flock("a", size: 20))
    farm.run()
    #expect(
      farm.storage.commits.entries == [1, 1, 2, 4, 8, 5],
      "the flock itself, then twenty sheep: one at first, and twice as many each time nothing was refused")
    #expect(farm.sheep.count == 20)
    try farm.create(Flock("b", size: 1_600))
    farm.run()
    #expect(farm.storage.commits.entries.suffix(5) == [128, 256, 512, 512, 65], "but never more than 512 together")
  }

  // Writes 1, then 2 and 3, then 4 to 7.
  @Test(arguments: [(1, 0), (2, 1), (3, 2), (4, 3), (6, 5), (7, 6)])
  func theFirstRefusalDropsTheRest(_ refused: Int, _ written: Int) throws {
    let farm = try Farm([
      Doing { key, view, _ in
        var plan = Plan()
        guard view.refusal == nil else { return plan }
        for number in 1...20 {
          plan.create(Sheep(name: number == refused ? "No Name" : "sheep-\(number)", namespace: "farm"))
        }
        return plan
      }
    ])
    try farm.create(Flock("a", size: 0))
    farm.turn()
    #expect(farm.sheep.map(\.name) == (0..<written).map { "sheep-\($0 + 1)" })
  }

  // What the store refuses shows only when its batch has been committed: sheep-3 was already on its way.
  @Test func whatTheStoreRefusesDropsTheFollowingBatches() throws {
    let farm = try Farm([
      Doing { key, view, _ in
        var plan = Plan()
        guard view.refusal == nil else { return plan }
        for number in [1, 1, 3, 4, 5] { plan.create(Sheep(name: "sheep-\(number)", namespace: "farm")) }
        return plan
      }
    ])
    try farm.create(Flock("a", size: 0))
    farm.turn()
    #expect(farm.sheep.map(\.name) == ["sheep-1", "sheep-3"])
  }

  @Test func theNextCallIsToldWhyThePlanWasRefusedUntilOneSucceeds() throws {
    let refusals = Log<String>()
    let farm = try Farm([
      Doing { key, view, _ in
        refusals.add(view.refusal?.reason ?? "none")
        var plan = Plan()
        plan.create(Sheep(name: view.refusal == nil ? "No Name" : "dolly", namespace: "farm"))
        return refusals.entries.count < 3 ? plan : .nothing
      }
    ])
    let flock = try farm.create(Flock("a", size: 0))
    farm.run()
    try farm.update(flock) { $0.spec.size = 1 }
    farm.run()
    #expect(refusals.entries == ["none", "Invalid", "none"])
  }

  @Test(arguments: [true, false])
  func theSecondWriteOfAnObjectBuildsOnTheFirst(_ isStatusLast: Bool) throws {
    let calls = Log<Int>()
    let farm = try Farm([
      Doing { key, view, _ in
        guard var flock = view[Flock.self, key], flock.status.sheep == nil else { return .nothing }
        calls.add(1)
        var plan = Plan()
        flock.metadata.labels["seen"] = "yes"
        flock.status.sheep = 0
        if isStatusLast { plan.update(flock) }
        plan.updateStatus(flock)
        if !isStatusLast { plan.update(flock) }
        return plan
      }
    ])
    try farm.create(Flock("a", size: 0))
    farm.run()
    #expect(calls.entries == [1])
    #expect(farm.flock("a")?.metadata.labels["seen"] == "yes")
    #expect(farm.flock("a")?.status.sheep == 0)
  }

  @Test func aConflictLeadsToANewCallWithAFreshView() throws {
    let seen = Log<Int>()
    let farm = try Farm([
      Doing { key, view, _ in
        guard var flock = view[Flock.self, key], flock.status.sheep != flock.wantedSize else { return .nothing }
        seen.add(flock.wantedSize)
        flock.status.sheep = flock.wantedSize
        var plan = Plan()
        plan.updateStatus(flock)
        return plan
      }
    ])
    let flock = try farm.create(Flock("a", size: 1))
    var error: (any Error)?
    farm.switches.meanwhile = {
      do { try farm.update(flock) { $0.spec.size = 2 } } catch let failure { error = failure }
    }
    farm.turn()
    #expect(error == nil)
    #expect(farm.flock("a")?.status.sheep == nil, "a status that was worked out from the old size is refused")
    farm.run()
    #expect(
      seen.entries == [1, 2], "after a conflict the controller is asked again, and sees what the other one wrote")
    #expect(farm.flock("a")?.status.sheep == 2)
  }

  @Test func failuresAreFollowedByGrowingPauses() throws {
    struct Lost: Error {}
    let calls = Log<Time>()
    let farm = try Farm([
      Doing { _, _, now in
        calls.add(now)
        if calls.entries.count < 8 { throw Lost() }
        return .nothing
      }
    ])
    try farm.create(Flock("a", size: 0))
    farm.run(for: .seconds(10))
    let times = calls.entries
    #expect(times.count == 8)
    for (number, (before, after)) in zip(times, times.dropFirst()).enumerated() {
      let pause = Duration.milliseconds(5) * (1 << number)
      #expect(after - before >= pause && after - before <= pause * 1.11)
    }
  }

  @Test(arguments: 0...7)
  func aCrashBetweenTwoWritesIsMadeGoodAfterTheRestart(_ writes: Int) throws {
    let farm = try Farm([Doing.shepherd])
    try farm.create(Flock("a", size: 7))
    farm.switches.writesBeforeCrash = writes
    farm.turn()
    #expect(farm.sheep.count == writes)
    farm.run()
    #expect(farm.sheep.count == 7)
  }

  @Test func aRestartReconcilesEveryObjectOnce() throws {
    let calls = Log<String>()
    let farm = try Farm([
      Doing { key, _, _ in
        calls.add(key.name)
        return .nothing
      }
    ])
    for name in ["c", "a", "b"] { try farm.create(Flock(name, size: 0)) }
    farm.run()
    #expect(calls.entries == ["c", "a", "b"])
    farm.driver.restart()
    farm.run()
    #expect(calls.entries == ["c", "a", "b", "a", "b", "c"])
  }

  @Test func aChangeThatWasNeverToldIsFoundAfterTenMinutes() throws {
    let farm = try Farm([Doing.shepherd])
    farm.run()
    farm.switches.deliveries = 0
    try farm.create(Flock("a", size: 1))
    farm.run(for: .seconds(599))
    #expect(farm.sheep.isEmpty)
    farm.run(for: .seconds(2))
    #expect(farm.sheep.count == 1)
  }

  @Test func aChangeThatIsToldTwiceIsOneCall() throws {
    let calls = Log<Key>()
    let farm = try Farm([
      Doing { key, _, _ in
        calls.add(key)
        return .nothing
      }
    ])
    farm.switches.deliveries = 2
    try farm.create(Flock("a", size: 1))
    farm.run()
    #expect(calls.entries.count == 1)
  }

  @Test func aControllerIsCalledAtTheTimeThatItAskedFor() throws {
    let calls = Log<Time>()
    let farm = try Farm([
      Doing { _, _, now in
        calls.add(now)
        var plan = Plan()
        if calls.entries.count == 1 {
          plan.wake(at: now + .seconds(60))
          plan.wake(at: now + .seconds(30))
          plan.wake(at: nil)
        }
        return plan
      }
    ])
    let start = farm.now
    try farm.create(Flock("a", size: 0))
    while farm.turn().didWork {}
    #expect(farm.turn().wakeAt == start + .seconds(30))
    farm.run(for: .seconds(100))
    #expect(calls.entries == [start, start + .seconds(30)], "of two times that it asked for, the earlier one counts")
  }

  @Test func aChangeOfADependentReconcilesItsController() throws {
    let calls = Log<String>()
    let farm = try Farm([
      Doing(triggers: [.on(Sheep.self, controlledBy: Flock.self)]) { key, _, _ in
        calls.add(key.name)
        return .nothing
      }
    ])
    let (a, b) = (try farm.create(Flock("a", size: 0)), try farm.create(Flock("b", size: 0)))
    let sheep = try farm.create(
      Sheep(name: "dolly", namespace: "farm") { $0.metadata.ownerReferences = [OwnerReference(controller: a)] })
    farm.run()
    // From one to the other: both have to know.
    try farm.update(sheep) { $0.metadata.ownerReferences = [OwnerReference(controller: b)] }
    farm.run()
    #expect(calls.entries == ["a", "b", "a"])
  }

  @Test func aLaterLayerReplacesAControllerOfAnEarlierOne() {
    let old = Layer(chapter: 1, name: "Old") { $0.controllers = [Doing(name: "old") { _, _, _ in .nothing }] }
    let new = Layer(chapter: 2, name: "New") {
      $0.controllers = [Doing(name: "new") { _, _, _ in .nothing }]
      $0.replaces = ["old"]
    }
    #expect(Cluster(layers: [old]).controllers.map(\.name) == ["old", "garbage-collector-controller"])
    #expect(Cluster(layers: [old, new]).controllers.map(\.name) == ["new", "garbage-collector-controller"])
  }
}
