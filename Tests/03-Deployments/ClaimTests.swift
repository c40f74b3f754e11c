import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Simulation
import Store
import Testing

/// Whose sets, and whom a change concerns.
@Suite struct ClaimTests {
  @Test func aSetThatNobodyControlsIsTakenIn() throws {
    let deployment = rollingDeployment()
    let orphan = makeSet("web:2", size: 3, revision: 2, of: deployment) { $0.metadata.ownerReferences = [] }
    let plan = try plan(for: deployment, seeing: [orphan])
    #expect(plan.writtenSets.map(\.name) == [orphan.name], "it has the template already, so no set is made")
    #expect(plan.writtenSets.first?.controller?.uid == "deployment", "the orphan matches, so it gets an owner")
  }

  @Test func aSetThatNoLongerMatchesIsLetGo() throws {
    let deployment = rollingDeployment()
    let renamed = makeSet("web:2", size: 3, revision: 2, of: deployment) { $0.metadata.labels["app"] = "debug" }
    let plan = try plan(for: deployment, seeing: [renamed])
    #expect(plan.writtenSets.contains { $0.name == renamed.name && $0.controller == nil })
    #expect(plan.writtenSets.contains { $0.name != renamed.name && $0.replicas == 3 }, "another one is made instead")
  }

  @Test func aSetOfAnotherIsLeftAlone() throws {
    let deployment = rollingDeployment()
    let stranger = makeDeployment("stranger", replicas: 1) { $0.metadata.uid = "stranger" }
    let own = makeSet("web:2", size: 3, revision: 2, of: deployment)
    let foreign = makeSet("web:1", size: 3, revision: 1, of: deployment) {
      $0.metadata.ownerReferences = [OwnerReference(controller: stranger)]
    }
    #expect(try plan(for: deployment, seeing: [own, foreign]).written.isEmpty, "its labels match, and it is another's")
  }

  @Test func aDeploymentThatIsBeingDeletedOnlyReports() throws {
    let deployment = rollingDeployment { $0.metadata.deletionTimestamp = now }
    let orphan = makeSet("web:1", size: 1, revision: 1, of: deployment) { $0.metadata.ownerReferences = [] }
    let renamed = makeSet("web:2", size: 2, revision: 2, of: deployment) { $0.metadata.labels["app"] = "debug" }
    let plan = try plan(for: deployment, seeing: [orphan, renamed])
    #expect(plan.written.isEmpty, "nothing is taken in, let go, made or scaled")
    #expect(plan.status?.replicas == 2, "its own set still counts")
  }

  @Test func aSetThatIsBeingDeletedIsNotTakenIn() throws {
    let deployment = rollingDeployment()
    let dying = makeSet("web:1", size: 1, revision: 1, of: deployment) {
      $0.metadata.ownerReferences = []
      $0.metadata.deletionTimestamp = now
    }
    let written = try plan(for: deployment, seeing: [dying]).writtenSets
    #expect(written.map(\.replicas) == [3] && written.first?.name != dying.name, "as if it were gone already")
  }

  // MARK: Whom a change concerns

  @Test func anOrphanedSetConcernsEveryDeploymentThatSelectsIt() throws {
    let deployment = rollingDeployment()
    let twin = makeDeployment("twin", replicas: 1) {
      $0.spec.selector = LabelSelector { $0.matchLabels = ["app": "web"] }
    }
    let other = makeDeployment("other", replicas: 1)
    let set = makeSet("web:1", size: 1, revision: 1, of: deployment)
    let orphan = set.released(by: deployment)
    var dying = orphan
    dying.metadata.deletionTimestamp = now
    #expect(try keysWoken(by: orphan, among: [deployment, twin, other]) == ["twin", "web"])
    #expect(
      try keysWoken(by: set, among: [deployment, twin, other]) == ["web"], "it has an owner, and concerns nobody else")
    #expect(try keysWoken(by: dying, among: [deployment, twin, other]) == [])
  }

  @Test func onlyUnderRecreateAPodConcernsItsDeploymentWhenItEnds() throws {
    let recreate = rollingDeployment { $0.spec.strategy = DeploymentStrategy { $0.type = .recreate } }
    let set = makeSet("web:1", size: 1, revision: 1, of: recreate)
    func woken(_ deployment: Deployment, _ change: (inout Pod) -> Void) throws -> [String] {
      var pod = Pod(name: "pod", namespace: "default").adopted(by: set)
      change(&pod)
      return try keysWoken(by: pod, among: [deployment, set])
    }
    #expect(try woken(recreate) { $0.metadata.deletionTimestamp = now } == ["web"])
    #expect(try woken(recreate) { $0.status.phase = .failed } == ["web"])
    #expect(try woken(recreate) { $0.status.phase = .running } == [], "its set's status tells what there is to know")
    #expect(try woken(rollingDeployment()) { $0.status.phase = .failed } == [])
    #expect(
      try woken(recreate) {
        $0.status.phase = .failed
        $0.metadata.ownerReferences = []
      } == [], "a pod of nobody keeps nobody waiting")
  }

  private func keysWoken(by object: some Resource, among others: [any Resource]) throws -> [String] {
    let view = try makeView(others)
    let event = Event(type: .added, record: Record(key: object.key, value: object.json, revision: 1), previous: nil)
    let keys = DeploymentController().triggers.filter { $0.resource == object.key.resource }.flatMap {
      $0.keys(event, view)
    }
    return Set(keys.map(\.name)).sorted()
  }
}
