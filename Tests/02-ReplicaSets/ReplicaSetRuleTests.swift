import ControlLoop
import Objects
import Pods
import ReplicaSets
import Simulation
import Store
import Testing

/// What a set is before its controller has looked at it: its rules, its table, its scale.
@Suite struct ReplicaSetRuleTests {
  @Test func aTemplateNeedsContainers() throws {
    for path in [["spec", "containers"], ["spec"]] {
      let without = makeSet(replicas: 1).json.replacing((["spec", "template"] + path)[...], with: nil)
      #expect(try refusal(of: ReplicaSet(json: without)) == "spec.template.spec.containers: Required value", "\(path)")
    }
  }

  @Test func aSelectorThatIsWrongInItselfIsNotComparedWithTheTemplate() throws {
    var set = makeSet(replicas: 1)
    set.json["spec"]?["selector"] = ["matchExpressions": [["key": "app", "operator": "Near", "values": ["web"]]]]
    let text = try refusal(of: set)
    #expect(text?.contains("spec.selector.matchExpressions[0].operator") == true, "\(text ?? "accepted")")
    #expect(text?.contains("`selector` does not match template `labels`") == false)
  }

  @Test func anExpressionIsASelectorToo() throws {
    var set = makeSet(replicas: 1)
    set.json["spec"]?["selector"] = ["matchExpressions": [["key": "app", "operator": "In", "values": ["web"]]]]
    #expect(try refusal(of: set) == nil)
  }

  @Test func aSetThatSaysNothingWantsOnePod() throws {
    var set = makeSet(replicas: 5)
    set.spec.replicas = nil
    #expect(set.replicas == 1)
  }

  @Test func theTableSaysHowManyThereShouldBeAndAre() {
    let set = makeSet(replicas: 3) {
      $0.metadata.creationTimestamp = now - .seconds(300)
      $0.status.replicas = 2
      $0.status.readyReplicas = 1
    }
    let cells = ReplicaSet.kind.table.map { column in
      (column.name, column.cell(set.json, now), column.priority)
    }
    #expect(cells.map(\.0) == ["Name", "Desired", "Current", "Ready", "Age", "Containers", "Images", "Selector"])
    #expect(cells.map(\.1) == ["web", 3, 2, 1, "5m", "main", "pause", "app=web"])
    #expect(cells.map(\.2) == [0, 0, 0, 0, 0, 1, 1, 1], "the last three are shown with -o wide")
  }

  @Test func aSetOfWhichNothingIsKnownShowsZeros() {
    let cells = ReplicaSet.kind.table.map { $0.cell(makeSet(replicas: 3).json, now) }
    #expect(cells[2] == 0 && cells[3] == 0)
  }

  @Test func whatOthersCanAskForWithoutKnowingSets() {
    #expect(ReplicaSet.kind.scale != nil, "kubectl scale works on whatever has a scale")
    #expect(ReplicaSet.kind.selectableFields.map(\.path) == ["status.replicas"])
    #expect(ReplicaSet.kind.selectableFields.first?.text(makeSet(replicas: 1) { $0.status.replicas = 4 }.json) == "4")
    #expect(ReplicaSet.kind.selectableFields.first?.text(makeSet(replicas: 1).json) == "0")
  }

  @Test func aPodGetsEverythingThatItsTemplateSays() throws {
    var set = ownedSet(replicas: 1)
    set.spec.template.metadata.annotations["note"] = "kept"
    set.spec.template.metadata.finalizers = ["example.com/wait"]
    let pod = try #require(plan(for: set, seeing: []).createdPods.first)
    #expect(pod.metadata.annotations["note"] == "kept")
    #expect(pod.metadata.finalizers == ["example.com/wait"])
    #expect(pod.namespace == "default" && pod.metadata.generateName == "web-")
  }

  @Test func aReleasedPodKeepsItsOtherOwners() {
    let set = ownedSet(replicas: 1)
    var pod = makePod("a")
    var other = OwnerReference(controller: ownedSet("other", replicas: 1))
    other.controller = nil
    pod.metadata.ownerReferences = [other]
    #expect(pod.adopted(by: set).metadata.ownerReferences.map(\.uid) == ["set-other", "set-web"])
    #expect(pod.adopted(by: set).released(by: set) == pod, "to release is to undo an adoption, and nothing else")
  }

  @Test func generationsCountChangesOfTheSpec() throws {
    let world = try World(layers: layers, seed: 1)
    world.perform([.create(makeSet(replicas: 1).json)])
    world.settle(within: .seconds(30))
    #expect(world.set?.metadata.generation == 1, "the status has been written since, and that does not count")
    world.change { $0.spec.replicas = 2 }
    #expect(world.set?.metadata.generation == 2)
  }

  private func refusal(of set: ReplicaSet) throws -> String? {
    try World(layers: layers, seed: 1).perform([.create(set.json)]).first?.message
      .split(separator: "is invalid: ").last.map(String.init)
  }
}

/// The promises themselves: does their check notice that they are broken?
@Suite struct ReplicaSetPromiseTests {
  @Test func aPodBeyondTheLargestSizeIsNoticed() throws {
    let check = try promise("no set makes more pods than it should have")
    var set = ownedSet(replicas: 1)
    #expect(check(try makeView([set]), event(.added, set), now) == nil)
    let first = makePod("a").adopted(by: set)
    #expect(check(try makeView([set, first]), event(.added, first), now) == nil, "one of one")
    let second = makePod("b").adopted(by: set)
    #expect(
      check(try makeView([set, first, second]), event(.added, second), now)
        == "web has 2 pods, and never asked for more than 1")
    set.spec.replicas = 0
    #expect(check(try makeView([set, first]), event(.modified, set), now) == nil)
    #expect(check(try makeView([set, first]), event(.added, first), now) == nil, "the set did ask for one once")
    #expect(check(try makeView([set, first, second]), event(.modified, second), now) == nil, "only a new pod counts")
    #expect(check(try makeView([set, first, second]), event(.deleted, second), now) == nil)
    let ended = makePod("c", phase: .failed).adopted(by: set)
    #expect(check(try makeView([set, first, ended]), event(.added, first), now) == nil, "only active pods count")
  }

  @Test func aSetThatHasNotReachedItsSizeIsNoticed() throws {
    let check = try promise("every set reaches its size")
    var set = ownedSet(replicas: 1)
    set.metadata.generation = 2
    let pod = makePod("a").adopted(by: set)
    #expect(check(try makeView([set]), nil, now) == "web has 0 of 1 pods")
    #expect(check(try makeView([set, pod]), nil, now) == "web reports 0 of 1 pods")
    set.status.replicas = 1
    #expect(check(try makeView([set, pod]), nil, now) == "web has not been looked at")
    set.status.observedGeneration = 2
    #expect(check(try makeView([set, pod]), nil, now) == nil)
    #expect(
      check(try makeView([ownedSet(replicas: 1).beingDeleted]), nil, now) == nil, "a dying set need not reach anything")
  }

  private func promise(_ name: String) throws -> Invariant.Check {
    try #require(Layer.replicaSets.invariants.first { $0.name == name }).makeCheck()
  }

  private func event(_ type: Event.Kind, _ object: some Resource) -> Event {
    Event(type: type, record: Record(key: object.key, value: object.json, revision: 1), previous: nil)
  }
}
