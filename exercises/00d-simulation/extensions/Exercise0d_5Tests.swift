import ControlLoop
import Objects
import Testing

@testable import Simulation

@Suite struct Exercise0d_5Tests {
  private func lines(_ details: [String]) -> [String] {
    let violations = details.map { World.Violation(invariant: "promise", detail: $0, time: World.epoch) }
    let failure = Search.Failure(seed: 7, faults: [.crash], violations: violations, chapter: 3)
    return failure.description.split(separator: "\n").dropFirst().dropLast().map(String.init)
  }

  private func line(_ detail: String) -> String { "  2026-01-01T00:00:00Z  promise: \(detail)" }

  @Test func theSameViolationIsToldOnceWithItsCount() {
    #expect(lines(["x", "x", "x", "y"]) == [line("x (3 times)"), line("y")])
    #expect(lines(["x", "y", "x"]) == [line("x"), line("y"), line("x")], "only what follows each other is one line")
  }

  @Test func whatIsLeftOutIsCounted() {
    let seven = (1...7).map { "detail \($0)" }
    #expect(lines(seven) == seven.prefix(5).map(line) + ["  and 2 more"])
    #expect(lines(Array(seven.prefix(5))) == seven.prefix(5).map(line), "five fit")
    let repeated = Array(repeating: "x", count: 9) + seven
    #expect(
      lines(repeated) == [line("x (9 times)")] + seven.prefix(4).map(line) + ["  and 3 more"],
      "lines are shown, and violations are counted")
    #expect(lines(seven + ["detail 7"]).last == "  and 3 more", "detail 6, and detail 7 twice")
  }
}
