import ControlLoop
import Objects
import Store
import Testing

/// What a kind and a layer may say about an object's life, and what holds for the metadata of every kind.
@Suite struct KindRuleTests {
  let farm: Farm
  private let asked: Log<String>

  init() throws {
    let asked = Log<String>()
    let step = AdmissionStep("Ask", resource: "dogs.test") { request, object throws(StatusError) in
      let old = request.old?["tag"]?.string ?? "-"
      asked.add("\(request.operation.rawValue) \(request.key.name) \(request.subresource ?? "-") \(old)")
      if object["bites"] == true { throw .forbidden(request.key, "it bites") }
    }
    farm = try Farm(admission: [step], later: [Layer(chapter: 1, name: "Dogs") { $0.kinds = [Self.dog] }])
    self.asked = asked
  }

  private static let dog = Kind(Object.self, group: "test", name: "Dog", resource: "dogs").with {
    $0.prepareForCreate = { $0["tag"] = "new" }
    $0.prepareForUpdate = { new, old in new["tag"] = old["tag"] }
    $0.blocksRemoval = { $0["isHeld"] == true }
    $0.validate = { new, old in new["tail"] == old?["tail"] ?? new["tail"] ? [] : [.required(FieldPath("tail"))] }
    $0.subresources = [
      Subresource("photo", verbs: ["get"]),
      Subresource("collar", verbs: ["create"]) { object, body, now in
        if object["collar"] != nil { return "it has one" }
        object["collar"] = body["color"]
        object["since"] = .string("\(now.microseconds)")
        object["bites"] = body["bites"]
        return nil
      },
      Subresource("freedom", verbs: ["create"]) { object, _, _ in
        object["isHeld"] = false
        return nil
      },
    ]
  }

  private func dog(_ name: String, _ fields: KeyValuePairs<String, Value> = [:]) -> Value {
    var value: Value = [
      "apiVersion": "test/v1", "kind": "Dog", "metadata": ["name": .string(name), "namespace": "farm"],
    ]
    for (field, content) in fields { value[field] = content }
    return value
  }

  private func key(_ name: String) -> Key { Key(resource: "dogs.test", namespace: "farm", name: name) }
  private func stored(_ name: String) -> Value? { farm.store.snapshot.record(key(name))?.value }

  @Test func aKindPreparesItsObjects() throws {
    try farm.perform(.create(dog("rex", ["tag": "mine"])))
    #expect(stored("rex")?["tag"] == "new")
    try farm.perform(.update(dog("rex", ["tag": "other", "tail": "long"])))
    #expect(stored("rex")?["tag"] == "new" && stored("rex")?["tail"] == "long")
    #expect(farm.refusal(.update(dog("rex", ["tail": "short"])))?.hasSuffix("tail: Required value") == true)
  }

  @Test func anObjectThatDoesNotSayWhatItIsIsWhatItIsWrittenAs() throws {
    var names = SeededGenerator(seed: 1)
    let (view, registry) = (farm.view, farm.cluster.registry)
    let bare: Value = ["metadata": ["name": "a", "namespace": "farm"], "spec": [:]]
    let made = try registry.create(bare, of: Flock.kind, in: view, at: farm.now, names: &names)
    guard case .put(let flock) = made.change else { return }
    #expect(flock["apiVersion"] == "test/v1" && flock["kind"] == "Flock")
    #expect(flock["spec"] == ["size": 1], "with its defaults")
    #expect(made.key == Flock.key("a", in: "farm") && made.expecting == .absent)
    try farm.perform(.create(flock))
    let updated = try registry.update(bare, of: Flock.kind, in: farm.view, at: farm.now)
    guard case .put(let again) = updated.change else { return }
    #expect(again == farm.flock("a")?.json, "what was not said is what it was")
  }

