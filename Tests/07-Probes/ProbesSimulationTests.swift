import Configuration
import ControlLoop
import Deployments
import Pods
import Probes
import ReplicaSets
import Services
import Simulation
import Testing
import Volumes

/// The promises of chapter 7 and of those before it, under all faults.
@Suite struct ProbesSimulationTests {
  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(layers: [.pods, .replicaSets, .deployments, .services, .configuration, .volumes, .probes], chapter: 7)
      .run(seeds: 1...20)
  }
}
