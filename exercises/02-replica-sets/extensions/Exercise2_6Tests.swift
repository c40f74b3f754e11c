import ControlLoop
import Objects
import Pods
import ReplicaSets
import Testing

@Suite struct Exercise2_6Tests {
  @Test func anAdoptionIsTold() throws {
    let set = ownedSet(replicas: 2)
    let plan = try plan(for: set, seeing: [makePod("own").adopted(by: set), makePod("orphan")])
    #expect(
      plan.notes.map { [$0.reason, $0.message] } == [["AdoptedPod", "Adopted pod: orphan"]],
      "one note for the pod that is taken in, and none for the one that was the set's already")
    #expect(plan.notes.first.map { Object(json: $0.about).name } == "web", "the note is about the set")
  }

  @Test func aReleaseIsTold() throws {
    let set = ownedSet(replicas: 0)
    let plan = try plan(for: set, seeing: [makePod("renamed", labels: ["app": "debug"]).adopted(by: set)])
    #expect(
      plan.notes.map { [$0.reason, $0.message] } == [["ReleasedPod", "Released pod: renamed"]],
      "one note for the pod that is let go")
  }
}
