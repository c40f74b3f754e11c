import Configuration
import Foundation
import Pods
import Synchronization
import Testing
import Volumes

@testable import VolumeFiles

/// The volumes of a node in a directory of their own.
final class VolumeWorld {
  let root = NSTemporaryDirectory() + "swiftlet-volumes-" + UUID().uuidString
  private(set) var host: VolumeFiles
  let pod = PodIdentity(namespace: "default", name: "web", uid: UUID().uuidString)
  private let changes = Changes()

  private final class Changes: Sendable {
    let condition = NSCondition()
    let list = Mutex<[(PodIdentity, Bool)]>([])

    func add(_ pod: PodIdentity, _ keeps: Bool) {
      list.withLock { $0.append((pod, keeps)) }
      condition.lock()
      condition.broadcast()
      condition.unlock()
    }
  }

  init() throws {
    host = try VolumeFiles(directory: root)
    restart()
  }

  deinit {
    host.removeVolumes(of: pod)
    _ = wait { host.volumes(of: pod).isEmpty }
    Tree.remove(root)
  }

  var announced: [(PodIdentity, Bool)] { changes.list.withLock { $0 } }

  func restart() {
    if let next = try? VolumeFiles(directory: root) { host = next }
    host.onChange { [changes] in changes.add($0, $1) }
  }

  func wait(until condition: () -> Bool) -> Bool {
    let end = Date(timeIntervalSinceNow: 30)
    changes.condition.lock()
    defer { changes.condition.unlock() }
    while !condition() {
      guard Date() < end else { return false }
      _ = changes.condition.wait(until: Date(timeIntervalSinceNow: 0.05))
    }
    return true
  }

  /// Lays files out and waits until that has come to something.
  func layOut(_ contents: [String: String], mode: Int = 0o644, version: String) -> VolumeState? {
    let files = contents.sorted { $0.key < $1.key }
      .map { VolumeFile(path: $0.key, bytes: Array($0.value.utf8), mode: mode) }
    let before = announced.count
    host.layOut(files, version: version, as: "config", in: pod)
    #expect(wait { announced.count > before })
    return host.volumes(of: pod)["config"]
  }

  func makeDirectory(_ name: String, inMemory: Bool = false) -> VolumeState? {
    let before = announced.count
    host.makeDirectory(name, inMemory: inMemory, sizeLimit: nil, in: pod)
    #expect(wait { announced.count > before })
    return host.volumes(of: pod)[name]
  }

  func usage(of volume: String) -> Int64? {
    host.measure(volume, in: pod)
    host.measuring.sync {}
    return host.usage(of: pod)[volume]
  }

  var config: String { host.path(of: "config", in: pod) }

  func read(_ name: String) -> String? { Tree.read("\(config)/\(name)").map { String(decoding: $0, as: UTF8.self) } }
}

@Suite struct LayOutTests {
  @Test func filesAreThereUnderTheirNamesWithTheirModes() throws {
    let world = try VolumeWorld()
    let contents = ["a": "1", "deep/er/b": "2"]
    #expect(world.layOut(contents, mode: 0o440, version: "v1") == .ready(version: "v1"))
    #expect(world.read("a") == "1")
    #expect(world.read("deep/er/b") == "2")
    #expect(Tree.mode(world.config + "/deep/er/b") == 0o440)
    #expect(Tree.link(world.config + "/deep") == "..data/deep")
    let version = try #require(Tree.link(world.config + "/..data"))
    #expect(version.wholeMatch(of: /\.\.\d{4}(_\d\d){5}\.\d+/) != nil)
    #expect(Tree.list(world.config) == ["..data", version, "a", "deep"].sorted())
  }

  @Test func aNewVersionReplacesTheOldOneAsAWhole() throws {
    let world = try VolumeWorld()
    _ = world.layOut(["a": "1", "gone": "1"], version: "v1")
    let first = Tree.link(world.config + "/..data")
    #expect(world.layOut(["a": "2", "new": "2"], version: "v2") == .ready(version: "v2"))
    let second = try #require(Tree.link(world.config + "/..data"))
    #expect(second != first)
    #expect(Tree.list(world.config) == ["..data", second, "a", "new"].sorted())
    #expect(world.read("a") == "2" && world.read("gone") == nil)
  }

  /// Reads as long as it is not told to stop.
  private final class Reader: Sendable {
    let isOver = Atomic<Bool>(false)
    let failures = Atomic<Int>(0)
    let ended = DispatchSemaphore(value: 0)

    init(_ config: String) {
      DispatchQueue.global().async { [self] in
        while !isOver.load(ordering: .relaxed) { look(at: config) }
        ended.signal()
      }
    }

    private func look(at config: String) {
      // One look at `..data` decides for both.
      guard let version = Tree.link(config + "/..data") else {
        failures.add(1, ordering: .relaxed)
        return
      }
      let contents = ["a", "b"].map { Tree.read("\(config)/\(version)/\($0)") }
      // A version that has gone meanwhile is none.
      if contents[0] != contents[1], Tree.link(config + "/..data") == version { failures.add(1, ordering: .relaxed) }
    }
  }

