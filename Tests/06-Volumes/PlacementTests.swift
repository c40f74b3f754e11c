import Configuration
import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import Volumes

@Suite struct PlacementTests {
  private func why(_ world: World, _ pod: String = "web") -> String? {
    world.pod(pod)?.status.conditions["PodScheduled"]?.message
  }

  @Test func forAClaimThatInsistsOnAVolumeNoOtherIsSetAside() throws {
    let other = makeVolume("other", class: "later") {
      $0.spec.claimRef = ObjectReference {
        $0.namespace = "default"
        $0.name = "data"
      }
    }
    let claim = makeClaim(class: "later") { $0.spec.volumeName = "disk" }
    let storage = makeClass("later", provisioner: StorageClass.noProvisioner, mode: .waitForFirstConsumer)
    let world = try makeWorld([storage, makeVolume(class: "sooner"), other, claim, makePod(using: "data")])
    #expect(world.violations.isEmpty)
    #expect(world.volume("other")?.spec.claimRef?.uid == nil)
    let condition = world.pod()?.status.conditions["PodScheduled"]
    #expect(condition?.message?.contains("unbound immediate PersistentVolumeClaims") == true)
  }

  @Test func aVolumeIsMadeWhereItsFirstPodGoes() throws {
    let world = try makeWorld([makeClaim(class: nil)])
    #expect(world.claim()?.spec.storageClassName == "standard")
    #expect(world.claim()?.status.phase == .pending)
    try world.create([makePod(using: "data")])
    let volume = try #require(world.view.all(PersistentVolume.self).first)
    #expect(world.claim()?.spec.volumeName == volume.name)
    #expect(world.claim()?.metadata.annotations["volume.kubernetes.io/selected-node"] == "node-1")
    #expect(volume.metadata.annotations["pv.kubernetes.io/provisioned-by"] == "swiftlet.dev/local-path")
    #expect(world.pod()?.spec.nodeName == "node-1" && world.pod()?.status.phase == .running)
    #expect(
      Set(world.told(about: makeClaim())) == [
        "Normal WaitForFirstConsumer: waiting for first consumer to be created before binding",
        "Normal ExternalProvisioning: Waiting for a volume to be created either by the external provisioner "
          + "'swiftlet.dev/local-path' or manually by the system administrator. If volume creation is delayed, please "
          + "verify that the provisioner is running and correctly registered.",
        "Normal Provisioning: External provisioner is provisioning volume for claim \"default/data\"",
        "Normal ProvisioningSucceeded: Successfully provisioned volume \(volume.name)",
      ])
  }

  @Test func thePodsThatFollowGoWhereTheDataIs() throws {
    let world = try makeWorld([makeClaim(class: nil), makePod("first", using: "data")])
    try world.change(Node(name: "node-1")) { $0.spec.unschedulable = true }
    try world.create([makePod("second", using: "data"), makePod("free", volumes: [])])
    #expect(world.pod("free")?.spec.nodeName == "node-2")
    #expect(
      why(world, "second")
        == "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match PersistentVolume's node affinity."
    )
    try world.change(Node(name: "node-1")) { $0.spec.unschedulable = nil }
    #expect(world.pod("second")?.spec.nodeName == "node-1")
  }

  @Test func aVolumeOfAZoneIsReachedFromThere() throws {
    let zone = "topology.kubernetes.io/zone"
    let world = try makeWorld([makeVolume(size: "5Gi") { $0.metadata.labels[zone] = "a__c" }, makeClaim(size: "3Gi")])
    for (node, name) in [("node-1", "b"), ("node-2", "a"), ("node-3", "d")] {
      try world.change(Node(name: node)) { $0.metadata.labels[zone] = name }
    }
    try world.create([makePod(using: "data")])
    #expect(world.pod()?.spec.nodeName == "node-2")
    try world.change(Node(name: "node-2")) { $0.metadata.labels[zone] = nil }
    try world.create([makePod("second", using: "data")])
    #expect(world.pod("second")?.spec.nodeName == "node-2", "a node that names no zone is anywhere")
    try world.change(Node(name: "node-2")) { $0.metadata.labels[zone] = "b" }
    try world.create([makePod("third", using: "data")])
    #expect(why(world, "third") == "0/3 nodes are available: 3 node(s) had no available volume zone.")
  }

  @Test func aLocalDiskIsTakenWhereThePodGoes() throws {
    let byHand = makeClass("disks", provisioner: "kubernetes.io/no-provisioner", mode: .waitForFirstConsumer)
    let world = try makeWorld([
      byHand, makeLocalVolume("a", on: "node-2", size: "8Gi", class: "disks"),
      makeLocalVolume("b", on: "node-3", size: "4Gi", class: "disks"), makeClaim(class: "disks"),
    ])
    #expect(world.claim()?.status.phase == .pending, "which disk is right is not known before a pod comes")
    try world.change(Node(name: "node-2")) { $0.spec.unschedulable = true }
    try world.create([makePod(using: "data")])
    #expect(world.pod()?.spec.nodeName == "node-3")
    #expect(world.claim()?.spec.volumeName == "b")
    try world.create([makeClaim("more", size: "16Gi", class: "disks"), makePod("late", using: "more")])
    #expect(
      why(world, "late")
        == "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't find available persistent volumes to "
        + "bind.")
  }

  @Test func whatAPodNeedsOnANodeIsPreparedBeforeItGoesThere() throws {
    let pod = makePod(volumes: [.claim("data"), .claim("more")])
    let node = Node(name: "node-1")
    let (data, more) = (makeClaim("data", class: "standard"), makeClaim("more", class: "standard"))
    func prepared(_ claims: [PersistentVolumeClaim]) throws -> Plan? {
      VolumePlacement().preparation(of: pod, for: node, in: try makeView([pod, node] + claims))
    }
    let plan = try #require(try prepared([data, more]))
    let told = plan.intents.compactMap { intent -> String? in
      guard case .update(let json) = intent else { return nil }
      let claim = PersistentVolumeClaim(json: json)
      return "\(claim.name) to \(claim.metadata.annotations["volume.kubernetes.io/selected-node"] ?? "nowhere")"
    }
    #expect(told == ["data to node-1", "more to node-1"])
    let (first, second) = (data.on(node), more.on(node))
    #expect(try prepared([first, second])?.intents.count == 0, "all is said, and the pod still waits")
    #expect(try prepared([first.bound(), second])?.intents.count == 0)
    #expect(try prepared([first.bound(), second.bound()]) == nil, "all is there: the pod may go")
  }

  @Test func aPodWaitsForItsClaims() throws {
    let world = try makeWorld([makePod(using: "data")])
    #expect(why(world) == "0/3 nodes are available: persistentvolumeclaim \"data\" not found.")
    #expect(
      world.told(about: makePod(volumes: []))
        == ["Warning FailedScheduling: 0/3 nodes are available: persistentvolumeclaim \"data\" not found."])
    try world.create([makeClaim()])
    #expect(why(world) == "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.")
    try world.create([makeVolume()])
    #expect(world.pod()?.status.phase == .running)
  }

  @Test func aPodWhoseClaimIsLostSaysSo() throws {
    let world = try makeWorld([makeVolume(), makeClaim()])
    try world.change(makeVolume()) { $0.metadata.finalizers = [] }
    try world.act(.delete(makeVolume().key, DeleteOptions()))
    try world.create([makePod(using: "data")])
    #expect(
      why(world)
        == "0/3 nodes are available: persistentvolumeclaim \"data\" bound to non-existent persistentvolume \"disk\".")
  }

  @Test func onePodAtATimeHasAClaimForOnePod() throws {
    let world = try makeWorld([
      makeVolume(modes: [.readWriteOncePod]), makeClaim(modes: [.readWriteOncePod]),
      makePod("one", using: "data"), makePod("two", using: "data"),
    ])
    #expect(world.pod("one")?.status.phase == .running)
    #expect(
      why(world, "two")
        == "0/3 nodes are available: 3 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode "
        + "already in-use by another pod.")
    try world.delete(makePod("one", using: "data"))
    #expect(world.pod("two")?.status.phase == .running)
  }

  /// Two pods in one plan: the scheduler may not let both through before it sees either.
  @Test(arguments: 1...6) func ofPodsThatComeTogetherOneIsFirst(seed: UInt64) throws {
    let world = try World(layers: layers, seed: seed)
    let modes = [AccessMode.readWriteOncePod]
    let objects: [any Resource] = [makeVolume(modes: modes), makeClaim(modes: modes)]
    try world.create(objects + ["a", "b", "c"].map { makePod($0, using: "data") })
    #expect(["a", "b", "c"].count { world.pod($0)?.spec.nodeName != nil } == 1)
  }

  @Test func aClaimForReadersMayBeEverywhere() throws {
    let world = try makeWorld([
      makeVolume(modes: [.readWriteMany]), makeClaim(modes: [.readWriteMany]), makePod("one", using: "data"),
    ])
    try world.change(Node(name: "node-1")) { $0.spec.unschedulable = true }
    try world.create([makePod("two", using: "data")])
    #expect(world.pod("two")?.spec.nodeName == "node-2" && world.pod("two")?.status.phase == .running)
  }

  @Test func aClaimForOneNodeIsNotOnTwo() throws {
    let world = try makeWorld([makeVolume(), makeClaim(), makePod("one", using: "data")])
    try world.change(Node(name: "node-1")) { $0.spec.unschedulable = true }
    try world.create([makePod("two", using: "data")])
    #expect(world.pod("two")?.spec.nodeName == "node-2" && world.pod("two")?.status.phase == .pending)
    #expect(
      world.told(about: makePod("two", volumes: [])).contains(
        "Warning FailedAttachVolume: Multi-Attach error for volume \"disk\" Volume is already used by pod(s) one"))
    try world.delete(makePod("one", using: "data"))
    #expect(world.pod("two")?.status.phase == .running)
  }
}

