import ControlLoop
import Objects
import Pods
import Simulation
import Testing
import Volumes

@Suite struct Exercise6_6Tests {
  private func policies(keeping annotation: String?) throws -> (before: [ReclaimPolicy?], after: [VolumePhase?]) {
    let claim = makeClaim(class: "now") { $0.metadata.annotations["exercises.swiftlet/keep"] = annotation }
    let world = try makeWorld([makeClass("now"), claim])
    let before = world.view.all(PersistentVolume.self).map(\.spec.persistentVolumeReclaimPolicy)
    try world.delete(claim)
    return (before, world.view.all(PersistentVolume.self).map(\.status.phase))
  }

  @Test func aClaimThatAsksForItKeepsItsData() throws {
    let (before, after) = try policies(keeping: "true")
    #expect(before == [.retain], "the volume says it itself: the claim may be gone when it matters")
    #expect(after == [.released])
  }

  @Test func otherClaimsGoAsTheirClassSays() throws {
    for text in [nil, "false", ""] {
      let (before, after) = try policies(keeping: text)
      #expect(before == [.delete] && after.isEmpty, "keep: \(text ?? "not given")")
    }
  }
}