  @Test func aReaderNeverSeesHalfAChange() throws {
    let world = try VolumeWorld()
    _ = world.layOut(["a": "0", "b": "0"], version: "0")
    let reader = Reader(world.config)
    for round in 1...100 { _ = world.layOut(["a": "\(round)", "b": "\(round)"], version: "\(round)") }
    reader.isOver.store(true, ordering: .relaxed)
    reader.ended.wait()
    #expect(reader.failures.load(ordering: .relaxed) == 0)
  }

  @Test func whatIsAsItShouldBeIsNotTouched() throws {
    let world = try VolumeWorld()
    _ = world.layOut(["a": "1"], version: "v1")
    let version = Tree.link(world.config + "/..data")
    #expect(world.layOut(["a": "1"], version: "v2") == .ready(version: "v2"))
    #expect(Tree.link(world.config + "/..data") == version)
    _ = world.layOut(["a": "1"], mode: 0o400, version: "v3")
    #expect(Tree.link(world.config + "/..data") != version)
  }

  @Test func whatACrashHasLeftGoesWithTheNextChange() throws {
    let world = try VolumeWorld()
    _ = world.layOut(["a": "1"], version: "v1")
    try Tree.makeDirectory(world.config + "/..2020_01_01_00_00_00.1/half")
    symlink("..2020_01_01_00_00_00.1", world.config + "/..data_tmp")
    _ = world.layOut(["a": "2"], version: "v2")
    #expect(Tree.list(world.config).count == 3)
    #expect(world.read("a") == "2")
  }

  @Test(arguments: ["../out", "a/../../out", "/out", "", "a//b", "..data", "a\u{0}b"])
  func aPathThatLeadsElsewhereIsRefusedAndTheOldVersionStays(_ path: String) throws {
    let world = try VolumeWorld()
    _ = world.layOut(["a": "1"], version: "v1")
    guard case .failed(let reason) = world.layOut(["a": "2", path: "x"], version: "v2") else {
      Issue.record("\(path) was taken")
      return
    }
    #expect(reason.contains("is not a path"))
    #expect(world.read("a") == "1")
  }

  @Test func anEmptyVolumeIsAVolume() throws {
    let world = try VolumeWorld()
    #expect(world.layOut([:], version: "v1") == .ready(version: "v1"))
    #expect(Tree.kind(world.config + "/..data") == .directory)
  }
}

@Suite struct DirectoryTests {
  @Test func anEmptyDirectoryIsForEverybodyAndKeepsWhatIsInIt() throws {
    let world = try VolumeWorld()
    #expect(world.makeDirectory("cache") == .ready(version: ""))
    let path = world.host.path(of: "cache", in: world.pod)
    #expect(Tree.mode(path) == 0o777)
    try Tree.write([1], to: path + "/file", mode: 0o600)
    world.host.makeDirectory("cache", inMemory: false, sizeLimit: nil, in: world.pod)
    #expect(world.makeDirectory("other") == .ready(version: ""))
    #expect(Tree.read(path + "/file") == [1])
  }

  #if os(Linux)
    @Test func aVolumeInMemoryIsThereAndNothingOfItStays() throws {
      let world = try VolumeWorld()
      #expect(world.makeDirectory("fast", inMemory: true) == .ready(version: ""))
      let place = try #require(Tree.link(world.host.path(of: "fast", in: world.pod)))
      #expect(place.hasPrefix("/dev/shm/") && Tree.mode(place) == 0o777)
      try Tree.write([1], to: place + "/file", mode: 0o600)
      // As after a restart of the machine.
      Tree.remove(place)
      world.restart()
      #expect(Tree.kind(place) == .directory)
      world.host.removeVolumes(of: world.pod)
      #expect(world.wait { world.host.volumes(of: world.pod).isEmpty })
      #expect(Tree.kind(place) == nil)
      _ = world.makeDirectory("fast", inMemory: true)
      #expect(Tree.kind(place) == .directory)
      world.host.removeEverything()
      #expect(Tree.kind(place) == nil && Tree.kind(world.root) == nil)
    }
  #endif

  @Test func afterARestartVolumesAreStillThereAndSoIsTheirPod() throws {
    let world = try VolumeWorld()
    _ = world.layOut(["a": "1"], version: "v1")
    _ = world.makeDirectory("cache")
    let before = world.announced.count
    world.restart()
    #expect(world.announced.count == before + 1 && world.announced.last?.0 == world.pod)
    #expect(world.host.volumes(of: world.pod) == ["config": .ready(version: ""), "cache": .ready(version: "")])
    #expect(world.read("a") == "1")
  }

