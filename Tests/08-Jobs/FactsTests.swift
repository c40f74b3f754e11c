import KubernetesFacts
import Testing

@Suite struct FactsTests {
  @Test(.enabled(if: KubernetesFacts.arePresent, "KUBERNETES_FACTS names no folder with the facts"))
  func theSchemasAreKubernetes() throws {
    #expect(try KubernetesFacts().differences(in: scheme) == [])
  }
}
