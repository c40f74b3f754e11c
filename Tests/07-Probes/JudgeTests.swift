import ControlLoop
import Objects
import Store
import Testing

@testable import Pods
@testable import Probes

/// What follows from verdicts, however they have come about.
@Suite struct JudgeTests {
  /// There is no such probe, it has no verdict yet, or it has one.
  private enum Known: CaseIterable {
    case absent, nothing, good, bad

    var verdict: Bool? { self == .good ? true : self == .bad ? false : nil }
    var isFine: Bool { self == .absent || self == .good }
  }

  private func health(hook: Known, startup: Known, readiness: Known, liveness: Known) throws -> ContainerHealth {
    var memory = RunMemory { $0.attempt = 0 }
    memory[.postStart].verdict = hook.verdict
    memory[.startup].verdict = startup.verdict
    memory[.readiness].verdict = readiness.verdict
    memory[.liveness].verdict = liveness.verdict
    let pod = web("pause") {
      $0.lifecycle = hook == .absent ? nil : Lifecycle { $0.postStart = command("warm", "up") }
      $0.startupProbe = startup == .absent ? nil : probe()
      $0.readinessProbe = readiness == .absent ? nil : probe()
      $0.livenessProbe = liveness == .absent ? nil : probe()
    }
    let running = ObservedContainer(
      id: ContainerID(podUID: "", name: "web", attempt: 0), runtimeID: "", image: "pause", imageID: "",
      state: .running(startedAt: Clinic.start))
    // Something real is there and has not answered: no verdict changes in this look.
    let context = StageContext(
      pod: pod, observed: nil, view: Cluster(layers: []).view(of: try Store(storage: MemoryStorage()).snapshot),
      now: Clinic.start, hostAddresses: [], observation: .emptyObject, memory: ["web": memory.json])
    var run = try #require(ContainerRun(pod.spec.containers[0], running, context))
    var health = ContainerHealth()
    run.judge(&health)
    return health
  }

  @Test func eachVerdictHasItsOwnConsequence() throws {
    for hook in Known.allCases {
      for startup in Known.allCases {
        for readiness in Known.allCases {
          for liveness in Known.allCases {
            let found = try health(hook: hook, startup: startup, readiness: readiness, liveness: liveness)
            let isStarted = hook.isFine && startup.isFine
            let failure: String? =
              if hook == .bad {
                "FailedPostStartHook"
              } else if hook.isFine, startup == .bad {
                "Container web failed startup probe, will be restarted"
              } else if isStarted, liveness == .bad {
                "Container web failed liveness probe, will be restarted"
              } else { nil }
            let what = "hook \(hook), startup \(startup), readiness \(readiness), liveness \(liveness)"
            #expect(found.isStarted == isStarted, "\(what): is it started?")
            #expect((found.isStarted && found.isReady) == (isStarted && readiness.isFine), "\(what): is it ready?")
            #expect(found.failure == failure, "\(what): does it have to end?")
          }
        }
      }
    }
  }
}
