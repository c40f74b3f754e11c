import Configuration
import ControlLoop
import KubernetesFacts
import Pods
import Testing

@Suite struct FactsTests {
  @Test(.enabled(if: KubernetesFacts.arePresent, "KUBERNETES_FACTS names no folder with the facts"))
  func everyFieldIsAsKubernetesHasIt() throws {
    let cluster = Cluster(layers: [.pods, .configuration])
    #expect(try KubernetesFacts().differences(in: cluster.scheme) == [])
  }
}
