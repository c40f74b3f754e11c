import ControlLoop
import Objects
import Pods
import ReplicaSets
import Simulation
import Store
import Testing

@Suite struct ReplicaSetTests {
  @Test func aSetMakesThePodsThatAreMissing() throws {
    let world = try World(layers: layers, seed: 1)
    world.perform([.create(makeSet(replicas: 3).json)])
    #expect(world.settle(within: .seconds(30)))
    #expect(world.activePods.count == 3)
    #expect(world.pods.allSatisfy { $0.name.hasPrefix("web-") && $0.metadata.generateName == "web-" })
    #expect(world.pods.allSatisfy { $0.controller?.uid == world.set?.uid && $0.controller?.blockOwnerDeletion == true })
    #expect(world.set?.status.replicas == 3)
    #expect(world.set?.status.readyReplicas == 3)
    #expect(world.set?.status.availableReplicas == 3)
    #expect(world.set?.status.fullyLabeledReplicas == 3)
    #expect(world.set?.status.observedGeneration == world.set?.metadata.generation)
  }

  @Test func aDeletedPodIsReplaced() throws {
    let world = try World(layers: layers, seed: 2)
    world.perform([.create(makeSet(replicas: 2).json)])
    world.settle(within: .seconds(30))
    let victim = try #require(world.pods.first)
    world.perform([.delete(victim.key, DeleteOptions())])
    world.settle(within: .seconds(60))
    #expect(world.activePods.count == 2)
    #expect(!world.pods.contains { $0.uid == victim.uid })
  }

  @Test func aFailedPodIsReplacedToo() throws {
    let world = try World(layers: layers, seed: 3)
    world.perform([.create(makeSet(replicas: 2).json)])
    world.settle(within: .seconds(30))
    var victim = try #require(world.pods.first)
    victim.status.phase = .failed
    world.perform([.updateStatus(victim.json)])
    world.settle(within: .seconds(60))
    #expect(world.activePods.count == 2)
  }

  @Test func scalingDownDeletesAndScalingUpMakes() throws {
    let world = try World(layers: layers, seed: 4)
    world.perform([.create(makeSet(replicas: 5).json)])
    world.settle(within: .seconds(30))
    for size in [2, 7, 0, 1] {
      world.change { $0.spec.replicas = size }
      world.settle(within: .seconds(60))
      #expect(world.activePods.count == size)
      #expect(world.set?.status.replicas == size)
    }
  }

  @Test func aPodWithoutTheLabelIsLetGoAndRunsOn() throws {
    let world = try World(layers: layers, seed: 5)
    world.perform([.create(makeSet(replicas: 2).json)])
    world.settle(within: .seconds(30))
    var freed = try #require(world.pods.first)
    freed.metadata.labels = ["app": "debug"]
    world.perform([.update(freed.json)])
    world.settle(within: .seconds(60))
    #expect(try world.view.all(Pod.self, in: "default", matching: LabelQuery(parsing: "app=web")).count == 2)
    let now = try #require(world.view[Pod.self, freed.key])
    #expect(now.controller == nil && now.isActive)
  }

  @Test func orphansAreTakenInInsteadOfMakingPods() throws {
    let world = try World(layers: layers, seed: 6)
    var orphan = makePod("orphan")
    orphan.json["status"] = nil
    orphan.metadata.uid = nil
    orphan.spec.nodeName = nil
    orphan.spec.containers = makeSet(replicas: 1).spec.template.spec.containers
    world.perform([.create(orphan.json)])
    world.perform([.create(makeSet(replicas: 2).json)])
    world.settle(within: .seconds(30))
    #expect(world.activePods.count == 2)
    #expect(world.view.object(Pod.self, "orphan", in: "default")?.controller?.uid == world.set?.uid)
  }

  @Test func aDeletedSetTakesItsPodsAlongUnlessTheyAreOrphaned() throws {
    for policy in [PropagationPolicy.background, .foreground, .orphan] {
      let world = try World(layers: layers, seed: 7)
      world.perform([.create(makeSet(replicas: 2).json)])
      world.settle(within: .seconds(30))
      world.perform([.delete(ReplicaSet.key("web", in: "default"), DeleteOptions(propagationPolicy: policy))])
      world.settle(within: .seconds(120))
      #expect(world.set == nil, "\(policy)")
      #expect(world.activePods.count == (policy == .orphan ? 2 : 0), "\(policy)")
      #expect(world.pods.allSatisfy { $0.controller == nil }, "\(policy)")
    }
  }

