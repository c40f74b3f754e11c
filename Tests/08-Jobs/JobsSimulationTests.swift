import Configuration
import ControlLoop
import Deployments
import Jobs
import Pods
import Probes
import ReplicaSets
import Services
import Simulation
import Testing
import Volumes

/// The promises of chapter 8 and of those before it, under all faults.
@Suite struct JobsSimulationTests {
  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(
      layers: [
        .pods, .replicaSets, .deployments, .services, .configuration, .volumes, .probes, .jobs,
      ], chapter: 8
    ).run(seeds: 1...20)
  }
}
