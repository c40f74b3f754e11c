public import ControlLoop
import Objects
import Pods

extension Layer {
  /// Chapter 5.
  public static let configuration = Layer(chapter: 5, name: "Configuration") {
    $0.extensions = [
      FacetExtension(of: PodSpec.self, with: PodVolumes.self),
      FacetExtension(of: Container.self, with: ContainerVolumes.self),
    ]
  }
}
