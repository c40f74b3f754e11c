import ControlLoop
import Deployments
import Pods
import ReplicaSets
import Services
import Simulation
import Testing

/// The promises of chapter 4 and of those before it, under all faults.
@Suite struct ServicesSimulationTests {
  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(layers: [.pods, .replicaSets, .deployments, .services], chapter: 4).run(seeds: 1...20)
  }
}
