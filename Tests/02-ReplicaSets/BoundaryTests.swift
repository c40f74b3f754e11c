import ControlLoop
import Objects
import Pods
import ReplicaSets
import Simulation
import Testing

/// What is missing, and what lies just at a boundary: where one more or one less would be another answer.
@Suite struct BoundaryTests {
  // MARK: Who goes first

  private func order(_ pods: [Pod], _ podsPerNode: [String: Int] = [:]) -> [String] {
    DeletionOrder(podsPerNode: podsPerNode, now: now).sorted(pods).map(\.name)
  }

  private func pod(_ name: String, cost: String?) -> Pod {
    var pod = makePod(name)
    if let cost { pod.metadata.annotations["controller.kubernetes.io/pod-deletion-cost"] = cost }
    return pod
  }

  @Test func aPodWithoutACostCostsNothing() {
    #expect(order([pod("a", cost: "1"), pod("z", cost: nil)]) == ["z", "a"])
    #expect(order([pod("a", cost: nil), pod("z", cost: "-1")]) == ["z", "a"])
    #expect(order([pod("a", cost: "1"), pod("z", cost: "much")]) == ["z", "a"], "what is no number is no cost")
  }

  @Test func aNodeThatNobodyCountedHasNoRelatives() {
    var alone = makePod("a")
    alone.spec.nodeName = "elsewhere"
    #expect(order([alone, makePod("z")], ["node-1": 1]) == ["z", "a"])
  }

  @Test func agesAreComparedByPowersOfTwo() {
    func order(_ a: Int, _ z: Int) -> [String] {
      self.order([makePod("a").ready(at: now - .seconds(a)), makePod("z").ready(at: now - .seconds(z))])
    }
    #expect(order(141, 140) == ["a", "z"], "141 and 140 seconds are of one magnitude, so the UID decides")
    #expect(order(128, 127) == ["z", "a"], "128 is one power further than 127")
    #expect(order(1, 0) == ["z", "a"], "a second is more than none")
    #expect(order(0, -5) == ["a", "z"], "a clock that is ahead makes nobody younger than new")
  }

  @Test func aPodWithoutATimeIsNew() {
    var nameless = makePod("z")
    nameless.metadata.creationTimestamp = nil
    var second = makePod("a")
    second.metadata.creationTimestamp = now - .seconds(1)
    #expect(order([second, nameless]) == ["z", "a"])
    var undated = makePod("z").ready(at: now)
    undated.status.conditions = undated.status.conditions.map { condition in
      var condition = condition
      condition.lastTransitionTime = nil
      return condition
    }
    #expect(order([makePod("a").ready(at: now - .seconds(1)), undated]) == ["z", "a"])
  }

  @Test func aPodThatHasEndedIsMissedNoMoreThanAPendingOne() {
    #expect(order([makePod("a", phase: .unknown), makePod("z", phase: .failed)]) == ["z", "a"])
  }

  // MARK: Relatives

  /// A set of the deployment with this name.
  private func set(_ name: String, of owner: String, replicas: Int) -> ReplicaSet {
    var set = ownedSet(name, replicas: replicas)
    set.metadata.ownerReferences = [
      OwnerReference {
        $0.apiVersion = "apps/v1"
        $0.kind = "Deployment"
        $0.name = owner
        $0.uid = owner
        $0.controller = true
      }
    ]
    return set
  }

  private func pod(_ name: String, on node: String, of set: ReplicaSet) -> Pod {
    var pod = makePod(name, labels: set.spec.template.metadata.labels).adopted(by: set)
    pod.spec.nodeName = node
    return pod
  }