  @Test func aPodCountsAsAvailableOnlyAfterMinReadySeconds() throws {
    let world = try World(layers: layers, seed: 8)
    world.perform([.create(makeSet(replicas: 1) { $0.spec.minReadySeconds = 30 }.json)])
    world.run(for: .seconds(20))
    #expect(world.set?.status.readyReplicas == 1)
    #expect(world.set?.status.availableReplicas == 0)
    world.run(for: .seconds(20))
    #expect(world.set?.status.availableReplicas == 1)
  }

  /// The layers with one that refuses every pod.
  private var refusing: [Layer] {
    layers + [
      Layer(chapter: 2, name: "quota") {
        $0.admission = [
          AdmissionStep("Quota", resource: "pods") { request, _ throws(StatusError) in
            if request.operation == .create { throw .forbidden(request.key, "exceeded quota") }
          }
        ]
      }
    ]
  }

  @Test func aRefusedPodIsToldInACondition() throws {
    let world = try World(layers: refusing, seed: 9)
    world.perform([.create(makeSet(replicas: 1).json)])
    world.run(for: .seconds(10))
    let condition = world.set?.status.conditions.first { $0.type == "ReplicaFailure" }
    #expect(condition?.status == "True")
    #expect(condition?.reason == "FailedCreate")
    #expect(condition?.message?.contains("exceeded quota") == true)
  }

  @Test func aRefusalIsToldOnceAndForgottenWhenItIsOver() throws {
    let quota = Layer(chapter: 2, name: "quota") {
      $0.admission = [
        AdmissionStep("Quota", resource: "pods") { request, _ throws(StatusError) in
          let isFrozen = request.view.object(Namespace.self, "frozen") != nil
          if request.operation == .create, isFrozen { throw .forbidden(request.key, "exceeded quota") }
        }
      ]
    }
    let world = try World(layers: layers + [quota], seed: 9)
    world.perform([.create(Namespace(name: "frozen").json), .create(makeSet(replicas: 1).json)])
    world.run(for: .seconds(10))
    let first = try #require(world.set?.status.conditions)
    #expect(first.map(\.type) == ["ReplicaFailure"])
    world.run(for: .seconds(100))
    #expect(world.set?.status.conditions == first, "the next refusal names another pod, and is the same to people")
    world.perform([.delete(Namespace.key("frozen"), DeleteOptions())])
    world.run(for: .seconds(300))
    #expect(world.activePods.count == 1)
    #expect(world.set?.status.conditions == [], "what no longer hinders is no longer told")
  }

  @Test func aRefusedPodIsToldInAnEvent() throws {
    let world = try World(layers: refusing, seed: 9)
    world.perform([.create(makeSet(replicas: 1).json)])
    world.run(for: .seconds(10))
    #expect(
      world.view.all(RecordedEvent.self).contains { $0.reason == "FailedCreate" && $0.type == "Warning" },
      "when the last plan was refused, view.refusal says why, and people are told in a warning")
  }

  @Test(arguments: [
    ("spec.selector", "{}", "spec.selector: Invalid value: {}: empty selector is invalid for deployment"),
    ("spec.selector", #"{"matchLabels":{"app":"other"}}"#, "spec.template.metadata.labels: Invalid value: "),
    ("spec.replicas", "-1", "spec.replicas: Invalid value: -1: must be greater than or equal to 0"),
    ("spec.template.spec.restartPolicy", #""Never""#, "spec.template.spec.restartPolicy: Unsupported value: \"Never\""),
  ])
  func aSetThatCannotWorkIsRefused(_ path: String, _ json: String, _ message: String) throws {
    let world = try World(layers: layers, seed: 10)
    let value = try Value(parsing: Array(json.utf8))
    let names = path.split(separator: ".").map(String.init)
    let refusals = world.perform([.create(makeSet(replicas: 1).json.replacing(names[...], with: value))])
    #expect(refusals.first?.message.contains(message) == true, "\(refusals)")
  }

  @Test func theSelectorCannotChange() throws {
    let world = try World(layers: layers, seed: 11)
    world.perform([.create(makeSet(replicas: 1).json)])
    var set = try #require(world.set)
    set.spec.selector?.matchLabels["tier"] = "x"
    set.spec.template.metadata.labels["tier"] = "x"
    #expect(world.perform([.update(set.json)]).first?.message.contains("field is immutable") == true)
  }
}

extension Value {
  /// The value with what stands at a path replaced.
  func replacing(_ path: ArraySlice<String>, with new: Value?) -> Value {
    guard let name = path.first else { return self }
    var changed = self
    changed[name] = path.count == 1 ? new : (self[name] ?? .emptyObject).replacing(path.dropFirst(), with: new)
    return changed
  }
}
