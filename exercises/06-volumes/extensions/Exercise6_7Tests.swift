import ControlLoop
import Objects
import Pods
import Simulation
import Testing
import Volumes

@Suite struct Exercise6_7Tests {
  private func world(most: String?) throws -> World {
    let few = makeClass("few") { $0.parameters["most"] = most }
    return try makeWorld([few] + ["a", "b", "c"].map { makeClaim($0, class: "few") })
  }

  private func bound(_ world: World) -> [String] { ["a", "b", "c"].filter { world.claim($0)?.isBound == true } }

  @Test func noMoreVolumesAreOrderedThanTheClassAllows() throws {
    let world = try world(most: "2")
    #expect(bound(world) == ["a", "b"], "all three came in one moment, and two of them came first")
    #expect(
      world.told(about: makeClaim("c"))
        == ["Warning ProvisioningFailed: StorageClass \"few\" allows no more than 2 claims"])
  }

  @Test func aPlaceThatBecomesFreeIsTaken() throws {
    let world = try world(most: "2")
    try world.delete(makeClaim("a"))
    #expect(bound(world) == ["b", "c"], "nobody has touched c: the claim that went has to wake it")
  }

  @Test func aClassThatSaysNothingHasNoLimit() throws {
    #expect(try bound(world(most: nil)) == ["a", "b", "c"])
  }
}
