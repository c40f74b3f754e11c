import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing

@testable import Volumes

@Suite struct BindingTests {
  @Test func aClaimAndAVolumeThatFitsFindEachOther() throws {
    let world = try makeWorld([makeVolume(size: "5Gi"), makeClaim(size: "3Gi")])
    let (claim, volume) = (try #require(world.claim()), try #require(world.volume()))
    #expect(claim.status.phase == .bound && volume.status.phase == .bound)
    #expect(claim.spec.volumeName == "disk" && volume.spec.claimRef?.uid == claim.uid)
    #expect(
      claim.status.capacity["storage"]?.description == "5Gi",
      "the claim has what the volume holds, not what it asked for")
    #expect(claim.metadata.annotations["pv.kubernetes.io/bind-completed"] == "yes")
    #expect(claim.metadata.annotations["pv.kubernetes.io/bound-by-controller"] == "yes")
    #expect(volume.metadata.annotations["pv.kubernetes.io/bound-by-controller"] == "yes")
  }

  @Test func itDoesNotMatterWhoComesFirst() throws {
    let world = try makeWorld([makeClaim()])
    #expect(world.claim()?.status.phase == .pending)
    try world.create([makeVolume()])
    #expect(world.claim()?.isBound == true)
  }

  /// Every set of sizes, in every order: the smallest that is enough.
  @Test func theSmallestVolumeThatFitsIsTaken() throws {
    let sizes = [1, 2, 3, 4]
    for wanted in 1...5 {
      for chosen in 0..<16 {
        let there = sizes.filter { chosen & (1 << ($0 - 1)) != 0 }
        let volumes = there.map { size in
          makeVolume("disk-\(size)", size: "\(size)Gi") { $0.status.phase = .available }
        }
        let claim = makeClaim(size: "\(wanted)Gi")
        let found = try makeView(volumes).volume(for: claim)
        let expected = there.filter { $0 >= wanted }.min().map { "disk-\($0)" }
        try #require(found?.name == expected, "a claim of \(wanted)Gi among volumes of \(there)")
      }
    }
  }

  /// One thing that does not fit is enough.
  @Test func aVolumeMustFitInEverything() throws {
    let claim = makeClaim(size: "2Gi", class: "fast") {
      $0.spec.selector = LabelSelector { $0.matchLabels = ["disk": "ssd"] }
    }
    func isFound(_ change: (inout PersistentVolume) -> Void) throws -> Bool {
      let volume = makeVolume(size: "2Gi", modes: [.readWriteOnce, .readOnlyMany], class: "fast") {
        $0.metadata.labels["disk"] = "ssd"
        $0.status.phase = .available
        change(&$0)
      }
      return try makeView([volume]).volume(for: claim) != nil
    }
    #expect(try isFound { _ in })
    #expect(try !isFound { $0.spec.capacity["storage"] = Quantity(1) }, "too small")
    #expect(try !isFound { $0.spec.storageClassName = "slow" }, "of another class")
    #expect(try !isFound { $0.spec.storageClassName = nil }, "of no class")
    #expect(try !isFound { $0.spec.accessModes = ["ReadOnlyMany"] }, "cannot be written")
    #expect(try !isFound { $0.spec.volumeMode = .block }, "a device")
    #expect(try !isFound { $0.metadata.labels["disk"] = "tape" }, "the selector says no")
    #expect(try !isFound { $0.status.phase = .released }, "somebody's data is on it")
    #expect(try !isFound { $0.metadata.deletionTimestamp = World.epoch }, "it is going")
    #expect(try !isFound { $0.spec.claimRef = ObjectReference(makeClaim("other")) }, "somebody else's")
  }

  @Test func aVolumeThatIsMeantForAClaimIsKeptForIt() throws {
    let reserved = makeVolume("reserved", size: "5Gi") {
      $0.spec.claimRef = ObjectReference {
        $0.namespace = "default"
        $0.name = "mine"
      }
    }
    let world = try makeWorld([reserved, makeVolume("free"), makeClaim("other")])
    #expect(world.volume("reserved")?.status.phase == .available)
    #expect(world.claim("other")?.spec.volumeName == "free")
    try world.create([makeVolume("free-too"), makeClaim("mine")])
    #expect(world.claim("mine")?.spec.volumeName == "reserved", "a smaller one is free, and this one was meant")
    #expect(world.volume("reserved")?.metadata.annotations["pv.kubernetes.io/bound-by-controller"] == nil)
  }

