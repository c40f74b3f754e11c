import ControlLoop
import Objects
import Pods
import ReplicaSets
import Simulation
import Store
import Testing

/// One plan at a time: what the controller wants when it sees these objects and nothing else.
@Suite struct ReplicaSetPlanTests {
  // MARK: Whose pods

  @Test func aPodThatNobodyControlsIsTakenIn() throws {
    let set = ownedSet(replicas: 1)
    let plan = try plan(for: set, seeing: [makePod("orphan")])
    #expect(
      plan.updatedPods.map(\.name) == ["orphan"],
      "a pod that the selector matches and nobody controls gets the set as its owner, by an update")
    #expect(plan.createdPods.isEmpty, "the pod that is taken in counts already: with it there is one of one")
  }

  @Test func aPodThatNoLongerMatchesIsLetGo() throws {
    let set = ownedSet(replicas: 1)
    let plan = try plan(for: set, seeing: [makePod("renamed", labels: ["app": "debug"]).adopted(by: set)])
    #expect(plan.updatedPods.map(\.name) == ["renamed"], "the pod loses its owner reference, by an update; it runs on")
    #expect(plan.deletedNames == [], "letting a pod go is not deleting it")
  }

  @Test func aPodThatBelongsToAnotherIsLeftAlone() throws {
    let set = ownedSet(replicas: 2)
    let twin = ownedSet("twin", replicas: 2)
    let own = [makePod("a").adopted(by: set), makePod("b").adopted(by: set)]
    let others = [makePod("c").adopted(by: twin), makePod("d").adopted(by: twin)]
    let plan = try plan(for: set, seeing: own + others)
    #expect(
      plan.deletedNames == [] && plan.updatedPods.isEmpty && plan.createdPods.isEmpty,
      """
      a pod belongs to the set that its owner reference names, whatever its labels say: \
      this set has two of two, and c and d are another's
      """)
  }

  @Test func anEndingOrEndedPodIsNotTakenIn() throws {
    let plan = try plan(
      for: ownedSet(replicas: 0), seeing: [makePod("ending").beingDeleted, makePod("ended", phase: .succeeded)])
    #expect(plan.updatedPods.isEmpty, "only an active pod is worth taking in")
  }

  @Test func aSetThatIsBeingDeletedTakesInAndLetsGoNobody() throws {
    let set = ownedSet(replicas: 1).beingDeleted
    let stray = makePod("stray", labels: ["app": "debug"]).adopted(by: set)
    let plan = try plan(for: set, seeing: [makePod("orphan"), stray])
    #expect(
      plan.updatedPods.isEmpty, "a set that is being deleted needs no more pods, and lets the collector have its own")
  }

  @Test func aSetThatIsBeingDeletedMakesAndDeletesNothing() throws {
    let (empty, full) = (ownedSet(replicas: 1).beingDeleted, ownedSet(replicas: 0).beingDeleted)
    #expect(try plan(for: empty, seeing: []).createdPods.isEmpty)
    #expect(try plan(for: full, seeing: [makePod("a").adopted(by: full)]).deletedNames == [])
    #expect(try plan(for: full, seeing: [makePod("a").adopted(by: full)]).status?.replicas == 1, "but it still reports")
  }

  // MARK: Too few

  @Test(arguments: [1, 3, 500])
  func whatIsMissingIsMade(count: Int) throws {
    let set = ownedSet(replicas: count)
    let pods = try plan(for: set, seeing: []).createdPods
    #expect(pods.count == count, "no pod is there, so all \(count) are missing")
    #expect(
      Set(pods.map(\.name)).count == pods.count, "every pod needs a name of its own: draw each from the same source")
    #expect(
      pods.allSatisfy { $0.controller?.uid == set.uid },
      "the owner reference belongs into the first write: a crash after it would leave a pod of nobody behind")
    #expect(pods.allSatisfy { $0.spec == set.spec.template.spec && $0.metadata.labels == ["app": "web"] })
  }

  @Test func everyPodThatIsMadeIsTold() throws {
    let plan = try plan(for: ownedSet(replicas: 2), seeing: [])
    let told = plan.notes.filter { $0.reason == "SuccessfulCreate" }.map(\.message)
    #expect(told.count == 2, "one note for each pod")
    #expect(told == plan.createdPods.map { "Created pod: \($0.name)" }, "the note names the pod")
  }

  // MARK: Too many

  @Test func whatIsTooManyIsDeletedAndNothingElse() throws {
    let set = ownedSet(replicas: 1)
    let plan = try plan(for: set, seeing: ["a", "b", "c"].map { makePod($0).adopted(by: set) })
    #expect(plan.deletedNames.count == 2, "three pods of one wanted: two are too many")
    #expect(plan.createdPods.isEmpty)
  }

  @Test func ofEqualPodsTheOneOnTheCrowdedNodeGoes() throws {
    var old = ownedSet("old", replicas: 0)
    var new = ownedSet("web", replicas: 1)
    let stranger = ownedSet("stranger", replicas: 3)
    let deployment = OwnerReference(controller: ownedSet("deployment", replicas: 0))
    old.metadata.ownerReferences = [deployment]
    new.metadata.ownerReferences = [deployment]
    let onNode = { (name: String, node: String, owner: ReplicaSet) in
      var pod = makePod(name).adopted(by: owner)
      pod.spec.nodeName = node
      return pod
    }
    // Relatives: two on node-2, one on node-1. The strangers on node-1 and the pod that has ended do not count.
    let objects: [any Resource] = [
      old, stranger, onNode("z", "node-2", new), onNode("a", "node-1", new), onNode("relative", "node-2", old),
      onNode("s1", "node-1", stranger), onNode("s2", "node-1", stranger), onNode("s3", "node-1", stranger),
      makePod("ended", phase: .failed).adopted(by: old), makePod("gone", phase: .failed).adopted(by: new),
    ]
    let plan = try ReplicaSetController().reconcile(new.key, in: makeView([new] + objects), at: now)
    #expect(
      plan.deletedNames == ["z"],
      "two pods of one Deployment are on node-2 and one is on node-1, so node-2 can spare one, whichever set it is of")
  }

  @Test func aPodThatIsEndingAlreadyIsNotCounted() throws {
    let set = ownedSet(replicas: 2)
    let plan = try plan(
      for: set, seeing: [makePod("a").adopted(by: set), makePod("b").adopted(by: set).beingDeleted])
    #expect(
      plan.createdPods.count == 1,
      "a pod that is being deleted cannot be kept, so it no longer counts and its replacement is made at once")
  }

  @Test func aBurstIsAtMostFiveHundred() throws {
    #expect(try plan(for: ownedSet(replicas: 501), seeing: []).createdPods.count == 500)
    let set = ownedSet(replicas: 0)
    #expect(try plan(for: set, seeing: (1...501).map { makePod("p\($0)").adopted(by: set) }).deletedNames.count == 500)
  }

  // MARK: What there is

  @Test func eachNumberOfTheStatusCountsItsOwn() throws {
    var set = ownedSet(replicas: 5)
    set.spec.minReadySeconds = 30
    set.spec.template.metadata.labels["tier"] = "front"
    let status = try #require(
      plan(
        for: set,
        seeing: [
          makePod("starting", phase: .pending), makePod("fresh").ready(at: now),
          makePod("proven").ready(at: World.epoch),
          makePod("labelled", labels: ["app": "web", "tier": "front"]),
          makePod("ending").ready(at: World.epoch).beingDeleted,
          makePod("ended", phase: .failed),
        ].map { $0.adopted(by: set) }
      ).status)
    #expect(
      status.replicas == 4, "replicas counts active pods: neither the one that has ended nor the one that is ending")
    #expect(status.readyReplicas == 2, "of the active ones, fresh and proven are ready")
    #expect(status.availableReplicas == 1, "available is who has been ready for minReadySeconds: proven, and not fresh")
    #expect(status.fullyLabeledReplicas == 1, "only one has every label that the template has now")
    #expect(status.terminatingReplicas == 1, "the pod that is ending has a number of its own")
  }

  @Test func theStatusSaysWhichGenerationItIsAbout() throws {
    var set = ownedSet(replicas: 0)
    set.metadata.generation = 7
    #expect(
      try plan(for: set, seeing: []).status?.observedGeneration == 7,
      "without observedGeneration nobody can tell whether the numbers are about the size asked for last")
  }

  @Test func aPodThatIsAvailableAlreadyNeedsNoWaking() throws {
    var set = ownedSet(replicas: 1)
    set.spec.minReadySeconds = 30
    let pod = makePod("a").ready(at: now - .seconds(30)).adopted(by: set)
    let plan = try plan(for: set, seeing: [pod])
    #expect(plan.status?.availableReplicas == 1, "thirty seconds are enough when thirty are asked for")
    #expect(plan.wakeAt == nil, "nothing will change by time alone")
  }

  @Test func aStatusThatSaysTheSameIsNotWritten() throws {
    var set = ownedSet(replicas: 1)
    let pod = makePod("a").adopted(by: set)
    set.status = try #require(plan(for: set, seeing: [pod]).status, "the first time there is something to say")
    #expect(
      try plan(for: set, seeing: [pod]).status == nil,
      "a status that has not changed is not written: every write wakes the controller, and it would never come to rest")
  }

  @Test func theControllerAsksToBeWokenWhenAPodBecomesAvailable() throws {
    var set = ownedSet(replicas: 2)
    set.spec.minReadySeconds = 30
    let plan = try plan(
      for: set,
      seeing: [
        makePod("later").ready(at: now), makePod("sooner").ready(at: now - .seconds(10)),
      ].map { $0.adopted(by: set) })
    #expect(
      plan.wakeAt == now + .seconds(20),
      "no object changes at the moment at which a pod has been ready for long enough, so the plan must ask for it")
  }

  // MARK: Whom a change concerns

  @Test func anOrphanConcernsEverySetThatSelectsIt() throws {
    let sets = [makeSet("web", replicas: 1), makeSet("other", replicas: 1)] + [twin]
    #expect(
      try keysWoken(by: makePod("orphan"), among: sets) == ["twin", "web"],
      "both sets that select the pod might take it in, so both have to look; the third has nothing to do with it")
  }

  @Test func aPodThatIsControlledConcernsItsControllerOnly() throws {
    let set = ownedSet(replicas: 1)
    #expect(
      try keysWoken(by: makePod("a").adopted(by: set), among: [set, twin]) == ["web"],
      "it belongs to web, and no other set may take it: waking them would be in vain")
  }

  @Test func anEndingOrphanConcernsNobody() throws {
    #expect(
      try keysWoken(by: makePod("a").beingDeleted, among: [ownedSet(replicas: 1)]) == [],
      "nobody takes in a pod that is going")
  }

  @Test func anOrphanConcernsTheSetsOfItsNamespace() throws {
    var elsewhere = makeSet("web", replicas: 1)
    elsewhere.metadata.namespace = "elsewhere"
    #expect(
      try keysWoken(by: makePod("orphan"), among: [elsewhere]) == [],
      "owner and owned live in one namespace; a set elsewhere cannot take the pod in")
  }

  /// Another set with the selector of web.
  private var twin: ReplicaSet {
    makeSet("twin", replicas: 1) { $0.spec.selector = LabelSelector { $0.matchLabels = ["app": "web"] } }
  }
}

/// The names of the sets that the controller looks at when this pod appears.
private func keysWoken(by pod: Pod, among sets: [ReplicaSet]) throws -> [String] {
  let view = try makeView(sets + [pod])
  let event = Event(type: .added, record: Record(key: pod.key, value: pod.json, revision: 1), previous: nil)
  let keys = ReplicaSetController().triggers
    .filter { $0.resource == Pod.kind.groupResource }
    .flatMap { $0.keys(event, view) }
  return Set(keys.map(\.name)).sorted()
}
