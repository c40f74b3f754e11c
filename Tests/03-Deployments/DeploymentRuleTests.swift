import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Simulation
import Store
import Testing

/// What a deployment is before its controller has looked at it: its defaults, its rules, its table, its scale.
@Suite struct DeploymentRuleTests {
  @Test func whatIsLeftOutIsFilledIn() throws {
    let spec = try #require(try stored(makeDeployment(replicas: 1) { $0.spec.replicas = nil })).spec
    #expect(spec.replicas == 1)
    #expect(spec.strategy.type == .rollingUpdate)
    #expect(spec.strategy.rollingUpdate?.maxSurge == .string("25%"))
    #expect(spec.strategy.rollingUpdate?.maxUnavailable == .string("25%"))
    #expect(spec.revisionHistoryLimit == 10)
    #expect(spec.progressDeadlineSeconds == 600)
    #expect(makeDeployment(replicas: 3) { $0.spec.replicas = nil }.replicas == 1, "also where no default was filled in")
  }

  @Test func oneBoundThatIsGivenStays() throws {
    let deployment = makeDeployment(replicas: 1) {
      $0.spec.strategy.rollingUpdate = RollingUpdateDeployment { $0.maxSurge = .integer(2) }
    }
    let rolling = try #require(try stored(deployment)?.spec.strategy.rollingUpdate)
    #expect(rolling.maxSurge == .integer(2) && rolling.maxUnavailable == .string("25%"))
  }

  @Test func recreateHasNoBounds() throws {
    let deployment = try #require(try stored(makeDeployment(replicas: 4) { $0.spec.strategy.type = .recreate }))
    #expect(deployment.spec.strategy.rollingUpdate == nil)
    #expect(deployment.maxSurge == 0 && deployment.maxUnavailable == 0)
  }

