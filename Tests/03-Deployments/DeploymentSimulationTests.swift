import ControlLoop
import Deployments
import KubernetesFacts
import Objects
import Simulation
import Testing

@Suite struct DeploymentSimulationTests {
  @Test func everyPromiseIsKeptUnderEveryFault() throws {
    try Search(layers: layers, chapter: 3).run(seeds: 1...40)
  }

  @Test(arguments: Fault.allCases)
  func everyPromiseIsKeptUnderOneFault(_ fault: Fault) throws {
    try Search(layers: layers, chapter: 3, faults: [fault]).run(seeds: 1...6)
  }

  @Test(.enabled(if: KubernetesFacts.arePresent, "KUBERNETES_FACTS names no folder with the facts"))
  func everyFieldIsAsKubernetesHasIt() throws {
    let differences = try KubernetesFacts().differences(in: Cluster(layers: layers).scheme)
    #expect(differences == [])
  }
}
