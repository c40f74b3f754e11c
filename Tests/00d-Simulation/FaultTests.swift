import ControlLoop
import Objects
import Store
import Synchronization
import Testing

@testable import Simulation

/// Who is given a turn and when, with faults and without.
@Suite struct FaultTests {
  private func seconds(_ times: [Time]) -> [Int64] { times.map { ($0 - World.epoch).components.seconds } }

  // MARK: Without

  @Test func turnsComeWhenTheyAreDueAndNotLater() throws {
    let ticker = Ticker(pause: .seconds(1))
    let world = try World(layers: [.quiet(ticker)], seed: 1)
    world.run(for: .seconds(4))
    #expect(ticker.turns == (0..<4).map { World.epoch + .seconds($0) })
    #expect(world.now == World.epoch + .seconds(4))
  }

  @Test func whoWritesWakesTheOthers() throws {
    let ticker = Ticker(pause: nil)
    let meadow = Layer.meadow(Diarist()) { $0.contributions.append(ParticipantSource { _, _, _ in [ticker] }) }
    let world = try World(layers: [meadow], seed: 1)
    world.run(for: .seconds(5))
    #expect(Set(seconds(ticker.turns)) == [0, 1, 2, 3, 4], "it asks for nothing, but every second something changes")
  }

  @Test(arguments: [[Fault.dropped], []])
  func inCalmEverybodyGetsATurnAndWhoMissedSomethingStartsAgain(faults: [Fault]) throws {
    let ticker = Ticker(pause: nil)
    let quiet = Layer.quiet(ticker) { $0.invariants = [.eventually("rest", within: .seconds(1)) { _, _ in nil }] }
    let world = try World(layers: [quiet], seed: 1, faults: Set(faults))
    world.run(for: .seconds(10))
    world.checkLiveness()
    #expect(seconds(ticker.turns) == [0, 10])
    #expect(ticker.restarts == (faults.isEmpty ? 0 : 1), "what was never told, only a restart finds")
  }

  @Test func invariantsSeeChangesInTheOrderOfTheirRevisions() throws {
    let seen = Mutex<[Revision]>([])
    let meadow = Layer.meadow(Shepherd()) {
      $0.invariants = [
        .always("nothing") { _, event, _ in
          if let event { seen.withLock { $0.append(event.record.revision) } }
          return nil
        }
      ]
    }
    let world = try World(layers: [meadow], seed: 1)
    let flock = Flock(name: "b", namespace: "farm")
    world.perform([.create(flock.json), .create(Sheep(name: "dolly", namespace: "farm").json)])
    world.perform([.delete(flock.key, DeleteOptions()), .create(flock.json)])
    let revisions = seen.withLock(\.self)
    #expect(revisions.count == 5)
    #expect(revisions == revisions.sorted())
  }

  // MARK: With

  @Test func aJumpSkipsMinutes() throws {
    let ticker = Ticker(pause: .seconds(1))
    let world = try World(layers: [.quiet(ticker)], seed: 1, faults: [.jump], keepsTrace: true)
    world.run(for: .seconds(20_000))
    let turns = seconds(ticker.turns)
    let gaps = zip(turns, turns.dropFirst()).map { $1 - $0 }.filter { $0 != 1 }
    #expect(gaps.count > 5)
    #expect(gaps.count == world.trace.count { $0.contains("the clock jumps") })
    #expect(gaps.allSatisfy { 30...601 ~= $0 }, "half a minute at least, ten minutes at most: \(gaps)")
  }

  @Test func whoIsGoneGetsNoTurnUntilItComesBack() throws {
    let ticker = Ticker(pause: .seconds(1))
    let world = try World(layers: [.quiet(ticker)], seed: 1, faults: [.outage], keepsTrace: true)
    world.run(for: .seconds(20_000))
    let outages = world.trace.filter { $0.contains("ticker is gone until") }
    for outage in outages {
      let start = try #require(Time(String(outage.prefix(27))))
      let end = try #require(Time(String(outage.suffix(20))))
      #expect(.seconds(1) ... .seconds(300) ~= end - start)
      #expect(!ticker.turns.contains { start <= $0 && $0 < end }, "\(outage)")
    }
    #expect(outages.count > 10)
    #expect(ticker.turns.count > 10_000)
    #expect(1..<outages.count ~= ticker.restarts, "some come back with an empty memory, and some as they were")
  }

  @Test func withoutAWorldNothingGoesWrong() throws {
    let world = try World(layers: [.meadow(Shepherd())], seed: 1)
    let watcher = try world.store.watch("flocks.test", after: world.store.snapshot.revision)
    world.perform([.create(Flock(name: "b", namespace: "farm").json)])
    let event = try #require(try watcher.next().first)
    let injector = World.Injector()
    #expect(injector.deliveries(of: event) == 1)
    #expect(injector.snapshot(latest: world.store.snapshot).revision == world.store.snapshot.revision)
  }

  @Test func faultsHaveOneOrder() {
    let faults: [Fault] = [.crash, .stale, .dropped, .doubled, .conflict, .outage, .jump]
    #expect(faults.sorted() == [.conflict, .crash, .doubled, .dropped, .jump, .outage, .stale])
  }
}