  /// What is written into the spec, and what is said about it; nil where it is accepted.
  @Test(
    arguments: [
      (
        #"{"strategy":{"type":"Recreate","rollingUpdate":{"maxSurge":1}}}"#,
        "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"
      ),
      (bounds(surge: "-1", unavailable: "1"), "maxSurge: Invalid value: -1: must be greater than or equal to 0"),
      (bounds(surge: "0", unavailable: "0"), #"maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"#),
      (
        bounds(surge: #""0%""#, unavailable: "0"), "maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"
      ),
      (bounds(surge: "0", unavailable: #""0%""#), #"Invalid value: "0%": may not be 0 when `maxSurge` is 0"#),
      (bounds(surge: "0", unavailable: "1"), nil), (bounds(surge: "1", unavailable: "0"), nil),
      (
        bounds(surge: #""half""#, unavailable: "1"), #"maxSurge: Invalid value: "half": a valid percent string must be"#
      ),
      (bounds(surge: #""-5%""#, unavailable: "1"), #"maxSurge: Invalid value: "-5%": a valid percent string must be"#),
      (bounds(surge: #""+5%""#, unavailable: "1"), #"maxSurge: Invalid value: "+5%": a valid percent string must be"#),
      (bounds(surge: #""200%""#, unavailable: #""100%""#), nil), (bounds(surge: #""0%""#, unavailable: "1"), nil),
      (bounds(surge: "1", unavailable: #""101%""#), #"Invalid value: "101%": must not be greater than 100%"#),
      (
        #"{"progressDeadlineSeconds":30,"minReadySeconds":30}"#,
        "spec.progressDeadlineSeconds: Invalid value: 30: must be greater than minReadySeconds"
      ),
      (#"{"progressDeadlineSeconds":31,"minReadySeconds":30}"#, nil),
      (#"{"progressDeadlineSeconds":0}"#, "must be greater than minReadySeconds"),
      (#"{"progressDeadlineSeconds":1}"#, nil),
      (#"{"selector":{}}"#, "spec.selector: Invalid value: {}: empty selector is invalid for deployment"),
    ] as [(String, String?)])
  func whatCannotWorkIsRefused(_ json: String, _ message: String?) throws {
    var deployment = makeDeployment(replicas: 1)
    let fields = try Value(parsing: Array(json.utf8))
    for member in try #require(fields.members) {
      deployment.json["spec"]?[member.name] = member.value
    }
    let refusals = try World(layers: layers, seed: 1).perform([.create(deployment.json)]).map(\.message)
    if let message {
      #expect(refusals.first?.contains(message) == true, "\(refusals)")
    } else {
      #expect(refusals == [])
    }
  }

  private static func bounds(surge: String, unavailable: String) -> String {
    #"{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":\#(surge),"maxUnavailable":\#(unavailable)}}}"#
  }

  @Test func theTableSaysHowFarItIs() {
    let deployment = makeDeployment(replicas: 3) {
      $0.metadata.creationTimestamp = now - .seconds(300)
      $0.status.readyReplicas = 2
      $0.status.updatedReplicas = 1
      $0.status.availableReplicas = 4
    }
    let table = Deployment.kind.table
    #expect(
      table.map(\.name) == ["Name", "Ready", "Up-to-date", "Available", "Age", "Containers", "Images", "Selector"])
    #expect(
      table.map { $0.cell(deployment.json, now) } == ["web", "2/3", 1, 4, "5m", "main", "web:1", "app=web"] as [Value])
    let unknown = table.map { $0.cell(makeDeployment(replicas: 3).json, now) }
    #expect(unknown[1] == "0/3" && unknown[2] == 0 && unknown[3] == 0)
    #expect(Deployment.kind.scale != nil, "kubectl scale works on whatever has a scale")
  }

  private func stored(_ deployment: Deployment) throws -> Deployment? {
    let world = try World(layers: layers, seed: 1)
    world.perform([.create(deployment.json)])
    return world.deployment
  }
}

/// The promise itself: does its check notice that it is broken?
@Suite struct DeploymentPromiseTests {
  @Test func aRollOutThatIsNotFinishedIsNoticed() throws {
    let promise = try #require(Layer.deployments.invariants.first { $0.name == "every roll-out finishes" })
    let check = promise.makeCheck()
    func complaint(_ objects: [any Resource]) throws -> String? { check(try makeView(objects), nil, now) }
    var deployment = rollingDeployment { $0.metadata.generation = 2 }
    let new = makeSet("web:2", size: 3, revision: 2, of: deployment)
    #expect(try complaint([deployment]) == "web has no set for its template")
    #expect(
      try complaint([deployment, makeSet("web:2", size: 2, revision: 2, of: deployment)]) == "web-web2 has size 2")
    let old = makeSet("web:1", size: 1, revision: 1, of: deployment)
    #expect(try complaint([deployment, new, old]) == "web-web1 is still there")
    #expect(try complaint([deployment, new]) == "web does not report that it is complete")
    deployment.status.replicas = 3
    deployment.status.updatedReplicas = 3
    deployment.status.availableReplicas = 3
    deployment.status.observedGeneration = 1
    #expect(
      try complaint([deployment, new]) == "web does not report that it is complete", "that was about an older spec")
    deployment.status.observedGeneration = 2
    #expect(try complaint([deployment, new, makeSet("web:1", size: 0, revision: 1, of: deployment)]) == nil)
    let none = rollingDeployment(replicas: 0)
    #expect(
      try complaint([none, makeSet("web:2", size: 0, revision: 2, of: none)]) == nil,
      "of no pods nothing has to be reported")
    #expect(
      try complaint([
        rollingDeployment(replicas: 0) { $0.metadata.generation = 1 },
        makeSet("web:2", size: 0, revision: 2, of: none),
      ]) == "web does not report that it is complete", "a controller that has not looked yet has not finished")
    #expect(try complaint([rollingDeployment { $0.spec.paused = true }]) == nil, "one that is paused need not finish")
    #expect(try complaint([rollingDeployment { $0.metadata.deletionTimestamp = now }]) == nil)
  }
}
