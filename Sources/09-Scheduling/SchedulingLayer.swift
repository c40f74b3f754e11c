public import ControlLoop
import Objects
import Pods
import Simulation
import Volumes

extension Layer {
  /// Chapter 9.
  public static let scheduling = Layer(chapter: 9, name: "Scheduling") {
    $0.extensions = [
      FacetExtension(of: PodSpec.self, with: PodWishes.self),
      FacetExtension(of: ResourceRequirements.self, with: ResourceRules.self),
    ]
    $0.amendments = ["pods": Kind.schedulePods]
    $0.replaces = ["default-scheduler"]
    $0.controllers = [PodScheduler(profiles: [SchedulerProfile(rules: [VolumePlacement()])])]
    $0.invariants = PlacingPromises.all
    $0.contributions = UserAction.placing
    $0.addNodeCare()
  }
}
