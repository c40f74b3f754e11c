import ControlLoop
import Objects
import Pods
import Scheduling
import Simulation
import StatefulSets
import Testing

@testable import DaemonSets

/// Whole worlds with three nodes.
@Suite struct DaemonSetTests {
  static let nodes = ["node-1", "node-2", "node-3"]

  @Test func everyNodeGetsOnePod() throws {
    let world = try World.ready()
    world.perform([.create(makeSet().json)])
    world.run(for: .seconds(20))
    #expect(world.served == Self.nodes)
    let status = try #require(world.set?.status)
    #expect(status.desiredNumberScheduled == 3 && status.currentNumberScheduled == 3)
    #expect(status.numberReady == 3 && status.numberAvailable == 3 && status.updatedNumberScheduled == 3)
    #expect(status.numberUnavailable == 0 && status.numberMisscheduled == 0)
    #expect(status.observedGeneration == world.set?.metadata.generation)
    #expect(world.reasons.contains("SuccessfulCreate"))
  }

  @Test func aDeletedPodIsReplacedOnItsNode() throws {
    let world = try World.ready()
    world.perform([.create(makeSet().json)])
    world.run(for: .seconds(20))
    let victim = try #require(world.pods.first { $0.spec.nodeName == "node-2" })
    world.perform([.delete(victim.key, DeleteOptions())])
    world.run(for: .seconds(60))
    #expect(world.served == Self.nodes && !world.pods.contains { $0.uid == victim.uid })
  }

  @Test func aLabelDecidesAndMayComeAndGo() throws {
    let world = try World.ready()
    world.perform([.create(makeSet { $0.spec.template.spec.nodeSelector = ["disk": "ssd"] }.json)])
    world.run(for: .seconds(20))
    #expect(world.pods.isEmpty && world.set?.status.desiredNumberScheduled == 0)
    world.change(node: "node-2") { $0.metadata.labels["disk"] = "ssd" }
    world.run(for: .seconds(20))
    #expect(world.served == ["node-2"])
    world.change(node: "node-2") { $0.metadata.labels["disk"] = nil }
    world.run(for: .seconds(60))
    #expect(world.pods.isEmpty && world.reasons.contains("SuccessfulDelete"))
  }

  @Test func aClosedNodeGetsItsDaemonAllTheSame() throws {
    let world = try World.ready()
    world.change(node: "node-3") { $0.spec.unschedulable = true }
    world.run(for: .seconds(5))
    world.perform([.create(makeSet().json)])
    world.run(for: .seconds(20))
    #expect(world.served == Self.nodes)
  }

  @Test func aTaintKeepsThePodThatIsThereOrDrivesItOut() throws {
    let world = try World.ready()
    world.perform([.create(makeSet().json)])
    world.run(for: .seconds(20))
    world.change(node: "node-1") { $0.spec.taints.append(Taint("dedicated", .noSchedule)) }
    world.run(for: .seconds(20))
    #expect(world.served == Self.nodes, "it stays, and is counted as misplaced")
    #expect(world.set?.status.desiredNumberScheduled == 2 && world.set?.status.numberMisscheduled == 1)
    world.change(node: "node-2") { $0.spec.taints.append(Taint("dedicated", .noExecute)) }
    world.run(for: .seconds(60))
    #expect(world.served == ["node-1", "node-3"])
  }

  // MARK: Roll-outs

  @Test func aRollOutReplacesOnePodAfterTheOther() throws {
    let world = try World.ready()
    world.perform([.create(makeSet(image: "slow-3") { $0.spec.minReadySeconds = 2 }.json)])
    world.run(for: .seconds(30))
    world.setImage("slow-3:2")
    for _ in 0..<40 {
      world.run(for: .seconds(1))
      #expect(world.view.all(Pod.self, in: "default").count <= 3, "never two on a node")
      #expect(world.pods.count(where: \.isReady) >= 2, "never more than one missing")
    }
    #expect(world.served == Self.nodes)
    #expect(world.pods.allSatisfy { $0.spec.containers[0].image == "slow-3:2" })
    #expect(world.set?.status.updatedNumberScheduled == 3)
    #expect(world.revisions.map(\.revision).sorted { $0 ?? 0 < $1 ?? 0 } == [1, 2])
  }

  @Test func withASurgeNoNodeIsEverWithoutAReadyPod() throws {
    let world = try World.ready()
    world.perform([.create(makeSet(unavailable: 0, surge: 1, image: "slow-3") { $0.spec.minReadySeconds = 2 }.json)])
    world.run(for: .seconds(30))
    world.setImage("slow-3:2")
    var most = 0
    for _ in 0..<40 {
      world.run(for: .seconds(1))
      #expect(Set(world.served) == Set(Self.nodes))
      most = max(most, world.pods.count)
    }
    #expect(most == 4, "one node at a time has two")
    #expect(world.pods.map { $0.spec.containers[0].image } == Array(repeating: "slow-3:2", count: 3))
  }

