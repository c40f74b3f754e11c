import ControlLoop
import Objects
import Pods
import Testing

@testable import Probes

@Suite struct Exercise7_8Tests {
  /// How long after a restart of the agent a pod is asked, and how long after that the expectation says.
  private func delays(seed: UInt64) throws -> (seen: Int?, expected: Int) {
    let runner = ScriptedRunner { _ in (.success, "") }
    let clinic = try Clinic(web("pause") { $0.readinessProbe = probe(period: 100) }, runner: runner, seed: seed)
    clinic.run(seconds: 10)
    clinic.restartAgent()
    #expect(clinic.pod?.isReady == true, "readiness does not change in the meantime")
    let expected = (clinic.pod?.uid ?? "").utf8.reduce(0) { $0 + Int($1) } % 100
    for second in 0..<200 {
      if runner.checks.count > 1 { return (second, expected) }
      clinic.run(seconds: 1)
    }
    return (nil, expected)
  }

  @Test func afterARestartPodsAreAskedAtDifferentTimes() throws {
    let seen = try (1...8).map { try delays(seed: $0).seen }
    #expect(Set(seen).count > 4, "pods with different UIDs are asked at different times")
  }

  @Test func everyPodIsAskedWithinAPeriod() throws {
    for seed: UInt64 in 1...8 {
      let (seen, expected) = try delays(seed: seed)
      #expect(seen == expected, "the UID says when")
    }
  }

  @Test func aPodThatIsNewIsAskedAtOnce() throws {
    for seed: UInt64 in 1...8 {
      let runner = ScriptedRunner { _ in (.success, "") }
      let clinic = try Clinic(web("pause") { $0.readinessProbe = probe(period: 100) }, runner: runner, seed: seed)
      #expect(runner.checks.count == 1, "nothing has been forgotten of a run that has just begun")
      clinic.restartAgent()
      #expect(runner.checks.count <= 2)
    }
  }
}
