import Configuration
import ControlLoop
import CustomResources
import Deployments
import Jobs
import Pods
import Probes
import ReplicaSets
import Scheduling
import Services
import Simulation
import Testing
import Volumes

/// The promises of chapter 10 and of those before it, under all faults.
@Suite struct CustomResourcesSimulationTests {
  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(
      layers: [
        .pods, .replicaSets, .deployments, .services, .configuration, .volumes, .probes, .jobs, .scheduling,
        .customResources,
      ], chapter: 10
    ).run(seeds: 1...20)
  }
}
