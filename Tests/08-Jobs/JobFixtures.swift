import Configuration
import ControlLoop
import Deployments
import Objects
import Pods
import Probes
import ReplicaSets
import Services
import Simulation
import Store
import Volumes

@testable import Jobs

/// The layers under test.
let layers: [Layer] = [.pods, .replicaSets, .deployments, .services, .configuration, .volumes, .probes, .jobs]

/// A job whose container runs this simulated image.
func makeJob(_ name: String = "sums", image: String = "sleep-5", _ change: (inout Job) -> Void = { _ in }) -> Job {
  Job(name: name, namespace: "default") {
    $0.spec.template.spec.restartPolicy = .never
    $0.spec.template.spec.containers = [
      Container {
        $0.name = "main"
        $0.image = image
      }
    ]
    change(&$0)
  }
}

extension World {
  convenience init(_ job: Job, faults: Set<Fault> = []) throws {
    try self.init(layers: layers, seed: 1, faults: faults)
    perform([.create(job.json)])
  }

  var job: Job? { view.object(Job.self, "sums", in: "default") }
  var pods: [Pod] { view.all(Pod.self, in: "default") }
  var activePods: [Pod] { pods.filter(\.isActive) }

  func change(_ change: (inout Job) -> Void) {
    guard var job else { return }
    change(&job)
    perform([.update(job.json)])
  }

  func run(seconds: Int) { run(for: .seconds(seconds)) }

  /// The reasons of the events about the job, in the order of their names.
  var reasons: [String] {
    view.all(RecordedEvent.self, in: "default").filter { $0.involvedObject.kind == "Job" }.compactMap(\.reason)
  }
}

extension Job {
  func condition(_ type: String) -> JobCondition? { self.status.conditions[type] }
}
