import Configuration
import ControlLoop
import Deployments
import Objects
import Pods
import Simulation
import Synchronization

extension Demo {
  static let configuration = Demo(chapter: "5", title: "a changed config map reaches files and rolls nothing") {
    let insides = Insides()
    let cluster = try SimulatedCluster(
      through: 5, nodes: insides.nodes, nameInTimeline: { String($0.name.suffix(5)) }, describe: insides.describe)
    func write(_ name: String, _ color: String) {
      let map = ConfigMap(name: name, namespace: "default") { $0.data = ["color": color] }
      if cluster.world.view.object(ConfigMap.self, name, in: "default") == nil { cluster.create(map) }
      cluster.change(ConfigMap.self, name) { $0.data = ["color": color] }
    }
    return Play(
      stage: cluster,
      steps: [
        Step(
          "A deployment of two pods takes its color from a config map, as a variable and as a file. The map is not there.",
          note: "Show where it is said: in the pod's status, in its events. Nobody has to guess what is missing.",
          length: 4
        ) { cluster.create(Insides.web(settings: "app")) },
        Step(
          "A user creates the map. The color is blue.",
          ask: "The agents look again every ten seconds. When do the pods start?",
          answer: "At once. The new map has woken the pods that name it, and no others.",
          note: "An index finds them. Ask what it would cost to look through all pods of a large cluster instead.",
          length: 3
        ) { write("app", "blue") },
        Step(
          "The user changes the color to red.",
          ask: "What do the running programs see, and which pods are replaced?",
          answer: "The file is red, the variable stays blue, and no pod is touched.",
          note: "Nobody can change the environment of a process that runs. Files can be replaced under it.", length: 5
        ) { write("app", "red") },
        Step(
          "Now something breaks: one of the pods is lost.",
          ask: "The deployment replaces it. Which color has the new one?",
          answer: "Red, in the variable too. Two pods of one deployment differ, and nobody has decided that.",
          note: "This is the argument against changing a map that is in use. The next step is the way out.", length: 5
        ) { if let pod = cluster.pods.first { cluster.delete(Pod.self, pod.name) } },
        Step(
          "The user writes a second map, app-2, with green, and names it in the template.",
          ask: "What happens now?",
          answer: "A roll-out, as with a new image: in order, and with a way back.",
          note: "A new name is a new template. Maps that never change can be marked immutable.", length: 6
        ) {
          write("app-2", "green")
          cluster.change(Deployment.self, "web") {
            $0.spec.template.spec = Insides.web(settings: "app-2").spec.template.spec
          }
        },
      ])
  }
}

/// What runs in the pods of simulated nodes: the color that each was started with, and the one in its files.
private final class Insides: Sendable {
  private let runtimes = Mutex<[HostingRuntime]>([])

  var nodes: ParticipantSource {
    ParticipantSource { cluster, store, seed in
      (1...3).map { number in
        let runtime = HostingRuntime(subnet: "10.64.\(number)")
        self.runtimes.withLock { $0.append(runtime) }
        let node = NodeDescription(
          name: "node-\(number)", addresses: ["10.0.0.\(number)"], cpu: Quantity(8), memory: Quantity(32 << 30))
        return NodeAgentGroup(
          [NodeAgent(node: node, runtime: runtime)], name: node.name, cluster: cluster, store: store,
          seed: seed &+ UInt64(number))
      }
    }
  }

  func describe(_ pod: Pod) -> String {
    if let waiting = pod.status.containerStatuses.first?.state.waiting {
      return "\(pod.name)  \(waiting.message ?? waiting.reason ?? "")"
    }
    let seen = runtimes.withLock { $0 }.compactMap { $0.colors(of: pod.uid) }.first
    return "\(pod.name)  variable \(seen?.variable ?? "-")  file \(seen?.file ?? "-")"
  }

  /// Two pods with the color in a variable and in a file.
  static func web(settings: String) -> Deployment {
    Deployment(name: "web", namespace: "default") {
      $0.spec.replicas = 2
      $0.spec.selector = SimulatedCluster.selector
      $0.spec.template = SimulatedCluster.template
      $0.spec.template.spec.volumes = [
        Volume(json: ["name": "settings", "configMap": ["name": .string(settings), "optional": true]])
      ]
      let color: Value = ["configMapKeyRef": ["name": .string(settings), "key": "color"]]
      $0.spec.template.spec.containers[0].env = [EnvVar(json: ["name": "COLOR", "valueFrom": color])]
      $0.spec.template.spec.containers[0].volumeMounts = [
        VolumeMount(json: ["name": "settings", "mountPath": "/etc/settings"])
      ]
    }
  }
}

/// A simulated runtime that keeps volumes, as values.
private final class HostingRuntime: ContainerRuntime, VolumeHost {
  private let containers: SimulatedRuntime
  private let variables: Variables
  private let volumes = Mutex<[String: [String: (version: String, files: [VolumeFile])]]>([:])

  private final class Variables: Sendable {
    let colors = Mutex<[String: String]>([:])
  }

  init(subnet: String) {
    let variables = Variables()
    self.variables = variables
    containers = SimulatedRuntime(subnet: subnet) { configuration in
      let color = configuration.environment.last { $0.name == "COLOR" }?.value
      variables.colors.withLock { $0[configuration.pod.uid] = color }
      return SimulatedBehavior(of: configuration)
    }
  }

  func colors(of uid: String) -> (variable: String, file: String)? {
    guard let variable = variables.colors.withLock({ $0[uid] }) else { return nil }
    let file = volumes.withLock { $0[uid]?["settings"]?.files.first { $0.path == "color" } }
    return (variable, file.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "-")
  }

  func path(of volume: String, in pod: PodIdentity) -> String { "/pods/\(pod.uid)/\(volume)" }

  func volumes(of pod: PodIdentity) -> [String: VolumeState] {
    volumes.withLock { $0[pod.uid]?.mapValues { .ready(version: $0.version) } ?? [:] }
  }

  func layOut(_ files: [VolumeFile], version: String, as volume: String, in pod: PodIdentity) {
    volumes.withLock { $0[pod.uid, default: [:]][volume] = (version, files) }
    tell(pod.uid)
  }

  func makeDirectory(_ volume: String, inMemory: Bool, sizeLimit: Int64?, in pod: PodIdentity) {
    layOut([], version: "", as: volume, in: pod)
  }

  func measure(_ volume: String, in pod: PodIdentity) {}
  func usage(of pod: PodIdentity) -> [String: Int64] { [:] }

  func removeVolumes(of pod: PodIdentity) {
    volumes.withLock { $0[pod.uid] = nil }
    tell(pod.uid)
  }

  var name: String { containers.name }
  var version: String { containers.version }
  func pods() -> [ObservedPod] { containers.pods() }
  func pod(_ uid: String) -> ObservedPod? { containers.pod(uid) }
  func advance(to now: Time) -> Time? { containers.advance(to: now) }
  func perform(_ action: RuntimeAction, at now: Time) { containers.perform(action, at: now) }

  func logs(of container: ContainerID, from offset: Int) throws -> LogChunk {
    try containers.logs(of: container, from: offset)
  }

  private let listeners = Mutex<[@Sendable (String) -> Void]>([])

  func onChange(_ notify: @escaping @Sendable (String) -> Void) {
    listeners.withLock { $0.append(notify) }
    containers.onChange(notify)
  }

  private func tell(_ uid: String) {
    for listener in listeners.withLock({ $0 }) { listener(uid) }
  }
}
