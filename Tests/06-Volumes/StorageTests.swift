import Configuration
import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing

@testable import Volumes

@Suite struct ExpansionTests {
  private func claim(_ world: World, size: String) throws -> Intent {
    var claim = try #require(world.claim())
    claim.spec.resources.requests["storage"] = try Quantity(size)
    return .update(claim.json)
  }

  @Test func aClaimMayGrow() throws {
    let world = try makeWorld([makeClass("now") { $0.allowVolumeExpansion = true }, makeClaim(class: "now")])
    try world.act(claim(world, size: "3Gi"))
    world.run(for: .seconds(5))
    #expect(world.claim()?.status.capacity["storage"]?.description == "3Gi")
    #expect(world.view.all(PersistentVolume.self).map { $0.spec.capacity["storage"]?.description } == ["3Gi"])
    #expect(world.told(about: makeClaim()).contains("Normal VolumeResizeSuccessful: Resize volume succeeded"))
  }

  @Test func aClaimNeverShrinks() throws {
    let world = try makeWorld([
      makeClass("now") { $0.allowVolumeExpansion = true }, makeClaim(size: "3Gi", class: "now"),
    ])
    #expect(
      try world.refusal(claim(world, size: "2Gi"))
        == "PersistentVolumeClaim \"data\" is invalid: spec.resources.requests.storage: Forbidden: field can not be less "
        + "than status.capacity")
  }

  @Test func aClassMustAllowGrowth() throws {
    let world = try makeWorld([makeClass("now"), makeClaim(class: "now")])
    #expect(
      try world.refusal(claim(world, size: "2Gi"))
        == "persistentvolumeclaims \"data\" is forbidden: only dynamically provisioned pvc can be resized and the "
        + "storageclass that provisions the pvc must support resize")
  }

  @Test func onlyABoundClaimGrows() throws {
    let world = try makeWorld([makeClaim(class: "standard")])
    #expect(
      try world.refusal(claim(world, size: "2Gi"))
        == "persistentvolumeclaims \"data\" is forbidden: Only bound persistent volume claims can be expanded")
  }
}

