import ControlLoop
import Objects
import Pods
import Simulation
import Store

/// What users do with probes in simulated worlds.
extension UserAction {
  static let probes = [
    UserAction("create a pod with probes and hooks") { _, random, _ in
      let pod = Pod(name: "probed-\(random.next() % 20)", namespace: "default") {
        $0.spec.restartPolicy = RestartPolicy.allCases.randomElement(using: &random)
        $0.spec.terminationGracePeriodSeconds = 10
        $0.spec.readinessGates = random.next() % 4 == 0 ? [PodReadinessGate { $0.conditionType = "registered" }] : []
        $0.spec.containers = ["first", "second"].map { name in
          Container {
            $0.name = name
            $0.image = ["waking-10", "waking-40", "sick-20", "deaf", "pause"].randomElement(using: &random)
            $0.livenessProbe = random.next() % 2 == 0 ? probe(&random) : nil
            $0.readinessProbe = probe(&random)
            $0.startupProbe = random.next() % 2 == 0 ? probe(&random) : nil
            $0.lifecycle = random.next() % 4 == 0 ? lifecycle(&random) : nil
          }
        }
      }
      return [.create(pod.json)]
    },
    UserAction("open a readiness gate") { view, random, now in
      guard
        var pod = view.all(Pod.self).filter({ !$0.spec.readinessGates.isEmpty }).randomElement(using: &random)
      else { return [] }
      pod.status.conditions.set("registered", random.next() % 2 == 0 ? "True" : "False", at: now)
      return [.updateStatus(pod.json)]
    },
  ]

  private static func probe(_ random: inout SeededGenerator) -> Probe {
    Probe {
      $0.httpGet = HTTPGetAction { $0.port = .integer(8_080) }
      $0.periodSeconds = Int(random.next() % 5) + 1
      $0.failureThreshold = Int(random.next() % 3) + 1
      $0.initialDelaySeconds = Int(random.next() % 3) * 5
    }
  }

  private static func lifecycle(_ random: inout SeededGenerator) -> Lifecycle {
    let hooks = [
      LifecycleHandler { $0.sleep = SleepAction { $0.seconds = 5 } },
      LifecycleHandler { $0.exec = ExecAction { $0.command = ["true"] } },
      LifecycleHandler { $0.exec = ExecAction { $0.command = ["false"] } },
    ]
    return Lifecycle {
      $0.postStart = hooks.randomElement(using: &random)
      $0.preStop = hooks.randomElement(using: &random)
    }
  }
}
