import Configuration
import ControlLoop
import Objects
import Pods
import ReplicaSets
import Simulation
import Store
import Synchronization
import Testing

@testable import Volumes

@Suite struct StageTests {
  /// A node on a machine of a few paths, and a world in which it is the only one.
  fileprivate struct Bench {
    let world: World
    let machine: Machine
    let agents = Keeper()

    init(_ objects: [any Resource], paths: [String: FileKind] = [:]) throws {
      machine = Machine(paths: paths)
      let (machine, agents) = (machine, agents)
      var pods = Layer.pods
      pods.contributions.removeAll { $0 is ParticipantSource }
      pods.contributions.append(
        ParticipantSource { cluster, store, seed in
          let node = NodeDescription(
            name: "node-1", addresses: ["10.0.0.1"], cpu: Quantity(8), memory: Quantity(1 << 30))
          let agent = NodeAgent(node: node, runtime: machine)
          let group = NodeAgentGroup([agent], name: "node-1", cluster: cluster, store: store, seed: seed)
          agents.group = group
          return [group]
        })
      world = try World(layers: [pods, .configuration, .volumes], seed: 1)
      world.run(for: .seconds(3))
      try world.create(objects)
    }

    /// What the agent had to complain of.
    var told: [String] {
      world.told(about: makePod(volumes: [])).filter { $0.hasPrefix("Warning") && !$0.contains("FailedScheduling") }
    }
  }

