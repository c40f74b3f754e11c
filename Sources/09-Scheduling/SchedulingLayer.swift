public import ControlLoop
import Objects
import Pods

extension Layer {
  /// Chapter 9.
  public static let scheduling = Layer(chapter: 9, name: "Scheduling") {
    $0.extensions = [
      FacetExtension(of: PodSpec.self, with: PodWishes.self),
      FacetExtension(of: ResourceRequirements.self, with: ResourceRules.self),
    ]
    $0.amendments = ["pods": Kind.schedulePods]
    $0.addNodeCare()
  }
}
