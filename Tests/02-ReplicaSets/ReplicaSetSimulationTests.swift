import ControlLoop
import KubernetesFacts
import Objects
import Pods
import ReplicaSets
import Simulation
import Testing

@Suite struct ReplicaSetSimulationTests {
  @Test func everyPromiseIsKeptUnderEveryFault() throws {
    try Search(layers: layers, chapter: 2).run(seeds: 1...60)
  }

  @Test(arguments: Fault.allCases)
  func everyPromiseIsKeptUnderOneFault(_ fault: Fault) throws {
    try Search(layers: layers, chapter: 2, faults: [fault]).run(seeds: 1...8)
  }

  @Test func theSameSeedGivesTheSameWorld() throws {
    let search = Search(layers: layers, chapter: 2)
    let first = try search.world(seed: 7, faults: search.faults, keepsTrace: true).trace
    let second = try search.world(seed: 7, faults: search.faults, keepsTrace: true).trace
    #expect(first == second)
    #expect(first.count > 50)
  }

  @Test(.enabled(if: KubernetesFacts.arePresent, "KUBERNETES_FACTS names no folder with the facts"))
  func everyFieldIsAsKubernetesHasIt() throws {
    let differences = try KubernetesFacts().differences(in: Cluster(layers: [.pods, .replicaSets]).scheme)
    #expect(differences == [])
  }
}
