import ControlLoop
import Objects
import Simulation
import Store
import Testing

/// The sentences of World.swift and Fault.swift.
@Suite struct WorldTests {
  @Test func theSameSeedGivesTheSameTrace() throws {
    let search = Search(layers: [.meadow(Shepherd())], chapter: 0)
    let traces = try [1, 1, 2].map { seed in
      try search.world(seed: seed, faults: Set(Fault.allCases), keepsTrace: true).trace
    }
    #expect(traces[0].count > 20)
    #expect(traces[0] == traces[1])
    #expect(traces[0] != traces[2])
  }

  @Test func noTwoObjectsHaveTheSameIdentifier() throws {
    let world = try World(layers: [.meadow(Shepherd())], seed: 1)
    let flocks = (0..<50).map { number in Flock(name: "b\(number)", namespace: "farm") { $0.size = 2 }.json }
    #expect(world.perform(flocks.map(Intent.create)).isEmpty)
    world.run(for: .seconds(30))
    let identifiers = world.view.all(Flock.self).map(\.uid) + world.view.all(Sheep.self).map(\.uid)
    #expect(identifiers.count == 51 * 3)
    #expect(
      Set(identifiers).count == identifiers.count,
      "users and controllers draw from the same stream, so what one makes can pass for what the other made")
  }

  @Test(arguments: [
    (Fault.crash, "the controllers crash before writing"), (.outage, "controllers is gone until"),
    (.jump, "the clock jumps"),
  ])
  func whatGoesWrongIsInTheTrace(_ fault: Fault, _ line: String) throws {
    #expect(try world(with: [fault]).trace.contains { $0.contains(line) })
    #expect(try !world(with: Set(Fault.allCases).subtracting([fault])).trace.contains { $0.contains(line) })
  }

  @Test(arguments: [Fault.conflict, nil])
  func aConflictIsAnotherWriter(_ fault: Fault?) throws {
    let world = try world(with: Set([fault].compactMap(\.self)))
    let touched =
      world.view.all(Flock.self).contains { !$0.metadata.annotations.isEmpty }
      || world.view.all(Sheep.self).contains { !$0.metadata.annotations.isEmpty }
    #expect(touched == (fault != nil))
  }

  @Test func everyChangeIsToldOnceWhenNothingGoesWrong() throws {
    let witness = try witness(of: [])
    #expect(witness.changes.count == 12)
    #expect(witness.told == witness.changes)
    #expect(witness.staleCalls == 0)
  }

  @Test func aDroppedChangeIsNotTold() throws {
    let witness = try witness(of: [.dropped])
    #expect(witness.told.count < witness.changes.count, "some of fifty changes are lost on the way")
    #expect(witness.told.count > witness.changes.count / 2, "and most are not")
    #expect(Set(witness.told).isSubset(of: witness.changes))
  }

  @Test func aDoubledChangeIsToldTwice() throws {
    let witness = try witness(of: [.doubled])
    #expect(witness.told.count > witness.changes.count, "some of fifty changes are told twice")
    #expect(Set(witness.told) == Set(witness.changes), "and none is lost")
    #expect(Dictionary(grouping: witness.told) { $0 }.values.map(\.count).max() == 2, "nor told a third time")
  }

  @Test func aStaleViewIsOlderThanTheLatestChange() throws {
    #expect(try witness(of: [.stale]).staleCalls > 0, "now and then a view is shown that others have left behind")
  }

  @Test func aViewMayBeLateButDoesNotGoBack() throws {
    let shown = try witness(of: [.stale]).shown
    #expect(shown == shown.sorted(), "a cache lags behind, but it does not forget what it has seen")
  }

  @Test func theLastPromisesAreCheckedInCalm() throws {
    let meadow = Layer.meadow(Diarist()) {
      $0.invariants = [.eventually("rest", within: .seconds(3_000)) { _, _ in "the diarist never rests" }]
    }
    let world = try World(layers: [meadow], seed: 1, faults: [.jump, .outage], keepsTrace: true)
    world.run(for: .seconds(100))
    let before = world.trace.count { $0.contains("jumps") || $0.contains("gone") }
    world.checkLiveness()
    let after = world.trace.count { $0.contains("jumps") || $0.contains("gone") }
    #expect(after == before, "faults have to stop before anybody may ask whether things come right")
    #expect(world.violations.count == 1)
  }

  @Test func aWorldComesToRest() throws {
    let world = try World(layers: [.meadow(Shepherd())], seed: 1)
    #expect(world.settle(within: .seconds(10)))
    #expect(world.view.all(Sheep.self).count == 2)
    #expect(
      world.now - World.epoch == .seconds(2), "in the first second sheep are bought, in the second nothing happens")
  }

  @Test func aWorldThatDoesNotComeToRestIsLeftInTime() throws {
    let world = try World(layers: [.meadow(Diarist())], seed: 1)
    #expect(!world.settle(within: .seconds(10)))
    #expect(world.now - World.epoch == .seconds(10))
  }

  @Test func aWorldInWhichSomebodyAnswersItselfIsNotWaitedFor() throws {
    let world = try World(layers: [.meadow(Echo())], seed: 1)
    #expect(!world.settle(within: .seconds(10)), "who writes in answer to each write comes to no rest")
    #expect(world.now - World.epoch == .seconds(2), "and there is no waiting for it either")
    #expect(
      world.violations.map(\.description) == [
        "2026-01-01T00:00:00Z  Everybody comes to rest: 3000 turns in one moment, and there is still something to do"
      ])
  }

  @Test func whatAUserIsRefusedComesBack() throws {
    let world = try World(layers: [.meadow(Shepherd())], seed: 1)
    let goat: Value = ["apiVersion": "test/v1", "kind": "Goat"]
    let twice = Flock(name: "a", namespace: "farm").json
    #expect(
      world.perform([.create(goat), .create(twice)]).map(\.message) == [
        "no kind \"Goat\" is registered for version \"test/v1\"", "flocks.test \"a\" already exists",
      ])
  }

  @Test func aPromiseThatAlwaysHoldsIsCheckedAfterEveryChange() throws {
    let meadow = Layer.meadow(Shepherd()) {
      $0.invariants = [.always("at most one sheep") { view, _, _ in view.all(Sheep.self).count > 1 ? "two" : nil }]
    }
    let world = try World(layers: [meadow], seed: 1)
    world.run(for: .seconds(1))
    #expect(world.violations.first?.description == "2026-01-01T00:00:00Z  at most one sheep: two")
  }

  @Test func aPromiseForLaterIsBrokenWhenItsTimeIsUp() throws {
    let meadow = Layer.meadow(Shepherd()) {
      $0.invariants = [.eventually("three sheep", within: .seconds(4)) { _, _ in "still two" }]
    }
    let world = try World(layers: [meadow], seed: 1)
    world.checkLiveness()
    #expect(world.violations.map(\.description) == ["2026-01-01T00:00:05Z  three sheep: still two"])
  }

  @Test func aTimelineHasAColumnForEverySecond() throws {
    let meadow = Layer.meadow(Shepherd(pause: .seconds(2))) {
      $0.initialObjects.append(Flock(name: "late", namespace: "farm") { $0.size = 4 }.json)
    }
    let world = try World(layers: [meadow], seed: 1)
    let timeline = world.timeline(seconds: 8) { view in
      view.all(Flock.self).flatMap { flock in
        view.all(Sheep.self, controlledBy: flock).enumerated().map { number, _ in ("\(flock.name)-\(number)", "●") }
      }
    }
    #expect(
      timeline.description == """
        a-0     ●●●●●●●●
        late-0  ●●●●●●●●
        a-1       ●●●●●●
        late-1    ●●●●●●
        late-2      ●●●●
        late-3        ●●
        """)
  }

  @Test func aRowThatIsNotNamedShowsNothing() {
    var timeline = Timeline()
    timeline.append([("v1", "●")])
    timeline.append([("v2", "◐")])
    timeline.append([("v1", "·"), ("v2", "●")])
    #expect(
      "\(timeline)" == "v1  ● ·\nv2   ◐●", "a row begins in its own column and has a blank where it was not named")
  }

  private func world(with faults: Set<Fault>) throws -> World {
    let world = try World(layers: [.meadow(Diarist())], seed: 1, faults: faults, keepsTrace: true)
    world.run(for: .seconds(1_200))
    return world
  }

  // Twelve users' changes of the flock are all the modifications that there are.
  private func witness(of faults: Set<Fault>) throws -> Witness {
    let witness = Witness()
    let meadow = Layer.meadow(Shepherd()) {
      $0.controllers.append(Spy(witness: witness))
      $0.invariants = [
        .always("nothing") { _, event, _ in
          if let event { witness.happened(event) }
          return nil
        }
      ]
    }
    _ = try Search(layers: [meadow], chapter: 0, actions: faults.isEmpty ? 12 : 50).world(seed: 1, faults: faults)
    return witness
  }
}

/// Answers every change of a flock with another, its own changes too.
private struct Echo: Controller {
  let name = "echo"
  let triggers = [Trigger.on(Flock.self)]

  func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var flock = view[Flock.self, key] else { return .nothing }
    flock.status.sheep = (flock.status.sheep ?? 0) + 1
    var plan = Plan()
    plan.updateStatus(flock)
    return plan
  }
}
