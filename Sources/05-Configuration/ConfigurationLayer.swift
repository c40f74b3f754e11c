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

// MARK: Promises

extension Invariant {
  static let immutableStays = Invariant.always("what is immutable does not change, nor does a secret's type") {
    _, event, _ in
    guard let event, let previous = event.previous, event.type == .modified else { return nil }
    let (old, new) = (previous.value, event.record.value)
    switch event.record.key.resource {
    case ConfigMap.kind.groupResource: break
    case Secret.kind.groupResource: if old["type"] != new["type"] { return "\(event.record.key) changed its type" }
    default: return nil
    }
    guard old["immutable"] == true else { return nil }
    return ["data", "binaryData", "immutable"].first { old[$0] != new[$0] }.map {
      "\(event.record.key) changed its \($0)"
    }
  }

  /// What a container must have exists before it runs, if only for a moment: nothing is made up.
  static let containersStartWithWhatTheyNeed = Invariant("containers start with what they need", .always) {
    var seen: Set<String> = []
    return { _, event, _ in
      guard let event, event.type != .deleted else { return nil }
      let key = event.record.key
      switch key.resource {
      case ConfigMap.kind.groupResource: seen.insert("\(key.namespace) configmap/\(key.name)")
      case Secret.kind.groupResource: seen.insert("\(key.namespace) secret/\(key.name)")
      case Pod.kind.groupResource:
        let pod = Pod(json: event.record.value)
        let statuses = pod.status.initContainerStatuses + pod.status.containerStatuses
        let running = (pod.spec.initContainers + pod.spec.containers).filter { container in
          statuses.contains { $0.name == container.name && $0.state.running != nil }
        }
        let needed = running.isEmpty ? [] : pod.volumeSources + running.flatMap(\.sources)
        return needed.first { !$0.isOptional && !seen.contains("\(key.namespace) \($0.indexValue)") }
          .map { "\(pod.name) runs without \($0.indexValue)" }
      default: break
      }
      return nil
    }
  }

  /// Left alone, a container waits only for what is really missing, and says what it is.
  static let nobodyWaitsForWhatIsThere = Invariant.eventually(
    "no container waits for a configuration that is there", within: .seconds(300)
  ) { view, _ in
    for pod in view.all(Pod.self) where pod.isActive {
      guard let node = view.object(Node.self, pod.spec.nodeName ?? ""), node.isReady else { continue }
      let facts = PodFacts(
        pod: pod, node: node, addresses: pod.status.podIPs.compactMap(\.ip),
        hostAddresses: pod.status.hostIPs.compactMap(\.ip))
      let statuses = pod.status.initContainerStatuses + pod.status.containerStatuses
      for container in pod.spec.initContainers + pod.spec.containers {
        let waiting = statuses.first { $0.name == container.name }?.state.waiting
        guard waiting?.reason == "CreateContainerConfigError" else { continue }
        do throws(Unresolved) {
          _ = try ContainerEnvironment(of: container, given: [], facts, in: view)
          return "\(pod.name) waits for nothing: \(waiting?.message ?? "")"
        } catch {
          if waiting?.message != error.message { return "\(pod.name) does not say: \(error.message)" }
        }
      }
    }
    return nil
  }
}

// MARK: What users do, for the simulation

extension UserAction {
  static let configuration = [
    UserAction("write a config map or a secret") { view, random, _ in
      let name = "settings-\(random.next() % 3)"
      let color = ["red", "green", "blue"].randomElement(using: &random) ?? ""
      let keys = random.next() % 4 == 0 ? ["shape"] : ["color", "shape"]
      let isFixed = random.next() % 8 == 0 ? true : nil
      if Bool.random(using: &random) {
        var map = view.object(ConfigMap.self, name, in: "default") ?? ConfigMap(name: name, namespace: "default")
        map.data = Mapping(members: Members(keys.map { ($0, .string(color)) }))
        map.immutable = isFixed
        return [map.uid.isEmpty ? .create(map.json) : .update(map.json)]
      }
      var secret = view.object(Secret.self, name, in: "default") ?? Secret(name: name, namespace: "default")
      secret.data = [:]
      secret.stringData = Mapping(members: Members(keys.map { ($0, .string(color)) }))
      secret.immutable = isFixed
      return [secret.uid.isEmpty ? .create(secret.json) : .update(secret.json)]
    },
    UserAction("delete a config map or a secret") { view, random, _ in
      let keys = view.all(ConfigMap.self).map(\.key) + view.all(Secret.self).map(\.key)
      return keys.randomElement(using: &random).map { [.delete($0, DeleteOptions())] } ?? []
    },
    UserAction("create a pod with settings") { _, random, _ in
      let (map, secret) = ("settings-\(random.next() % 3)", "settings-\(random.next() % 3)")
      let isOptional = random.next() % 4 == 0 ? true : nil
      let pod = Pod(name: "configured-\(random.next() % 20)", namespace: "default") { pod in
        let color = EnvVar {
          $0.name = "COLOR"
          $0.valueFrom = EnvVarSource { source in
            source.configMapKeyRef = ConfigMapKeySelector {
              $0.name = map
              $0.key = "color"
              $0.optional = isOptional
            }
          }
        }
        pod.spec.volumes = [
          Volume { volume in
            volume.name = "secret"
            volume.secret = SecretVolumeSource {
              $0.secretName = secret
              $0.optional = isOptional
            }
          }
        ]
        let container = Container {
          $0.name = "main"
          $0.image = ["pause", "crash-5", "exit-7"].randomElement(using: &random)
          $0.env = random.next() % 3 == 0 ? [] : [color]
          $0.envFrom = [EnvFromSource { $0.secretRef = SecretEnvSource { $0.name = secret } }]
          $0.volumeMounts = [
            VolumeMount {
              $0.name = "secret"
              $0.mountPath = "/etc/secret"
            }
          ]
        }
        pod.spec.containers = [container]
      }
      return [.create(pod.json)]
    },
  ]
}
