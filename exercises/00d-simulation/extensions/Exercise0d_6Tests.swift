import ControlLoop
import Objects
import Simulation
import Testing

@Suite struct Exercise0d_6Tests {
  private func slow() throws -> Fault { try #require(Fault(rawValue: "slow"), "there is no fault of this name yet") }

  private func world(with faults: Set<Fault>) throws -> World {
    let world = try World(layers: [.meadow(Diarist())], seed: 1, faults: faults, keepsTrace: true)
    world.run(for: .seconds(1_200))
    return world
  }

  @Test func aSlowTurnIsInTheTrace() throws {
    #expect(try world(with: [slow()]).trace.contains { $0.contains("controllers is slow until 2026-01-01T00:") })
    let others = Set(Fault.allCases).subtracting([try slow()])
    #expect(try !world(with: others).trace.contains { $0.contains("is slow") }, "a switch that is off does nothing")
  }

  @Test func aSlowTurnComesLateAndIsNotLost() throws {
    // The diarist writes every second, and each write is a line that begins with its time.
    let world = try world(with: [slow()])
    let writes = world.trace.filter { $0.contains("modified flocks") }.compactMap { line in
      line.split(separator: " ").first.flatMap { Time($0) }
    }
    let gaps = zip(writes, writes.dropFirst()).map { $1 - $0 }
    #expect(writes.count > 600, "most turns are not slow")
    #expect(gaps.contains { $0 > .milliseconds(1_500) }, "some are")
    #expect(
      gaps.allSatisfy { $0 < .seconds(12) }, "five seconds, and after two slow turns in a row ten, but not minutes")
    try Search(layers: [.meadow(Shepherd())], chapter: 0, faults: [slow()]).run(seeds: 0..<10)
  }
}
