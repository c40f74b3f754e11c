import ControlLoop
import Objects
import Store
import Testing

/// Plans as data, and the view that they are made from.
@Suite struct PlanTests {
  let start = Time(microseconds: 0)
  let dolly = Sheep(name: "dolly", namespace: "farm") { $0.metadata.uid = "uid-of-dolly" }

  @Test func twoPlansTogetherWantWhatBothWantInTheirOrder() {
    func plan(_ name: String, wakeAt: Time?) -> Plan {
      var plan = Plan()
      plan.create(Sheep(name: name, namespace: "farm"))
      plan.record("Counted", name, about: dolly)
      plan.wake(at: wakeAt)
      return plan
    }
    for (one, other) in [(5, 9), (9, 5), (nil, 5), (5, nil)] as [(Int?, Int?)] {
      var both = plan("one", wakeAt: one.map { start + .seconds($0) })
      both += plan("other", wakeAt: other.map { start + .seconds($0) })
      #expect(both.written == ["create one", "create other"])
      #expect(both.notes.map(\.message) == ["one", "other"])
      #expect(both.wakeAt == start + .seconds(5), "the earlier of the two times")
    }
  }

  @Test func eachWishIsOneIntent() {
    var plan = Plan()
    plan.create(dolly)
    plan.update(dolly)
    plan.updateStatus(dolly)
    plan.write(dolly, to: "shears", of: dolly)
    plan.delete(dolly, DeleteOptions(gracePeriodSeconds: 5))
    #expect(
      plan.written == [
        "create dolly", "update dolly", "status of dolly", "shears of sheep.test/farm/dolly",
        "delete sheep.test/farm/dolly",
      ])
    guard case .delete(_, let options) = plan.intents.last else { return }
    #expect(options.uid == "uid-of-dolly", "not a later sheep of that name")
    #expect(options.gracePeriodSeconds == 5)
  }

  @Test func aNoteIsNormalUnlessItWarns() {
    var plan = Plan()
    plan.record("Counted", "there is one", about: dolly)
    plan.record(.warning, "Lost", "there was one", about: dolly)
    #expect(plan.notes.map(\.type) == [.normal, .warning])
    #expect(plan.notes.map(\.reason) == ["Counted", "Lost"])
    #expect(plan.notes.map(\.message) == ["there is one", "there was one"])
    #expect(plan.notes.allSatisfy { $0.about == dolly.json && $0.fieldPath == "" })
  }

  // MARK: Views

  @Test func aKeyOfAnotherResourceIsNotFound() throws {
    let farm = try Farm()
    let flock = try farm.create(Flock("a", size: 0))
    #expect(farm.view[Flock.self, flock.key]?.uid == flock.uid)
    #expect(farm.view[Sheep.self, flock.key] == nil, "a flock is no sheep, whatever its name")
  }

  @Test func aViewFindsByNamespaceByLabelsAndByOwner() throws {
    let farm = try Farm()
    let flock = try farm.create(Flock("a", size: 0))
    for (name, namespace, labels, isControlled) in [
      ("dolly", "farm", ["wool": "white", "age": "1"], true), ("lamb", "farm", ["wool": "black"], false),
      ("molly", "farm", ["wool": "white"], true), ("polly", "hill", ["wool": "white", "age": "1"], nil),
    ] as [(String, String, [String: String], Bool?)] {
      try farm.create(
        Sheep(name: name, namespace: namespace) {
          for (label, value) in labels { $0.metadata.labels[label] = value }
          if let isControlled {
            $0.metadata.ownerReferences = [OwnerReference(controller: flock)]
            $0.metadata.ownerReferences[0].controller = isControlled
          }
        })
    }
    #expect(farm.view.all(Sheep.self).map(\.name) == ["dolly", "lamb", "molly", "polly"])
    #expect(farm.view.all(Sheep.self, in: "hill").map(\.name) == ["polly"])
    #expect(
      farm.view.all(Sheep.self, controlledBy: flock).map(\.name) == ["dolly", "molly"],
      "an owner that does not control it is not asked for")
    func selected(_ query: String) throws -> [String] {
      farm.view.all(Sheep.self, in: "farm", matching: try LabelQuery(parsing: query)).map(\.name)
    }
    #expect(try selected("wool=white") == ["dolly", "molly"])
    #expect(try selected("wool=white,age") == ["dolly"], "the index only begins the search")
    #expect(try selected("wool!=white") == ["lamb"])
  }

  @Test func namesAreTheSameForTheSameOwnerInTheSameSnapshotOnly() throws {
    let farm = try Farm()
    let (a, b) = (try farm.create(Flock("a", size: 0)), try farm.create(Flock("b", size: 0)))
    func name(for owner: Flock) -> UInt64 {
      var names = farm.view.names(for: owner)
      return names.next()
    }
    let first = name(for: a)
    #expect(name(for: a) == first, "a plan can be made again")
    #expect(name(for: b) != first, "two owners do not fight for a name")
    try farm.create(Flock("c", size: 0))
    #expect(name(for: a) != first, "a name that was taken is not tried for ever")
  }
}

extension Plan {
  fileprivate var written: [String] {
    intents.map {
      switch $0 {
      case .create(let object): "create \(Object(json: object).name)"
      case .update(let object): "update \(Object(json: object).name)"
      case .updateStatus(let object): "status of \(Object(json: object).name)"
      case .writeSubresource(let key, let subresource, _): "\(subresource) of \(key)"
      case .delete(let key, _): "delete \(key)"
      }
    }
  }
}
