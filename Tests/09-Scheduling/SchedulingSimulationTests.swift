import Configuration
import ControlLoop
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

/// The promises of chapter 9 and of those before it, under all faults.
@Suite struct SchedulingSimulationTests {
  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(
      layers: layers, chapter: 9
    ).run(seeds: 1...20)
  }
}
