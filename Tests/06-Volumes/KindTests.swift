import Configuration
import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import Volumes

@Suite struct KindTests {
  /// The cells of an object's row.
  private func row(_ object: some Resource, at now: Time = World.epoch) -> [String] {
    type(of: object).kind.table.filter { $0.priority == 0 }.map { column in
      let cell = column.cell(object.json, now)
      return cell.string ?? cell.encodedString
    }
  }

  @Test func tablesAreAsKubernetesHasThem() throws {
    let world = try makeWorld([
      makeVolume(size: "5Gi", modes: [.readOnlyMany, .readWriteOnce]), makeClaim(size: "3Gi"),
    ])
    let now = try #require(world.claim()?.metadata.creationTimestamp) + .seconds(5)
    #expect(
      row(try #require(world.volume()), at: now) == [
        "disk", "5Gi", "RWO,ROX", "Retain", "Bound", "default/data", "", "<unset>", "", "5s",
      ])
    #expect(
      row(try #require(world.claim()), at: now) == ["data", "Bound", "disk", "5Gi", "RWO,ROX", "", "<unset>", "5s"])
    #expect(
      row(try #require(world.view.object(StorageClass.self, "standard")), at: world.now).dropLast() == [
        "standard (default)", "swiftlet.dev/local-path", "Delete", "WaitForFirstConsumer", "true",
      ])
    #expect(
      PersistentVolume.kind.table.map(\.name) == [
        "Name", "Capacity", "Access Modes", "Reclaim Policy", "Status", "Claim", "StorageClass",
        "VolumeAttributesClass",
        "Reason", "Age", "VolumeMode",
      ])
    #expect(
      PersistentVolumeClaim.kind.table.map(\.name) == [
        "Name", "Status", "Volume", "Capacity", "Access Modes", "StorageClass", "VolumeAttributesClass", "Age",
        "VolumeMode",
      ])
    #expect(
      StorageClass.kind.table.map(\.name) == [
        "Name", "Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion", "Age",
      ])
  }

  @Test func aBadClaimIsRefusedInKubernetesWords() throws {
    let world = try makeWorld()
    func refusal(_ change: (inout PersistentVolumeClaim) -> Void) -> String? {
      world.refusal(.create(makeClaim("x", change).json))?.without("PersistentVolumeClaim \"x\" is invalid: ")
    }
    #expect(
      refusal { $0.spec.accessModes = [] } == "spec.accessModes: Required value: at least 1 access mode is required")
    #expect(
      refusal { $0.spec.accessModes = ["Sometimes"] }
        == "spec.accessModes: Unsupported value: \"Sometimes\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", "
        + "\"ReadWriteOnce\", \"ReadWriteOncePod\"")
    #expect(
      refusal { $0.spec.accessModes = ["ReadWriteOncePod", "ReadWriteMany"] }
        == "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes")
    #expect(refusal { $0.spec.resources.requests = [:] } == "spec.resources[storage]: Required value")
    #expect(
      refusal { $0.spec.resources.requests["storage"] = .zero }
        == "spec.resources[storage]: Invalid value: \"0\": must be greater than zero")
    #expect(
      refusal { $0.spec.json["volumeMode"] = "Tape" }
        == "spec.volumeMode: Unsupported value: \"Tape\": supported values: \"Block\", \"Filesystem\"")
  }

  @Test func aBadVolumeIsRefusedInKubernetesWords() throws {
    let world = try makeWorld()
    func refusal(_ change: (inout PersistentVolume) -> Void) -> String? {
      world.refusal(.create(makeVolume("x", change).json))?.without("PersistentVolume \"x\" is invalid: ")
    }
    #expect(refusal { $0.spec.hostPath = nil } == "spec: Required value: must specify a volume type")
    #expect(refusal { $0.spec.accessModes = [] } == "spec.accessModes: Required value")
    #expect(
      refusal { $0.spec.hostPath?.path = "/data/../etc" }
        == "spec.hostPath.path: Invalid value: \"/data/../etc\": must not contain '..'")
    #expect(
      refusal { volume in
        volume.spec.hostPath = nil
        volume.spec.local = LocalVolumeSource { $0.path = "/disk" }
      } == "spec.nodeAffinity: Required value: Local volume requires node affinity")
    #expect(
      refusal { $0.spec.json["persistentVolumeReclaimPolicy"] = "Burn" }
        == "spec.persistentVolumeReclaimPolicy: Unsupported value: \"Burn\": supported values: \"Delete\", \"Retain\"")
  }

  @Test func whatAVolumeIsDoesNotChange() throws {
    let world = try makeWorld([makeVolume(), makeClaim()])
    var volume = try #require(world.volume())
    volume.spec.hostPath?.path = "/elsewhere"
    #expect(
      world.refusal(.update(volume.json))
        == "PersistentVolume \"disk\" is invalid: spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is "
        + "immutable after creation")
    var claim = try #require(world.claim())
    claim.spec.accessModes = ["ReadWriteMany"]
    #expect(
      world.refusal(.update(claim.json))
        == "PersistentVolumeClaim \"data\" is invalid: spec: Forbidden: spec is immutable after creation except "
        + "resources.requests and volumeAttributesClassName for bound claims")
    var standard = try #require(world.view.object(StorageClass.self, "standard"))
    standard.provisioner = "example.com/other"
    #expect(
      world.refusal(.update(standard.json))
        == "StorageClass.storage.k8s.io \"standard\" is invalid: provisioner: Forbidden: updates to provisioner are "
        + "forbidden.")
  }

  @Test func ofTwoDefaultClassesTheYoungerCounts() throws {
    let world = try makeWorld()
    world.run(for: .seconds(2))
    try world.create([makeClass("a-new-one") { $0.metadata.annotations[StorageClass.defaultAnnotation] = "true" }])
    try world.create([makeClaim(class: nil)])
    #expect(world.claim()?.spec.storageClassName == "a-new-one")
  }

  @Test func aVolumeThatSaysNothingIsAnEmptyDirectory() throws {
    let world = try makeWorld([makePod(volumes: [])])
    try world.create([makePod("plain", volumes: [.init { $0.name = "scratch" }])])
    #expect(world.pod("plain")?.spec.volumes.first?.emptyDir != nil)
    #expect(world.pod("plain")?.status.phase == .running)
  }
}

extension String {
  fileprivate func without(_ beginning: String) -> String {
    hasPrefix(beginning) ? String(dropFirst(beginning.count)) : self
  }
}
