public import ControlLoop
import Objects
import Pods
import Simulation
import Store

extension Layer {
  /// Chapter 10.
  public static let customResources = Layer(chapter: 10, name: "CustomResources") {
    $0.kinds = [CustomResourceDefinition.kind]
    $0.kindSources = [.definitions]
    $0.admission = [CustomResourceRemoval.start, CustomResourceRemoval.guardCreation]
    $0.controllers = [DefinitionController(), RemovalController()]
    $0.indexes = [.definitionGroup, .acceptedNames]
    $0.invariants = DefinitionPromises.all
    $0.contributions = UserAction.definitions
  }
}