  @Test func aClaimMayInsistOnAVolume() throws {
    let claim = makeClaim { $0.spec.volumeName = "second" }
    let world = try makeWorld([makeVolume("first"), claim])
    #expect(world.claim()?.status.phase == .pending, "first would do, but was not asked for")
    try world.create([makeVolume("second", size: "9Gi")])
    #expect(world.claim()?.isBound == true && world.volume("second")?.status.phase == .bound)
    #expect(world.claim()?.metadata.annotations["pv.kubernetes.io/bound-by-controller"] == nil)
  }

  @Test func whoInsistsInVainIsToldWhy() throws {
    let world = try makeWorld([
      makeVolume("small"), makeVolume("taken", size: "2Gi"), makeClaim("first", size: "2Gi"),
    ])
    let claims = [
      makeClaim("a", size: "2Gi") { $0.spec.volumeName = "small" },
      makeClaim("b", class: "fast") { $0.spec.volumeName = "small" },
      makeClaim("c", modes: [.readWriteMany]) { $0.spec.volumeName = "small" },
      makeClaim("d") { ($0.spec.volumeName, $0.spec.volumeMode) = ("small", .block) },
      makeClaim("e") { $0.spec.volumeName = "taken" },
    ]
    try world.create(claims)
    #expect(
      claims.flatMap { world.told(about: $0) } == [
        "Warning VolumeMismatch: Cannot bind to requested volume \"small\": requested PV is too small",
        "Warning VolumeMismatch: Cannot bind to requested volume \"small\": storageClassName does not match",
        "Warning VolumeMismatch: Cannot bind to requested volume \"small\": incompatible accessMode",
        "Warning VolumeMismatch: Cannot bind to requested volume \"small\": incompatible volumeMode",
        "Warning FailedBinding: volume \"taken\" already bound to a different claim.",
      ])
    #expect(claims.allSatisfy { world.claim($0.name)?.status.phase == .pending })
  }

  @Test func aClaimSaysWhatItWaitsFor() throws {
    let claims = [makeClaim("none"), makeClaim("unknown", class: "fast"), makeClaim("lazy", class: "standard")]
    let world = try makeWorld(claims)
    #expect(
      claims.flatMap { world.told(about: $0) } == [
        "Normal FailedBinding: no persistent volumes available for this claim and no storage class is set",
        "Warning ProvisioningFailed: storageclass.storage.k8s.io \"fast\" not found",
        "Normal WaitForFirstConsumer: waiting for first consumer to be created before binding",
      ])
  }

  @Test func twoClaimsNeverShareAVolume() throws {
    let world = try makeWorld([makeVolume()] + (0..<5).map { makeClaim("claim-\($0)") })
    let bound = (0..<5).count { world.claim("claim-\($0)")?.isBound == true }
    #expect(bound == 1 && world.violations.isEmpty, "whoever comes second finds the volume taken")
  }

  @Test func aClaimThatLosesItsVolumeGetsNoOther() throws {
    let world = try makeWorld([makeVolume(), makeClaim()])
    // An administrator who insists takes the finalizer away too.
    try world.change(makeVolume()) { $0.metadata.finalizers = [] }
    try world.act(.delete(makeVolume().key, DeleteOptions()))
    world.run(for: .seconds(5))
    #expect(world.claim()?.status.phase == .lost)
    #expect(
      world.told(about: makeClaim()).last
        == "Warning ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!")
    try world.create([makeVolume("other")])
    #expect(world.claim()?.status.phase == .lost, "another volume would be an empty one")
  }

  @Test func aVolumeThatWasTakenAwayIsGivenBack() throws {
    let world = try makeWorld([makeVolume(), makeClaim()])
    try world.change(makeVolume()) { $0.spec.claimRef = nil }
    #expect(world.volume()?.spec.claimRef?.uid == world.claim()?.uid)
    #expect(world.claim()?.isBound == true)
  }

  @Test func aVolumeThatAnotherGotIsNotBoundTwice() throws {
    let world = try makeWorld([makeVolume(), makeClaim(), makeClaim("thief")])
    let thief = try #require(world.claim("thief"))
    try world.change(makeVolume()) { $0.spec.claimRef = ObjectReference(thief) }
    #expect(world.claim()?.status.phase == .lost)
    #expect(
      world.told(about: makeClaim()).last
        == "Warning ClaimMisbound: Two claims are bound to the same volume, this one is bound incorrectly")
  }

  @Test func aClassThatComesLaterIsTakenUp() throws {
    let world = try makeWorld()
    try world.act(.delete(StorageClass.key("standard"), DeleteOptions()))
    try world.create([makeClaim(class: nil)])
    #expect(world.claim()?.spec.storageClassName == nil)
    let late = makeClass("late") { $0.metadata.annotations["storageclass.kubernetes.io/is-default-class"] = "true" }
    try world.create([late])
    #expect(world.claim()?.spec.storageClassName == "late")
    #expect(world.claim()?.isBound == true)
  }
}
