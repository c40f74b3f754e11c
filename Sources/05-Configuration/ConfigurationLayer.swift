public import ControlLoop
import Objects
import Pods
import Simulation
public import Store

extension Layer {
  /// Chapter 5.
  public static let configuration = Layer(chapter: 5, name: "Configuration") {
    $0.kinds = [ConfigMap.kind, Secret.kind]
    $0.extensions = [
      FacetExtension(of: PodSpec.self, with: PodVolumes.self),
      FacetExtension(of: Container.self, with: ContainerInputs.self),
      FacetExtension(of: EnvVar.self, with: EnvVarOrigin.self),
    ]
    $0.indexes = [.configuration]
    $0.invariants = [.immutableStays, .containersStartWithWhatTheyNeed, .nobodyWaitsForWhatIsThere]
    $0.contributions = UserAction.configuration + [ConfigurationStage()]
  }
}

// MARK: Which pods name which objects

extension Index {
  /// Pods under the ConfigMaps and Secrets that they name: "configmap/colors".
  public static let configuration = Index(name: "configuration", resource: Pod.kind.groupResource) { value in
    let pod = Pod(json: value)
    let containers = pod.spec.initContainers + pod.spec.containers
    return Set((pod.volumeSources + containers.flatMap(\.sources)).map(\.indexValue)).sorted()
  }
}

extension Source {
  /// The pods of a namespace that name it.
  func pods(_ namespace: String, in view: View) -> [Key] {
    view.snapshot.records(
      Pod.kind.groupResource, index: Index.configuration.name, equals: indexValue, namespace: namespace
    ).map(\.key)
  }
}

extension Pod {
  var volumeSources: [Source] { self.spec.volumes.flatMap { $0.projections ?? [] }.compactMap(\.source) }
}

extension Container {
  var sources: [Source] {
    self.envFrom.compactMap(\.source) + self.env.compactMap { $0.valueFrom?.sourceAndKey?.source }
  }
}
