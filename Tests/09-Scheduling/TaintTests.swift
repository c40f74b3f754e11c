import ControlLoop
import Objects
import Pods
import Testing

@testable import Scheduling

@Suite struct TaintTests {
  /// Every toleration against every taint, from the table in the documentation of taints.
  @Test func aTolerationAndATaintMatchInKeyEffectAndValue() {
    for key in ["", "gpu", "disk"] {
      for effect in [TaintEffect?.none] + TaintEffect.allCases.map(Optional.init) {
        for (operation, value) in [(TolerationOperator.equal, "a"), (.equal, "b"), (.exists, nil)] {
          let toleration = Toleration(key, operation, value: value, effect: effect)
          for taint in TaintEffect.allCases.map({ Taint("gpu", $0, value: "a") }) {
            let expected =
              ["", "gpu"].contains(key) && (effect ?? taint.effect) == taint.effect && value ?? "a" == "a"
            #expect(
              toleration.tolerates(taint) == expected,
              "what is left out means everything: \(toleration.json.encodedString) and \(taint.json.encodedString)")
          }
        }
      }
    }
  }

  @Test(arguments: [
    (TolerationOperator.greater, "950", "951", true), (.greater, "950", "950", false), (.less, "950", "949", true),
    (.less, "950", "950", false), (.less, "950", "many", false), (.greater, "many", "950", false),
  ])
  func numbersAreComparedAsTheTaintsToTheTolerations(
    operation: TolerationOperator, mine: String, theirs: String, expected: Bool
  ) {
    let taint = Taint("sla", .noSchedule, value: theirs)
    #expect(Toleration("sla", operation, value: mine).tolerates(taint) == expected)
  }

  @Test func aPodIsKeptOffByTheFirstTaintThatItDoesNotTolerate() {
    let taints = [Taint("a", .preferNoSchedule), Taint("b", .noSchedule), Taint("c", .noExecute)]
    let node = Node(name: "one") { $0.spec.taints = taints }
    func keptOff(by tolerations: [Toleration], _ effects: Set<TaintEffect> = [.noSchedule, .noExecute]) -> String? {
      makePod("web") { $0.spec.tolerations = tolerations }.untoleratedTaint(on: node, effects: effects)?.key
    }
    #expect(keptOff(by: []) == "b")
    #expect(keptOff(by: [Toleration("b")]) == "c")
    #expect(keptOff(by: [Toleration("b"), Toleration("c", effect: .noSchedule)]) == "c")
    #expect(keptOff(by: [Toleration("")]) == nil)
    #expect(keptOff(by: [], [.preferNoSchedule]) == "a")
    #expect(keptOff(by: [], [.noExecute]) == "c")
  }

  @Test func theSentencesAreKubernetes() {
    let scheme = Cluster(layers: [.pods, .scheduling]).scheme
    func problems(taints: [Value]) -> [String] {
      scheme.validate(["taints": .array(taints)], as: NodeSpec.self).map(\.description)
    }
    #expect(problems(taints: [["key": "a", "effect": "NoSchedule"], ["key": "a", "effect": "NoExecute"]]) == [])
    #expect(problems(taints: [["key": "a"]]) == ["taints[0].effect: Required value"])
    #expect(
      problems(taints: [["key": "a", "effect": "Never"]]) == [
        #"taints[0].effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "PreferNoSchedule""#
      ])
    #expect(
      problems(taints: [["key": "a", "effect": "NoSchedule"], ["key": "a", "value": "b", "effect": "NoSchedule"]])[0]
        .hasSuffix("taints must be unique by key and effect pair"))
    #expect(
      problems(taints: [["key": "a", "value": "-", "effect": "NoSchedule"]])[0].hasPrefix("taints[0].value: Invalid"))
    #expect(problems(taints: [["key": "", "effect": "NoSchedule"]])[0].hasPrefix("taints[0].key: Invalid value: \"\""))

    func problem(_ toleration: Value) -> String? {
      scheme.validate(["tolerations": [toleration], "containers": [["name": "a", "image": "b"]]], as: PodSpec.self)
        .first?.description
    }
    #expect(problem(["operator": "Exists"]) == nil)
    #expect(problem(["key": "a", "effect": "NoExecute", "tolerationSeconds": 5]) == nil)
    #expect(
      problem([:])
        == "tolerations[0].operator: Invalid value: \"\": operator must be Exists when `key` is empty, which means "
        + "\"match all values and all keys\"")
    #expect(
      problem(["key": "a", "tolerationSeconds": 5])
        == "tolerations[0].effect: Invalid value: \"\": effect must be 'NoExecute' when `tolerationSeconds` is set")
    #expect(
      problem(["key": "a", "operator": "Exists", "value": "b"])?
        .hasSuffix("value must be empty when `operator` is 'Exists'") == true)
    #expect(problem(["key": "a", "operator": "Gt", "value": "b"])?.hasSuffix("must be a valid integer") == true)
    #expect(problem(["key": "a b"])?.hasPrefix("tolerations[0].key: Invalid value") == true)
  }
}

// MARK: On the way into the store

extension TaintTests {
  @Test func everyPodToleratesForAWhileThatItsNodeIsNotReady() throws {
    var rack = try Rack()
    let usual = ["not-ready", "unreachable"].map {
      Toleration("node.kubernetes.io/\($0)", effect: .noExecute, seconds: 300)
    }
    #expect(try rack.add(makePod("plain")).spec.tolerations == usual)
    let own = Toleration(TaintKey.notReady, effect: .noExecute, seconds: 5)
    #expect(try rack.add(makePod("own") { $0.spec.tolerations = [own] }).spec.tolerations == [own, usual[1]])
    let everything = Toleration("")
    #expect(try rack.add(makePod("all") { $0.spec.tolerations = [everything] }).spec.tolerations == [everything])
    let other = Toleration(TaintKey.unreachable, effect: .noSchedule)
    #expect(try rack.add(makePod("other") { $0.spec.tolerations = [other] }).spec.tolerations == [other] + usual)
  }

  @Test func tolerationsAreAddedToAPodAndNotTaken() throws {
    var rack = try Rack()
    var pod = try rack.add(makePod("web") { $0.spec.tolerations = [Toleration("gpu", effect: .noExecute, seconds: 5)] })
    pod.spec.tolerations.append(Toleration("disk"))
    pod.spec.tolerations[0].tolerationSeconds = 50
    try rack.write(.update(pod.json))
    pod = try #require(rack.pod("web"))
    #expect(pod.spec.tolerations.count == 4)
    pod.spec.tolerations.removeFirst()
    let error = #expect(throws: StatusError.self) { try rack.write(.update(pod.json)) }
    #expect(
      error?.message == "Pod \"web\" is invalid: spec.tolerations: Forbidden: existing toleration can not be modified "
        + "except its tolerationSeconds")
  }

  @Test func aNewNodeIsNotReadyAndATaintThatDrivesAwaySaysSinceWhen() throws {
    var rack = try Rack()
    try rack.write(.create(Node(name: "one").json))
    #expect(rack.node("one")?.spec.taints == [Taint(TaintKey.notReady, .noSchedule)])
    try rack.change("one") { $0.taints = [Taint("a", .noExecute), Taint("b", .noSchedule)] }
    let start = rack.now
    rack.now = rack.now + .seconds(60)
    try rack.change("one") { $0.taints = [Taint("b", .noSchedule), Taint("a", .noExecute, value: "more")] }
    #expect(rack.node("one")?.spec.taints.map(\.timeAdded) == [nil, start])
  }
}
