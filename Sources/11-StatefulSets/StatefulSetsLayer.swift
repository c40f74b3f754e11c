public import ControlLoop
import Simulation

extension Layer {
  /// Chapter 11.
  public static let statefulSets = Layer(chapter: 11, name: "StatefulSets") {
    $0.kinds = [ControllerRevision.kind, StatefulSet.kind]
    $0.controllers = [StatefulSetController()]
    $0.invariants = [
      .podsAreWhoTheySay, .podsComeInOrder, .podsAreAskedToEnd, .claimsAreRetained, .statefulSetsComplete,
    ]
    $0.contributions = UserAction.statefulSets
  }
}
