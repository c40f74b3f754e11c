import ControlLoop
import Objects
import Testing

@testable import Simulation

/// Finding the seed that breaks a promise, and the faults that it takes.
@Suite struct SearchTests {
  @Test func aSoundControllerKeepsItsPromisesUnderAllFaults() throws {
    let meadow = Layer.meadow(Shepherd()) { $0.contributions.append(UserAction.sell) }
    try Search(layers: [meadow], chapter: 0).run(seeds: 0..<12)
  }

  @Test func onlyTheFaultThatBreaksAPromiseIsNamed() throws {
    let search = Search(layers: [.meadow(Bookkeeper())], chapter: 0, faults: [.conflict, .crash, .doubled, .stale])
    let failure = try #require(throws: Search.Failure.self) { try search.run(seeds: 0..<200) }
    #expect(
      failure.faults == [.crash],
      "the bookkeeper fails without the other faults too, only not in every world: so they have nothing to do with it")
    #expect(failure.violations.map(\.invariant) == ["every flock is complete"])
    #expect(try search.violations(seed: failure.seed, faults: []).isEmpty)
    #expect(try search.violations(seed: failure.seed, faults: [.crash]).count == 1)
  }

  @Test func twoFaultsThatNeedEachOtherAreBothNamed() throws {
    // He reads sheep without asking to be told of them: after a crash, nothing says how new his view must be.
    let meadow = Layer.meadow(Shepherd(triggers: [.on(Flock.self)])) { $0.invariants.append(.neverMoreThanWanted) }
    let search = Search(layers: [meadow], chapter: 0, faults: [.crash, .stale, .doubled, .conflict])
    let failure = try #require(throws: Search.Failure.self) { try search.run(seeds: 0..<400) }
    #expect(failure.faults == [.crash, .stale])
    #expect(failure.violations.first?.invariant == "never more sheep than wanted")
    for alone in [Fault.crash, .stale] {
      #expect(try search.violations(seed: failure.seed, faults: [alone]).isEmpty)
    }
  }

  @Test func whoIsToldOfAllThatHeReadsIsSafeAfterARestart() throws {
    let meadow = Layer.meadow(Shepherd()) { $0.invariants.append(.neverMoreThanWanted) }
    try Search(layers: [meadow], chapter: 0, faults: [.crash, .stale]).run(seeds: 0..<40)
  }

  @Test func aFailureSaysHowToSeeItAgain() throws {
    let time = World.epoch
    let violation = World.Violation(invariant: "promise", detail: "broken", time: time)
    let failure = Search.Failure(seed: 7, faults: [.stale, .crash], violations: [violation], chapter: 3)
    #expect(
      failure.description == """
        seed 7 breaks a promise, and needs the faults crash,stale:
          2026-01-01T00:00:00Z  promise: broken
        replay: swiftlet simulate --chapter 3 --seed 7 --faults crash,stale
        """)
    let plain = Search.Failure(seed: 7, faults: [], violations: [violation], chapter: 3)
    #expect(plain.description.contains("needs no faults:"))
    #expect(plain.description.hasSuffix("--faults none"))
  }

  @Test func ofManyViolationsTheFirstFiveAreTold() {
    let violations = (1...7).map { World.Violation(invariant: "promise", detail: "\($0)", time: World.epoch) }
    let failure = Search.Failure(seed: 7, faults: [], violations: violations, chapter: 3)
    let lines = failure.description.split(separator: "\n").filter { $0.contains("promise: ") }
    #expect(lines == (1...5).map { "  2026-01-01T00:00:00Z  promise: \($0)" })
  }

  @Test func aFailureThatNeedsNoFaultKeepsItsSeed() throws {
    let meadow = Layer.meadow(Shepherd()) { $0.invariants = [.always("never") { _, _, _ in "broken" }] }
    let search = Search(layers: [meadow], chapter: 0, faults: [.crash, .jump], length: .seconds(5), actions: 1)
    let failure = try #require(throws: Search.Failure.self) { try search.run(seeds: [7]) }
    #expect(failure.seed == 7)
    #expect(failure.faults == [])
  }

  @Test func usersDoTheSameWhateverGoesWrong() throws {
    let search = Search(layers: [.meadow(Shepherd())], chapter: 0)
    let sizes = try [Set(), [.crash], Set(Fault.allCases)].map { faults in
      try search.world(seed: 3, faults: faults).view.all(Flock.self).map(\.size)
    }
    #expect(
      sizes[0] == sizes[1] && sizes[1] == sizes[2],
      "users draw from a stream of their own: what goes wrong must not change what they do")
  }
}
