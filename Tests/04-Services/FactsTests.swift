import ControlLoop
import Deployments
import KubernetesFacts
import Pods
import ReplicaSets
import Services
import Testing

@Suite struct FactsTests {
  @Test(.enabled(if: KubernetesFacts.arePresent, "KUBERNETES_FACTS names no folder with the facts"))
  func everyFieldIsAsKubernetesHasIt() throws {
    let scheme = Cluster(layers: [.pods, .replicaSets, .deployments, .services]).scheme
    #expect(try KubernetesFacts().differences(in: scheme) == [])
  }
}
