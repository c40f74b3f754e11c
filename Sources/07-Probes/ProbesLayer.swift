public import ControlLoop
import Objects
import Pods

extension Layer {
  /// Chapter 7.
  public static let probes = Layer(chapter: 7, name: "Probes") {
    $0.extensions = [
      FacetExtension(of: Container.self, with: ContainerProbes.self),
      FacetExtension(of: PodSpec.self, with: PodReadinessGates.self),
    ]
  }
}
