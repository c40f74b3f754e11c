import Configuration
import ControlLoop
import Deployments
import Pods
import ReplicaSets
import Services
import Simulation
import Testing

/// The promises of chapter 5 and of those before it, under all faults.
@Suite struct ConfigurationSimulationTests {
  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(layers: [.pods, .replicaSets, .deployments, .services, .configuration], chapter: 5).run(seeds: 1...20)
  }
}
