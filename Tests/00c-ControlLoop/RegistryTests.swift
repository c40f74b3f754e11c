import ControlLoop
import Objects
import Store
import Testing

/// What every creation, update and deletion passes.
@Suite struct RegistryTests {
  let farm: Farm

  init() throws { farm = try Farm() }

  // MARK: Creation

  @Test func aNewObjectGetsAnIdentityAndItsDefaults() throws {
    let flock = try farm.create(Flock(name: "a", namespace: "farm") { $0.spec.breed = "merino" })
    #expect(flock.uid.count == 36)
    #expect(flock.metadata.creationTimestamp == farm.now)
    #expect(flock.metadata.generation == 1)
    #expect(flock.metadata.resourceVersion == String(farm.store.snapshot.revision))
    #expect(flock.spec.size == 1)
    let sheep = try farm.create(Sheep(name: "dolly", namespace: "farm"))
    #expect(sheep.metadata.generation == nil)
    #expect(sheep.uid != flock.uid)
  }

  @Test func whatOnlyTheServerWritesIsDropped() throws {
    let flock = try farm.create(
      Flock(name: "a", namespace: "farm") {
        $0.status.sheep = 9
        $0.metadata.uid = "mine"
        $0.metadata.generation = 7
        $0.metadata.deletionTimestamp = farm.now
        $0.metadata.deletionGracePeriodSeconds = 5
        $0.metadata.selfLink = "/a"
      })
    #expect(flock.status.sheep == nil)
    #expect(flock.uid != "mine")
    #expect(flock.metadata.generation == 1)
    #expect(!flock.isBeingDeleted)
    #expect(flock.metadata.selfLink == nil)
  }

  @Test func aPrefixBecomesANameUnlessThereIsOne() throws {
    for _ in 0..<3 { try farm.perform(.create(Sheep(of: Flock("a", size: 0)).json.without("ownerReferences"))) }
    #expect(Set(farm.sheep.map(\.name)).count == 3)
    #expect(farm.sheep.allSatisfy { $0.name.hasPrefix("a-") && $0.name.utf8.count == 7 })
    var named = Sheep(name: "dolly", namespace: "farm")
    named.metadata.generateName = "other-"
    #expect(try farm.create(named).name == "dolly")
  }

  @Test func anObjectWithoutNamespacesHasNone() throws {
    try farm.perform(.create(Pasture(name: "hill", namespace: "farm").json))
    #expect(farm.view.object(Pasture.self, "hill")?.metadata.namespace == nil)
  }

