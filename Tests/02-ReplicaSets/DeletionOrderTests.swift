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
    ("not on a node", { $0.spec.nodeName = nil }, { $0.spec.nodeName = "node-1" }),
    ("pending before running", { $0.status.phase = .pending }, { $0.status.phase = .running }),
    ("unknown before running", { $0.status.phase = .unknown }, { $0.status.phase = .running }),
    ("pending before unknown", { $0.status.phase = .pending }, { $0.status.phase = .unknown }),
    ("not ready", { _ in }, { $0.becomeReady(at: World.epoch) }),
    ("cheaper to delete", { $0.metadata.annotations[cost] = "-5" }, { $0.metadata.annotations[cost] = "5" }),
    ("more relatives on its node", { $0.spec.nodeName = "crowded" }, { $0.spec.nodeName = "lonely" }),
    ("ready for a shorter time", { $0.becomeReady(at: now) }, { $0.becomeReady(at: World.epoch) }),
    ("more restarts", { $0.restarts(3) }, { $0.restarts(1) }),
    ("younger", { $0.metadata.creationTimestamp = now }, { $0.metadata.creationTimestamp = World.epoch }),
  ]

  static let cost = "controller.kubernetes.io/pod-deletion-cost"

  @Test(arguments: rules.indices)
  func theRuleDecides(_ index: Int) {
    let (rule, first, second) = Self.rules[index]
    // The names are such that the UID alone would decide the other way.
    var goes = makePod("z")
    var stays = makePod("a")
    first(&goes)
    second(&stays)
    let order = DeletionOrder(podsPerNode: ["crowded": 3, "lonely": 1], now: Self.now)
    #expect(order.sorted([stays, goes]).map(\.name) == ["z", "a"], "\(rule)")
    #expect(order.sorted([goes, stays]).map(\.name) == ["z", "a"], "\(rule)")
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
        "\(Self.rules[earlier].rule) against \(Self.rules[later].rule)")
    }
  }
}

extension Pod {
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
