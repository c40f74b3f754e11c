import ControlLoop
import Objects
import Store
import Testing

@Suite struct Exercise0c_7Tests {
  let farm: Farm
  private let annotation = "example.com/protected"

  init() throws { farm = try Farm() }

  @Test func aProtectedObjectIsNotDeleted() throws {
    let flock = try farm.create(Flock("a", size: 0).with { $0.metadata.annotations[annotation] = "true" })
    #expect(
      farm.refusal(.delete(flock.key, DeleteOptions()))
        == "flocks.test \"a\" is forbidden: it is protected by the annotation example.com/protected")
    #expect(farm.flock("a")?.isBeingDeleted == false, "a refused deletion leaves no mark")
    try farm.update(flock) { $0.metadata.annotations[annotation] = "false" }
    #expect(farm.refusal(.delete(flock.key, DeleteOptions())) == nil, "only the value true protects")
    #expect(farm.flock("a") == nil)
  }

  @Test func noControllerGetsPastItEither() throws {
    let flock = try farm.create(Flock("a", size: 0))
    try farm.create(
      Sheep(of: flock).with {
        $0.metadata.name = "dolly"
        $0.metadata.annotations[annotation] = "true"
      })
    try farm.delete(flock)
    farm.run(for: .seconds(60))
    #expect(farm.sheep.count == 1, "the garbage collector is a client like any other")
    let dolly = try #require(farm.sheep.first)
    try farm.update(dolly) { $0.metadata.annotations = [:] }
    farm.run()
    #expect(farm.sheep.isEmpty, "and it has not given up")
  }
}
