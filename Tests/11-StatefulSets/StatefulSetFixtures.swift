import Configuration
import ControlLoop
import Deployments
import Jobs
import Objects
import Pods
import Probes
import ReplicaSets
import Scheduling
import Services
import Simulation
import Store
import ViewFixtures
import Volumes

@testable import StatefulSets

/// The layers under test.
let layers: [Layer] = [
  .pods, .replicaSets, .deployments, .services, .configuration, .volumes, .probes, .jobs, .scheduling, .statefulSets,
]

/// When the plans of the tests are made.
let now = World.epoch + .seconds(1_000)

func makeSet(
  _ name: String = "web", replicas: Int = 3, image: String = "pause", _ change: (inout StatefulSet) -> Void = { _ in }
) -> StatefulSet {
  StatefulSet(name: name, namespace: "default") {
    $0.spec.replicas = replicas
    $0.spec.serviceName = name
    $0.spec.selector = LabelSelector { $0.matchLabels = ["app": name] }
    $0.spec.template = template(image, app: name)
    change(&$0)
  }
}

func template(_ image: String, app: String = "web") -> PodTemplateSpec {
  PodTemplateSpec {
    $0.metadata.labels = ["app": app]
    $0.spec.containers = [
      Container {
        $0.name = "main"
        $0.image = image
      }
    ]
  }
}

func claimTemplate(_ name: String = "data") -> PersistentVolumeClaim {
  PersistentVolumeClaim(name: name) {
    $0.spec.accessModes = ["ReadWriteOnce"]
    $0.spec.resources.requests["storage"] = Quantity(1_000)
  }
}

/// A set as the store has it, with an identity and defaults.
func storedSet(replicas: Int = 3, _ change: (inout StatefulSet) -> Void = { _ in }) -> StatefulSet {
  makeSet(replicas: replicas) {
    $0.metadata.uid = "uid-web"
    change(&$0)
  }
}

/// A revision as the store has it.
func revision(_ number: Int64, _ image: String, of set: StatefulSet = storedSet()) -> ControllerRevision {
  var owner = set
  owner.spec.template = template(image)
  var revision = owner.newRevision(number: number, collisionCount: 0)
  revision.metadata.uid = "uid-" + revision.name
  return revision
}

/// How a pod of the set does, in the tests' pictures.
enum Shape: Character, CaseIterable {
  case missing = "·"
  case starting = "○"
  case ready = "●"
  /// Ready, and made from an older revision.
  case old = "◆"
  /// Of an older revision, and not ready.
  case oldStarting = "◇"
  case ending = "x"
  case failed = "!"
}

let new = revision(2, "v2")
let old = revision(1, "v1")

/// A pod of the set as the store has it.
func makePod(_ ordinal: Int, _ shape: Shape, of set: StatefulSet = storedSet()) -> Pod? {
  guard shape != .missing else { return nil }
  let isOld = shape == .old || shape == .oldStarting
  return Pod(name: "web-\(ordinal)", namespace: "default") {
    $0.metadata.uid = "uid-web-\(ordinal)"
    $0.metadata.creationTimestamp = World.epoch
    $0.metadata.ownerReferences = [OwnerReference(controller: set)]
    $0.metadata.labels = [
      "app": "web", PodLabels.name: "web-\(ordinal)", PodLabels.index: String(ordinal),
      PodLabels.revision: isOld ? old.name : new.name,
    ]
    $0.spec = template(isOld ? "v1" : "v2").spec
    $0.spec.nodeName = "node-1"
    let isRunning = ![.starting, .oldStarting, .failed].contains(shape)
    $0.status.phase = shape == .failed ? .failed : isRunning ? .running : .pending
    $0.status.conditions.set("Ready", isRunning ? "True" : "False", at: World.epoch)
    if shape == .ending {
      $0.metadata.deletionTimestamp = now
      $0.metadata.deletionGracePeriodSeconds = 30
    }
  }
}

/// The pods of a picture: one character for each number, from 0.
func pods(_ picture: String, of set: StatefulSet = storedSet()) -> [Pod] {
  picture.enumerated().compactMap { ordinal, character in
    Shape(rawValue: character).flatMap { makePod(ordinal, $0, of: set) }
  }
}

func makeView(_ objects: [any Resource]) throws -> View { try Cluster(layers: layers).view(of: objects) }

/// A look at a set whose template is v2, and at the pods of a picture.
func look(_ set: StatefulSet, _ picture: String, beside objects: [any Resource] = []) throws -> StatefulSetLook {
  StatefulSetLook(
    at: set, pods(picture, of: set), current: old, update: new, in: try makeView([set] + objects), at: now)
}

extension Plan {
  var created: [String] {
    intents.compactMap { if case .create(let object) = $0 { Object(json: object).name } else { nil } }
  }

  var createdPods: [Pod] {
    intents.compactMap {
      if case .create(let object) = $0, Object(json: object).kindName == "Pod" { Pod(json: object) } else { nil }
    }
  }

  var deleted: [String] {
    intents.compactMap { if case .delete(let key, _) = $0 { key.name } else { nil } }
  }

  var updated: [Object] {
    intents.compactMap { if case .update(let object) = $0 { Object(json: object) } else { nil } }
  }

  var status: StatefulSetStatus? {
    intents.compactMap { if case .updateStatus(let object) = $0 { StatefulSet(json: object).status } else { nil } }.last
  }
}

// MARK: Worlds

extension World {
  /// Three nodes, and a set.
  convenience init(_ set: StatefulSet, seed: UInt64 = 1) throws {
    try self.init(layers: layers, seed: seed)
    run(for: .seconds(5))
    perform([.create(set.json)])
  }

  /// A set on one node that has been ready and whose agent says nothing: its pod is placed, and that is all.
  static func withSilentNode(_ set: StatefulSet) throws -> World {
    var quiet = layers
    quiet[0].contributions.removeAll { $0 is ParticipantSource }
    let world = try World(layers: quiet, seed: 1)
    let node = Node(name: "silent")
    world.perform([.create(node.json), .create(set.json)])
    if var node = world.view.object(Node.self, "silent") {
      node.status.conditions.set("Ready", "True", at: world.now)
      world.perform([.updateStatus(node.json)])
    }
    world.run(for: .seconds(5))
    return world
  }

  var set: StatefulSet? { view.object(StatefulSet.self, "web", in: "default") }

  var pods: [Pod] { view.all(Pod.self, in: "default") }

  var names: [String] { pods.map(\.name) }

  var claims: [PersistentVolumeClaim] { view.all(PersistentVolumeClaim.self, in: "default") }

  var revisions: [ControllerRevision] {
    view.all(ControllerRevision.self, in: "default").sorted { $0.number < $1.number }
  }

  func pod(_ ordinal: Int) -> Pod? { view.object(Pod.self, "web-\(ordinal)", in: "default") }

  func image(_ ordinal: Int) -> String? { pod(ordinal)?.spec.containers.first?.image }

  @discardableResult
  func change(_ change: (inout StatefulSet) -> Void) -> [StatusError] {
    guard var set else { return [] }
    change(&set)
    return perform([.update(set.json)])
  }

  func setImage(_ image: String) { change { $0.spec.template = template(image) } }

  func delete(_ ordinal: Int) {
    if let pod = pod(ordinal) { perform([.delete(pod.key, DeleteOptions())]) }
  }

  func events(_ reason: String) -> [String] {
    view.all(RecordedEvent.self, in: "default").filter { $0.reason == reason }.map { $0.message ?? "" }
  }
}