  @Test func anEmptyDirectoryIsMadeAndGoesWithThePod() throws {
    let pod = makePod(volumes: [.emptyDir("disk", limit: "1Mi"), .emptyDir("fast", medium: "Memory", limit: "2Mi")])
    let bench = try Bench([pod])
    let uid = try #require(bench.world.pod()?.uid)
    #expect(bench.machine.lines == ["make disk 1048576", "make fast in memory 2097152"])
    #expect(
      bench.machine.mounts == [
        "/disk from /pods/\(uid)/disk", "/fast from /pods/\(uid)/fast",
      ])
    try bench.world.delete(pod)
    #expect(bench.world.pod() == nil)
    #expect(bench.machine.left.isEmpty)
  }

  @Test func aHostPathIsWhatItsTypeSays() throws {
    let there: [String: FileKind] = [
      "/dir": .directory, "/file": .file, "/socket": .socket, "/char": .charDevice, "/block": .blockDevice,
    ]
    for type in HostPathType.allCases {
      for path in there.keys.sorted() + ["/none"] {
        let found = there[path]
        let right: Bool =
          switch type {
          case .unset: true
          case .directory: found == .directory
          case .directoryOrCreate: found == .directory || found == nil
          case .file: found == .file
          case .fileOrCreate: found == .file || found == nil
          case .socket: found == .socket
          case .charDevice: found == .charDevice
          case .blockDevice: found == .blockDevice
          }
        let now = found ?? type.made
        #expect((type.problem(with: now, at: path) == nil) == right, "\(type) at \(path)")
      }
    }
  }

  @Test func aPodWithTheWrongPathWaitsAndSaysWhy() throws {
    let bench = try Bench([makePod(volumes: [.hostPath("/etc/hosts", .directory)])], paths: ["/etc/hosts": .file])
    #expect(bench.world.pod()?.status.containerStatuses.first?.state.waiting?.reason == "ContainerCreating")
    let sentence = "hostPath type check failed: /etc/hosts is not a directory"
    #expect(bench.told == ["Warning FailedMount: MountVolume.SetUp failed for volume \"host\" : \(sentence)"])
    bench.machine.put(.directory, at: "/etc/hosts")
    bench.world.run(for: .seconds(20))
    #expect(bench.world.pod()?.status.phase == .running)
    #expect(bench.machine.mounts == ["/host from /etc/hosts"])
  }

  @Test func aClaimsDirectoryIsMountedAndOutlivesThePod() throws {
    let pod = makePod(volumes: [.claim("data")])
    let bench = try Bench(
      [makeLocalVolume("disk", on: "node-1", class: "x"), makeClaim(class: "x"), pod],
      paths: ["/disks/disk": .directory])
    #expect(bench.machine.mounts == ["/data from /disks/disk"])
    try bench.world.delete(pod)
    #expect(bench.machine.paths["/disks/disk"] == .directory)
    #expect(bench.world.claim()?.isBound == true)
  }

  @Test func aDiskThatIsNotThereIsMissed() throws {
    let bench = try Bench([
      makeLocalVolume("disk", on: "node-1", class: "x"), makeClaim(class: "x"), makePod(using: "data"),
    ])
    #expect(bench.world.pod()?.status.phase == .pending)
    #expect(bench.machine.paths.isEmpty, "made anew it would be empty, and the pod would write beside its data")
  }

  @Test func whoMayOnlyReadGetsNoMore() throws {
    let bench = try Bench(
      [
        makeVolume(modes: [.readOnlyMany]), makeClaim(modes: [.readOnlyMany]), makePod(using: "data"),
        makeVolume("two", modes: [.readWriteMany]), makeClaim("two", modes: [.readWriteMany]),
        makePod("reader", volumes: [.claim("two", readOnly: true)]),
      ])
    #expect(Set(bench.machine.mounts) == ["/data from /data/disk read-only", "/data from /data/two read-only"])
  }

  @Test func aPodThatWasPlacedByHandWaitsForItsClaim() throws {
    let bench = try Bench([makePod(using: "data") { $0.spec.nodeName = "node-1" }])
    let beginning =
      "Warning FailedMount: Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to "
      + "process volumes=[data]: error processing PVC default/data: "
    #expect(
      bench.told
        == [beginning + "failed to fetch PVC from API server: persistentvolumeclaims \"data\" not found"])
    try bench.world.create([makeClaim()])
    #expect(bench.told.last == beginning + "PVC is not bound")
    try bench.world.create([makeVolume()])
    #expect(bench.world.pod()?.status.phase == .running)
  }

  @Test func whoIsFirstHasAClaimAndTheOthersAreToldWhy() throws {
    func placed(_ name: String, on node: String, isStarted: Bool = false) -> Pod {
      makePod(name, using: "data") {
        $0.metadata.uid = "uid-" + name
        $0.spec.nodeName = node
        guard isStarted else { return }
        $0.status.containerStatuses = [
          ContainerStatus {
            $0.name = "main"
            $0.containerID = "sim://1"
          }
        ]
      }
    }
    func trouble(
      _ modes: [AccessMode], _ other: Pod, options: [String] = [], isFirst: Bool = true
    ) throws -> MountTrouble? {
      let pod = placed("two", on: "node-2")
      let view = try makeView([
        makeVolume(modes: modes) { $0.spec.mountOptions = options }, makeClaim(modes: modes).bound(), pod, other,
      ])
      do throws(MountTrouble) {
        _ = try pod.spec.volumes.first?.mountSource(for: pod, isFirst: isFirst, in: view)
        return nil
      } catch {
        return error
      }
    }
    let (near, far) = (placed("one", on: "node-2"), placed("one", on: "node-1"))
    let (late, started) = (placed("zero", on: "node-1"), placed("zero", on: "node-1", isStarted: true))
    func attached(by name: String) -> MountTrouble {
      MountTrouble(
        reason: "FailedAttachVolume",
        message: "Multi-Attach error for volume \"disk\" Volume is already used by pod(s) \(name)")
    }
    #expect(try trouble([.readWriteOnce], far) == attached(by: "one"))
    #expect(try trouble([.readWriteOnce], near) == nil, "pods of one node share it")
    #expect(try trouble([.readWriteOnce], late) == nil && trouble([.readWriteOnce], started) == attached(by: "zero"))
    #expect(try trouble([.readWriteOnce, .readWriteMany], far) == nil)
    #expect(try trouble([.readWriteOnce], far, isFirst: false) == nil, "who has started keeps it")
    #expect(
      try trouble([.readWriteOncePod], near)
        == MountTrouble(
          message: "MountVolume.SetUp failed for volume \"disk\" : volume uses the ReadWriteOncePod access mode and is "
            + "already in use by another pod"))
    #expect(try trouble([.readWriteOncePod], late) == nil)
    #expect(try trouble([.readWriteOnce], late, options: ["noatime"])?.reason == "UnsupportedMountOption")
  }

  @Test func mountOptionsAreRefusedWhereNothingIsMounted() throws {
    let bench = try Bench([makeVolume { $0.spec.mountOptions = ["noatime"] }, makeClaim(), makePod(using: "data")])
    #expect(
      bench.told == [
        "Warning UnsupportedMountOption: MountVolume.MountOptionSupport check failed for volume \"disk\" : Mount options "
          + "are not supported for volume type"
      ])
  }

  @Test func aDirectoryThatOutgrowsItsLimitEndsThePod() throws {
    let bench = try Bench([makePod(volumes: [.emptyDir("cache", limit: "1Mi"), .emptyDir("free")])])
    bench.machine.fill("cache", 1 << 20)
    bench.machine.fill("free", 1 << 40)
    bench.world.run(for: .seconds(60))
    #expect(bench.world.pod()?.status.phase == .running, "it may be full to the limit")
    #expect(bench.machine.measured.allSatisfy { $0 == "cache" })
    #expect((6...8).contains(bench.machine.measured.count), "every ten seconds: \(bench.machine.measured.count)")

    bench.machine.fill("cache", 1 << 20 + 1)
    bench.world.run(for: .seconds(12))
    let status = try #require(bench.world.pod()?.status)
    #expect(status.phase == .failed && status.reason == "Evicted")
    #expect(status.message == "Usage of EmptyDir volume \"cache\" exceeds the limit \"1Mi\". ")
    #expect(bench.told == ["Warning Evicted: \(status.message ?? "")"])
    #expect(status.conditions["DisruptionTarget"] == nil, "it was no disruption: the pod itself is to blame")
    #expect(bench.machine.left.isEmpty, "what it had written is what there was too much of")
    let count = bench.machine.measured.count
    bench.world.run(for: .seconds(60))
    #expect(bench.machine.measured.count == count)
  }

  @Test func aLimitOfNothingIsNone() throws {
    let bench = try Bench([makePod(volumes: [.emptyDir("cache", limit: "0")])])
    bench.machine.fill("cache", 1)
    bench.world.run(for: .seconds(30))
    #expect(bench.machine.measured.isEmpty && bench.world.pod()?.status.phase == .running)
  }

  @Test func whoTakesTooMuchIsReplaced() throws {
    let template = makePod(volumes: [.emptyDir("cache", limit: "2Gi")]) {
      $0.metadata.labels["app"] = "web"
      $0.spec.containers[0].image = "fill-3"
    }
    let set = ReplicaSet(name: "web", namespace: "default") {
      $0.spec.replicas = 2
      $0.spec.selector = LabelSelector { $0.matchLabels["app"] = "web" }
      $0.spec.template = PodTemplateSpec(json: ["metadata": ["labels": ["app": "web"]], "spec": template.spec.json])
    }
    let world = try makeWorld([set])
    #expect(world.view.all(Pod.self).count == 2, "so much is not written at once")
    world.run(for: .seconds(60))
    let pods = world.view.all(Pod.self)
    #expect(pods.count { $0.isActive } == 2)
    #expect((10...12).contains(pods.count { $0.status.reason == "Evicted" && $0.status.phase == .failed }))
  }

  @Test func whatAPodHasGotItKeepsWhenItsAgentBeginsAnew() throws {
    let bench = try Bench([makePod(volumes: [.emptyDir("cache")])])
    let made = bench.machine.lines
    bench.agents.group?.restart()
    bench.world.run(for: .seconds(5))
    #expect(bench.machine.lines == made)
    #expect(bench.world.pod()?.restartCount == 0)
  }
}

