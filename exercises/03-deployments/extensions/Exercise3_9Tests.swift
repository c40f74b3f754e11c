import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Simulation
import Testing

@Suite struct Exercise3_9Tests {
  @Test func aStuckRollOutGoesBack() throws {
    let world = try stuckWorld()
    #expect(image(in: world) == "missing", "before the deadline nothing is written")
    world.run(for: .seconds(60))
    #expect(image(in: world) == "web:1", "after the deadline the template is that of the set that still serves")
    #expect(
      world.deployment?.spec.template.metadata.labels["pod-template-hash"] == nil, "the hash is the sets' own label")
    #expect(world.set(of: "missing")?.replicas == 0)
    #expect(world.set(of: "web:1")?.status.availableReplicas == 3)
    #expect(world.condition("Progressing")?.reason == "NewReplicaSetAvailable")
  }

  @Test func itGoesBackOnceAndNotForth() throws {
    let world = try stuckWorld()
    world.run(for: .seconds(60))
    let generation = world.deployment?.metadata.generation
    world.run(for: .seconds(300))
    #expect(image(in: world) == "web:1")
    #expect(
      world.deployment?.metadata.generation == generation,
      "the failure is over, so the spec is written once, and never again for the same failure")
    #expect(generation == 3, "the first template, the broken one, and the way back: three generations")
  }

  /// Three pods of web:1 and a roll-out whose image does not exist, shortly before its deadline.
  private func stuckWorld() throws -> World {
    let world = try World(layers: layers, seed: 1)
    let first = makeDeployment(replicas: 3) {
      $0.metadata.annotations["exercises.swiftlet/roll-back"] = "true"
      $0.spec.progressDeadlineSeconds = 60
    }
    world.perform([.create(first.json)])
    world.run(for: .seconds(10))
    world.setImage("missing")
    world.run(for: .seconds(50))
    return world
  }

  private func image(in world: World) -> String? {
    world.deployment?.spec.template.spec.containers.first?.image
  }
}