  @Test func removalTakesEverythingAndFollowsNoLink() throws {
    let world = try VolumeWorld()
    let outside = world.root + "-outside"
    try Tree.makeDirectory(outside)
    defer { Tree.remove(outside) }
    try Tree.write([1], to: outside + "/keep", mode: 0o600)
    _ = world.makeDirectory("cache")
    let path = world.host.path(of: "cache", in: world.pod)
    symlink(outside, path + "/link")
    symlink(outside + "/keep", path + "/file-link")
    try Tree.makeDirectory(path + "/closed/inner")
    chmod(path + "/closed", 0)
    world.host.removeVolumes(of: world.pod)
    #expect(world.wait { world.host.volumes(of: world.pod).isEmpty })
    #expect(Tree.list(world.root).isEmpty)
    #expect(Tree.read(outside + "/keep") == [1])
    #expect(world.announced.last?.1 == false)
  }

  @Test func aVolumeIsCountedInBlocks() throws {
    let world = try VolumeWorld()
    #expect(world.usage(of: "cache") == nil, "nothing is there")
    _ = world.makeDirectory("cache")
    let path = world.host.path(of: "cache", in: world.pod)
    let mebibyte = [UInt8](repeating: 1, count: 1 << 20)
    try Tree.write(mebibyte, to: world.root + "-outside", mode: 0o600)
    defer { Tree.remove(world.root + "-outside") }
    #expect(world.usage(of: "cache") ?? .max < 1 << 16)

    try Tree.makeDirectory(path + "/deep/er")
    try Tree.write(mebibyte, to: path + "/deep/er/file", mode: 0o600)
    #expect(link(path + "/deep/er/file", path + "/again") == 0)
    symlink(world.root + "-outside", path + "/far")
    let hole = open(path + "/hole", O_CREAT | O_WRONLY, 0o600)
    ftruncate(hole, 1 << 30)
    close(hole)
    let full = try #require(world.usage(of: "cache"))
    #expect((1 << 20..<1 << 20 + 1 << 16).contains(full), "once, and neither what is elsewhere nor what is not there")
    #expect(world.usage(of: "cache") == full)
    world.host.removeVolumes(of: world.pod)
    #expect(world.wait { world.host.volumes(of: world.pod).isEmpty })
    #expect(world.host.usage(of: world.pod).isEmpty)
  }

  @Test func aVolumeThatCannotBeMadeSaysWhy() throws {
    let world = try VolumeWorld()
    guard case .failed(let reason) = world.makeDirectory("../outside") else {
      Issue.record("it was made")
      return
    }
    #expect(reason.contains("is not a name"))
  }
}

@Suite struct MachineTests {
  @Test func provisionedDirectoriesAreMadeOnceAndOnlyTheyAreRemoved() throws {
    let world = try VolumeWorld()
    let path = try world.host.makeDirectory(named: "pvc-1", capacity: 1 << 30)
    try Tree.write([1], to: path + "/file", mode: 0o600)
    #expect(try world.host.makeDirectory(named: "pvc-1", capacity: 1 << 30) == path)
    #expect(Tree.read(path + "/file") == [1] && Tree.mode(path) == 0o777)
    try world.host.growDirectory(at: path, to: 2 << 30)
    for other in ["/", world.root, path + "/..", path + "/file", world.root + "/provisioned/"] {
      #expect(throws: FileError.self) { try world.host.removeDirectory(at: other) }
    }
    world.restart()
    #expect(world.host.volumes(of: world.pod).isEmpty)
    try world.host.removeDirectory(at: path)
    try world.host.removeDirectory(at: path)
    #expect(Tree.kind(path) == nil)
    #expect(throws: FileError.self) { try world.host.growDirectory(at: path, to: 1) }
    #expect(throws: FileError.self) { _ = try world.host.makeDirectory(named: "../x", capacity: 1) }
  }

  private func check(_ path: String, _ type: HostPathType, in world: VolumeWorld) -> VolumeState? {
    let before = world.announced.count
    world.host.check(path, is: type, as: "host", of: world.pod)
    #expect(world.wait { world.announced.count > before })
    defer { world.host.forgetChecks(of: world.pod) }
    return world.host.checks(of: world.pod)["host"]
  }

  @Test func aPathIsWhatItsTypeSaysOrTheCheckSaysWhatItIsNot() throws {
    let world = try VolumeWorld()
    let (file, directory) = (world.root + "/file", world.root + "/directory")
    #expect(
      check(directory, .directory, in: world) == .failed("hostPath type check failed: \(directory) is not a directory"))
    #expect(check(directory + "/deep", .directoryOrCreate, in: world) == .ready(version: ""))
    #expect(check(directory, .directory, in: world) == .ready(version: ""))
    #expect(check(file, .file, in: world) == .failed("hostPath type check failed: \(file) is not a file"))
    #expect(check(file, .fileOrCreate, in: world) == .ready(version: ""))
    #expect(check(file, .file, in: world) == .ready(version: ""))
    #expect(check(file, .socket, in: world) == .failed("hostPath type check failed: \(file) is not a socket file"))
    #expect(check("/dev/null", .charDevice, in: world) == .ready(version: ""))
    #expect(check("/dev/null/x", .unset, in: world) != .ready(version: ""))
    #expect(world.host.checks(of: world.pod).isEmpty)
  }
}
