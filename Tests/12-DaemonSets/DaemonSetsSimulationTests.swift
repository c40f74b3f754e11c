import Configuration
import ControlLoop
import DaemonSets
import Deployments
import Jobs
import Pods
import Probes
import ReplicaSets
import Scheduling
import Services
import Simulation
import StatefulSets
import Testing
import Volumes

/// The promises of chapter 12 and of those before it, under all faults.
@Suite struct DaemonSetsSimulationTests {
  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(
      layers: [
        .pods, .replicaSets, .deployments, .services, .configuration, .volumes, .probes, .jobs, .scheduling,
        .statefulSets, .daemonSets,
      ], chapter: 12
    ).run(seeds: 1...20)
  }
}
