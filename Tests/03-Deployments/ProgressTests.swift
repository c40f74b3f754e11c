import ControlLoop
import Deployments
import Objects
import ReplicaSets
import Testing

/// What counts as movement of a roll-out, and what is shared out when its deployment is scaled meanwhile.
@Suite struct ProgressTests {
  /// Before: two old pods and two new ones, three of the four ready and available.
  @Test(arguments: [
    ("a new pod more", 2, 3, 3, 3), ("an old pod less", 1, 2, 3, 3), ("a ready pod more", 2, 2, 4, 3),
    ("an available pod more", 2, 2, 3, 4),
  ])
  func eachMovementRenewsTheDeadline(_ movement: String, _ old: Int, _ new: Int, _ ready: Int, _ available: Int) throws
  {
    let progressing = try condition(old: old, new: new, ready: ready, available: available)
    #expect(progressing?.lastUpdateTime == now, "\(movement) is movement, and each movement renews the deadline")
    #expect(progressing?.reason == "ReplicaSetUpdated", "\(movement) is movement")
    #expect(progressing?.lastTransitionTime == now - .seconds(60), "its status is the same as before")
  }

  @Test(arguments: [
    ("nothing new", 2, 2, 3, 3), ("an old pod more", 3, 2, 3, 3), ("a new pod less", 2, 1, 3, 3),
    ("a ready pod less", 2, 2, 2, 2),
  ])
  func whatIsNoMovementDoesNot(_ change: String, _ old: Int, _ new: Int, _ ready: Int, _ available: Int) throws {
    #expect(
      try condition(old: old, new: new, ready: ready, available: available)?.lastUpdateTime != now,
      "\(change) is not movement: the deadline stays where it was")
  }

  @Test(arguments: [(0, 0, 0, false), (1, 0, 0, true), (0, 1, 0, true), (0, 0, 1, true)])
  func theFirstOfAnythingIsMovement(_ new: Int, _ ready: Int, _ available: Int, _ isMovement: Bool) throws {
    let progressing = try condition(old: 0, new: new, ready: ready, available: available) {
      $0.json = ["conditions": .array($0.conditions.map(\.json))]
    }
    #expect((progressing?.lastUpdateTime == now) == isMovement, "what was not reported before counts as nothing")
  }

  private func condition(
    old: Int, new: Int, ready: Int, available: Int, before: (inout DeploymentStatus) -> Void = { _ in }
  ) throws -> DeploymentCondition? {
    let deployment = rollingDeployment {
      $0.status.replicas = 4
      $0.status.updatedReplicas = 2
      $0.status.readyReplicas = 3
      $0.status.availableReplicas = 3
      $0.status.conditions = [
        DeploymentCondition {
          $0.type = "Progressing"
          $0.status = "True"
          $0.reason = "ReplicaSetUpdated"
          $0.lastUpdateTime = now - .seconds(60)
          $0.lastTransitionTime = now - .seconds(60)
        }
      ]
      before(&$0.status)
    }
    let sets = [
      makeSet("web:1", size: 2, revision: 1, of: deployment) {
        $0.status.replicas = old
        $0.status.readyReplicas = ready
        $0.status.availableReplicas = available
      },
      makeSet("web:2", size: 2, available: 0, revision: 2, of: deployment) { $0.status.replicas = new },
    ]
    return try plan(for: deployment, seeing: sets).status?.conditions.first { $0.type == "Progressing" }
  }

  // MARK: Scaling in the middle

  @Test(arguments: [
    ("twice as many", 10, 20, 6, 5, 11, 10), ("half as many", 20, 10, 11, 10, 6, 5), ("one more", 10, 11, 9, 2, 10, 2),
    ("of equal sets the newer grows", 1, 2, 1, 1, 1, 2), ("of equal sets the older shrinks", 3, 2, 2, 2, 1, 2),
    ("each by one", 10, 12, 6, 5, 7, 6), ("one pod each", 1, 3, 1, 1, 2, 2),
    ("nobody grows while there are too many", 2, 3, 3, 3, 1, 3),
    ("what is left over goes to the largest", 10, 11, 6, 2, 10, 2),
  ])
  func theSetsKeepTheirShares(
    _ change: String, _ before: Int, _ after: Int, _ old: Int, _ new: Int, _ oldAfter: Int, _ newAfter: Int
  ) throws {
    let sizes = try sizes(from: before, to: after, old: old, new: new)
    #expect(
      sizes["web:1"] ?? old == oldAfter && sizes["web:2"] ?? new == newAfter,
      """
      \(change): of \(before + 1) pods \(old)+\(new), of \(after + 1) pods \(oldAfter)+\(newAfter); \
      each set stays the same part of the whole, so that the risk does not grow with the size
      """)
  }

  @Test func withoutAnyReplicasEverySetIsEmptied() throws {
    #expect(try sizes(from: 10, to: 0, old: 6, new: 5) == ["web:1": 0, "web:2": 0], "nobody is to be left")
  }

  @Test func aSetThatDoesNotSayWhatItIsAPartOfIsAPartOfAllThereAre() throws {
    let unsaid: (inout ReplicaSet) -> Void = {
      $0.metadata.annotations["deployment.kubernetes.io/max-replicas"] = nil
    }
    func sizes(reported: Int?) throws -> [String: Int] {
      let deployment = rollingDeployment(replicas: 6) { $0.status.replicas = reported }
      return try plan(
        for: deployment,
        seeing: [
          makeSet("web:1", size: 3, revision: 1, of: deployment, sizedFor: 5, unsaid),
          makeSet("web:2", size: 2, available: 0, revision: 2, of: deployment, sizedFor: 5, unsaid),
        ]
      ).sizes
    }
    #expect(try sizes(reported: 5) == ["web:1": 4, "web:2": 3], "3 and 2 of 5 become 4 and 3 of 7")
    #expect(try sizes(reported: nil) == ["web:1": 5, "web:2": 2], "nobody knows the shares: the largest takes it all")
    #expect(try sizes(reported: 0) == ["web:1": 5, "web:2": 2])
  }

  private func sizes(from before: Int, to after: Int, old: Int, new: Int) throws -> [String: Int] {
    let deployment = rollingDeployment(replicas: after)
    return try plan(
      for: deployment,
      seeing: [
        makeSet("web:1", size: old, revision: 1, of: deployment, sizedFor: before),
        makeSet("web:2", size: new, available: 0, revision: 2, of: deployment, sizedFor: before),
      ]
    ).sizes
  }
}
