import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Simulation
import Testing

@Suite struct DeploymentTests {
  @Test func aDeploymentMakesASetAndTheSetMakesPods() throws {
    let world = try World(layers: layers, seed: 1)
    world.perform([.create(makeDeployment(replicas: 3).json)])
    world.run(for: .seconds(10))
    let set = try #require(world.sets.first)
    let hash = try #require(set.metadata.labels["pod-template-hash"])
    #expect(set.name == "web-\(hash)")
    #expect(set.spec.selector?.matchLabels["pod-template-hash"] == hash)
    #expect(world.pods.count == 3)
    #expect(world.pods.allSatisfy { $0.metadata.labels["pod-template-hash"] == hash })
    #expect(world.deployment?.status.readyReplicas == 3)
    #expect(world.deployment?.metadata.annotations["deployment.kubernetes.io/revision"] == "1")
    #expect(world.condition("Available")?.status == "True")
    #expect(world.condition("Progressing")?.reason == "NewReplicaSetAvailable")
  }

  /// At no moment more than replicas + maxSurge pods, nor fewer than replicas − maxUnavailable available ones.
  @Test(arguments: [(1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (3, 3)])
  func aRollingUpdateStaysWithinItsBounds(surge: Int, unavailable: Int) throws {
    let world = try World(layers: layers, seed: 2)
    world.perform([
      .create(
        makeDeployment(replicas: 5) {
          $0.spec.strategy.rollingUpdate = RollingUpdateDeployment {
            $0.maxSurge = .integer(surge)
            $0.maxUnavailable = .integer(unavailable)
          }
        }.json)
    ])
    world.run(for: .seconds(20))
    world.setImage("slow-3")
    for _ in 0..<600 {
      world.run(for: .milliseconds(200))
      #expect(world.sets.reduce(0) { $0 + $1.replicas } <= 5 + surge, "more pods are wanted than the surge allows")
      #expect(world.pods.count { $0.isReady } >= 5 - unavailable, "fewer pods are ready than must be")
      if world.set(of: "slow-3")?.status.availableReplicas == 5, world.pods.count == 5 { break }
    }
    #expect(world.set(of: "slow-3")?.status.availableReplicas == 5)
    #expect(world.set(of: "web:1")?.replicas == 0)
  }

  @Test func recreateEndsAllOldPodsBeforeTheFirstNewOne() throws {
    let world = try World(layers: layers, seed: 3)
    world.perform([
      .create(
        makeDeployment(replicas: 3, image: "stubborn") {
          $0.spec.strategy.type = .recreate
          $0.spec.template.spec.terminationGracePeriodSeconds = 5
        }.json)
    ])
    world.run(for: .seconds(10))
    world.setImage("web:2")
    for _ in 0..<100 {
      world.run(for: .milliseconds(200))
      let images = Set(world.view.all(Pod.self, in: "default").map { $0.spec.containers.first?.image ?? "" })
      #expect(images.count <= 1, "old and new pods side by side")
    }
    #expect(world.pods.count == 3)
    #expect(world.deployment?.status.updatedReplicas == 3)
  }

  @Test func goingBackUsesTheOldSetAndCountsTheRevisionUp() throws {
    let world = try World(layers: layers, seed: 4)
    world.perform([.create(makeDeployment(replicas: 2).json)])
    world.run(for: .seconds(10))
    let first = try #require(world.set(of: "web:1"))
    world.setImage("web:2")
    world.run(for: .seconds(20))
    world.setImage("web:1")
    world.run(for: .seconds(20))
    #expect(world.sets.count == 2)
    let back = try #require(world.set(of: "web:1"))
    #expect(back.uid == first.uid)
    #expect(back.metadata.annotations["deployment.kubernetes.io/revision"] == "3")
    #expect(back.metadata.annotations["deployment.kubernetes.io/revision-history"] == "1")
    #expect(world.deployment?.metadata.annotations["deployment.kubernetes.io/revision"] == "3")
    #expect(world.pods.allSatisfy { $0.spec.containers.first?.image == "web:1" })
  }

  /// Typed clients write out what others leave away, when they go back to an old revision for example.
  @Test func emptyMembersMakeNoNewRevision() throws {
    let world = try World(layers: layers, seed: 12)
    world.perform([.create(makeDeployment(replicas: 1).json)])
    world.run(for: .seconds(10))
    world.change {
      $0.spec.template.json["metadata"]?["creationTimestamp"] = .null
      $0.spec.template.spec.containers[0].json["resources"] = .emptyObject
    }
    world.run(for: .seconds(10))
    #expect(world.sets.count == 1)
    #expect(world.deployment?.status.observedGeneration == world.deployment?.metadata.generation)
  }

  @Test func aPausedDeploymentScalesButDoesNotRollOut() throws {
    let world = try World(layers: layers, seed: 5)
    world.perform([.create(makeDeployment(replicas: 2).json)])
    world.run(for: .seconds(10))
    world.change {
      $0.spec.paused = true
      $0.spec.replicas = 4
      $0.spec.template.spec.containers[0].image = "web:2"
    }
    world.run(for: .seconds(20))
    #expect(world.pods.count == 4)
    #expect(world.pods.allSatisfy { $0.spec.containers.first?.image == "web:1" })
    #expect(world.condition("Progressing")?.reason == "DeploymentPaused")
    world.change { $0.spec.paused = nil }
    world.run(for: .seconds(30))
    #expect(world.pods.allSatisfy { $0.spec.containers.first?.image == "web:2" })
  }

  @Test func aStuckRollOutIsToldAfterItsDeadline() throws {
    let world = try World(layers: layers, seed: 6)
    world.perform([.create(makeDeployment(replicas: 3) { $0.spec.progressDeadlineSeconds = 60 }.json)])
    world.run(for: .seconds(10))
    world.setImage("missing")
    world.run(for: .seconds(50))
    #expect(world.condition("Progressing")?.status == "True")
    world.run(for: .seconds(20))
    #expect(world.condition("Progressing")?.status == "False")
    #expect(world.condition("Progressing")?.reason == "ProgressDeadlineExceeded")
    #expect(world.pods.count { $0.isReady } == 3, "the old pods keep serving")
  }

  @Test func scalingInTheMiddleOfARollOutKeepsTheProportions() throws {
    let world = try World(layers: layers, seed: 7)
    world.perform([
      .create(
        makeDeployment(replicas: 10) {
          $0.spec.strategy.rollingUpdate = RollingUpdateDeployment {
            $0.maxSurge = .integer(3)
            $0.maxUnavailable = .integer(2)
          }
        }.json)
    ])
    world.run(for: .seconds(20))
    world.setImage("missing")
    world.run(for: .seconds(20))
    #expect(world.set(of: "web:1")?.replicas == 8)
    #expect(world.set(of: "missing")?.replicas == 5)
    world.change { $0.spec.replicas = 15 }
    world.run(for: .seconds(20))
    // 18 pods in all: the five more are shared eight to five.
    #expect(world.set(of: "web:1")?.replicas == 11)
    #expect(world.set(of: "missing")?.replicas == 7)
  }

  @Test func onlyAsManyOldSetsAreKeptAsTheLimitSays() throws {
    let world = try World(layers: layers, seed: 8)
    world.perform([.create(makeDeployment(replicas: 1) { $0.spec.revisionHistoryLimit = 2 }.json)])
    for version in 2...6 {
      world.run(for: .seconds(10))
      world.setImage("web:\(version)")
    }
    world.run(for: .seconds(30))
    let images = Set(world.sets.compactMap { $0.spec.template.spec.containers.first?.image })
    #expect(images == ["web:4", "web:5", "web:6"])
  }

  @Test func aNameThatIsTakenLeadsToAnotherHash() throws {
    let world = try World(layers: layers, seed: 9)
    let deployment = makeDeployment(replicas: 1)
    world.perform([.create(deployment.json)])
    world.run(for: .seconds(10))
    let taken = try #require(world.sets.first)
    world.perform([
      .delete(Deployment.key("web", in: "default"), DeleteOptions(propagationPolicy: .background))
    ])
    world.run(for: .seconds(60))
    #expect(world.sets.isEmpty)
    var stranger = ReplicaSet(name: taken.name, namespace: "default")
    stranger.spec.selector = LabelSelector { $0.matchLabels = ["app": "stranger"] }
    stranger.spec.template = deployment.spec.template
    stranger.spec.template.metadata.labels = ["app": "stranger"]
    world.perform([.create(stranger.json), .create(deployment.json)])
    world.run(for: .seconds(10))
    #expect(world.deployment?.status.collisionCount == 1)
    #expect(world.sets.count == 2)
    #expect(world.deployment?.status.availableReplicas == 1)
  }

  @Test(
    arguments: [
      (2, nil, nil, 1, 0), (10, nil, nil, 3, 2), (4, "30%", "30%", 2, 1), (3, "0", "0%", 0, 1),
      (1, "100%", "100%", 1, 1),
    ] as [(Int, String?, String?, Int, Int)])
  func percentagesAreRoundedInFavourOfAvailability(
    _ replicas: Int, _ surge: String?, _ unavailable: String?, _ maxSurge: Int, _ maxUnavailable: Int
  ) throws {
    func bound(_ text: String?) -> IntOrString {
      text.map { Int($0).map { .integer($0) } ?? .string($0) } ?? .string("25%")
    }
    let deployment = makeDeployment(replicas: replicas) {
      $0.spec.strategy.rollingUpdate = RollingUpdateDeployment {
        $0.maxSurge = bound(surge)
        $0.maxUnavailable = bound(unavailable)
      }
    }
    #expect(
      deployment.maxSurge == maxSurge, "surge is rounded up: a part of a pod too many is a whole pod too many")
    #expect(
      deployment.maxUnavailable == maxUnavailable, "unavailability is rounded down: a part of a pod may not be missing")
  }

  @Test func bothBoundsAreNeverNothing() {
    let rounded = makeDeployment(replicas: 10) {
      $0.spec.strategy.rollingUpdate = RollingUpdateDeployment {
        $0.maxSurge = .integer(0)
        $0.maxUnavailable = .string("1%")
      }
    }
    #expect(
      rounded.maxSurge == 0 && rounded.maxUnavailable == 1,
      "1% of 10 is rounded down to 0; with no pod too many and none missing no pod could ever be replaced, so one may")
    let generous = makeDeployment(replicas: 2) {
      $0.spec.strategy.rollingUpdate = RollingUpdateDeployment { $0.maxUnavailable = .integer(5) }
    }
    #expect(generous.maxUnavailable == 2, "no more pods can be missing than there are")
    #expect(generous.maxSurge == 0, "a bound that is not there allows nothing")
  }

  @Test func boundsOfZeroAreRefused() throws {
    let world = try World(layers: layers, seed: 10)
    let refusals = world.perform([
      .create(
        makeDeployment(replicas: 1) {
          $0.spec.strategy.type = .rollingUpdate
          $0.spec.strategy.rollingUpdate = RollingUpdateDeployment {
            $0.maxSurge = .integer(0)
            $0.maxUnavailable = .integer(0)
          }
        }.json)
    ])
    #expect(refusals.first?.message.contains("may not be 0 when `maxSurge` is 0") == true)
  }
}
