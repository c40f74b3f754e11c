import Simulation
import Testing

/// The promises of chapter 8 and of those before it, under all faults.
@Suite struct JobsSimulationTests {
  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(layers: layers, chapter: 8).run(seeds: 1...20)
  }
}
