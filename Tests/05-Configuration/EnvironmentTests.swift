import ControlLoop
import Objects
import Pods
import Store
import Testing

@testable import Configuration

/// What a container is started with.
@Suite struct EnvironmentTests {
  let lab: Lab
  init() throws { lab = try Lab() }

  // MARK: Expansion

  @Test(arguments: [
    ("plain", "plain"), ("$(A)", "1"), ("<$(A)$(B)>", "<12>"), ("$$(A)", "$(A)"), ("$$$(A)", "$1"),
    ("$(MISSING)", "$(MISSING)"), ("$A", "$A"), ("$", "$"), ("$$", "$"), ("$(A", "$(A"), ("$()", "$()"),
    ("$((A))", "$((A))"), ("$(A)$", "1$"), ("cost: $5", "cost: $5"), ("$(LOOP)", "$(A)"), ("é$(A)é", "é1é"),
    ("$($(A))", "$($(A))"),
  ])
  func aReferenceStandsForAValue(text: String, expanded: String) {
    let values = ["A": "1", "B": "2", "LOOP": "$(A)"]
    #expect(
      Expansion.expand(text) { values[$0] } == expanded,
      "a value is not expanded again, and all else stays as it is written, a name that nobody knows too"
    )
  }

  // MARK: Where values come from

  @Test func laterAndNearerValuesWin() throws {
    try lab.create(configMap("first", ["COLOR": "red", "SHAPE": "round"]))
    try lab.create(configMap("second", ["COLOR": "green"]))
    try lab.create(secret("keys", ["token": "t0p"]))
    try lab.create(
      pod { container in
        container.envFrom = [
          EnvFromSource(json: ["configMapRef": ["name": "first"]]),
          EnvFromSource(json: ["configMapRef": ["name": "second"]]),
          EnvFromSource(json: ["secretRef": ["name": "keys"], "prefix": "APP_"]),
        ]
        container.env = [variable("SHAPE", "square"), variable("BOTH", "$(COLOR) $(SHAPE) $(APP_token) $(LATER)")]
        container.env.append(variable("LATER", "x"))
        container.command = ["serve", "$(COLOR)", "$$(COLOR)"]
        container.args = ["$(NOBODY)", "--shape=$(SHAPE)"]
      })
    lab.run(for: .seconds(1))
    let environment = lab.environment()
    #expect(environment["COLOR"] == "green")
    #expect(environment["SHAPE"] == "square", "what stands in env wins over every object")
    #expect(environment["APP_token"] == "t0p")
    #expect(environment["BOTH"] == "green square t0p $(LATER)", "a reference sees what stands before it")
    #expect(environment["HOSTNAME"] == "web")
    #expect(lab.configuration()?.command == ["serve", "green", "$(COLOR)"])
    #expect(lab.configuration()?.arguments == ["$(NOBODY)", "--shape=square"])
    #expect(lab.configuration()?.environment.map(\.name).count == environment.count)
  }

  @Test func aKeyBecomesAVariable() throws {
    var map = configMap(["color": "blue"])
    map.binaryData["logo"] = Base64Text(bytes: [0xFF])
    try lab.create(map)
    try lab.create(secret(["password": "p$(A)"]))
    try lab.create(
      pod {
        $0.env = [
          variable("COLOR", ["configMapKeyRef": ["name": "app", "key": "color"]]),
          variable("PASSWORD", ["secretKeyRef": ["name": "app", "key": "password"]]),
          variable("NONE", ["configMapKeyRef": ["name": "app", "key": "absent", "optional": true]]),
          variable("NOWHERE", ["secretKeyRef": ["name": "absent", "key": "k", "optional": true]]),
          variable("USES", "$(PASSWORD)"),
        ]
        $0.envFrom = [EnvFromSource(json: ["configMapRef": ["name": "absent", "optional": true]])]
        $0.envFrom.append(EnvFromSource(json: ["configMapRef": ["name": "app"]]))
      })
    lab.run(for: .seconds(1))
    #expect(
      lab.environment() == [
        "HOSTNAME": "web", "COLOR": "blue", "color": "blue", "PASSWORD": "p$(A)", "USES": "p$(A)",
      ], "what is optional and missing sets no variable, and bytes that are no text set none")
  }

  struct Missing {
    var origin: Value
    var message: String
  }

  @Test(arguments: [
    Missing(origin: ["configMapKeyRef": ["name": "late", "key": "color"]], message: #"configmap "late" not found"#),
    Missing(origin: ["secretKeyRef": ["name": "late", "key": "color"]], message: #"secret "late" not found"#),
  ])
  func aContainerWaitsForItsConfigurationAndSaysSo(missing: Missing) throws {
    try lab.create(pod { $0.env = [variable("COLOR", missing.origin)] })
    lab.run(for: .seconds(1))
    #expect(lab.waiting()?.reason == "CreateContainerConfigError")
    #expect(lab.waiting()?.message == missing.message)
    #expect(lab.pod()?.status.phase == .pending)
    #expect(lab.warnings() == ["Failed: Error: \(missing.message)"])
    // The agent is woken by the object: it would look again by itself after ten seconds.
    try lab.create(configMap("late", ["shape": "round"]))
    try lab.create(secret("late", ["shape": "round"]))
    lab.run(for: .seconds(1))
    let kind = missing.message.hasPrefix("secret") ? "Secret" : "ConfigMap"
    #expect(
      lab.waiting()?.message == "couldn't find key color in \(kind) default/late",
      "the new object wakes the pods that name it at once")
    try lab.update(configMap("late", [:])) { $0.data["color"] = "blue" }
    try lab.update(secret("late", [:])) { $0.stringData["color"] = "blue" }
    lab.run(for: .seconds(1))
    #expect(lab.isRunning())
    #expect(lab.environment()["COLOR"] == "blue")
  }

  @Test func aRunningContainerKeepsItsEnvironment() throws {
    try lab.create(configMap(["color": "blue"]))
    try lab.create(pod { $0.env = [variable("COLOR", ["configMapKeyRef": ["name": "app", "key": "color"]])] })
    lab.run(for: .seconds(1))
    try lab.update(configMap([:])) { $0.data["color"] = "red" }
    lab.run(for: .seconds(60))
    #expect(lab.hosts[0].started.count == 1)
    try lab.delete(configMap([:]))
    lab.run(for: .seconds(60))
    #expect(lab.isRunning())
    #expect(lab.environment()["COLOR"] == "blue")
  }

  @Test func oneContainerThatWaitsDoesNotStopItsNeighbour() throws {
    var both = pod { $0.env = [variable("COLOR", ["configMapKeyRef": ["name": "late", "key": "color"]])] }
    both.spec.containers.append(
      Container {
        $0.name = "neighbour"
        $0.image = "nginx"
      })
    try lab.create(both)
    lab.run(for: .seconds(1))
    let statuses = try #require(lab.pod()?.status.containerStatuses)
    #expect(statuses.map { $0.state.running != nil } == [false, true])
  }

  // MARK: What the pod may know of itself

  @Test func aPodLearnsAboutItself() throws {
    let fields = [
      "metadata.name": "web", "metadata.namespace": "default", "metadata.labels['app.kubernetes.io/name']": "shop",
      "metadata.labels['absent']": "", "metadata.annotations['note']": "it's", "spec.nodeName": "node-0",
      "spec.serviceAccountName": "default", "status.podIP": "10.244.0.2", "status.podIPs": "10.244.0.2",
      "status.hostIP": "10.0.0.1", "status.hostIPs": "10.0.0.1",
    ]
    var web = pod {
      $0.env = fields.keys.sorted().map { variable($0, ["fieldRef": ["fieldPath": .string($0)]]) }
      $0.env.append(variable("uid", ["fieldRef": ["fieldPath": "metadata.uid"]]))
    }
    web.metadata.labels["app.kubernetes.io/name"] = "shop"
    web.metadata.annotations["note"] = "it's"
    try lab.create(web)
    lab.run(for: .seconds(1))
    var environment = lab.environment()
    environment["HOSTNAME"] = nil
    #expect(environment.removeValue(forKey: "uid") == lab.pod()?.uid)
    #expect(environment == fields)
  }

  @Test(arguments: [
    ("limits.cpu", nil, "2"), ("limits.cpu", "1m", "1500"), ("requests.cpu", "1", "1"), ("requests.cpu", "1m", "250"),
    ("limits.memory", "1Mi", "65"), ("limits.memory", nil, "67108865"), ("requests.memory", "1k", "0"),
    ("limits.ephemeral-storage", nil, "0"),
  ])
  func anAmountIsToldInUnitsOfItsDivisor(resource: String, divisor: String?, told: String) throws {
    var selector: Value = ["resource": .string(resource)]
    selector["divisor"] = divisor.map { .string($0) }
    try lab.create(
      pod {
        $0.resources.limits = ["cpu": try! Quantity("1500m"), "memory": Quantity(67_108_865)]
        $0.resources.requests = ["cpu": try! Quantity("250m"), "memory": .zero]
        $0.env = [variable("AMOUNT", ["resourceFieldRef": selector])]
      })
    lab.run(for: .seconds(1))
    #expect(lab.environment()["AMOUNT"] == told, "an amount is rounded up to whole units; without a unit it is 1")
  }

  @Test func withoutALimitTheNodeIsTheLimit() throws {
    try lab.create(
      pod {
        $0.env = ["cpu", "memory"].map { name in
          variable(name, ["resourceFieldRef": ["resource": .string("limits.\(name)")]])
        }
        $0.env.append(
          variable("other", ["resourceFieldRef": ["resource": "limits.cpu", "containerName": "nobody"]]))
      })
    lab.run(for: .seconds(1))
    #expect(lab.waiting()?.message == "container nobody not found")
    try lab.delete(pod())
    lab.run(for: .seconds(1))
    try lab.create(
      pod {
        $0.env = ["cpu", "memory"].map { name in
          variable(name, ["resourceFieldRef": ["resource": .string("limits.\(name)")]])
        }
      })
    lab.run(for: .seconds(1))
    #expect(lab.environment()["cpu"] == "8", "a container without a limit may use what the node has")
    #expect(lab.environment()["memory"] == String(32 << 30))
  }

  @Test func aSourceKnowsThePodsThatNameIt() throws {
    let named: Value = ["configMapRef": ["name": "app", "optional": true]]
    let secret: Value = ["secretKeyRef": ["name": "app", "key": "k", "optional": true]]
    try lab.create(Namespace(name: "other"))
    try lab.create(pod("whole") { $0.envFrom = [EnvFromSource(json: named)] })
    try lab.create(pod("volume", volumes: [volume("v", ["configMap": ["name": "app", "optional": true]])]))
    try lab.create(pod("none"))
    try lab.create(pod("key") { $0.env = [variable("K", secret)] })
    var elsewhere = pod("elsewhere") { $0.envFrom = [EnvFromSource(json: named)] }
    elsewhere.metadata.namespace = "other"
    try lab.create(elsewhere)
    func pods(_ kind: Source.Kind, _ namespace: String) -> [String] {
      Source(kind, "app", optional: nil).pods(namespace, in: lab.view).map(\.name).sorted()
    }
    #expect(pods(.configMap, "default") == ["volume", "whole"])
    #expect(pods(.configMap, "other") == ["elsewhere"], "the same name in another namespace is another object")
    #expect(pods(.secret, "default") == ["key"] && pods(.secret, "other") == [])
  }
}
