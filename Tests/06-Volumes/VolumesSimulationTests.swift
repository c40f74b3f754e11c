import Configuration
import ControlLoop
import Deployments
import Pods
import ReplicaSets
import Services
import Simulation
import Testing
import Volumes

/// The promises of chapter 6 and of those before it, under all faults.
@Suite struct VolumesSimulationTests {
  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(layers: [.pods, .replicaSets, .deployments, .services, .configuration, .volumes], chapter: 6).run(seeds: 1...20)
  }
}
