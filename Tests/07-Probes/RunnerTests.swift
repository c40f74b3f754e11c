import ControlLoop
import Objects
import Pods
import Testing

@testable import Probes

/// Where answers take time, fail to come, or are no answers.
@Suite struct RunnerTests {
  @Test func theAgentAsksForWhatTheProbeSays() throws {
    let runner = ScriptedRunner { _ in (.success, "") }
    let clinic = try Clinic(
      web("pause") {
        $0.ports = [
          ContainerPort {
            $0.name = "http"
            $0.containerPort = 8_080
          }
        ]
        $0.readinessProbe = Probe {
          $0.httpGet = HTTPGetAction { $0.port = .string("http") }
          $0.timeoutSeconds = 3
        }
      }, runner: runner)
    let check = try #require(runner.checks.first)
    #expect(runner.checks.count == 1)
    #expect(check.container == ContainerID(podUID: clinic.pod?.uid ?? "", name: "web", attempt: 0))
    #expect(check.address == clinic.pod?.status.podIP)
    #expect(check.question.httpGet?.port == .integer(8_080))
    #expect(check.timeout == .seconds(3))
    #expect(clinic.pod?.isReady == true)
  }

  @Test func aQuestionIsPutOnceHoweverLongItTakes() throws {
    let runner = ScriptedRunner { _ in nil }
    let clinic = try Clinic(web("pause") { $0.readinessProbe = probe(period: 2) }, runner: runner)
    clinic.run(seconds: 5)
    #expect(runner.checks.count == 1)
    runner.finish(try #require(runner.checks.first), .success)
    clinic.settle()
    #expect(clinic.pod?.isReady == true)
    // The answer of the first question was late, so the second one came at once.
    #expect(runner.checks.count == 2)
    clinic.run(seconds: 60)
    #expect(runner.checks.count == 2)
  }

  @Test func anAnswerToAnEarlierQuestionCountsForNothing() throws {
    let runner = ScriptedRunner { _ in nil }
    let clinic = try Clinic(web("pause") { $0.readinessProbe = probe(period: 2) }, runner: runner)
    var old = try #require(runner.checks.first)
    old.id = "web/0/readiness/0"
    runner.finish(old, .success)
    clinic.run(seconds: 1)
    #expect(clinic.pod?.isReady == false)
  }

  @Test func whatCouldNotBeAskedCountsForNothing() throws {
    let runner = ScriptedRunner { _ in (.unknown, "no such file or directory") }
    let clinic = try Clinic(
      web("pause") {
        $0.livenessProbe = probe()
        $0.readinessProbe = probe()
      }, runner: runner)
    clinic.run(seconds: 60)
    #expect(clinic.container()?.restartCount == 0, "what could not be asked says nothing about the program")
    #expect(clinic.pod?.isReady == false)
    let sentence = "probe errored and resulted in unknown state: no such file or directory"
    #expect(
      clinic.told.map { String($0.drop { $0 != ":" }.dropFirst(2)) }.sorted()
        == ["Liveness", "Readiness"].map { "\($0) \(sentence)" })
  }

  @Test func aPortThatNobodyHasCannotBeAsked() throws {
    let clinic = try Clinic(
      web("pause") {
        $0.readinessProbe = Probe { $0.tcpSocket = TCPSocketAction { $0.port = .string("http") } }
      })
    #expect(
      clinic.told == [
        "0s Warning Unhealthy x1: Readiness probe errored and resulted in unknown state: "
          + "strconv.Atoi: parsing \"http\": invalid syntax"
      ])
    #expect(clinic.pod?.isReady == false)
  }

  @Test func aWarningIsASuccessThatIsTold() throws {
    let runner = ScriptedRunner { _ in (.warning, "Probe terminated redirects, Response body: ") }
    let clinic = try Clinic(web("pause") { $0.readinessProbe = probe() }, runner: runner)
    #expect(clinic.pod?.isReady == true)
    #expect(
      clinic.told == [
        "0s Warning ProbeWarning x1: Readiness probe warning: Probe terminated redirects, Response body: "
      ])
  }

  @Test(arguments: [(nil, 20), (3, 3)] as [(Int64?, Int)])
  func aProbeMayLeaveLessTimeToEnd(_ seconds: Int64?, _ expected: Int) throws {
    let runner = ScriptedRunner { ($0.container.attempt == 0 ? .failure : .success, "") }
    var pod = web("stubborn") {
      $0.livenessProbe = probe()
      $0.livenessProbe?.terminationGracePeriodSeconds = seconds
    }
    pod.spec.terminationGracePeriodSeconds = 20
    let clinic = try Clinic(pod, runner: runner)
    clinic.run(seconds: expected - 1)
    #expect(clinic.container()?.restartCount == 0)
    clinic.run(seconds: 1)
    #expect(clinic.container()?.restartCount == 1)
    // Once it was to end, nobody asked again.
    #expect(runner.checks.filter { $0.container.attempt == 0 }.count == 1)
  }

  @Test func aPodThatIsBeingDeletedIsNotAskedWhetherItLives() throws {
    let runner = ScriptedRunner { _ in (.success, "") }
    let clinic = try Clinic(
      web("stubborn") {
        $0.livenessProbe = probe()
        $0.readinessProbe = probe()
      }, runner: runner)
    try clinic.delete(grace: 10)
    let before = runner.asked(.liveness).count
    clinic.run(seconds: 9)
    #expect(runner.asked(.liveness).count == before)
    #expect(runner.asked(.readiness).count > 9)
    clinic.run(seconds: 5)
    #expect(clinic.pod == nil)
    #expect(!runner.forgotten.isEmpty)
  }

  @Test func aRestartedAgentBelievesWhatItHasReported() throws {
    let runner = ScriptedRunner { _ in nil }
    let clinic = try Clinic(
      web("pause") {
        $0.startupProbe = probe()
        $0.readinessProbe = probe()
        $0.livenessProbe = probe(failures: 2)
        $0.lifecycle = Lifecycle { $0.postStart = command("warm", "up") }
      }, runner: runner)
    for _ in 0..<4 {
      for check in runner.checks { runner.finish(check, .success) }
      clinic.run(seconds: 1)
    }
    #expect(clinic.pod?.isReady == true)
    clinic.restartAgent()
    #expect(clinic.pod?.isReady == true, "an agent that was restarted believes what the pod's status says")
    #expect(runner.asked(.postStart).count == 1)
    #expect(runner.asked(.startup).count == 1)
    // But it begins to count again: one more failure is not the second in a row.
    if let check = runner.asked(.liveness).last { runner.finish(check, .failure) }
    clinic.restartAgent()
    if let check = runner.asked(.liveness).last { runner.finish(check, .failure) }
    clinic.settle()
    #expect(clinic.container()?.restartCount == 0)
    #expect(!clinic.told.contains { $0.contains("Killing") })
  }
}
