import ControlLoop
import Deployments
import Pods
import ReplicaSets
import Services
import Simulation
import Testing

/// The promises of chapter 4 and of those before it.
@Suite struct ServicesSimulationTests {
  @Test func everyPromiseHoldsUnderEveryFault() throws {
    try Search(layers: serviceLayers, chapter: 4, actions: 20).run(seeds: 1...30)
  }

  @Test(arguments: Fault.allCases)
  func everyPromiseHoldsUnderOneFault(_ fault: Fault) throws {
    try Search(layers: serviceLayers, chapter: 4, faults: [fault]).run(seeds: 1...4)
  }
}
