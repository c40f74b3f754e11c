import ControlLoop
import Objects
import Pods
import Store
import Testing

@Suite struct PodRuleTests {
  @Test func aPodThatSaysLittleGetsTheRest() throws {
    let world = try TestCluster()
    try world.create(pod("web"))
    let stored = try #require(world.pod("web"))
    #expect(
      stored.json["spec"] == [
        "containers": [
          [
            "name": "main", "image": "pause", "imagePullPolicy": "Always",
            "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
          ]
        ],
        "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
        "securityContext": [:], "schedulerName": "default-scheduler", "enableServiceLinks": true,
      ])
    #expect(stored.status.phase == .pending)
    #expect(stored.status.qosClass == .bestEffort)
    #expect(stored.metadata.generation == 1)
  }

  @Test(arguments: [
    ("web", "Always"), ("web:latest", "Always"), ("web:1.2", "IfNotPresent"), ("host:5000/web", "Always"),
    ("host:5000/web:1", "IfNotPresent"), ("web@sha256:ab", "IfNotPresent"), ("web:latest@sha256:ab", "Always"),
  ])
  func theImagesTagDecidesWhenItIsPulled(image: String, policy: String) throws {
    let world = try TestCluster()
    try world.create(pod("web") { $0.spec.containers[0].image = image })
    #expect(world.pod("web")?.spec.containers.first?.imagePullPolicy?.rawValue == policy)
  }

  @Test(
    arguments: [
      ([:], [:], QOSClass.bestEffort),
      (["cpu": "1", "memory": "1Gi"], [:], .guaranteed),
      (["cpu": "1", "memory": "1Gi"], ["cpu": "1000m"], .guaranteed),
      (["cpu": "1", "memory": "1Gi"], ["cpu": "500m"], .burstable),
      (["cpu": "1"], [:], .burstable),
      ([:], ["memory": "1Gi"], .burstable),
    ] as [(Value, Value, QOSClass)])
  func requestsAndLimitsMakeTheClass(limits: Value, requests: Value, expected: QOSClass) throws {
    let world = try TestCluster()
    try world.create(
      pod("web") {
        $0.spec.containers[0].resources = ResourceRequirements(json: ["limits": limits, "requests": requests])
      })
    let stored = try #require(world.pod("web"))
    #expect(stored.status.qosClass == expected)
    if limits["cpu"] != nil { #expect(stored.spec.containers[0].resources.requests["cpu"] != nil) }
  }

  @Test func aPodOnTheNodesNetworkTakesTheNodesPorts() throws {
    let world = try TestCluster()
    try world.create(
      pod("web") {
        $0.spec.hostNetwork = true
        $0.spec.containers[0].ports = [ContainerPort { $0.containerPort = 80 }]
      })
    #expect(world.pod("web")?.spec.containers.first?.ports.first?.hostPort == 80)
  }

  static let good: Value = ["name": "a", "image": "pause"]

  @Test(
    arguments: [
      ([:], ["spec.containers: Required value"]),
      (["containers": []], ["spec.containers: Required value"]),
      (["containers": [["name": "a"]]], ["spec.containers[0].image: Required value"]),
      (["containers": [["image": "pause"]]], ["spec.containers[0].name: Required value"]),
      (["containers": [good, good]], ["spec.containers[1].name: Duplicate value: \"a\""]),
      (["containers": [good], "initContainers": [good]], ["spec.initContainers[0].name: Duplicate value: \"a\""]),
      (
        ["containers": [["name": "a", "image": " pause"]]],
        ["spec.containers[0].image: Invalid value: \" pause\": must not have leading or trailing whitespace"]
      ),
      (
        ["containers": [good], "restartPolicy": "Sometimes"],
        ["spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", \"OnFailure\""]
      ),
      (
        ["containers": [good], "activeDeadlineSeconds": 0],
        ["spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"]
      ),
      (
        ["containers": [["name": "a", "image": "pause", "restartPolicy": "Always"]]],
        ["spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers"]
      ),
      (
        ["containers": [good], "initContainers": [["name": "b", "image": "pause", "restartPolicy": "Never"]]],
        ["spec.initContainers[0].restartPolicy: Unsupported value: \"Never\": supported values: \"Always\""]
      ),
      (
        ["containers": [["name": "a", "image": "pause", "ports": [["containerPort": 70000], ["name": "b"]]]]],
        [
          "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
          "spec.containers[0].ports[1].containerPort: Required value",
        ]
      ),
      (
        [
          "containers": [
            [
              "name": "a", "image": "pause",
              "ports": [["containerPort": 1, "name": "x"], ["containerPort": 2, "name": "x", "protocol": "ICMP"]],
            ]
          ]
        ],
        [
          "spec.containers[0].ports[1].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", \"UDP\"",
          "spec.containers[0].ports[1].name: Duplicate value: \"x\"",
        ]
      ),
      (
        [
          "containers": [
            [
              "name": "a", "image": "pause",
              "ports": [
                ["containerPort": 1, "hostPort": 9], ["containerPort": 2, "hostPort": 9],
              ],
            ]
          ]
        ],
        ["spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//9\""]
      ),
      (
        ["containers": [["name": "a", "image": "pause", "ports": [["containerPort": 1, "hostPort": 70000]]]]],
        ["spec.containers[0].ports[0].hostPort: Invalid value: 70000: must be between 1 and 65535, inclusive"]
      ),
      (
        ["containers": [["name": "a", "image": "pause", "env": [["name": "A=B", "value": "1"], ["value": "2"]]]]],
        [
          "spec.containers[0].env[0].name: Invalid value: \"A=B\": a valid environment variable name must consist only of "
            + "printable ASCII characters other than '='",
          "spec.containers[0].env[1].name: Required value",
        ]
      ),
      (["containers": [good], "imagePullSecrets": [[:]]], ["spec.imagePullSecrets[0].name: Required value"]),
      (["containers": 1], ["spec.containers: Invalid value: 1: must be an array"]),
    ] as [(Value, [String])])
  func validationNamesTheFieldAndTheReason(spec: Value, errors: [String]) throws {
    let world = try TestCluster()
    var wrong = pod("web")
    wrong.json["spec"] = spec
    let error = #expect(throws: StatusError.self) { try world.create(wrong) }
    #expect(error?.causes.map { "\($0.field): \($0.message)" } == errors)
    #expect(error?.reason == "Invalid")
  }

  @Test func portsAndVariablesMayRepeat() throws {
    let world = try TestCluster()
    try world.create(
      pod("web") {
        $0.spec.containers[0].env = [
          EnvVar(json: ["name": "A", "value": "1"]), EnvVar(json: ["name": "A", "value": "2"]),
        ]
        $0.spec.containers[0].ports = [
          ContainerPort(json: ["containerPort": 80]), ContainerPort(json: ["containerPort": 80]),
        ]
      })
    #expect(world.pod("web")?.spec.containers.first?.env.count == 2)
  }

  @Test func aHostPortOfZeroIsNone() throws {
    let world = try TestCluster()
    let ports = [80, 81].map { ContainerPort(json: ["containerPort": .integer($0), "hostPort": 0]) }
    try world.create(pod("web") { $0.spec.containers[0].ports = ports })
    #expect(world.pod("web")?.spec.containers.first?.ports.count == 2)
  }
}