/// Holds what a world makes for itself.
private final class Keeper: @unchecked Sendable {
  var group: NodeAgentGroup?
}

/// A simulated runtime with a few paths, which writes down what it is told.
private final class Machine: ContainerRuntime, VolumeHost, DirectoryHost {
  let name = "machine"
  let version = "1"
  private let simulated: SimulatedRuntime
  private let state: Mutex<State>

  struct State {
    var paths: [String: FileKind]
    var lines: [String] = []
    var mounts: [String] = []
    var directories: [String: Set<String>] = [:]
    var checks: [String: [String: VolumeState]] = [:]
    var contents: [String: Int64] = [:]
    var usage: [String: Int64] = [:]
    var measured: [String] = []
    var handlers: [@Sendable (String) -> Void] = []
  }

  init(paths: [String: FileKind]) {
    state = Mutex(State(paths: paths))
    simulated = SimulatedRuntime()
  }

  var paths: [String: FileKind] { state.withLock { $0.paths } }
  var lines: [String] { state.withLock { $0.lines } }
  var mounts: [String] { state.withLock { $0.mounts } }
  var left: [String] { state.withLock { $0.directories.keys.sorted() + $0.checks.keys.sorted() } }

  var measured: [String] { state.withLock { $0.measured } }

  func fill(_ volume: String, _ bytes: Int64) { state.withLock { $0.contents[volume] = bytes } }

