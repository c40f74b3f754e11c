import Configuration
import ControlLoop
import CustomResources
import DaemonSets
import Deployments
import Jobs
import Objects
import Pods
import Probes
import ReplicaSets
import Scheduling
import Services
import Simulation
import StatefulSets
import Store
import Volumes

/// The stage of chapters 1 to 12: a simulated cluster of three nodes and the layers of the chapters up to one.
final class SimulatedCluster: Stage {
  let world: World
  private let describe: (Pod) -> String
  private let nameInTimeline: (Pod) -> String
  private let boxesBeside: (View) -> [Scene.Box]

  /// - Parameters:
  ///   - nodes: in place of chapter 1's three.
  ///   - nameInTimeline: what the row of a pod is called.
  ///   - describe: what is to be seen of a pod.
  ///   - boxesBeside: what there is to see beside the nodes.
  init(
    through chapter: Int, nodes: ParticipantSource? = nil, nameInTimeline: @escaping (Pod) -> String = \.name,
    describe: ((Pod) -> String)? = nil, boxesBeside: @escaping (View) -> [Scene.Box] = { _ in [] }
  ) throws {
    var layers: [Layer] = [
      .pods, .replicaSets, .deployments, .services, .configuration, .volumes, .probes, .jobs, .scheduling,
      .customResources, .statefulSets, .daemonSets,
    ].filter { $0.chapter <= chapter }
    if let nodes {
      layers[0].contributions.removeAll { $0 is ParticipantSource }
      layers[0].contributions.append(nodes)
    }
    world = try World(layers: layers, seed: UInt64(chapter))
    self.describe = describe ?? Self.describe
    self.nameInTimeline = nameInTimeline
    self.boxesBeside = boxesBeside
    // Until the nodes have reported.
    world.run(for: .seconds(2))
  }

  let legend: [(symbol: Character, meaning: String)] = [
    ("·", "waiting"), ("◐", "starting"), ("●", "ready"), ("○", "ending"), ("✕", "failed"), ("✓", "completed"),
  ]
  let unit = "one second"

  func pass() { world.run(for: .seconds(1)) }

  var pods: [Pod] { world.view.all(Pod.self, in: "default") }

  var scene: Scene {
    let pods = pods
    func box(_ title: String, _ pods: [Pod]) -> Scene.Box {
      Scene.Box(title: title, lines: pods.map { Scene.Line(Self.symbol(of: $0), describe($0)) })
    }
    let homeless = pods.filter { ($0.spec.nodeName ?? "").isEmpty }
    return Scene(
      boxes: world.view.all(Node.self).map { node in box(node.name, pods.filter { $0.spec.nodeName == node.name }) }
        + (homeless.isEmpty ? [] : [box("no node yet", homeless)]) + boxesBeside(world.view))
  }

  var column: [(name: String, symbol: Character)] { pods.map { (nameInTimeline($0), Self.symbol(of: $0)) } }

  private static func describe(_ pod: Pod) -> String {
    let image = pod.spec.containers.first?.image ?? ""
    let restarts = pod.restartCount > 0 ? "  restarts: \(pod.restartCount)" : ""
    return "\(pod.name)  \(image)\(restarts)"
  }

  private static func symbol(of pod: Pod) -> Character {
    if pod.isBeingDeleted { return "○" }
    switch pod.status.phase ?? .pending {
    case .succeeded: return "✓"
    case .failed: return "✕"
    case .running where pod.isReady: return "●"
    case .running: return pod.waits(for: "CrashLoopBackOff") ? "✕" : "◐"
    default:
      if pod.waits(for: "ErrImagePull") || pod.waits(for: "ImagePullBackOff") { return "✕" }
      return (pod.spec.nodeName ?? "").isEmpty ? "·" : "◐"
    }
  }
}

extension Pod {
  fileprivate func waits(for reason: String) -> Bool {
    self.status.containerStatuses.contains { $0.state.waiting?.reason == reason }
  }
}

// MARK: What users do

extension SimulatedCluster {
  func create(_ object: some Resource) { world.perform([.create(object.json)]) }

  func delete<T: Resource>(_ type: T.Type, _ name: String) {
    world.perform([.delete(T.key(name, in: "default"), DeleteOptions(propagationPolicy: .background))])
  }

  func change<T: Resource>(_ type: T.Type, _ name: String, _ change: (inout T) -> Void) {
    guard var object = world.view.object(T.self, name, in: T.kind.isNamespaced ? "default" : "") else { return }
    change(&object)
    world.perform([.update(object.json)])
  }

  static func pod(_ name: String, image: String) -> Pod {
    Pod(name: name, namespace: "default") {
      $0.metadata.labels = ["app": "web"]
      $0.spec.containers = [
        Container {
          $0.name = "web"
          $0.image = image
        }
      ]
    }
  }

  static var template: PodTemplateSpec {
    PodTemplateSpec {
      $0.metadata.labels = ["app": "web"]
      $0.spec = pod("", image: "web:1").spec
    }
  }

  static var selector: LabelSelector { LabelSelector { $0.matchLabels = ["app": "web"] } }
}
