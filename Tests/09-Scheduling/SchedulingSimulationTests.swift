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

  /// The same with nobody but the users of this chapter, who fill the nodes, by the scheduler and past it.
  @Test func everyPromiseHoldsOnFullNodes() throws {
    let crowded = layers.map { layer in
      var layer = layer
      if layer.chapter != 9 { layer.contributions.removeAll { $0 is UserAction } }
      return layer
    }
    try Search(layers: crowded, chapter: 9, actions: 40).run(seeds: 4...6)
  }
}