@Suite struct PodUpdateTests {
  @Test func imagesAndAnEarlierDeadlineMayChange() throws {
    let world = try TestCluster()
    try world.create(
      pod("web") {
        $0.spec.activeDeadlineSeconds = 100
        $0.spec.initContainers = [Container(json: ["name": "init", "image": "setup"])]
      })
    try world.update(pod("web")) {
      $0.spec.containers[0].image = "pause:2"
      $0.spec.initContainers[0].image = "setup:2"
      $0.spec.activeDeadlineSeconds = 50
      $0.metadata.labels["app"] = "web"
    }
    #expect(world.pod("web")?.spec.containers.first?.image == "pause:2")
    #expect(world.pod("web")?.metadata.generation == 2)
  }

  @Test(
    arguments: [
      (["spec", "restartPolicy"], "Never"), (["spec", "nodeName"], "one"), (["spec", "hostname"], "other"),
      (["spec", "terminationGracePeriodSeconds"], 5),
    ] as [([String], Value)])
  func nothingElseMayChange(path: [String], value: Value) throws {
    let world = try TestCluster()
    try world.create(pod("web"))
    let error = #expect(throws: StatusError.self) {
      try world.update(pod("web")) { $0.json[path[0]] = changing($0.json[path[0]], path[1], value) }
    }
    #expect(error?.causes.map(\.field) == ["spec"])
    #expect(error?.message.contains("Forbidden: pod updates may not change fields other than") == true)
  }

  @Test(arguments: [(-1, 1, true), (-1, 2, false), (0, 1, false), (5, 1, false)] as [(Int64, Int64, Bool)])
  func onlyANegativeGracePeriodMayBecomeOneSecond(before: Int64, after: Int64, isAllowed: Bool) throws {
    let world = try TestCluster()
    try world.create(pod("web") { $0.spec.terminationGracePeriodSeconds = before })
    var changed = try #require(world.pod("web"))
    changed.spec.terminationGracePeriodSeconds = after
    #expect((world.refusal(.update(changed.json)) == nil) == isAllowed, "from \(before) to \(after)")
  }

  @Test func containersAreNeitherAddedNorRemoved() throws {
    let world = try TestCluster()
    try world.create(pod("web"))
    let error = #expect(throws: StatusError.self) {
      try world.update(pod("web")) { $0.spec.containers.append(Container(json: ["name": "b", "image": "pause"])) }
    }
    #expect(error?.causes.map(\.message) == ["Forbidden: pod updates may not add or remove containers"])
  }

  @Test func theDeadlineNeitherGoesNorMovesAway() throws {
    let world = try TestCluster()
    try world.create(pod("web") { $0.spec.activeDeadlineSeconds = 100 })
    for (deadline, message) in [
      (200, "Invalid value: 200: must be less than or equal to previous value"),
      (nil, "Invalid value: null: must not update from a positive integer to nil value"),
    ] as [(Int64?, String)] {
      let error = #expect(throws: StatusError.self) {
        try world.update(pod("web")) { $0.spec.activeDeadlineSeconds = deadline }
      }
      #expect(error?.causes.map(\.message) == [message])
    }
  }

  @Test func aPodIsBoundOnceAndOnlyToANode() throws {
    let world = try TestCluster()
    try world.create(pod("web") { $0.spec.schedulerName = "nobody" })
    let stored = try #require(world.pod("web"))
    try world.perform(.writeSubresource(stored.key, "binding", Binding(stored, to: "one").json))
    #expect(world.pod("web")?.spec.nodeName == "one")
    #expect(world.pod("web")?.status.conditions.isTrue("PodScheduled") == true)
    #expect(world.pod("web")?.metadata.generation == 1)
    #expect(
      world.refusal(.writeSubresource(stored.key, "binding", Binding(stored, to: "two").json))
        == "Operation cannot be fulfilled on pods/binding \"web\": pod web is already assigned to node \"one\"")
  }

  @Test func aBindingForAnEarlierPodOfThatNameIsRefused() throws {
    let world = try TestCluster()
    try world.create(pod("web") { $0.spec.schedulerName = "nobody" })
    var old = try #require(world.pod("web"))
    old.metadata.uid = "another"
    #expect(
      world.refusal(.writeSubresource(old.key, "binding", Binding(old, to: "one").json))?
        .contains("Precondition failed: UID in precondition: another") == true)
  }

  @Test func aPodWithoutANodeGoesAtOnceAndOneOnANodeWaitsForItsAgent() throws {
    let world = try TestCluster()
    for name in ["free", "bound", "ended"] {
      try world.create(pod(name) { $0.spec.schedulerName = "nobody" })
      let stored = try #require(world.pod(name))
      if name != "free" { try world.perform(.writeSubresource(stored.key, "binding", Binding(stored, to: "one").json)) }
    }
    try world.updateStatus(pod("ended")) { $0.status.phase = .succeeded }
    for name in ["free", "bound", "ended"] { try world.delete(pod(name)) }
    #expect(world.pod("free") == nil)
    #expect(world.pod("ended") == nil)
    #expect(world.pod("bound")?.metadata.deletionGracePeriodSeconds == 30)
    try world.delete(pod("bound"), DeleteOptions(gracePeriodSeconds: 0))
    #expect(world.pod("bound") == nil)
  }
}

private func changing(_ value: Value?, _ name: String, _ to: Value) -> Value {
  var changed = value ?? .emptyObject
  changed[name] = to
  return changed
}