  @Test func admissionIsToldWhatIsDoneToWhat() throws {
    try farm.perform(.create(dog("rex")))
    try farm.perform(.update(dog("rex", ["tail": "long"])))
    try farm.perform(.updateStatus(dog("rex", ["status": ["mood": "good"]])))
    try farm.perform(.writeSubresource(key("rex"), "collar", ["color": "red"]))
    try farm.perform(.delete(key("rex"), DeleteOptions()))
    try farm.create(Flock("a", size: 0))
    #expect(
      asked.entries == [
        "CREATE rex - -", "UPDATE rex - new", "UPDATE rex status new", "UPDATE rex collar new", "DELETE rex - new",
      ])
  }

  @Test func aSubresourceChangesOneThing() throws {
    try farm.perform(.create(dog("rex")))
    try farm.perform(.writeSubresource(key("rex"), "collar", ["color": "red", "tag": "mine"]))
    #expect(stored("rex")?["collar"] == "red" && stored("rex")?["tag"] == "new")
    #expect(stored("rex")?["since"] == .string("\(farm.now.microseconds)"))
    #expect(
      farm.refusal(.writeSubresource(key("rex"), "collar", ["color": "blue"]))
        == "Operation cannot be fulfilled on dogs.test/collar \"rex\": it has one")
    #expect(farm.refusal(.writeSubresource(key("rex"), "photo", [:])) == "dogs.test \"rex\" not found", "only read")
    #expect(farm.refusal(.writeSubresource(key("rex"), "leash", [:])) == "dogs.test \"rex\" not found")
    #expect(farm.refusal(.writeSubresource(key("max"), "collar", [:])) == "dogs.test \"max\" not found")
    try farm.perform(.create(dog("max")))
    #expect(
      farm.refusal(.writeSubresource(key("max"), "collar", ["color": "red", "bites": true]))
        == "dogs.test \"max\" is forbidden: it bites")
    #expect(stored("max")?["collar"] == nil)
  }

  /// Dogs may be sold: that changes them, and then they go, as the body says.
  @Test func aLaterLayerAmendsAKindBySomethingThatAlsoDeletes() throws {
    let farm = try Farm(later: [
      Layer(chapter: 1, name: "Dogs") { $0.kinds = [Self.dog.with { $0.gracePeriod = { _ in 30 } }] },
      Layer(chapter: 2, name: "Market") {
        $0.amendments["dogs.test"] = { kind in
          kind.subresources.append(
            Subresource("sale", verbs: ["create"], deletes: true) { object, body, _ in
              object["owner"] = body["to"]
              return body["to"] == nil ? "nobody wants it" : nil
            })
        }
      },
    ])
    #expect(farm.cluster.scheme.kind(resource: "dogs.test")?.subresources.map(\.name).last == "sale")
    try farm.perform(.create(dog("rex")))
    #expect(farm.refusal(.writeSubresource(key("rex"), "sale", [:]))?.hasSuffix("nobody wants it") == true)
    let sale: Value = ["to": "Ann", "deleteOptions": ["gracePeriodSeconds": 7]]
    try farm.perform(.writeSubresource(key("rex"), "sale", sale))
    let sold = try #require(farm.store.snapshot.record(key("rex")).map { Object(json: $0.value) })
    #expect(sold.json["owner"] == "Ann", "changed and marked in one write")
    #expect(sold.metadata.deletionGracePeriodSeconds == 7)
    try farm.perform(.create(dog("max")))
    let other: Value = ["to": "Ann", "deleteOptions": ["preconditions": ["uid": "another"]]]
    #expect(farm.refusal(.writeSubresource(key("max"), "sale", other))?.contains("does not match the UID") == true)
    try farm.perform(.writeSubresource(key("max"), "sale", ["to": "Ann", "deleteOptions": ["gracePeriodSeconds": 0]]))
    #expect(farm.store.snapshot.record(key("max")) == nil)
  }

  @Test func aKindMayKeepAnObjectThatIsDeleted() throws {
    try farm.perform(.create(dog("rex", ["isHeld": true])))
    try farm.perform(.delete(key("rex"), DeleteOptions()))
    let marked = try #require(stored("rex").map { Object(json: $0) })
    #expect(marked.metadata.deletionTimestamp == farm.now && marked.metadata.deletionGracePeriodSeconds == 0)
    #expect(marked.metadata.generation == nil, "dogs do not count generations")
    let revision = farm.store.snapshot.revision
    try farm.perform(.delete(key("rex"), DeleteOptions()))
    #expect(farm.store.snapshot.revision == revision, "it is under way: nothing changes")
    try farm.perform(.writeSubresource(key("rex"), "freedom", [:]))
    #expect(stored("rex") == nil, "the write that takes away what kept it removes it")
  }

  // MARK: Metadata

  @Test func whatAnUpdateLeavesOutOfTheServersOwnStays() throws {
    let flock = try farm.create(Flock("a", size: 3))
    try farm.update(flock) {
      $0.metadata.managedFields = [ManagedFieldsEntry { $0.manager = "me" }]
      $0.metadata.resourceVersion = nil
      $0.metadata.uid = nil
      $0.spec.size = nil
    }
    var stored = try farm.stored(flock)
    #expect(stored.uid == flock.uid && stored.metadata.managedFields.map(\.manager) == ["me"])
    #expect(stored.spec.size == 1, "an update gets its defaults like a creation")
    try farm.update(flock) {
      $0.metadata.managedFields = []
      $0.metadata.uid = ""
    }
    stored = try farm.stored(flock)
    #expect(stored.uid == flock.uid && stored.metadata.managedFields.map(\.manager) == ["me"])
    try farm.update(flock) { $0.metadata.managedFields = [ManagedFieldsEntry { $0.manager = "you" }] }
    #expect(try farm.stored(flock).metadata.managedFields.map(\.manager) == ["you"])
  }

  @Test func generationsAreCountedFromTheFirstChangeWhereNobodyCountedBefore() throws {
    for name in ["a", "b"] {
      let old = Flock(name, size: 1).with { $0.metadata.finalizers = ["test/held"] }
      _ = try farm.store.commit([Write(old.key, .put(old.json), expecting: .absent)])[0].get()
    }
    try farm.update(Flock("a", size: 0)) { $0.spec.size = 2 }
    #expect(farm.flock("a")?.metadata.generation == 1)
    try farm.delete(Flock("b", size: 0))
    #expect(farm.flock("b")?.metadata.generation == 1, "a deletion is a change of what is wanted")
  }

  @Test func aNewObjectIsNotBeingDeleted() throws {
    let flock = try farm.create(Flock("a", size: 0).with { $0.metadata.deletionGracePeriodSeconds = 5 })
    #expect(flock.metadata.deletionGracePeriodSeconds == nil)
  }

  @Test(
    arguments: [
      (["labels": ["app": "web"]], nil), (["labels": ["not a name": "web"]], "metadata.labels: Invalid value: \"not a"),
      (["labels": ["app": "not a value"]], "metadata.labels: Invalid value: \"not a value\""),
      (["annotations": ["Example.COM/Cause": "Any text at all."]], nil),
      (["annotations": ["not a name": ""]], "metadata.annotations: Invalid value: \"not a name\""),
      (["finalizers": ["test/held"]], nil),
      (["finalizers": ["test/held", "not a name"]], "metadata.finalizers[1]: Invalid value: \"not a name\""),
      (["namespace": "Not One"], "metadata.namespace: Invalid value: \"Not One\""),
      (["namespace": ""], "metadata.namespace: Required value"),
      (["name": ""], "metadata.name: Required value: name or generateName is required"),
    ] as [(Value, String?)])
  func metadataHasRulesWhateverTheKind(_ given: Value, _ message: String?) throws {
    var flock = Flock("a", size: 0).json
    for member in try #require(given.members) { flock["metadata"]?[member.name] = member.value }
    let refusal = farm.refusal(.create(flock))
    if let message {
      #expect(refusal?.contains(message) == true, "\(refusal ?? "accepted")")
    } else {
      #expect(refusal == nil)
    }
  }

  @Test func oneControllerAmongSeveralOwnersIsAllowed() throws {
    let hills = try ["x", "y"].map { try farm.create(Pasture(name: $0)) }
    var owners = hills.map { OwnerReference(controller: $0) }
    owners[1].controller = false
    #expect(farm.refusal(.create(Flock("a", size: 0).with { $0.metadata.ownerReferences = owners }.json)) == nil)
  }
}
