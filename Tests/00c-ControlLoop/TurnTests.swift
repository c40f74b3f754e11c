import ControlLoop
import Objects
import Store
import Testing

/// What a turn of the driver does beside calling controllers: how much of it, when, in which order, and what it tells.
@Suite struct TurnTests {
  @Test func aTurnEndsAfterSixtyFourKeys() throws {
    let calls = Log<String>()
    let farm = try Farm([noting(calls)])
    for number in 0..<70 { try farm.create(Flock("flock-\(number)", size: 0)) }
    #expect(farm.turn().didWork)
    #expect(calls.entries.count == 64, "others have their turn too")
    farm.run()
    #expect(Set(calls.entries).count == 70 && calls.entries.count == 70)
    #expect(!farm.turn().didWork)
  }

  @Test func keysOfTheSameTimeAreCalledInTheirOrder() throws {
    let calls = Log<String>()
    let controllers = ["x", "y"].map { name in
      Doing(name: name, triggers: [.on(Flock.self)]) { key, _, now in
        calls.add("\(name) \(key.name)")
        var plan = Plan()
        if calls.entries.count <= 6 { plan.wake(at: Time(microseconds: 1_767_225_600_000_000) + .seconds(10)) }
        return plan
      }
    }
    let farm = try Farm(controllers)
    for name in ["c", "a", "b"] { try farm.create(Flock(name, size: 0)) }
    farm.run(for: .seconds(20))
    #expect(calls.entries.suffix(6) == ["x a", "x b", "x c", "y a", "y b", "y c"])
  }

  @Test func aTimeThatHasPassedIsAsGoodAsNow() throws {
    let calls = Log<Time>()
    let farm = try Farm([
      Doing(triggers: [.on(Flock.self)]) { _, _, now in
        calls.add(now)
        var plan = Plan()
        if calls.entries.count == 1 { plan.wake(at: now - .seconds(5)) }
        return plan
      }
    ])
    let start = farm.now
    try farm.create(Flock("a", size: 0))
    farm.run()
    #expect(calls.entries == [start, start + .milliseconds(1)], "but it does not hold up the others of this moment")
  }

  @Test func pausesOfThoseWhoFailTogetherAreSpread() throws {
    struct Lost: Error {}
    let calls = Log<Time>()
    let farm = try Farm([
      Doing(triggers: [.on(Flock.self)]) { _, _, now in
        calls.add(now)
        if calls.entries.count <= 40 { throw Lost() }
        return .nothing
      }
    ])
    let start = farm.now
    for number in 0..<40 { try farm.create(Flock("flock-\(number)", size: 0)) }
    farm.run()
    let pauses = calls.entries.dropFirst(40).map { $0 - start }
    #expect(pauses.count == 40)
    #expect(pauses.allSatisfy { $0 >= .milliseconds(5) && $0 <= .microseconds(5_500) })
    #expect(pauses.contains { $0 < .microseconds(5_100) } && pauses.contains { $0 > .microseconds(5_400) })
  }

  @Test func tenMinutesAreCountedFromTheRestart() throws {
    let calls = Log<String>()
    let farm = try Farm([noting(calls)])
    try farm.create(Flock("a", size: 0))
    farm.run(for: .seconds(300))
    farm.driver.restart()
    farm.run(for: .seconds(599))
    #expect(calls.entries.count == 2, "the change, and the restart, which looks at everything anyway")
    farm.run(for: .seconds(2))
    #expect(calls.entries.count == 3)
    farm.run(for: .seconds(600))
    #expect(calls.entries.count == 4, "and so on, every tenth minute")
  }

  @Test func whoHasFallenBehindLooksAtEverythingOnce() throws {
    let calls = Log<String>()
    var limits = Store.Limits()
    limits.watchedEvents = 4
    let farm = try Farm([noting(calls)], limits: limits)
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] { try farm.create(Flock(name, size: 0)) }
    farm.run()
    #expect(calls.entries == ["a", "b", "c", "d", "e", "f", "g", "h"], "the log has forgotten the first of them")
    for size in 1...2 { try farm.update(Flock("b", size: 0)) { $0.spec.size = size } }
    farm.run()
    #expect(calls.entries.suffix(1) == ["b"] && calls.entries.count == 9, "and then goes on as before")
  }

  @Test(arguments: [true, false])
  func whatSomebodyElseHasDeletedMeanwhileNeedNotBeDeleted(_ deletes: Bool) throws {
    // Both see the sheep, and the first one's deletion is written together with what the second one wants.
    let refusals = Log<String>()
    let farm = try Farm([
      Doing(name: "first", triggers: [.on(Flock.self)]) { _, view, _ in
        var plan = Plan()
        if let dolly = view.object(Sheep.self, "dolly", in: "farm") { plan.delete(dolly) }
        return plan
      },
      Doing(name: "second", triggers: [.on(Flock.self)]) { _, view, _ in
        if let refusal = view.refusal { refusals.add(refusal.reason) }
        var plan = Plan()
        guard let dolly = view.object(Sheep.self, "dolly", in: "farm") else { return plan }
        if deletes { plan.delete(dolly) } else { plan.update(dolly.with { $0.metadata.labels["seen"] = "yes" }) }
        plan.create(Sheep(name: "molly", namespace: "farm"))
        return plan
      },
    ])
    try farm.create(Sheep(name: "dolly", namespace: "farm"))
    try farm.create(Flock("a", size: 0))
    farm.run()
    #expect(farm.sheep.map(\.name) == (deletes ? ["molly"] : []), "what comes behind a failure is dropped")
    #expect(refusals.entries == (deletes ? [] : ["NotFound"]), "what has gone cannot be changed")
  }

  // MARK: What is told

  /// Makes a sheep of each note, so that a test sees when it was written.
  private struct Scribe: Recorder {
    var name: String

    func intents(for notes: [Note], from source: String, in view: View, at now: Time) -> [Intent] {
      notes.map { .create(Sheep(name: "\(name)-\(source)-\($0.reason)", namespace: "farm").json) }
    }
  }

  private func told(_ lambName: String) throws -> [String] {
    let farm = try Farm(
      [
        Doing(name: "shepherd", triggers: [.on(Flock.self)]) { key, view, _ in
          var plan = Plan()
          guard let flock = view[Flock.self, key], view.refusal == nil else { return plan }
          plan.record("done", "a lamb is there", about: flock)
          plan.record(.warning, "careful", "a lamb is coming", about: flock)
          plan.create(Sheep(name: lambName, namespace: "farm"))
          return plan
        }
      ],
      later: ["early", "late"].map { name in
        Layer(chapter: 1, name: name) { $0.recorder = Scribe(name: name) }
      } + [Layer(chapter: 2, name: "Silent")])
    try farm.create(Flock("a", size: 0))
    farm.run()
    return farm.sheep.sorted { $0.metadata.resourceVersion ?? "" < $1.metadata.resourceVersion ?? "" }.map(\.name)
  }

  @Test func aWarningIsToldBeforeTheWritesAndASuccessAfterThem() throws {
    #expect(try told("lamb") == ["late-shepherd-careful", "lamb", "late-shepherd-done"], "the last recorder tells it")
    #expect(try told("No Name") == ["late-shepherd-careful"], "nothing was done, so no success is told")
  }

  private func noting(_ calls: Log<String>) -> Doing {
    Doing(triggers: [.on(Flock.self)]) { key, _, _ in
      calls.add(key.name)
      return .nothing
    }
  }
}