@Suite struct ProvisioningTests {
  @Test func whatTheProvisionerCannotDoItSays() throws {
    let world = try makeWorld([
      makeClass("now"), makeClass("tuned") { $0.mountOptions = ["noatime", "ro"] },
      makeClaim("tuned", class: "tuned"), makeClaim("device", class: "now") { $0.spec.volumeMode = .block },
      makeClaim("picky", class: "now") { $0.spec.selector = LabelSelector { $0.matchLabels = ["disk": "ssd"] } },
    ])
    #expect(
      ["tuned", "device", "picky"].compactMap { name in
        world.told(about: makeClaim(name)).first { $0.hasPrefix("Warning") }
      } == [
        "Warning ProvisioningFailed: Mount options are not supported by the provisioner but StorageClass \"tuned\" has "
          + "mount options [noatime ro]",
        "Warning ProvisioningFailed: failed to provision volume with StorageClass \"now\": block volumes are not supported",
        "Warning ProvisioningFailed: failed to provision volume with StorageClass \"now\": claim.Spec.Selector is not "
          + "supported",
      ])
    #expect(world.view.all(PersistentVolume.self).isEmpty)
  }

  @Test func classesOfOthersAreLeftToThem() throws {
    let world = try makeWorld([makeClass("theirs", provisioner: "example.com/san"), makeClaim(class: "theirs")])
    let claim = try #require(world.claim())
    #expect(claim.metadata.annotations["volume.kubernetes.io/storage-provisioner"] == "example.com/san")
    #expect(world.view.all(PersistentVolume.self).isEmpty)
    // The other provisioner comes.
    try world.create([
      makeVolume("made-elsewhere", class: "theirs") {
        $0.metadata.annotations["pv.kubernetes.io/provisioned-by"] = "example.com/san"
        $0.spec.persistentVolumeReclaimPolicy = .delete
        $0.spec.claimRef = ObjectReference(claim)
      }
    ])
    #expect(world.claim()?.isBound == true)
    try world.delete(makeClaim())
    #expect(world.volume("made-elsewhere")?.status.phase == .released, "whoever made it removes it")
  }

  /// A machine of whose doings the test keeps a list.
  private final class Machine: DirectoryHost {
    let log = Log()

    struct Full: Error, CustomStringConvertible { let description = "no space left on device" }

    func makeDirectory(named name: String, capacity: Int64) throws -> String {
      if capacity > 10 << 30 { throw Full() }
      log.append("make \(name) \(capacity >> 30)")
      return "/srv/" + name
    }

    func growDirectory(at path: String, to capacity: Int64) throws { log.append("grow \(path) \(capacity >> 30)") }
    func removeDirectory(at path: String) throws { log.append("remove \(path)") }
    func check(_ path: String, is type: HostPathType, as volume: String, of pod: PodIdentity) {}
    func checks(of pod: PodIdentity) -> [String: VolumeState] { [:] }
    func forgetChecks(of pod: PodIdentity) {}
  }

  private func errand(_ key: Key, _ objects: [any Resource]) throws -> Errand? {
    try Errand(for: key, on: ["node-1"], in: makeView(objects))
  }

  private func ordered(size: String = "2Gi", _ change: (inout PersistentVolumeClaim) -> Void = { _ in })
    -> PersistentVolumeClaim
  {
    makeClaim(size: size, class: "now") {
      $0.metadata.uid = "uid-data"
      $0.metadata.annotations["volume.kubernetes.io/storage-provisioner"] = "swiftlet.dev/local-path"
      $0.metadata.annotations["volume.kubernetes.io/selected-node"] = "node-1"
      change(&$0)
    }
  }

  private func provisioned() throws -> PersistentVolume {
    let plan = try #require(try errand(makeClaim().key, [ordered(), makeClass("now")])).run(on: Machine())
    guard case .create(let value) = try #require(plan.intents.first) else { throw Machine.Full() }
    return PersistentVolume(json: value)
  }

  @Test func aDirectoryIsMadeAndBecomesAVolume() throws {
    let machine = Machine()
    let plan = try #require(try errand(makeClaim().key, [ordered(), makeClass("now")])).run(on: machine)
    #expect(machine.log.lines == ["make pvc-uid-data_default_data 2"])
    let volume = try provisioned()
    #expect(plan.intents.count == 1 && volume.name == "pvc-uid-data")
    #expect(volume.spec.local?.path == "/srv/pvc-uid-data_default_data")
    #expect(volume.spec.nodeAffinity?.required == NodeSelector(hostname: "node-1"))
    #expect(volume.spec.claimRef?.uid == "uid-data" && volume.spec.persistentVolumeReclaimPolicy == nil)
  }

  @Test func anErrandIsRunOnceAndOnTheRightMachine() throws {
    let key = makeClaim().key
    #expect(try errand(key, [ordered(), makeClass("now"), provisioned()]) == nil, "the volume is there already")
    let elsewhere = ordered { $0.metadata.annotations["volume.kubernetes.io/selected-node"] = "node-2" }
    #expect(try errand(key, [elsewhere, makeClass("now")]) == nil)
    #expect(try errand(key, [makeClaim(class: "now"), makeClass("now")]) == nil, "nobody has ordered it")
    let going = ordered { $0.metadata.deletionTimestamp = World.epoch }
    #expect(try errand(key, [going, makeClass("now")]) == nil, "nobody will use it")
  }

  @Test func aMachineThatFailsIsToldAboutAndTriedAgain() throws {
    let plan = try #require(try errand(makeClaim().key, [ordered(size: "11Gi"), makeClass("now")])).run(on: Machine())
    #expect(plan.intents.isEmpty)
    #expect(plan.notes.map(\.reason) == ["ProvisioningFailed"])
    #expect(
      plan.notes.map(\.message)
        == ["failed to provision volume with StorageClass \"now\": no space left on device"])
  }

  /// The rule that data hangs on, in every phase and with either policy.
  @Test(arguments: VolumePhase.allCases, ReclaimPolicy.allCases)
  func aDirectoryIsRemovedOnlyWhenItIsReleasedAndToBeDeleted(phase: VolumePhase, policy: ReclaimPolicy) throws {
    var volume = try provisioned()
    volume.status.phase = phase
    volume.spec.persistentVolumeReclaimPolicy = policy
    let machine = Machine()
    let errand = try errand(volume.key, [volume])
    #expect((errand != nil) == (phase == .released && policy == .delete))
    _ = errand?.run(on: machine)
    #expect(machine.log.lines == (errand == nil ? [] : ["remove /srv/pvc-uid-data_default_data"]))
  }
}

/// Lines from anywhere.
final class Log: @unchecked Sendable {
  private(set) var lines: [String] = []
  func append(_ line: String) { lines.append(line) }
}
