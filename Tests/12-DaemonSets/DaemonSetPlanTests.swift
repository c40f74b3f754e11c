import ControlLoop
import Objects
import Pods
import ReplicaSets
import Scheduling
import Simulation
import StatefulSets
import Store
import Testing

@testable import DaemonSets

/// One plan at a time: what the controller wants when it sees these objects and nothing else.
@Suite struct DaemonSetPlanTests {
  // MARK: Whose pods, and which of several

  @Test func anOrphanIsTakenInAndCounts() throws {
    let set = storedSet()
    var orphan = makePod("orphan", of: set)
    orphan.metadata.ownerReferences = []
    let plan = try plan(for: set, seeing: [makeNode(), orphan])
    #expect(plan.updatedPods.map { $0.controller?.uid } == ["set"])
    #expect(plan.filled == [], "the node has its pod")
  }

  @Test func aPodThatNoLongerMatchesIsLetGoAndReplaced() throws {
    let set = storedSet()
    var pod = makePod("debug", of: set)
    pod.metadata.labels["app"] = "debug"
    let plan = try plan(for: set, seeing: [makeNode(), pod])
    #expect(plan.updatedPods.map(\.controller) == [nil] && plan.deleted == [])
    #expect(plan.filled == ["node-1"])
  }

  @Test func ofTwoPodsOnANodeTheOlderStays() throws {
    let set = storedSet()
    let pods = [makePod("a", of: set, created: World.epoch + .seconds(9)), makePod("b", of: set)]
    #expect(try plan(for: set, seeing: [makeNode()] + pods).deleted == ["a"])
  }

  @Test func whoeverIsOnTheNodeComesBeforeWhoeverWaitsToGetThere() throws {
    let set = storedSet()
    var waiting = try #require(plan(for: set, seeing: [makeNode()]).createdPods.first)
    waiting.metadata.creationTimestamp = World.epoch
    waiting.metadata.uid = "waiting"
    let running = makePod("running", of: set, created: World.epoch + .seconds(9))
    #expect(try plan(for: set, seeing: [makeNode(), waiting, running]).deleted == [waiting.name])
  }

  @Test func aPodThatWaitsForANodeThatHasGoneGoes() throws {
    let set = storedSet()
    var waiting = try #require(plan(for: set, seeing: [makeNode()]).createdPods.first)
    waiting.metadata.uid = "waiting"
    #expect(try plan(for: set, seeing: [makeNode("node-2"), waiting]).deleted == [waiting.name])
    #expect(try plan(for: set, seeing: [makeNode("node-1"), waiting]).deleted == [])
    let placed = makePod("placed", of: set)
    #expect(try plan(for: set, seeing: [placed]).deleted == [], "what was on the node chapter 1 clears away")
  }

  @Test func aSetThatIsBeingDeletedWantsNothing() throws {
    let plan = try plan(for: storedSet().beingDeleted, seeing: [makeNode()])
    #expect(plan.intents.isEmpty)
  }