  @Test func theSetsOfOneDeploymentAreRelatives() throws {
    let web = set("web", of: "shop", replicas: 1)
    let old = set("old", of: "shop", replicas: 2)
    let other = set("other", of: "bank", replicas: 3)
    let pods: [any Resource] =
      [pod("a", on: "quiet", of: web), pod("z", on: "crowded", of: web)]
      + ["b", "c"].map { pod($0, on: "crowded", of: old) } + ["d", "e", "f"].map { pod($0, on: "quiet", of: other) }
    let plan = try ReplicaSetController().reconcile(web.key, in: makeView([web, old, other] + pods), at: now)
    #expect(
      plan.deletedNames == ["z"],
      "z has two relatives beside it, a none: the three pods on a's node are another deployment's")
  }

  @Test func aSetOfNobodyHasItsOwnPodsForRelatives() throws {
    let web = ownedSet(replicas: 2)
    let pods = [pod("a", on: "quiet", of: web), pod("y", on: "crowded", of: web), pod("z", on: "crowded", of: web)]
    #expect(try plan(for: web, seeing: pods).deletedNames == ["y"])
  }

  @Test func everyPodThatIsDeletedIsTold() throws {
    let set = ownedSet(replicas: 0)
    let plan = try plan(for: set, seeing: [makePod("a").adopted(by: set)])
    #expect(plan.notes.map(\.message) == ["Deleted pod: a"])
    #expect(plan.notes.map(\.reason) == ["SuccessfulDelete"])
  }

  // MARK: What is not given

  @Test func aSetThatNamesNoSizeHasOnePod() throws {
    let set = makeSet(replicas: 0) { $0.spec.replicas = nil }
    #expect(set.replicas == 1)
  }

  @Test func aReadyPodIsAvailableAtOnceAndExactlyAfterItsPause() throws {
    var set = ownedSet(replicas: 1)
    let fresh = makePod("a").adopted(by: set).ready(at: now)
    #expect(try plan(for: set, seeing: [fresh]).status?.availableReplicas == 1, "no minReadySeconds, no pause")
    set.spec.minReadySeconds = 30
    let proven = makePod("a").adopted(by: set).ready(at: now - .seconds(30))
    #expect(try plan(for: set, seeing: [proven]).status?.availableReplicas == 1, "thirty seconds are thirty seconds")
  }

  // MARK: What hinders a set

  private func condition(_ type: String) -> ReplicaSetCondition {
    ReplicaSetCondition {
      $0.type = type
      $0.status = "True"
    }
  }

  @Test func aConditionGoesWithItsReasonAndTakesNoOtherAlong() throws {
    var set = ownedSet(replicas: 0)
    set.status.conditions = [condition("ReplicaFailure"), condition("Other")]
    #expect(try plan(for: set, seeing: []).status?.conditions.map(\.type) == ["Other"])
  }

  @Test func aRefusalIsOneConditionHoweverOftenItIsRepeated() throws {
    let quota = Layer(chapter: 2, name: "quota") {
      $0.admission = [
        AdmissionStep("Quota", resource: "pods") { request, _ throws(StatusError) in
          if request.operation == .create { throw .forbidden(request.key, "exceeded quota") }
        }
      ]
    }
    let world = try World(layers: layers + [quota], seed: 9)
    world.perform([.create(makeSet(replicas: 1).json)])
    world.run(for: .seconds(60))
    let conditions = try #require(world.set?.status.conditions)
    #expect(conditions.map(\.type) == ["ReplicaFailure"])
    let time = try #require(conditions.first?.lastTransitionTime, "a condition says since when it holds")
    #expect(time < World.epoch + .seconds(10), "and that is when it began, not when it was repeated last")
  }

  // MARK: What people see

  @Test func whatATemplateHoldsIsShownOnlyToThoseWhoAskForMore() throws {
    let set = makeSet(replicas: 1) {
      var sidecar = Container()
      sidecar.name = "log"
      sidecar.image = "tail"
      $0.spec.template.spec.containers.append(sidecar)
    }
    let wide = ReplicaSet.kind.columns.filter { $0.priority == 1 }
    #expect(wide.map(\.name) == ["Containers", "Images", "Selector"])
    #expect(wide.map { $0.cell(set.json, now).string } == ["main,log", "pause,tail", "app=web"])
  }
}
