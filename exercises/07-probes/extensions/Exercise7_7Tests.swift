import ControlLoop
import Objects
import Pods
import Synchronization
import Testing

@testable import Probes

@Suite struct Exercise7_7Tests {
  /// One answer a second, from a list; the last one for ever.
  private func told(_ answers: [Bool], failures: Int) throws -> [String] {
    let left = Mutex(answers)
    let runner = ScriptedRunner { _ in
      left.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? true } ? (.success, "") : (.failure, "")
    }
    let clinic = try Clinic(web("pause") { $0.readinessProbe = probe(failures: failures) }, runner: runner)
    clinic.run(seconds: 10)
    return clinic.told.filter { $0.contains("Healthy") }
  }

  @Test func aContainerThatAnswersAgainIsTold() throws {
    #expect(
      try told([true, false, false, true], failures: 2) == [
        "3s Normal Healthy x1: Readiness probe succeeded again"
      ], "the change of the verdict is told once")
  }

  @Test func theFirstSuccessIsNoNews() throws {
    // One failure more, so that an answer without any event is not enough.
    #expect(try told([true], failures: 2) == [], "a container that becomes ready for the first time is not well again")
    #expect(try told([false, true, false, true], failures: 1).count == 1)
  }

  @Test func aSuccessAfterTooFewFailuresIsNoNews() throws {
    #expect(
      try told([true, false, true, false, false, true], failures: 2) == [
        "5s Normal Healthy x1: Readiness probe succeeded again"
      ], "one failure of two has changed nothing, so the success after it changes nothing either")
  }
}
