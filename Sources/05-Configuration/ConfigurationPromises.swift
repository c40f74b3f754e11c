import ControlLoop
import Objects
import Pods
import Simulation
import Store

// What this chapter promises, and the trouble under which it has to.

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
      let content = Value.object(Members(keys.map { ($0, .string(color)) }))
      var (kind, object): (String, Value?) = ("Secret", view.object(Secret.self, name, in: "default")?.json)
      if Bool.random(using: &random) {
        (kind, object) = ("ConfigMap", view.object(ConfigMap.self, name, in: "default")?.json)
      }
      var new =
        object ?? [
          "apiVersion": "v1", "kind": .string(kind), "metadata": ["name": .string(name), "namespace": "default"],
        ]
      new["data"] = nil
      new[kind == "Secret" ? "stringData" : "data"] = content
      new["immutable"] = random.next() % 8 == 0 ? true : nil
      return [object == nil ? .create(new) : .update(new)]
    },
    UserAction("delete a config map or a secret") { view, random, _ in
      let keys = view.all(ConfigMap.self).map(\.key) + view.all(Secret.self).map(\.key)
      return keys.randomElement(using: &random).map { [.delete($0, DeleteOptions())] } ?? []
    },
    UserAction("create a pod with settings") { _, random, _ in
      let names = (0..<2).map { _ in Value.string("settings-\(random.next() % 3)") }
      let isOptional = Value.bool(random.next() % 4 == 0)
      let color: Value = ["configMapKeyRef": ["name": names[0], "key": "color", "optional": isOptional]]
      let pod = Pod(name: "configured-\(random.next() % 20)", namespace: "default") { pod in
        pod.spec.volumes = [
          Volume(json: ["name": "secret", "secret": ["secretName": names[1], "optional": isOptional]])
        ]
        pod.spec.containers = [
          Container {
            $0.name = "main"
            $0.image = ["pause", "crash-5", "exit-7"].randomElement(using: &random)
            $0.env = random.next() % 3 == 0 ? [] : [EnvVar(json: ["name": "COLOR", "valueFrom": color])]
            $0.envFrom = [EnvFromSource(json: ["secretRef": ["name": names[1]]])]
            $0.volumeMounts = [VolumeMount(json: ["name": "secret", "mountPath": "/etc/secret"])]
          }
        ]
      }
      return [.create(pod.json)]
    },
  ]
}
