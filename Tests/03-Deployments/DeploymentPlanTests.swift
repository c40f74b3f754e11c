import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Simulation
import Testing

/// One look, one step: what the controller writes when it sees these sets and nothing else.
@Suite struct DeploymentPlanTests {
  // MARK: The new set

  @Test func theFirstSetHasItsFullSizeAtOnce() throws {
    #expect(
      try plan(for: rollingDeployment(), seeing: []).sizes == ["web:2": 3],
      "no pod is there, so all three fit at once")
  }

  @Test func theNewSetBeginsWithTheSurge() throws {
    #expect(
      try step(old: (3, 3), new: nil) == ["web:2": 1],
      "three pods are there and four may be: there is room for one new pod")
  }

  @Test func theNewSetGrowsIntoTheRoomThatIsFree() throws {
    #expect(try step(old: (2, 2), new: (1, 1)) == ["web:2": 2], "2+1 leaves room for one more, since 4 are allowed")
    #expect(try step(old: (0, 0), new: (1, 1)) == ["web:2": 3], "there is room for three, and two are still wanted")
  }

  @Test func theNewSetNeverPassesTheSizeOfTheDeployment() throws {
    #expect(
      try step(old: (0, 0), new: (2, 2)) == ["web:2": 3],
      "there is room for two, but the deployment wants three in all: the surge is for the change, not for ever")
  }

  @Test func theSumOfTheSetsNeverPassesTheSurge() throws {
    #expect(
      try step(old: (3, 3), new: (1, 0)) == [:],
      "3+1 is all that 3 replicas and a surge of 1 allow, however long the new pod takes")
  }

  @Test func aSetThatIsMadeSaysAllAboutItself() throws {
    let deployment = rollingDeployment { $0.spec.minReadySeconds = 5 }
    let old = makeSet("web:1", size: 3, revision: 2, of: deployment)
    let plan = try plan(for: deployment, seeing: [old])
    let made = try #require(plan.writtenSets.first)
    #expect(made.metadata.annotations[revision] == "3", "one more than the highest revision of the others")
    #expect(made.metadata.annotations["deployment.kubernetes.io/revision-history"] == nil)
    #expect(made.metadata.annotations["deployment.kubernetes.io/desired-replicas"] == "3", "the deployment's size")
    #expect(made.metadata.annotations["deployment.kubernetes.io/max-replicas"] == "4", "what its own is a part of")
    #expect(made.spec.minReadySeconds == 5)
    #expect(
      plan.written.first { $0.kindName == Deployment.kind.name }?.metadata.annotations[revision] == "3",
      "the deployment has the number of its newest roll-out")
    #expect(plan.status?.unavailableReplicas == 1, "the new set's pod is wanted, and not there yet")
  }

  @Test func aSetThatIsFoundWithoutANumberHasNoHistory() throws {
    let deployment = rollingDeployment { $0.metadata.annotations[revision] = nil }
    let found = makeSet("web:2", size: 3, revision: 1, of: deployment) { $0.metadata.annotations = [:] }
    let written = try #require(plan(for: deployment, seeing: [found]).writtenSets.first)
    #expect(written.metadata.annotations[revision] == "1", "its first roll-out is this one")
    #expect(written.metadata.annotations["deployment.kubernetes.io/revision-history"] == nil)
  }

  // MARK: The old sets

  /// Old sets by their sizes and what is available of them, the oldest first; beside them two new pods, both available.
  @Test(
    arguments: [
      ([(1, 0), (1, 0)], ["old-0": 0], "four are wanted and three must be: one goes, though two serve nobody"),
      ([(1, 1), (1, 1)], ["old-0": 0], "one more serves than must, so one goes, and the oldest first"),
      ([(1, 0), (1, 1)], ["old-0": 0], "the one that serves nobody goes, and after that nothing can be spared"),
      ([(0, 0), (2, 0)], ["old-1": 1], "a set that has none has none to give"),
    ] as [([(Int, Int)], [String: Int], Comment)])
  func noMoreGoThanCanBeSpared(_ old: [(size: Int, available: Int)], _ sizes: [String: Int], _ why: Comment) throws {
    let deployment = rollingDeployment()
    let sets = old.enumerated().map { number, old in
      makeSet("old-\(number)", size: old.size, available: old.available, revision: number, of: deployment)
    }
    let new = makeSet("web:2", size: 2, revision: 9, of: deployment) { $0.metadata.annotations[revision] = "2" }
    #expect(try plan(for: deployment, seeing: sets + [new]).sizes == sizes, why)
  }

  @Test func anOldPodGoesWhenANewOneServes() throws {
    #expect(try step(old: (3, 3), new: (1, 1)) == ["web:1": 2], "four serve and three must: one old pod may go")
  }

  @Test func noOldPodGoesWhileTheNewOneIsStarting() throws {
    #expect(
      try step(old: (3, 3), new: (1, 0)) == [:],
      "a pod that is starting serves nobody: three serve, three must, so no old pod may go")
    #expect(
      try step(old: (2, 2), new: (2, 1)) == [:],
      "four pods are there, but only three of them serve: no old pod may go")
  }

  @Test func anOldPodThatServesNobodyGoesFirst() throws {
    let deployment = rollingDeployment()
    let sets = [
      makeSet("web:1", size: 2, revision: 0, of: deployment),
      makeSet("broken", size: 1, available: 0, revision: 1, of: deployment),
      makeSet("web:2", size: 1, revision: 2, of: deployment),
    ]
    #expect(
      try plan(for: deployment, seeing: sets).sizes == ["broken": 0],
      "broken's pod is not available, so taking it away costs nothing; web:1 serves, though it is older")
  }

  @Test func aPromisedPodIsNotCountedTwice() throws {
    #expect(
      try step(old: (3, 1), new: (1, 0)) == [:],
      """
      four pods are wanted and three must serve, but the new one does not serve yet: \
      it takes the only place that could be spared, so no old pod goes, not even a broken one
      """)
    #expect(try step(old: (3, 1), new: (1, 1)) == ["web:1": 2], "now the new pod serves, and a broken old one may go")
  }

  // MARK: Which set is which

  @Test func aSetThatBecomesTheCurrentOneGetsTheNextRevision() throws {
    let plan = try planGoingBack()
    let set = try #require(plan.writtenSets.first { $0.name == "web-web1" }, "the old set is written to")
    #expect(set.metadata.annotations[revision] == "3", "one more than the highest revision of the others")
    #expect(
      set.metadata.annotations["deployment.kubernetes.io/revision-history"] == "1",
      "the number under which it was the current set before goes into its history")
  }

  @Test func theHistoryIsALine() throws {
    let plan = try planGoingBack { $0.metadata.annotations["deployment.kubernetes.io/revision-history"] = "-4,-2" }
    #expect(
      plan.writtenSets.first?.metadata.annotations["deployment.kubernetes.io/revision-history"] == "-4,-2,1",
      "the earlier numbers stay, and the last one is added behind a comma")
  }

  @Test func aSetThatIsCurrentAlreadyKeepsItsNumber() throws {
    let deployment = rollingDeployment { $0.spec.minReadySeconds = 5 }
    let set = makeSet("web:2", size: 3, revision: 2, of: deployment)
    let old = makeSet("web:1", size: 0, revision: 1, of: deployment)
    let written = try plan(for: deployment, seeing: [set, old]).writtenSets.first
    #expect(written?.metadata.annotations[revision] == "2", "no template has changed, so nothing is rolled out")
    #expect(written?.metadata.annotations["deployment.kubernetes.io/revision-history"] == nil)
    #expect(
      written?.spec.minReadySeconds == 5, "what the deployment says about its pods' readiness, its current set says")
  }

  @Test func theCurrentSetGetsTheAnnotationsOfItsDeployment() throws {
    let deployment = rollingDeployment {
      $0.metadata.annotations["kubernetes.io/change-cause"] = "a new colour"
      $0.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"] = "{}"
    }
    let set = try #require(
      plan(for: deployment, seeing: [makeSet("web:2", size: 3, revision: 2, of: deployment)]).writtenSets.first)
    #expect(
      set.metadata.annotations["kubernetes.io/change-cause"] == "a new colour",
      "the cause of a change is kept with the version that it led to")
    #expect(
      set.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"] == nil,
      "what is in Annotations.own is about the deployment itself")
  }

  @Test func goingBackFindsTheOldSet() throws {
    let plan = try planGoingBack()
    #expect(
      plan.intents.allSatisfy { if case .create = $0 { false } else { true } },
      "the set that has the wanted template is the new set again: none is made")
  }

  // MARK: Nothing but sets

  @Test func aDeploymentNeverEditsAPod() throws {
    let deployment = rollingDeployment()
    let old = makeSet("web:1", size: 3, revision: 1, of: deployment)
    let pods = (1...3).map { number in
      Pod(name: "web-\(number)", namespace: "default") {
        $0.metadata.uid = "pod-\(number)"
        $0.metadata.labels = old.spec.template.metadata.labels
        $0.spec = old.spec.template.spec
      }
      .adopted(by: old)
    }
    #expect(
      try plan(for: deployment, seeing: [old] + pods).written.allSatisfy { $0.kindName != Pod.kind.name },
      "a Deployment never edits a pod: it makes a set for the new template, and the set makes new pods")
  }

  @Test func theSetsOfADeploymentDoNotSelectEachOthersPods() throws {
    let deployment = rollingDeployment()
    let old = makeSet("web:1", size: 3, revision: 1, of: deployment)
    let made = try #require(plan(for: deployment, seeing: [old]).writtenSets.first)
    #expect(
      !made.selector.matches(old.spec.template.metadata.labels),
      "without the hash in its selector the new set would take in the old set's orphans")
    #expect(made.selector.matches(made.spec.template.metadata.labels))
  }

  /// The sizes that one step writes, by image. web:1 is the old set, web:2 the new one, three replicas are wanted.
  private func step(old: (size: Int, available: Int), new: (size: Int, available: Int)?) throws -> [String: Int] {
    let deployment = rollingDeployment()
    var sets = [makeSet("web:1", size: old.size, available: old.available, revision: 1, of: deployment)]
    if let new { sets.append(makeSet("web:2", size: new.size, available: new.available, revision: 2, of: deployment)) }
    return try plan(for: deployment, seeing: sets).sizes
  }

  /// The deployment's template is that of revision 1 again, while web:2 of revision 2 runs.
  private func planGoingBack(_ change: (inout ReplicaSet) -> Void = { _ in }) throws -> Plan {
    let deployment = rollingDeployment { $0.spec.template.spec.containers[0].image = "web:1" }
    return try plan(
      for: deployment,
      seeing: [
        makeSet("web:1", size: 0, revision: 1, of: deployment, change),
        makeSet("web:2", size: 3, revision: 2, of: deployment),
      ])
  }
}
