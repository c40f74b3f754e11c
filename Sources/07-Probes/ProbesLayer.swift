public import ControlLoop
import Objects
import Pods
import Simulation

extension Layer {
  /// Chapter 7.
  public static let probes = Layer(chapter: 7, name: "Probes") {
    $0.extensions = [
      FacetExtension(of: Container.self, with: ContainerProbes.self),
      FacetExtension(of: PodSpec.self, with: PodReadinessGates.self),
    ]
    $0.invariants = ProbePromises.all
    $0.contributions = [ProbeStage()] + UserAction.probes
  }
}