  @Test func underOnDeleteThePodThatIsDeletedComesBackNew() throws {
    let world = try World.ready()
    world.perform([.create(makeSet { $0.spec.updateStrategy = DaemonSetUpdateStrategy { $0.type = .onDelete } }.json)])
    world.run(for: .seconds(20))
    world.setImage("agent:3")
    world.run(for: .seconds(60))
    #expect(world.pods.allSatisfy { $0.spec.containers[0].image == "agent:2" })
    #expect(world.set?.status.updatedNumberScheduled == 0)
    let victim = try #require(world.pods.first)
    world.perform([.delete(victim.key, DeleteOptions())])
    world.run(for: .seconds(60))
    #expect(world.pods.count { $0.spec.containers[0].image == "agent:3" } == 1)
    #expect(world.set?.status.updatedNumberScheduled == 1)
  }

  @Test func aTemplateThatCannotStartHoldsTheRollOutUpUntilItIsMended() throws {
    let world = try World.ready()
    world.perform([.create(makeSet().json)])
    world.run(for: .seconds(20))
    world.setImage("missing")
    world.run(for: .seconds(300))
    #expect(world.pods.count(where: \.isReady) == 2, "one node pays for the mistake, and no other")
    world.setImage("agent:3")
    world.run(for: .seconds(120))
    #expect(world.served == Self.nodes && world.pods.allSatisfy { $0.spec.containers[0].image == "agent:3" })
  }

  @Test func goingBackIsARollOutAndGetsANumber() throws {
    let world = try World.ready()
    world.perform([.create(makeSet(image: "agent:1").json)])
    world.run(for: .seconds(20))
    for image in ["agent:2", "agent:1"] {
      world.setImage(image)
      world.run(for: .seconds(240))
    }
    #expect(world.pods.allSatisfy { $0.spec.containers[0].image == "agent:1" })
    let numbers = world.revisions.map { ($0.template.spec.containers[0].image ?? "", $0.revision ?? 0) }
    #expect(Dictionary(numbers) { $1 } == ["agent:1": 3, "agent:2": 2])
  }

  @Test func theHistoryIsAsLongAsItMayBe() throws {
    let world = try World.ready()
    world.perform([.create(makeSet(unavailable: 3, image: "agent:1") { $0.spec.revisionHistoryLimit = 1 }.json)])
    world.run(for: .seconds(20))
    for image in ["agent:2", "agent:3", "agent:4"] {
      world.setImage(image)
      world.run(for: .seconds(120))
    }
    #expect(world.revisions.compactMap(\.revision).sorted() == [3, 4])
  }

  // MARK: The end

  @Test func aDeletedSetTakesItsPodsAlongUnlessTheyAreOrphaned() throws {
    for policy in [PropagationPolicy.background, .foreground, .orphan] {
      let world = try World.ready()
      world.perform([.create(makeSet().json)])
      world.run(for: .seconds(20))
      world.perform([.delete(DaemonSet.key("agent", in: "default"), DeleteOptions(propagationPolicy: policy))])
      world.run(for: .seconds(120))
      #expect(world.set == nil, "\(policy)")
      #expect(world.pods.count == (policy == .orphan ? 3 : 0), "\(policy)")
      guard policy == .orphan else { continue }
      let before = Set(world.pods.map(\.uid))
      world.perform([.create(makeSet().json)])
      world.run(for: .seconds(60))
      #expect(Set(world.pods.map(\.uid)) == before, "the same template: its pods are taken in as they are")
    }
  }

  @Test func aNodeThatIsGoneTakesItsPodAlong() throws {
    let world = try World(layers: layers, seed: 4)
    // It is tainted as not ready, so only who tolerates everything goes there.
    let set = makeSet { $0.spec.template.spec.tolerations = [Toleration("")] }
    world.perform([.create(makeNode("ghost").json), .create(set.json)])
    world.run(for: .seconds(20))
    #expect(world.set?.status.desiredNumberScheduled == 4, "a node that never reports is a node")
    world.perform([.delete(Node.key("ghost"), DeleteOptions())])
    world.run(for: .seconds(60))
    #expect(world.set?.status.desiredNumberScheduled == 3 && world.served == Self.nodes && world.pods.count == 3)
  }

  @Test func aRefusedPodIsToldInAnEvent() throws {
    let quota = Layer(chapter: 12, name: "quota") {
      $0.admission = [
        AdmissionStep("Quota", resource: "pods") { request, _ throws(StatusError) in
          if request.operation == .create { throw .forbidden(request.key, "exceeded quota") }
        }
      ]
    }
    let world = try World(layers: layers + [quota], seed: 9)
    world.perform([.create(makeSet().json)])
    world.run(for: .seconds(30))
    let events = world.view.all(RecordedEvent.self).filter { $0.reason == "FailedCreate" && $0.type == "Warning" }
    #expect(events.contains { $0.message?.hasPrefix("Error creating: ") == true })
  }
}
