import ControlLoop
import Objects
import Pods
import ReplicaSets
import Simulation
import Testing

/// One rule at a time: of two pods that differ in nothing else, which goes first.
@Suite struct DeletionOrderTests {
  static let now = World.epoch + .seconds(10_000)

  static let rules: [(rule: String, first: @Sendable (inout Pod) -> Void, second: @Sendable (inout Pod) -> Void)] = [
    ("not yet on a node", { $0.spec.nodeName = nil }, { $0.spec.nodeName = "node-1" }),
    ("Pending and the other Running", { $0.status.phase = .pending }, { $0.status.phase = .running }),
    ("Unknown and the other Running", { $0.status.phase = .unknown }, { $0.status.phase = .running }),
    ("Pending and the other Unknown", { $0.status.phase = .pending }, { $0.status.phase = .unknown }),
    ("not ready", { _ in }, { $0.becomeReady(at: World.epoch) }),
    ("cheaper to delete", { $0.metadata.annotations[cost] = "-5" }, { $0.metadata.annotations[cost] = "5" }),
    ("on a node with more relatives", { $0.spec.nodeName = "crowded" }, { $0.spec.nodeName = "lonely" }),
    ("ready for a shorter time", { $0.becomeReady(at: now) }, { $0.becomeReady(at: World.epoch) }),
    ("restarted more often", { $0.restarts(3) }, { $0.restarts(1) }),
    ("younger", { $0.metadata.creationTimestamp = now }, { $0.metadata.creationTimestamp = World.epoch }),
  ]

  static let cost = "controller.kubernetes.io/pod-deletion-cost"

  // The three pods of the chapter's third prediction.
  @Test func aPodWithoutANodeGoesFirst() {
    let yesterday = makePod("yesterday").ready(for: .seconds(86_400))
    let lately = makePod("lately").ready(for: .seconds(60))
    let homeless = makePod("homeless", phase: .pending).withoutANode
    let order = names([yesterday, lately, homeless])
    #expect(order.first == "homeless", "a pod that has no node yet serves nobody, so it is missed least and goes first")
    #expect(order == ["homeless", "lately", "yesterday"], "of two ready pods the one that has proved less goes first")
  }

  @Test func nothingSavesAPodWithoutANode() {
    var homeless = makePod("homeless", phase: .pending).withoutANode
    homeless.metadata.annotations[Self.cost] = "1000"
    #expect(
      names([makePod("placed"), homeless]) == ["homeless", "placed"],
      "the deletion cost is the fourth question, and the first one has already decided")
  }

  @Test func aPodThatIsNotReadyGoesBeforeAReadyOneHoweverYoung() {
    #expect(
      names([makePod("ready").ready(for: .zero), makePod("broken")]) == ["broken", "ready"],
      "a pod that is not ready serves nobody; one that became ready this moment does")
  }

  @Test func agesThatDifferLittleDoNotDecide() {
    let older = makePod("a-older").ready(for: .seconds(101))
    let younger = makePod("b-younger").ready(for: .seconds(100))
    #expect(
      names([younger, older]) == ["a-older", "b-younger"],
      "100 and 101 seconds are of one magnitude, so the UID decides, and not the second between them")
    #expect(
      names([makePod("a-older").ready(for: .seconds(100)), makePod("b-younger").ready(for: .seconds(1))])
        == ["b-younger", "a-older"], "1 and 100 seconds are not")
  }

  private func names(_ pods: [Pod]) -> [String] {
    DeletionOrder(podsPerNode: [:], now: Self.now).sorted(pods).map(\.name)
  }

  @Test(arguments: rules.indices)
  func theRuleDecides(_ index: Int) {
    let (rule, first, second) = Self.rules[index]
    // The names are such that the UID alone would decide the other way.
    var goes = makePod("z")
    var stays = makePod("a")
    first(&goes)
    second(&stays)
    let order = DeletionOrder(podsPerNode: ["crowded": 3, "lonely": 1], now: Self.now)
    for pods in [[stays, goes], [goes, stays]] {
      #expect(
        order.sorted(pods).map(\.name) == ["z", "a"], "of two pods that are equal else, z goes first: it is \(rule)")
    }
  }

  @Test func anEarlierRuleOutweighsAllLaterOnes() {
    for (earlier, later) in (0..<Self.rules.count).flatMap({ i in ((i + 1)..<Self.rules.count).map { (i, $0) } }) {
      // Rules about the same field cannot be told apart.
      guard Set([1, 2, 3]).isDisjoint(with: [earlier]) || ![1, 2, 3].contains(later) else { continue }
      guard !(earlier == 0 && later == 6), !(earlier == 4 && later == 7) else { continue }
      var goes = makePod("z")
      var stays = makePod("a")
      Self.rules[later].second(&goes)
      Self.rules[later].first(&stays)
      Self.rules[earlier].first(&goes)
      Self.rules[earlier].second(&stays)
      let order = DeletionOrder(podsPerNode: ["crowded": 3, "lonely": 1], now: Self.now)
      #expect(
        order.sorted([stays, goes]).map(\.name) == ["z", "a"],
        "z goes first: that it is \(Self.rules[earlier].rule) outweighs that a is \(Self.rules[later].rule)")
    }
  }
}

extension Pod {
  fileprivate func ready(for duration: Duration) -> Pod {
    var pod = self
    pod.becomeReady(at: DeletionOrderTests.now - duration)
    return pod
  }

  fileprivate var withoutANode: Pod {
    var pod = self
    pod.spec.nodeName = nil
    return pod
  }

  fileprivate mutating func becomeReady(at time: Time) {
    self.status.conditions.set("Ready", "True", at: time)
  }

  fileprivate mutating func restarts(_ count: Int) {
    self.status.containerStatuses = [
      ContainerStatus {
        $0.name = "main"
        $0.restartCount = count
      }
    ]
  }
}
