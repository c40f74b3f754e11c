import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import Volumes

@Suite struct ReclaimTests {
  @Test func aRetainedVolumeKeepsItsDataAndWaitsForAnAdministrator() throws {
    let world = try makeWorld([makeVolume(), makeClaim()])
    let first = try #require(world.claim())
    try world.delete(first)
    #expect(world.claim() == nil)
    #expect(world.volume()?.status.phase == .released)
    #expect(world.volume()?.spec.claimRef?.uid == first.uid)
    try world.create([makeClaim()])
    #expect(
      world.claim()?.status.phase == .pending, "a claim of the same name is another claim: the data is not its own")
    try world.change(makeVolume()) { $0.spec.claimRef = nil }
    #expect(world.claim()?.isBound == true, "an administrator has looked at the data, and lets it go")
  }

  @Test func aVolumeMadeByHandCannotBeDeletedByMachine() throws {
    let world = try makeWorld([makeVolume { $0.spec.persistentVolumeReclaimPolicy = .delete }, makeClaim()])
    try world.delete(makeClaim())
    #expect(world.volume()?.status.phase == .failed)
    #expect(
      world.volume()?.status.message
        == "error getting deleter volume plugin for volume \"disk\": no deletable volume plugin matched")
    #expect(world.told(about: makeVolume()).count == 1)
  }

  @Test func aProvisionedVolumeGoesWithItsClaim() throws {
    let world = try makeWorld([makeClass("now"), makeClaim(class: "now")])
    #expect(world.view.all(PersistentVolume.self).count == 1)
    try world.delete(makeClaim())
    #expect(world.view.all(PersistentVolume.self).isEmpty)
  }

  @Test func aClassMayAskThatItsVolumesStay() throws {
    let world = try makeWorld([makeClass("kept") { $0.reclaimPolicy = .retain }, makeClaim(class: "kept")])
    try world.delete(makeClaim())
    #expect(world.view.all(PersistentVolume.self).map(\.status.phase) == [.released])
  }
}

@Suite struct ProtectionTests {
  @Test func aClaimInUseStaysUntilThePodIsGone() throws {
    let world = try makeWorld([makeVolume(), makeClaim(), makePod(using: "data")])
    #expect(world.pod()?.status.phase == .running)
    try world.delete(makeClaim())
    #expect(world.claim()?.isBeingDeleted == true)
    #expect(world.pod()?.status.phase == .running)
    try world.delete(makePod(using: "data"))
    #expect(world.claim() == nil)
  }

  @Test func aPodThatComesTooLateDoesNotKeepAClaim() throws {
    let world = try makeWorld([makeVolume(), makeClaim(), makePod(using: "data")])
    try world.delete(makeClaim())
    try world.create([makePod("late", using: "data")])
    #expect(
      world.pod("late")?.status.conditions["PodScheduled"]?.message
        == "0/3 nodes are available: persistentvolumeclaim \"data\" is being deleted.")
    try world.delete(makePod(using: "data"))
    #expect(world.claim() == nil)
    #expect(
      world.pod("late")?.status.conditions["PodScheduled"]?.message
        == "0/3 nodes are available: persistentvolumeclaim \"data\" not found.")
  }

  @Test func aBoundVolumeStaysUntilItsClaimIsGone() throws {
    let world = try makeWorld([makeVolume(), makeClaim()])
    try world.delete(makeVolume())
    #expect(world.volume()?.isBeingDeleted == true)
    #expect(world.claim()?.isBound == true)
    try world.delete(makeClaim())
    #expect(world.volume() == nil)
  }

  @Test func aFreeVolumeGoesAtOnce() throws {
    let world = try makeWorld([makeVolume()])
    #expect(world.volume()?.metadata.finalizers == ["kubernetes.io/pv-protection"])
    try world.delete(makeVolume())
    #expect(world.volume() == nil)
  }
}
