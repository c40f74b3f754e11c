public import ControlLoop
public import Objects
import Pods
import Simulation
import Volumes

extension Layer {
  /// Chapter 9.
  public static let scheduling = Layer(chapter: 9, name: "Scheduling") {
    $0.kinds = [RuntimeClass.kind]
    $0.extensions = [
      FacetExtension(of: PodSpec.self, with: PodWishes.self),
      FacetExtension(of: ResourceRequirements.self, with: ResourceRules.self),
    ]
    $0.amendments = ["pods": Kind.schedulePods]
    $0.admission = [RuntimeClass.admission]
    $0.replaces = ["default-scheduler"]
    let profile = SchedulerProfile(rules: [VolumePlacement()], postFilter: DefaultPreemption())
    $0.controllers = [PodScheduler(profiles: [profile])]
    $0.invariants = PlacingPromises.all
    $0.contributions = [NodeAdmission()] + UserAction.placing
    $0.addNodeCare()
  }

  /// The same with schedulers of a configuration, see ``SchedulerProfile/profiles(from:usual:)``.
  public func scheduling(by configuration: Value) throws(ConfigurationError) -> Layer {
    guard let index = controllers.firstIndex(where: { $0 is PodScheduler }),
      let usual = (controllers[index] as? PodScheduler)?.profiles.first
    else { return self }
    var layer = self
    layer.controllers[index] = PodScheduler(profiles: try SchedulerProfile.profiles(from: configuration, usual: usual))
    return layer
  }
}
