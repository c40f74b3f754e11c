import Configuration
import ControlLoop
import Deployments
import Jobs
import Objects
import Pods
import Probes
import ReplicaSets
import Scheduling
import Services
import Volumes

/// The cluster of chapter 9.
let layers: [Layer] = [
  .pods, .replicaSets, .deployments, .services, .configuration, .volumes, .probes, .jobs, .scheduling,
]

func container(_ name: String, cpu: Int?, _ change: (inout Container) -> Void = { _ in }) -> Container {
  Container {
    $0.name = name
    $0.image = "pause"
    if let cpu { $0.resources.requests = ["cpu": Quantity(cpu)] }
    change(&$0)
  }
}