extension PersistentVolumeClaim {
  fileprivate func on(_ node: Node) -> Self {
    var claim = self
    claim.metadata.annotations["volume.kubernetes.io/selected-node"] = node.name
    return claim
  }

  func bound(to volume: String = "disk") -> Self {
    var claim = self
    claim.spec.volumeName = volume
    claim.status.phase = .bound
    return claim
  }
}

@Suite struct EphemeralVolumeTests {
  @Test func aPodBringsAClaimAndTakesItAway() throws {
    let world = try makeWorld([makePod(volumes: [.ephemeral()])])
    let claim = try #require(world.claim("web-scratch"))
    #expect(claim.isBound && claim.controller?.uid == world.pod()?.uid && claim.metadata.labels["kind"] == "scratch")
    #expect(world.pod()?.status.phase == .running)
    try world.delete(makePod(volumes: []))
    #expect(world.claim("web-scratch") == nil)
    #expect(world.view.all(PersistentVolume.self).isEmpty)
  }

  @Test func aClaimOfTheSameNameIsNotTaken() throws {
    let world = try makeWorld([makeVolume(), makeClaim("web-scratch"), makePod(volumes: [.ephemeral(class: "")])])
    let problem = "PVC default/web-scratch was not created for pod default/web (pod is not owner)"
    #expect(
      Set(world.told(about: makePod(volumes: []))) == [
        "Warning FailedBinding: ephemeral volume scratch: \(problem)",
        "Warning FailedScheduling: 0/3 nodes are available: \(problem).",
      ])
    try world.delete(makeClaim("web-scratch"))
    #expect(world.claim("web-scratch")?.controller?.name == "web")
  }
}
