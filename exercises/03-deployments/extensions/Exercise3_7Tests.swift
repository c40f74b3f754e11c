import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Simulation
import Testing

@Suite struct Exercise3_7Tests {
  @Test func aNewTemplateWaitsForItsTime() throws {
    let world = try waitingWorld(until: World.epoch + .seconds(100))
    world.run(for: .seconds(80))
    #expect(world.sets.count == 1, "80 seconds before its time nothing of the new version is there")
    #expect(world.condition("Progressing")?.status == "True", "a roll-out that waits is not late")
    world.run(for: .seconds(30))
    #expect(
      world.pods.map { $0.spec.containers.first?.image } == ["web:2", "web:2", "web:2"],
      "when the time has come the roll-out begins, though nobody touched an object")
  }

  @Test func scalingDoesNotWait() throws {
    let world = try waitingWorld(until: World.epoch + .seconds(1_000))
    world.change { $0.spec.replicas = 5 }
    world.run(for: .seconds(20))
    #expect(
      world.pods.map { $0.spec.containers.first?.image } == Array(repeating: "web:1", count: 5),
      "five pods are asked for now, of the version that runs now")
  }

  @Test func aTimeThatIsNoneHoldsNothing() throws {
    for (text, image) in [("tonight", "web:2"), ("2020-01-01T00:00:00Z", "web:2"), ("2030-01-01T00:00:00Z", "web:1")] {
      let world = try waitingWorld(until: nil, text: text)
      world.run(for: .seconds(30))
      #expect(world.pods.allSatisfy { $0.spec.containers.first?.image == image }, "not-before: \(text)")
    }
  }

  /// Three pods of web:1, and a new template that has to wait.
  private func waitingWorld(until time: Time?, text: String = "") throws -> World {
    let world = try World(layers: layers, seed: 1)
    world.perform([.create(makeDeployment(replicas: 3).json)])
    world.run(for: .seconds(10))
    world.change {
      $0.metadata.annotations["exercises.swiftlet/not-before"] = time?.rfc3339 ?? text
      $0.spec.template.spec.containers[0].image = "web:2"
    }
    return world
  }
}
