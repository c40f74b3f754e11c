import ControlLoop
import Objects
import Pods
import Testing

@testable import Probes

@Suite struct ProbeTests {
  @Test func aContainerIsReadyWhenItAnswers() throws {
    let clinic = try Clinic(web("waking-5") { $0.readinessProbe = probe(period: 2, successes: 2) })
    #expect(clinic.timeline(seconds: 12) == "web  ◐◐◐◐◐◐◐◐●●●●")
    #expect(clinic.container()?.restartCount == 0)
    #expect(clinic.pod?.isReady == true)
  }

  @Test func readinessNeverRestarts() throws {
    let clinic = try Clinic(web("sick-5") { $0.readinessProbe = probe(failures: 2) })
    #expect(clinic.timeline(seconds: 10) == "web  ●●●●●●◐◐◐◐")
    clinic.run(seconds: 600)
    #expect(clinic.container()?.restartCount == 0, "a readiness probe never restarts")
    #expect(clinic.pod?.isReady == false)
    #expect(clinic.pod?.status.conditions["Ready"]?.reason == "ContainersNotReady")
  }

  @Test func livenessRestartsAfterEnoughFailuresInARow() throws {
    let clinic = try Clinic(web("sick-5") { $0.livenessProbe = probe(period: 2, failures: 3) })
    // Questions at 0, 2, 4 are answered, those at 6, 8 and 10 are not. The second run begins at once, a third one waits.
    #expect(clinic.timeline(seconds: 24) == "web  ●●●●●●●●●●●●●●●●●●●●↻↻↻↻")
    #expect(clinic.container()?.restartCount == 1)
    #expect(
      clinic.told == [
        "6s Warning Unhealthy x6: Liveness probe failed: HTTP probe failed with statuscode: 503",
        "10s Normal Killing x2: Container web failed liveness probe, will be restarted",
        "20s Warning BackOff x1: Back-off restarting failed container web in pod web_default(\(clinic.pod?.uid ?? ""))",
      ])
  }

  @Test func livenessWithoutAStartupProbeEndsASlowStarterForEver() throws {
    let impatient = try Clinic(web("waking-20") { $0.livenessProbe = probe(period: 5, failures: 2) })
    impatient.run(seconds: 300)
    #expect((impatient.container()?.restartCount ?? 0) > 2)

    let patient = try Clinic(
      web("waking-20") {
        $0.livenessProbe = probe(period: 5, failures: 2)
        $0.startupProbe = probe(period: 5, failures: 10)
      })
    #expect(patient.timeline(seconds: 25) == "web  ◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌●●●●●")
    patient.run(seconds: 300)
    #expect(patient.container()?.restartCount == 0, "the startup probe holds the liveness probe back")
  }

  @Test func aStartupProbeThatFailsOftenEnoughRestarts() throws {
    let clinic = try Clinic(
      web("deaf") {
        $0.startupProbe = probe(period: 2, failures: 3)
        $0.readinessProbe = probe()
      })
    #expect(clinic.timeline(seconds: 10) == "web  ◌◌◌◌◌◌◌◌↻↻")
    #expect(clinic.told.contains("4s Normal Killing x2: Container web failed startup probe, will be restarted"))
    #expect(!clinic.told.contains { $0.contains("Readiness") })
  }

  @Test func aStartupProbeIsNotAskedAgainOnceItHasSucceeded() throws {
    let clinic = try Clinic(web("sick-5") { $0.startupProbe = probe() })
    clinic.run(seconds: 60)
    #expect(clinic.container()?.ready == true)
    #expect(clinic.told == [])
  }

  @Test func whereNothingIsRestartedNobodySaysSo() throws {
    var pod = web("deaf") { $0.livenessProbe = probe() }
    pod.spec.restartPolicy = .never
    let clinic = try Clinic(pod)
    clinic.run(seconds: 5)
    #expect(clinic.told.contains("0s Normal Killing x1: Container web failed liveness probe"))
    #expect(clinic.pod?.isFinished == true)
  }

  @Test func aSidecarIsAskedToo() throws {
    var pod = web("pause")
    pod.spec.initContainers = [
      Container {
        $0.name = "side"
        $0.image = "waking-3"
        $0.restartPolicy = .always
        $0.startupProbe = probe(failures: 5)
      }
    ]
    pod.spec.initContainers[0].livenessProbe = Probe {
      $0.exec = ExecAction { $0.command = ["false"] }
      $0.initialDelaySeconds = 6
      $0.failureThreshold = 1
    }
    let clinic = try Clinic(pod)
    #expect(clinic.timeline(seconds: 10) == "side  ◌◌◌●●●◌◌◌●\nweb  ···●●●●●●●")
    #expect(clinic.told.contains("6s Normal Killing x1: Init container side failed liveness probe, will be restarted"))
  }

  @Test func aGateKeepsAReadyContainerOutOfService() throws {
    var pod = web("pause")
    pod.spec.readinessGates = ["a", "b"].map { type in PodReadinessGate { $0.conditionType = type } }
    let clinic = try Clinic(pod)
    try clinic.setCondition("b", "False")
    clinic.run(seconds: 1)
    let waiting = try #require(clinic.pod?.status.conditions["Ready"])
    #expect(waiting.status == "False")
    #expect(waiting.reason == "ReadinessGatesNotReady")
    #expect(
      waiting.message == """
        corresponding condition of pod readiness gate "a" does not exist., \
        the status of pod readiness gate "b" is not "True", but False
        """)
    #expect(clinic.pod?.status.conditions.isTrue("ContainersReady") == true)
    #expect(waiting.lastTransitionTime == Clinic.start)
    let column = try #require(Pod.kind.columns.first { $0.name == "Readiness Gates" })
    #expect(column.cell(clinic.pod?.json ?? .null, clinic.now) == "0/2")
    try clinic.setCondition("a", "True")
    try clinic.setCondition("b", "True")
    clinic.run(seconds: 1)
    #expect(clinic.pod?.isReady == true)
    #expect(column.cell(clinic.pod?.json ?? .null, clinic.now) == "2/2")
    #expect(clinic.pod?.readySince == Clinic.start + .seconds(1))
    try clinic.setCondition("a", "Unknown")
    #expect(clinic.pod?.isReady == false)
  }
}
