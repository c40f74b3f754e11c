import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing
import Volumes

@testable import StatefulSets

/// Stories of sets, from the API in and out, in simulated clusters of three nodes.
@Suite struct StatefulSetTests {
  /// The names in the order in which pods came and went, as events told it.
  private func comings(_ world: World, from start: Revision) throws -> [String] {
    var lines: [String] = []
    let watcher = try world.store.watch(Pod.kind.groupResource, after: start)
    while case let events = try watcher.next(max: .max), !events.isEmpty {
      for event in events where event.type != .modified {
        lines.append("\(event.type == .added ? "+" : "-")\(event.record.key.name.dropFirst(4))")
      }
    }
    return lines
  }

  @Test func podsComeFromTheFirstAndGoFromTheLast() throws {
    let world = try World(makeSet(replicas: 3, image: "slow-3"))
    let start = world.store.snapshot.revision
    world.run(for: .seconds(30))
    #expect(try comings(world, from: start) == ["+0", "+1", "+2"])
    #expect(world.set?.status.readyReplicas == 3)
    let middle = world.store.snapshot.revision
    world.change { $0.spec.replicas = 0 }
    world.run(for: .seconds(30))
    #expect(try comings(world, from: middle) == ["-2", "-1", "-0"])
    #expect(world.set?.status.replicas == 0)
  }

