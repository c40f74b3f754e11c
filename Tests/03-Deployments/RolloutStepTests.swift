import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Simulation
import Store
import Testing

/// The other steps: what is told of them, Recreate, a pause, scaling, and the end of the history.
@Suite struct RolloutStepTests {
  @Test func everyChangeOfASizeIsTold() throws {
    let deployment = rollingDeployment()
    let (old, new) = (
      makeSet("web:1", size: 2, revision: 1, of: deployment), makeSet("web:2", size: 1, revision: 2, of: deployment)
    )
    #expect(try told(deployment, [old, new]) == ["Scaled up replica set web-web2 from 1 to 2"])
    let full = makeSet("web:1", size: 3, revision: 1, of: deployment)
    #expect(try told(deployment, [full, new]) == ["Scaled down replica set web-web1 from 3 to 2"])
    let created = try #require(told(deployment, []).first)
    #expect(created.hasPrefix("Scaled up replica set web-") && created.hasSuffix(" from 0 to 3"))
    #expect(try told(rollingDeployment(replicas: 0), []) == [], "a set of no pods has not been scaled")
  }

  @Test func aSetThatIsTooLargeShrinks() throws {
    let deployment = rollingDeployment()
    #expect(
      try plan(for: deployment, seeing: [makeSet("web:2", size: 7, revision: 2, of: deployment)]).sizes == ["web:2": 3])
  }

  @Test func aNameThatIsTakenIsCountedBeforeAnythingIsMade() throws {
    let deployment = rollingDeployment()
    let name = try #require(plan(for: deployment, seeing: []).writtenSets.first?.name)
    var stranger = ReplicaSet(name: name, namespace: "default")
    stranger.metadata.uid = "stranger"
    let first = try plan(for: deployment, seeing: [stranger])
    #expect(first.status?.collisionCount == 1 && first.written.isEmpty)
    var counted = deployment
    counted.status.collisionCount = 1
    #expect(
      try plan(for: counted, seeing: [stranger]).writtenSets.first.map { $0.name != name } == true,
      "the next hash differs")
  }

  @Test func clientsThatWriteWhatOthersLeaveOutMeanTheSame() throws {
    let deployment = rollingDeployment {
      $0.spec.template.json["metadata"]?["creationTimestamp"] = .null
      $0.spec.template.spec.containers[0].json["env"] = .array([])
      $0.spec.template.spec.containers[0].json["resources"] = ["limits": [:]]
    }
    let set = makeSet("web:2", size: 3, revision: 2, of: rollingDeployment())
    #expect(try plan(for: deployment, seeing: [set]).written.isEmpty, "an edit that says nothing starts no roll-out")
  }

  @Test func ofTwoSetsWithTheTemplateTheOlderIsTheNewSet() throws {
    let deployment = rollingDeployment()
    let second = makeSet("web:2", size: 0, revision: 1, of: deployment) {
      $0.metadata.name = "a-younger-twin"
      $0.metadata.uid = "twin"
      $0.metadata.creationTimestamp = World.epoch + .seconds(500)
    }
    let first = makeSet("web:2", size: 2, revision: 2, of: deployment)
    #expect(try plan(for: deployment, seeing: [second, first]).writtenSets.map(\.name) == ["web-web2"])
  }

  // MARK: Recreate

  @Test func underRecreateOldPodsGoAllAtOnceAndFirst() throws {
    #expect(try sizes(recreate, old: 3, new: nil) == ["web:1": 0])
    #expect(try sizes(recreate, old: 3, new: 1) == ["web:1": 0])
  }

  @Test func underRecreateTheNewSetWaitsForTheLastOldPod() throws {
    let set = makeSet("web:1", size: 0, revision: 1, of: recreate)
    var pod = Pod(name: "last", namespace: "default").adopted(by: set)
    pod.metadata.deletionTimestamp = now
    #expect(try plan(for: recreate, seeing: [set, pod]).written.isEmpty, "it is ending, so it still runs")
    pod.status.phase = .succeeded
    #expect(try plan(for: recreate, seeing: [set, pod]).sizes == ["web:2": 3], "it has ended")
    #expect(
      try sizes(recreate, old: 0, new: 1) == ["web:2": 3],
      "there is nobody whose absence could be spared by going slowly")
  }

  // MARK: A pause, and another size

  @Test func aPauseHoldsTheTemplateAndNotTheSize() throws {
    let paused = rollingDeployment { $0.spec.paused = true }
    #expect(try sizes(paused, old: 3, new: nil) == [:], "no set is made for the new template")
    #expect(try sizes(paused, old: 3, new: 1) == [:], "and a roll-out that is half done stays where it is")
    #expect(try sizes(paused, old: 2, new: nil, sizedFor: 2) == ["web:1": 3], "but the size is followed")
    #expect(try sizes(paused, old: 0, new: 0) == ["web:2": 3], "also by a set that has nothing yet")
    #expect(try sizes(paused, old: 0, new: nil) == ["web:1": 3], "and where there is no new set, by the last one")
  }

  @Test func aPauseKeepsTheCurrentSetUpToDate() throws {
    let paused = rollingDeployment {
      $0.spec.paused = true
      $0.spec.minReadySeconds = 5
    }
    let written = try plan(for: paused, seeing: [makeSet("web:2", size: 3, revision: 2, of: paused)]).writtenSets
    #expect(written.map(\.spec.minReadySeconds) == [5], "it is about when a pod counts, and not about the template")
  }

  @Test func aDeploymentOfOneSetIsSimplyScaled() throws {
    #expect(try sizes(rollingDeployment(), old: 0, new: 5, sizedFor: 5) == ["web:2": 3])
    #expect(try sizes(rollingDeployment(), old: 0, new: 1, sizedFor: 1) == ["web:2": 3])
  }

  @Test func aNewSetThatHasEverythingSharesWithNobody() throws {
    let deployment = rollingDeployment()
    let sets = [
      makeSet("web:1", size: 2, revision: 1, of: deployment, sizedFor: 5),
      makeSet("web:2", size: 3, revision: 2, of: deployment),
    ]
    #expect(try plan(for: deployment, seeing: sets).sizes == ["web:1": 0])
    let one = rollingDeployment(replicas: 1)
    let silent = makeSet("web:2", size: 1, revision: 2, of: one) { $0.json["status"] = nil }
    #expect(
      try plan(for: one, seeing: [makeSet("web:1", size: 1, revision: 1, of: one, sizedFor: 5), silent]).sizes["web:1"]
        == 1, "a set that has reported nothing has nothing")
  }

  @Test func underRecreateNothingIsShared() throws {
    let sets = [
      makeSet("web:1", size: 2, revision: 1, of: recreate, sizedFor: 5),
      makeSet("web:2", size: 1, available: 0, revision: 2, of: recreate, sizedFor: 5),
    ]
    #expect(try plan(for: recreate, seeing: sets).sizes == [:])
  }

  // MARK: The end of the history

  @Test func onlyTheOldestUnusedRevisionsGo() throws {
    #expect(
      try deleted(limit: 1, [(1, 0), (2, 0), (3, 0)]) == ["web-v1", "web-v2"], "one is kept: the youngest revision")
    #expect(try deleted(limit: 3, [(1, 0), (2, 0), (3, 0)]) == [])
    #expect(try deleted(limit: 0, [(3, 0), (1, 0)]) == ["web-v1", "web-v3"])
    #expect(try deleted(limit: 0, [(1, nil)]) == ["web-v1"], "what reports no pods has none")
    #expect(try deleted(limit: 4, [(1, 0), (2, 0)]) == [], "fewer than the limit")
    let ten: [(Int, Int?)] = (1...10).map { ($0, 0) }
    #expect(try deleted(limit: nil, ten) == [], "ten are kept where nothing is said")
    #expect(try deleted(limit: nil, ten + [(11, 0)]) == ["web-v1"])
  }

  @Test func ofTwoOldSetsWithoutANumberTheOlderGoes() throws {
    let deployment = completeDeployment(limit: 1)
    let sets = [(5, "v1"), (4, "v2")].map { age, name in
      makeSet(name, size: 0, revision: age, of: deployment) { $0.metadata.annotations[revision] = nil }
    }
    let new = makeSet("web:2", size: 3, revision: 99, of: deployment)
    #expect(try plan(for: deployment, seeing: sets + [new]).deletedNames == ["web-v2"])
  }

  @Test func aSetWithPodsIsNeverForgotten() throws {
    #expect(try deleted(limit: 0, [(1, 1), (2, 0)]) == ["web-v2"], "its pods would go with it")
  }

  @Test(arguments: [(2, 1, []), (1, nil, []), (2, 2, ["web-v1"])] as [(Int64, Int64?, [String])])
  func aSetWhoseControllerIsBehindIsNotForgottenYet(_ generation: Int64, _ seen: Int64?, _ gone: [String]) throws {
    let deployment = completeDeployment(limit: 0)
    let behind = makeSet("v1", size: 0, revision: 1, of: deployment) {
      $0.metadata.generation = generation
      $0.status.observedGeneration = seen
    }
    let plan = try plan(for: deployment, seeing: [behind, makeSet("web:2", size: 3, revision: 99, of: deployment)])
    #expect(plan.deletedNames == gone, "its status may be about the size it had before")
  }

  @Test func nothingIsForgottenBeforeTheRollOutIsComplete() throws {
    var deployment = completeDeployment(limit: 0)
    deployment.status.availableReplicas = 2
    let sets = [
      makeSet("v1", size: 0, revision: 1, of: deployment), makeSet("web:2", size: 3, revision: 99, of: deployment),
    ]
    #expect(try plan(for: deployment, seeing: sets).deletedNames == [], "somebody may still want to go back")
  }

  private func deleted(limit: Int?, _ old: [(revision: Int, pods: Int?)]) throws -> [String] {
    let deployment = completeDeployment(limit: limit)
    let sets = old.map { old in
      makeSet("v\(old.revision)", size: 0, revision: old.revision, of: deployment) { $0.status.replicas = old.pods }
    }
    return try plan(for: deployment, seeing: sets + [makeSet("web:2", size: 3, revision: 99, of: deployment)])
      .deletedNames
  }

  private func completeDeployment(limit: Int?) -> Deployment {
    rollingDeployment {
      $0.metadata.annotations[revision] = "99"
      $0.spec.revisionHistoryLimit = limit
      $0.status.replicas = 3
      $0.status.updatedReplicas = 3
      $0.status.availableReplicas = 3
    }
  }

  private let recreate = rollingDeployment { $0.spec.strategy = DeploymentStrategy { $0.type = .recreate } }

  /// The sizes that one step writes, by image; the sets were last scaled for a deployment of `replicas`.
  private func sizes(_ deployment: Deployment, old: Int, new: Int?, sizedFor replicas: Int? = nil) throws -> [String:
    Int]
  {
    var sets = [makeSet("web:1", size: old, revision: 1, of: deployment, sizedFor: replicas)]
    if let new { sets.append(makeSet("web:2", size: new, revision: 2, of: deployment, sizedFor: replicas)) }
    return try plan(for: deployment, seeing: sets).sizes
  }

  private func told(_ deployment: Deployment, _ sets: [ReplicaSet]) throws -> [String] {
    try plan(for: deployment, seeing: sets).notes.filter { $0.reason == "ScalingReplicaSet" }.map(\.message)
  }
}

extension Plan {
  fileprivate var deletedNames: [String] {
    intents.compactMap { if case .delete(let key, _) = $0 { key.name } else { nil } }
  }
}
