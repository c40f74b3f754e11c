import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Simulation
import Testing

@Suite struct Exercise3_8Tests {
  static let canary = "exercises.swiftlet/canary"

  @Test func theRollOutStopsAtTheCanary() throws {
    let world = try rollingWorld(to: "web:2")
    world.run(for: .seconds(60))
    #expect(world.set(of: "web:2")?.replicas == 1, "one new pod, as the annotation says")
    #expect(world.set(of: "web:1")?.replicas == 2, "and three pods in all: the canary has taken an old pod's place")
    world.change { $0.metadata.annotations[Self.canary] = "2" }
    world.run(for: .seconds(60))
    #expect(world.set(of: "web:2")?.replicas == 2, "two may be tried out now")
  }

  @Test func aCanaryThatSingsIsNotLate() throws {
    let world = try rollingWorld(to: "web:2")
    world.run(for: .seconds(200))
    #expect(world.set(of: "web:2")?.replicas == 1)
    #expect(
      world.condition("Progressing")?.status == "True",
      "the deadline is 60 seconds, but nothing is stuck: the canary is up, and a person has to decide")
    let broken = try rollingWorld(to: "missing")
    broken.run(for: .seconds(200))
    #expect(
      broken.condition("Progressing")?.reason == "ProgressDeadlineExceeded",
      "a canary that does not come up is late, as ever")
  }

  @Test func withoutTheAnnotationTheRollOutGoesOn() throws {
    let world = try rollingWorld(to: "web:2")
    world.run(for: .seconds(60))
    #expect(world.pods.count { $0.spec.containers.first?.image == "web:2" } == 1, "the canary")
    world.change { $0.metadata.annotations[Self.canary] = nil }
    world.run(for: .seconds(60))
    #expect(world.pods.map { $0.spec.containers.first?.image } == ["web:2", "web:2", "web:2"])
  }

  /// Three pods of web:1, made while one pod at a time was to be tried out; then another image.
  private func rollingWorld(to image: String) throws -> World {
    let world = try World(layers: layers, seed: 1)
    let first = makeDeployment(replicas: 3) {
      $0.metadata.annotations[Self.canary] = "1"
      $0.spec.progressDeadlineSeconds = 60
    }
    world.perform([.create(first.json)])
    world.run(for: .seconds(10))
    #expect(world.pods.count == 3, "in the first roll-out there is nothing to compare a canary with")
    world.setImage(image)
    return world
  }
}