  @Test func aSetTellsWhatItDoes() throws {
    let world = try World(makeSet(replicas: 1) { $0.spec.volumeClaimTemplates = [claimTemplate()] })
    world.run(for: .seconds(30))
    #expect(
      Set(world.events("SuccessfulCreate")) == [
        "create Claim data-web-0 Pod web-0 in StatefulSet web success",
        "create Pod web-0 in StatefulSet web successful",
      ])
    world.change { $0.spec.replicas = 0 }
    world.run(for: .seconds(30))
    #expect(world.events("SuccessfulDelete") == ["delete Pod web-0 in StatefulSet web successful"])
  }

  @Test func aPodThatIsRefusedIsTalkedAbout() throws {
    var strict = layers
    strict.append(
      Layer(chapter: 11, name: "Strict") {
        $0.admission = [
          AdmissionStep("Strict", resource: "pods") { request, _ throws(StatusError) in
            throw .forbidden(request.key, "no more pods")
          }
        ]
      })
    let world = try World(layers: strict, seed: 1)
    world.perform([.create(makeSet(replicas: 1).json)])
    world.run(for: .seconds(30))
    #expect(
      world.events("FailedCreate") == [
        "create Pod web-0 in StatefulSet web failed error: pods \"web-0\" is forbidden: no more pods"
      ])
    #expect(world.events("SuccessfulCreate") == [])
  }

  @Test func anUpdateGoesFromTheLastToTheFirst() throws {
    let world = try World(makeSet(replicas: 3, image: "v1"))
    world.run(for: .seconds(30))
    let first = try #require(world.set?.status.currentRevision)
    #expect(world.set?.status.updateRevision == first)
    let start = world.store.snapshot.revision
    world.setImage("v2")
    world.run(for: .seconds(60))
    #expect(try comings(world, from: start) == ["-2", "+2", "-1", "+1", "-0", "+0"])
    #expect((0..<3).map { world.image($0) } == ["v2", "v2", "v2"])
    let status = try #require(world.set?.status)
    #expect(status.currentRevision == status.updateRevision)
    #expect(status.currentRevision != first)
    #expect([status.replicas, status.readyReplicas, status.currentReplicas, status.updatedReplicas] == [3, 3, 3, 3])
    #expect(status.availableReplicas == 3)
    #expect(world.revisions.map(\.number) == [1, 2])
  }

  @Test func aPartitionIsATrial() throws {
    let world = try World(
      makeSet(replicas: 3, image: "v1") {
        $0.spec.updateStrategy.rollingUpdate = RollingUpdateStatefulSetStrategy { $0.partition = 2 }
      })
    world.run(for: .seconds(30))
    world.setImage("v2")
    world.run(for: .seconds(60))
    #expect((0..<3).map { world.image($0) } == ["v1", "v1", "v2"])
    #expect(world.set?.status.updatedReplicas == 1)
    #expect(world.set?.status.currentReplicas == 2)
    world.delete(0)
    world.run(for: .seconds(60))
    #expect(world.image(0) == "v1")
    world.change { $0.spec.updateStrategy.rollingUpdate = RollingUpdateStatefulSetStrategy { $0.partition = 0 } }
    world.run(for: .seconds(60))
    #expect((0..<3).map { world.image($0) } == ["v2", "v2", "v2"])
  }

  @Test func onDeleteWaitsForSomebodyToDelete() throws {
    let world = try World(
      makeSet(replicas: 2, image: "v1") { $0.spec.updateStrategy.type = .onDelete })
    world.run(for: .seconds(30))
    world.setImage("v2")
    world.run(for: .seconds(60))
    #expect((0..<2).map { world.image($0) } == ["v1", "v1"])
    world.delete(0)
    world.run(for: .seconds(60))
    #expect((0..<2).map { world.image($0) } == ["v2", "v1"])
  }

  @Test func goingBackRenumbersTheRevision() throws {
    let world = try World(makeSet(replicas: 1, image: "v1"))
    world.run(for: .seconds(30))
    for image in ["v2", "v3", "v1"] {
      world.setImage(image)
      world.run(for: .seconds(30))
    }
    #expect(world.revisions.map(\.number) == [2, 3, 4])
    #expect(world.revisions.map { $0.template.spec.containers.first?.image } == ["v2", "v3", "v1"])
    #expect(world.set?.status.currentRevision == world.revisions.last?.name)
    #expect(world.image(0) == "v1")
  }

  @Test func aBrokenTemplateHoldsAnOrderedSetUpUntilItsPodIsDeleted() throws {
    let world = try World(makeSet(replicas: 3, image: "v1"))
    world.run(for: .seconds(30))
    world.setImage("missing")
    world.run(for: .seconds(60))
    #expect((0..<3).map { world.image($0) } == ["v1", "v1", "missing"])
    world.setImage("v1")
    world.run(for: .seconds(600))
    #expect(world.image(2) == "missing", "the set waits for a pod that will never be ready")
    world.delete(2)
    world.run(for: .seconds(60))
    #expect((0..<3).map { world.image($0) } == ["v1", "v1", "v1"])
    #expect(world.set?.status.readyReplicas == 3)
  }

  @Test func aBrokenTemplateOfAParallelSetIsMendedByAGoodOne() throws {
    let world = try World(makeSet(replicas: 3, image: "v1") { $0.spec.podManagementPolicy = .parallel })
    world.run(for: .seconds(30))
    world.setImage("missing")
    world.run(for: .seconds(60))
    #expect((0..<3).map { world.image($0) } == ["v1", "v1", "missing"])
    world.setImage("v1")
    world.run(for: .seconds(60))
    #expect((0..<3).map { world.image($0) } == ["v1", "v1", "v1"])
    #expect(world.set?.status.readyReplicas == 3)
  }

  @Test func aPodThatFailedIsMadeAgain() throws {
    let world = try World(makeSet(replicas: 1))
    world.run(for: .seconds(30))
    var pod = try #require(world.pod(0))
    let before = pod.uid
    pod.status.phase = .failed
    pod.status.containerStatuses = []
    world.perform([.updateStatus(pod.json)])
    world.run(for: .seconds(60))
    #expect(world.pod(0)?.uid != before)
    #expect(world.pod(0)?.isReady == true)
    #expect(
      world.events("RecreatingFailedPod") == ["StatefulSet default/web is recreating failed Pod web-0"])
  }

  @Test func thePodOfASilentNodeIsNotReplacedUntilItIsGone() throws {
    let world = try World.withSilentNode(makeSet(replicas: 1))
    let pod = try #require(world.pod(0))
    #expect(pod.spec.nodeName == "silent")
    world.delete(0)
    world.run(for: .seconds(24 * 3_600))
    #expect(world.pod(0)?.uid == pod.uid, "perhaps its containers still write")
    #expect(world.pod(0)?.isBeingDeleted == true)
    world.perform([.delete(pod.key, DeleteOptions(gracePeriodSeconds: 0))])
    world.run(for: .seconds(5))
    let next = try #require(world.pod(0), "somebody who knows has said that it is gone")
    #expect(next.uid != pod.uid)
  }

  @Test func orphansAreTakenInAndStrangersLetGo() throws {
    let world = try World(makeSet(replicas: 2))
    world.run(for: .seconds(30))
    let before = world.pods.map(\.uid)
    world.perform([.delete(StatefulSet.key("web", in: "default"), DeleteOptions(propagationPolicy: .orphan))])
    world.run(for: .seconds(30))
    #expect(world.pods.map(\.uid) == before)
    #expect(world.pods.allSatisfy { $0.controller == nil })
    world.perform([.create(makeSet(replicas: 2).json)])
    world.run(for: .seconds(30))
    #expect(world.pods.map(\.uid) == before, "the same template is the same revision")
    #expect(world.pods.allSatisfy { $0.controller?.uid == world.set?.uid })
    #expect(world.revisions.map(\.number) == [1])

    var released = try #require(world.pod(1))
    released.metadata.labels["app"] = "other"
    world.perform([.update(released.json)])
    world.run(for: .seconds(30))
    #expect(world.pod(1)?.controller == nil)
    #expect(world.set?.status.replicas == 1, "its name is taken, and the set can do nothing about it")
    world.delete(1)
    world.run(for: .seconds(600))
    #expect(world.pod(1)?.controller?.uid == world.set?.uid)
  }

  @Test func theDeletedSetTakesItsPodsAndRevisionsWithIt() throws {
    let world = try World(makeSet(replicas: 2))
    world.run(for: .seconds(30))
    world.perform([.delete(StatefulSet.key("web", in: "default"), DeleteOptions(propagationPolicy: .foreground))])
    world.run(for: .seconds(60))
    #expect(world.pods.isEmpty)
    #expect(world.revisions.isEmpty)
    #expect(world.set == nil)
  }
}