  func put(_ kind: FileKind, at path: String) { state.withLock { $0.paths[path] = kind } }

  // MARK: The runtime

  func pods() -> [ObservedPod] { simulated.pods() }
  func pod(_ uid: String) -> ObservedPod? { simulated.pod(uid) }
  func advance(to now: Time) -> Time? { simulated.advance(to: now) }
  func logs(of container: ContainerID, from offset: Int) throws -> LogChunk {
    try simulated.logs(of: container, from: offset)
  }

  func onChange(_ notify: @escaping @Sendable (String) -> Void) {
    simulated.onChange(notify)
    state.withLock { $0.handlers.append(notify) }
  }

  func perform(_ action: RuntimeAction, at now: Time) {
    if case .start(let configuration) = action {
      let mounts = configuration.mounts.map {
        "\($0.containerPath) from \($0.hostPath)" + ($0.readOnly ? " read-only" : "")
      }
      state.withLock { $0.mounts += mounts }
    }
    simulated.perform(action, at: now)
  }

  private func changed(_ pod: PodIdentity) {
    for handler in state.withLock({ $0.handlers }) { handler(pod.uid) }
  }

  // MARK: Volumes of pods

  func path(of volume: String, in pod: PodIdentity) -> String { "/pods/\(pod.uid)/\(volume)" }

  func volumes(of pod: PodIdentity) -> [String: VolumeState] {
    state.withLock { state in
      Dictionary(uniqueKeysWithValues: (state.directories[pod.uid] ?? []).map { ($0, .ready(version: "")) })
    }
  }

  func layOut(_ files: [VolumeFile], version: String, as volume: String, in pod: PodIdentity) {}

  func makeDirectory(_ volume: String, inMemory: Bool, sizeLimit: Int64?, in pod: PodIdentity) {
    state.withLock { state in
      state.lines.append("make \(volume)\(inMemory ? " in memory" : "") \(sizeLimit ?? 0)")
      state.directories[pod.uid, default: []].insert(volume)
    }
    changed(pod)
  }

  func measure(_ volume: String, in pod: PodIdentity) {
    state.withLock { state in
      state.measured.append(volume)
      state.usage[volume] = state.contents[volume]
    }
    changed(pod)
  }

  func usage(of pod: PodIdentity) -> [String: Int64] { state.withLock { $0.usage } }

  func removeVolumes(of pod: PodIdentity) {
    state.withLock { $0.directories[pod.uid] = nil }
    changed(pod)
  }

  // MARK: Directories of the machine

  func makeDirectory(named name: String, capacity: Int64) throws -> String { "/srv/\(name)" }
  func growDirectory(at path: String, to capacity: Int64) throws {}
  func removeDirectory(at path: String) throws {}

  func check(_ path: String, is type: HostPathType, as volume: String, of pod: PodIdentity) {
    let isNews = state.withLock { state in
      if state.paths[path] == nil { state.paths[path] = type.made }
      let problem = type.problem(with: state.paths[path], at: path)
      let before = state.checks[pod.uid]?[volume]
      state.checks[pod.uid, default: [:]][volume] = problem.map { .failed($0) } ?? .ready(version: "")
      return state.checks[pod.uid]?[volume] != before
    }
    if isNews { changed(pod) }
  }

  func checks(of pod: PodIdentity) -> [String: VolumeState] { state.withLock { $0.checks[pod.uid] ?? [:] } }
  func forgetChecks(of pod: PodIdentity) { state.withLock { $0.checks[pod.uid] = nil } }
}