  @Test func aCreationIsRefusedInKubernetesWords() throws {
    try farm.create(Flock("a", size: 0))
    #expect(farm.refusal(.create(Flock("a", size: 0).json)) == "flocks.test \"a\" already exists")
    var versioned = Flock("b", size: 0)
    versioned.metadata.resourceVersion = "1"
    #expect(farm.refusal(.create(versioned.json)) == "resourceVersion should not be set on objects to be created")
    #expect(
      farm.refusal(.create(["apiVersion": "test/v1", "kind": "Goat"]))
        == "no kind \"Goat\" is registered for version \"test/v1\"")
  }

  @Test(
    arguments: [
      (Flock("A", size: 1), "metadata.name: Invalid value: \"A\": " + lowercase),
      (Flock("", size: 1), "metadata.name: Required value: name or generateName is required"),
      (Flock(name: "a"), "metadata.namespace: Required value"),
      (Flock("a", size: -1), "spec.size: Invalid value: -1: must be greater than or equal to 0"),
      (
        Flock("a", size: -1).with { $0.metadata.name = nil },
        "[metadata.name: Required value: name or generateName is required, "
          + "spec.size: Invalid value: -1: must be greater than or equal to 0]"
      ),
      (
        Flock("a", size: 1).with {
          $0.metadata.ownerReferences = ["x", "y"].map { name in
            OwnerReference(controller: Pasture(name: name).with { $0.metadata.uid = name })
          }
        },
        nil
      ),
    ] as [(Flock, String?)])
  func validationNamesTheObjectTheFieldAndTheReason(_ flock: Flock, _ sentence: String?) throws {
    let refusal = try #require(farm.refusal(.create(flock.json)))
    let start = "Flock.test \"\(flock.name)\" is invalid: "
    #expect(refusal.hasPrefix(start))
    if let sentence {
      #expect(refusal == start + sentence)
    } else {
      #expect(refusal.hasSuffix("Found \"true\" in references for x and y"))
    }
  }

  @Test func annotationsTogetherHaveALimit() throws {
    var flock = Flock("a", size: 0)
    flock.metadata.annotations["big"] = String(repeating: "x", count: 256 * 1_024 - 3)
    #expect(farm.refusal(.create(flock.json)) == nil)
    flock.metadata.name = "b"
    flock.metadata.annotations["a"] = ""
    #expect(farm.refusal(.create(flock.json))?.contains("may not be more than 262144 bytes") == true)
  }

  @Test func admissionMayChangeOrRefuse() throws {
    let farm = try Farm(admission: [
      AdmissionStep("Brand", resource: "sheep.test") { request, object throws(StatusError) in
        guard request.operation == .create else { return }
        object["farewell"] = 5
        if request.key.name == "wolf" { throw .forbidden(request.key, "it is a wolf") }
      }
    ])
    #expect(try farm.create(Sheep(name: "dolly", namespace: "farm")).farewell == 5)
    #expect(
      farm.refusal(.create(Sheep(name: "wolf", namespace: "farm").json))
        == "sheep.test \"wolf\" is forbidden: it is a wolf")
    #expect(farm.refusal(.create(Flock("wolf", size: 0).json)) == nil)
  }

  // MARK: Update

  @Test func anUpdateKeepsTheStatusAndCountsOnlyWhatIsWanted() throws {
    let flock = try farm.create(Flock("a", size: 1))
    var seen = flock
    seen.status.sheep = 1
    seen.spec.size = 50
    seen.metadata.labels["x"] = "y"
    try farm.perform(.updateStatus(seen.json))
    var stored = try farm.stored(flock)
    #expect(stored.status.sheep == 1)
    #expect(stored.spec.size == 1, "who reports does not decide what is wanted")
    #expect(stored.metadata.labels["x"] == nil)
    #expect(stored.metadata.generation == 1)
    try farm.update(flock) {
      $0.status.sheep = 99
      $0.metadata.labels["x"] = "y"
    }
    stored = try farm.stored(flock)
    #expect(stored.status.sheep == 1)
    #expect(stored.metadata.generation == 1, "labels are not desired state")
    try farm.update(flock) { $0.spec.size = 2 }
    #expect(try farm.stored(flock).metadata.generation == 2)
  }

  @Test func aClientMayRemarkOnWhatItReports() throws {
    var seen = try farm.create(Flock("a", size: 1))
    seen.status.sheep = 1
    seen.spec.size = 50
    seen.metadata.labels["x"] = "y"
    seen.metadata.finalizers = ["test/no"]
    let write = try farm.cluster.registry
      .update(seen.json, of: Flock.kind, scope: .remarkedStatus, in: farm.view, at: farm.now)
    guard case .put(let value) = write.change else {
      Issue.record("\(write.change)")
      return
    }
    let changed = Flock(json: value)
    #expect(changed.status.sheep == 1 && changed.metadata.labels["x"] == "y")
    #expect(changed.spec.size == 1 && changed.metadata.finalizers == [], "who reports does not decide what is wanted")
  }

  @Test func anUpdateFromAnOldVersionIsRefused() throws {
    let old = try farm.create(Flock("a", size: 1))
    try farm.update(old) { $0.spec.size = 2 }
    #expect(
      farm.refusal(.update(old.json))
        == "Operation cannot be fulfilled on flocks.test \"a\": the object has been modified; please apply your changes "
        + "to the latest version and try again",
      "what was decided from an old version must not overwrite what has been written since")
    var blind = old
    blind.metadata.resourceVersion = nil
    #expect(farm.refusal(.update(blind.json)) == nil, "without a version, whatever is stored is replaced")
    blind.metadata.uid = "other"
    #expect(farm.refusal(.update(blind.json))?.contains("Precondition failed: UID") == true)
    #expect(farm.refusal(.update(Flock("b", size: 1).json)) == "flocks.test \"b\" not found")
  }

  @Test func anUpdateCannotTouchWhatTheServerWrote() throws {
    let flock = try farm.create(Flock("a", size: 1).with { $0.metadata.generateName = "a-" })
    try farm.update(flock) {
      $0.metadata.creationTimestamp = farm.now + .seconds(9)
      $0.metadata.deletionTimestamp = farm.now
      $0.metadata.generation = 40
      $0.metadata.generateName = nil
      $0.metadata.selfLink = "/a"
    }
    #expect(try farm.stored(flock).json == flock.json)
    #expect(
      farm.refusal(.update(flock.with { $0.spec.breed = "merino" }.json)) == nil, "what was not set may be set once")
    #expect(
      farm.refusal(.update(try farm.stored(flock).with { $0.spec.breed = "suffolk" }.json))
        == "Flock.test \"a\" is invalid: spec.breed: Invalid value: \"suffolk\": field is immutable")
  }

  // MARK: Deletion

  @Test func anObjectThatNothingHoldsGoesAtOnce() throws {
    let flock = try farm.create(Flock("a", size: 1))
    try farm.delete(flock)
    #expect(farm.flock("a") == nil)
    #expect(farm.refusal(.delete(flock.key, DeleteOptions())) == nil, "what has gone need not be deleted")
  }

  @Test func aFinalizerHoldsAnObjectUntilItsLastIsTakenAway() throws {
    let flock = try farm.create(Flock("a", size: 1).with { $0.metadata.finalizers = ["test/one", "test/two"] })
    try farm.delete(flock)
    #expect(farm.flock("a") != nil, "a finalizer says: not before I have finished")
    let marked = try farm.stored(flock)
    #expect(marked.metadata.deletionTimestamp == farm.now)
    #expect(marked.metadata.generation == 2)
    try farm.update(flock) { $0.metadata.finalizers = ["test/two"] }
    #expect(farm.flock("a") != nil)
    try farm.update(flock) { $0.metadata.finalizers = [] }
    #expect(farm.flock("a") == nil)
  }

  @Test func aGracePeriodCanOnlyGetShorter() throws {
    let sheep = try farm.create(Sheep(name: "dolly", namespace: "farm") { $0.farewell = 30 })
    let start = farm.now
    try farm.delete(sheep)
    #expect(farm.sheep("dolly")?.metadata.deletionGracePeriodSeconds == 30)
    #expect(farm.sheep("dolly")?.metadata.deletionTimestamp == start + .seconds(30))
    try farm.delete(sheep, DeleteOptions(gracePeriodSeconds: 60))
    #expect(farm.sheep("dolly")?.metadata.deletionGracePeriodSeconds == 30)
    farm.pass(.seconds(10))
    try farm.delete(sheep, DeleteOptions(gracePeriodSeconds: 5))
    #expect(farm.sheep("dolly")?.metadata.deletionGracePeriodSeconds == 5)
    #expect(farm.sheep("dolly")?.metadata.deletionTimestamp == start + .seconds(15))
    try farm.delete(sheep, DeleteOptions(gracePeriodSeconds: 0))
    #expect(farm.sheep("dolly") == nil)
  }

  @Test func aDeletionMayInsistOnTheObjectThatItMeans() throws {
    let sheep = try farm.create(Sheep(name: "dolly", namespace: "farm"))
    var options = DeleteOptions()
    options.uid = "other"
    #expect(farm.refusal(.delete(sheep.key, options))?.contains("does not match the UID in record") == true)
    options.uid = sheep.uid
    options.resourceVersion = "1"
    #expect(farm.refusal(.delete(sheep.key, options))?.contains("the ResourceVersion in the precondition (1)") == true)
    options.resourceVersion = sheep.metadata.resourceVersion
    #expect(farm.refusal(.delete(sheep.key, options)) == nil)
    #expect(farm.sheep.isEmpty)
  }

  @Test(
    arguments: [
      (PropagationPolicy.foreground, ["foregroundDeletion"]), (.orphan, ["orphan"]), (.background, nil),
    ] as [(PropagationPolicy, [String]?)])
  func aPolicyBecomesAFinalizer(_ policy: PropagationPolicy, _ finalizers: [String]?) throws {
    let flock = try farm.create(Flock("a", size: 1))
    try farm.delete(flock, DeleteOptions(propagationPolicy: policy))
    #expect(
      farm.flock("a")?.metadata.finalizers == finalizers,
      "\(policy.rawValue) asks the garbage collector for \(finalizers?.first ?? "nothing")")
  }

  @Test func theLatestPolicyCountsAndOtherFinalizersStay() throws {
    let flock = try farm.create(Flock("a", size: 1).with { $0.metadata.finalizers = ["test/one"] })
    for (policy, expected, why) in [
      (.foreground, ["test/one", "foregroundDeletion"], "what others hold it for is none of the policy's business"),
      (.orphan, ["test/one", "orphan"], "dependents cannot go first and stay as well: the later wish counts"),
      (nil, ["test/one", "orphan"], "a deletion that says nothing about dependents changes nothing about them"),
      (.background, ["test/one"], "in the background the collector has nothing to do first"),
    ] as [(PropagationPolicy?, [String], Comment)] {
      try farm.delete(flock, DeleteOptions(propagationPolicy: policy))
      #expect(farm.flock("a")?.metadata.finalizers == expected, why)
    }
  }
}

private let lowercase =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
  + "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
  + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

extension Resource {
  func with(_ change: (inout Self) -> Void) -> Self {
    var object = self
    change(&object)
    return object
  }
}

extension Value {
  fileprivate func without(_ name: String) -> Value {
    var value = self
    value["metadata"]?[name] = nil
    return value
  }
}
