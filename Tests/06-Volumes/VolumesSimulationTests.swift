import Configuration
import ControlLoop
import Pods
import Simulation
import Testing
import Volumes

/// The promises of chapter 6 and of those before it, under all faults.
@Suite struct VolumesSimulationTests {
  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(layers: layers, chapter: 6).run(seeds: 1...20)
  }

  /// Worlds in which nothing but storage happens find what rare meetings hide.
  @Test func everyPromiseHoldsWhenAllIsAboutStorage() throws {
    try Search(layers: [.pods, .configuration, .volumes], chapter: 6, actions: 30).run(seeds: 1...20)
  }
}