  @Test func everyPodThatComesOrGoesIsTold() throws {
    let set = storedSet()
    let plan = try plan(
      for: set, seeing: [makeNode("node-1"), makeNode("node-2"), makePod("a", of: set), makePod("b", of: set)])
    #expect(
      plan.notes.map { "\($0.reason): \($0.message)" } == [
        "SuccessfulDelete: Deleted pod: b", "SuccessfulCreate: Created pod: \(plan.createdPods.first?.name ?? "none")",
      ])
  }

  @Test func aBurstIsAtMostTwoHundredAndFifty() throws {
    let nodes = (1...251).map { makeNode("node-\($0)") }
    #expect(try plan(for: storedSet(), seeing: nodes).createdPods.count == 250)
  }

  // MARK: Pods that fail

  @Test func aFailedPodIsReplacedAtOnceAndThenMoreAndMoreSlowly() throws {
    let set = storedSet()
    var failed = makePod("failed", of: set, ready: nil, phase: .failed, created: now)
    let first = try plan(for: set, seeing: [makeNode(), failed])
    #expect(first.deleted == ["failed"] && first.createdPods.map(\.failures) == [1])
    #expect(
      first.notes.first.map { "\($0.type.rawValue) \($0.reason): \($0.message)" }
        == "Warning FailedDaemonPod: Found failed daemon pod default/failed on node node-1, will try to kill it")
    failed.failures = 3
    let early = try plan(for: set, seeing: [makeNode(), failed], at: now + .seconds(3))
    #expect(early.deleted == [] && early.filled == [] && early.wakeAt == now + .seconds(4))
    let due = try plan(for: set, seeing: [makeNode(), failed], at: now + .seconds(4))
    #expect(due.deleted == ["failed"] && due.createdPods.map(\.failures) == [4])
  }

  @Test(arguments: [(0, 0), (1, 1), (2, 2), (5, 16), (10, 512), (11, 900), (90, 900)])
  func pausesDoubleUpToAQuarterOfAnHour(failures: Int, seconds: Int) {
    var pod = makePod("a", of: storedSet(), created: now)
    pod.failures = failures
    #expect(DaemonBackOff.due(for: pod) == now + .seconds(seconds))
  }

  @Test func whoRanForLongBeginsAnew() {
    var pod = makePod("a", of: storedSet(), created: now)
    pod.failures = 7
    #expect(DaemonBackOff.failures(after: pod, at: now + .seconds(1_800)) == 8)
    #expect(DaemonBackOff.failures(after: pod, at: now + .seconds(1_801)) == 1)
    pod.failures = 0
    #expect(pod.metadata.annotations.isEmpty, "nothing is noted of a pod that has no failures behind it")
  }

  @Test func aPodThatSucceededIsReplacedToo() throws {
    let set = storedSet()
    let plan = try plan(for: set, seeing: [makeNode(), makePod("done", of: set, ready: nil, phase: .succeeded)])
    #expect(plan.deleted == ["done"] && plan.filled == ["node-1"])
    #expect(plan.notes.first?.reason == "SucceededDaemonPod")
  }

  // MARK: Strategies

  @Test func underOnDeleteOldPodsStay() throws {
    let set = storedSet { $0.spec.updateStrategy = DaemonSetUpdateStrategy { $0.type = .onDelete } }
    #expect(try plan(for: set, seeing: [makeNode(), makePod("old", of: set, isNew: false)]).deleted == [])
    #expect(try plan(for: set, seeing: [makeNode()]).createdPods.first?.metadata.labels["app"] == "agent")
  }

  @Test func whatANodeLacksComesBeforeWhatIsOld() throws {
    let set = storedSet(unavailable: 2)
    let objects: [any Resource] = [makeNode("node-1"), makeNode("node-2"), makePod("old", of: set, isNew: false)]
    let plan = try plan(for: set, seeing: objects)
    #expect(plan.filled == ["node-2"] && plan.deleted == [])
  }

  @Test func onANodeThatGetsNoNewPodTheOldOneStays() throws {
    let set = storedSet()
    let node = makeNode(taints: [Taint("dedicated", .noSchedule)])
    #expect(try plan(for: set, seeing: [node, makePod("old", of: set, isNew: false)]).deleted == [])
  }

  @Test func percentagesOfTheNodesAreRoundedUp() throws {
    let set = storedSet { $0.spec.updateStrategy.rollingUpdate?.maxUnavailable = .string("34%") }
    let sites = (1...3).flatMap { index -> [any Resource] in
      [makeNode("node-\(index)"), makePod("pod-\(index)", of: set, on: "node-\(index)", isNew: false)]
    }
    #expect(try plan(for: set, seeing: sites).deleted == ["pod-1", "pod-2"], "34 % of three are more than one")
  }

  @Test func boundsThatAllowNothingWouldNeverEnd() {
    #expect(storedSet(unavailable: 0, surge: 0).maxUnavailable(of: 3) == 1)
    #expect(storedSet(unavailable: 0, surge: 1).maxUnavailable(of: 3) == 0)
    #expect(storedSet(unavailable: 0, surge: 1).maxSurge(of: 3) == 1 && storedSet().maxSurge(of: 3) == 0)
  }

  @Test func aPodIsAvailableAfterMinReadySeconds() throws {
    let set = storedSet { $0.spec.minReadySeconds = 30 }
    let pod = makePod("a", of: set, ready: now)
    let early = try plan(for: set, seeing: [makeNode(), pod], at: now + .seconds(29))
    #expect(early.status?.numberReady == 1 && early.status?.numberAvailable == 0)
    #expect(early.wakeAt == now + .seconds(30), "nothing happens to the pod then: the plan must ask")
    #expect(try plan(for: set, seeing: [makeNode(), pod], at: now + .seconds(30)).status?.numberAvailable == 1)
  }

  // MARK: What there is

  @Test func eachNumberOfTheStatusCountsItsOwn() throws {
    let set = storedSet { $0.metadata.generation = 7 }
    let tainted = makeNode("node-6", taints: [Taint("dedicated", .noSchedule)])
    let plan = try plan(
      for: set,
      seeing: (1...5).map { makeNode("node-\($0)") } + [
        tainted, makePod("good", of: set, on: "node-1"), makePod("old", of: set, on: "node-2", isNew: false),
        makePod("starting", of: set, on: "node-3", ready: nil), makePod("ending", of: set, on: "node-4").beingDeleted,
        makePod("misplaced", of: set, on: "node-6"),
      ])
    let status = try #require(plan.status)
    #expect(status.desiredNumberScheduled == 5 && status.currentNumberScheduled == 4)
    #expect(status.numberMisscheduled == 1)
    #expect(status.numberReady == 2 && status.numberAvailable == 2 && status.numberUnavailable == 3)
    #expect(status.updatedNumberScheduled == 2, "good and starting: whoever is ending does not count")
    #expect(status.observedGeneration == 7)
  }

  @Test func duringASurgeTheOldPodCounts() throws {
    let set = storedSet(unavailable: 0, surge: 1)
    let pods = [
      makePod("old", of: set, isNew: false), makePod("new", of: set, ready: nil, created: World.epoch + .seconds(5)),
    ]
    let status = try #require(plan(for: set, seeing: [makeNode()] + pods).status)
    #expect(status.numberAvailable == 1 && status.updatedNumberScheduled == 0)
  }

  @Test func aStatusThatSaysTheSameIsNotWritten() throws {
    var set = storedSet()
    let objects: [any Resource] = [makeNode(), makePod("a", of: set)]
    set.status = try #require(plan(for: set, seeing: objects).status)
    #expect(try plan(for: set, seeing: objects).intents.isEmpty)
  }

  // MARK: History

  @Test func theFirstPlanWritesTheTemplateDown() throws {
    let set = storedSet()
    let plan = try DaemonSetController().reconcile(set.key, in: makeView([set]), at: now)
    let revisions = plan.intents.compactMap { intent -> ControllerRevision? in
      if case .create(let value) = intent { ControllerRevision(json: value) } else { nil }
    }
    #expect(revisions.map(\.name) == ["agent-\(set.currentHash)"] && revisions.first?.revision == 1)
    #expect(revisions.first?.metadata.labels["controller-revision-hash"] == set.currentHash)
  }

  @Test func whatIsInUseIsNotForgotten() throws {
    let set = storedSet { $0.spec.revisionHistoryLimit = 1 }
    let current = try currentRevision(of: set, number: 9)
    let old = (1...3).map { number in
      ControllerRevision(name: "old-\(number)", namespace: "default") {
        $0.metadata.uid = "old-\(number)"
        $0.metadata.labels = ["app": "agent", "controller-revision-hash": "hash-\(number)"]
        $0.metadata.ownerReferences = [OwnerReference(controller: set)]
        $0.data = ["spec": ["template": ["metadata": ["name": .string("t\(number)")]]]]
        $0.revision = Int64(number)
      }
    }
    func forgotten(_ objects: [any Resource]) throws -> [String] {
      try DaemonSetController().reconcile(set.key, in: makeView([set, current, makeNode()] + old + objects), at: now)
        .deleted
    }
    #expect(try forgotten([makePod("a", of: set)]) == ["old-1", "old-2"])
    var pod = makePod("a", of: set.with { $0.spec.updateStrategy.type = .onDelete })
    pod.metadata.labels["controller-revision-hash"] = "hash-1"
    #expect(try forgotten([pod]) == ["a"], "while something is to be done nothing is forgotten")
  }

  // MARK: Whom a change concerns

  @Test func aNodeThatOnlyReportsConcernsNobody() throws {
    let set = storedSet()
    let node = makeNode()
    var reporting = node
    reporting.status.conditions.set("Ready", "True", at: now)
    #expect(try keys(.modified, node, from: reporting, among: [set]) == [])
    #expect(try keys(.added, node, from: nil, among: [set]) == [set.key])
    #expect(try keys(.deleted, node, from: node, among: [set]) == [set.key])
    #expect(try keys(.modified, makeNode(labels: ["disk": "ssd"]), from: node, among: [set]) == [set.key])
    #expect(try keys(.modified, makeNode(taints: [Taint("a", .noSchedule)]), from: node, among: [set]) == [set.key])
  }

  @Test func anOrphanConcernsTheSetsThatSelectIt() throws {
    let set = storedSet()
    var orphan = makePod("orphan", of: set)
    orphan.metadata.ownerReferences = []
    #expect(try keys(.added, orphan, from: nil, among: [set]) == [set.key])
    orphan.metadata.labels = ["app": "other"]
    #expect(try keys(.added, orphan, from: nil, among: [set]) == [])
  }

  private func keys<T: Resource>(
    _ type: Event.Kind, _ object: T, from old: T?, among sets: [DaemonSet]
  ) throws -> [Key] {
    let event = Event(
      type: type, record: Record(key: object.key, value: object.json, revision: 2),
      previous: old.map { Record(key: $0.key, value: $0.json, revision: 1) })
    let view = try makeView(sets)
    return DaemonSetController().triggers.filter { $0.resource == T.kind.groupResource }
      .flatMap { $0.keys(event, view) }
  }
}

extension DaemonSet {
  func with(_ change: (inout DaemonSet) -> Void) -> DaemonSet {
    var set = self
    change(&set)
    return set
  }
}
