import ControlLoop
import Objects
import Pods
import ReplicaSets
import Simulation
import Testing

@Suite struct Exercise2_7Tests {
  static let hold = "exercises.swiftlet/hold"

  @Test func aSetOnHoldMakesNoPods() throws {
    var set = ownedSet(replicas: 3)
    set.metadata.annotations[Self.hold] = "true"
    #expect(try plan(for: set, seeing: []).createdPods.isEmpty, "three are missing, and the set is on hold")
    for value in ["false", "", "True"] {
      set.metadata.annotations[Self.hold] = value
      #expect(
        try plan(for: set, seeing: []).createdPods.count == 3, "only the word true holds a set, and not \"\(value)\"")
    }
  }

  @Test func aSetOnHoldDeletesNoPods() throws {
    var set = ownedSet(replicas: 0)
    set.metadata.annotations[Self.hold] = "true"
    let plan = try plan(for: set, seeing: [makePod("a").adopted(by: set)])
    #expect(plan.deletedNames == [], "one is too many, and the set is on hold")
  }

  @Test func aSetOnHoldReportsAndCatchesUp() throws {
    let world = try World(layers: layers, seed: 1)
    world.perform([.create(makeSet(replicas: 3).json)])
    world.settle(within: .seconds(30))
    world.change { $0.metadata.annotations[Self.hold] = "true" }
    let victim = try #require(world.activePods.first)
    world.perform([.delete(victim.key, DeleteOptions())])
    world.settle(within: .seconds(60))
    #expect(world.set?.status.replicas == 2, "a set on hold still says what there is")
    world.change { $0.metadata.annotations[Self.hold] = nil }
    world.settle(within: .seconds(60))
    #expect(world.activePods.count == 3, "without the annotation the set makes what is missing")
  }
}
