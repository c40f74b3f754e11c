import ControlLoop
import Objects
import Pods
import Testing

@testable import Probes

@Suite struct HookTests {
  private func pair(_ first: Lifecycle) -> Pod {
    var pod = web("pause") { $0.lifecycle = first }
    pod.spec.containers.append(
      Container {
        $0.name = "other"
        $0.image = "pause"
      })
    return pod
  }

  @Test func aContainerCountsAsStartedWhenItsHookHasEnded() throws {
    let clinic = try Clinic(pair(Lifecycle { $0.postStart = rest(3) }))
    #expect(clinic.timeline(seconds: 5) == "web  ◌◌◌●●\nother  ···●●")
    #expect(clinic.told == [])
  }

  @Test func probesWaitForTheHook() throws {
    let clinic = try Clinic(
      web("deaf") {
        $0.lifecycle = Lifecycle { $0.postStart = rest(3) }
        $0.readinessProbe = probe()
      })
    clinic.run(seconds: 2)
    #expect(clinic.told == [])
    clinic.run(seconds: 2)
    #expect(clinic.told.map { $0.prefix(2) } == ["3s"])
  }

  @Test func aContainerThatCannotStartHoldsNobodyUp() throws {
    var pod = pair(Lifecycle { $0.postStart = rest(3) })
    pod.spec.containers[0].image = "missing"
    let clinic = try Clinic(pod)
    clinic.run(seconds: 1)
    #expect(clinic.container("other")?.state.running != nil)
  }

  @Test func aHookThatFailsEndsItsContainer() throws {
    let clinic = try Clinic(web("pause") { $0.lifecycle = Lifecycle { $0.postStart = command("false") } })
    #expect(
      clinic.told.filter { !$0.contains("BackOff") }.prefix(2) == [
        "0s Warning FailedPostStartHook x2: PostStartHook failed", "0s Normal Killing x2: FailedPostStartHook",
      ], "the first time a container is started again at once")
    #expect(clinic.container()?.restartCount == 1)
    #expect(clinic.container()?.ready == false)
    #expect(clinic.container()?.state.waiting?.reason == "CrashLoopBackOff")
  }

  @Test(arguments: [(5, nil, 5), (30, 10, 10), (5, 0, 0)] as [(Int64, Int64?, Int)])
  func theEndWaitsForTheHookAsLongAsThereIsTime(_ pause: Int64, _ grace: Int64?, _ expected: Int) throws {
    let clinic = try Clinic(web("pause") { $0.lifecycle = Lifecycle { $0.preStop = rest(pause) } })
    try clinic.delete(grace: grace)
    #expect(clinic.seconds(untilGoneWithin: 40) == expected)
    #expect(clinic.runtime.inner.pods().isEmpty)
  }

  @Test func theHookTakesItsTimeFromTheContainer() throws {
    let clinic = try Clinic(web("stubborn") { $0.lifecycle = Lifecycle { $0.preStop = rest(8) } })
    try clinic.delete(grace: 10)
    #expect(clinic.seconds(untilGoneWithin: 40) == 10)
  }

  @Test func aHookThatTakesTooLongLeavesTwoSeconds() throws {
    let clinic = try Clinic(web("stubborn") { $0.lifecycle = Lifecycle { $0.preStop = rest(20) } })
    try clinic.delete(grace: 10)
    #expect(clinic.seconds(untilGoneWithin: 40) == 12)
  }

  @Test func theHookBeforeTheEndRunsOnce() throws {
    let runner = ScriptedRunner { _ in nil }
    let clinic = try Clinic(
      web("stubborn") { $0.lifecycle = Lifecycle { $0.preStop = command("bye") } }, runner: runner)
    try clinic.delete(grace: 10)
    clinic.run(seconds: 4)
    let check = try #require(runner.checks.first)
    #expect(check.purpose == .preStop)
    #expect(check.question.exec?.command == ["bye"])
    #expect(check.timeout == .seconds(10))
    #expect(clinic.runtime.pods().first?.containers.first?.isStopping == false)
    runner.finish(check, .success)
    clinic.settle()
    #expect(clinic.runtime.pods().first?.containers.first?.isStopping == true)
    #expect(clinic.seconds(untilGoneWithin: 40) == 6)
    #expect(runner.checks.count == 1)
    #expect(clinic.told == ["0s Normal Killing x1: Stopping container web"])
  }

  @Test func aHookBeforeTheEndThatFailsIsTold() throws {
    let clinic = try Clinic(web("pause") { $0.lifecycle = Lifecycle { $0.preStop = command("false") } })
    try clinic.delete()
    #expect(clinic.seconds(untilGoneWithin: 40) == 0)
    #expect(clinic.told.contains("0s Warning FailedPreStopHook x1: PreStopHook failed"))
  }

  @Test func aContainerThatAProbeEndsRunsItsHookFirst() throws {
    let clinic = try Clinic(
      web("deaf") {
        $0.livenessProbe = probe(failures: 2)
        $0.lifecycle = Lifecycle { $0.preStop = rest(4) }
      })
    clinic.run(seconds: 4)
    #expect(clinic.container()?.restartCount == 0)
    // Two answers were enough; while the hook runs, nobody asks again.
    let sentence = "Liveness probe failed: HTTP probe failed with statuscode: 503"
    #expect(clinic.told.contains("0s Warning Unhealthy x2: \(sentence)"))
    clinic.run(seconds: 1)
    #expect(clinic.container()?.restartCount == 1)
  }

  @Test func aHookWithATCPSocketFails() throws {
    let socket = LifecycleHandler { $0.tcpSocket = TCPSocketAction { $0.port = .integer(80) } }
    let clinic = try Clinic(web("pause") { $0.lifecycle = Lifecycle { $0.postStart = socket } })
    #expect(clinic.told.contains { $0.hasSuffix("PostStartHook failed") })
  }

  @Test func theRuntimeIsToldTheSignal() throws {
    let clinic = try Clinic(web("pause") { $0.lifecycle = Lifecycle { $0.stopSignal = "SIGUSR1" } })
    #expect(clinic.runtime.started.first?.extensions["stopSignal"] == "SIGUSR1")
  }
}
