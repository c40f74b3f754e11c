import Configuration
import ControlLoop
import Objects
import Pods
import Store

/// Gets a pod's storage ready before anything of it starts, and tells its containers where they find it.
///
/// Nothing is mounted from a claim that is not bound, and nothing starts before everything is there. Where the runtime
/// offers no hosts for volumes, as in a simulation, what is wished for counts as done.
struct StorageStage: AgentStage {
  let name = "storage"

  // A pod waits for its claims and their volumes, and perhaps for another pod that has them.
  var triggers: [Trigger] {
    [
      .on(PersistentVolumeClaim.self) { claim, view in view.candidates(for: claim).map(\.key) },
      .on(PersistentVolume.self) { volume, view in
        view.all(Pod.self, where: Index.claims.name, is: volume.claimName ?? "").map(\.key)
      },
      .on(Pod.self) { pod, view in
        pod.claims.compactMap { view[PersistentVolumeClaim.self, $0.key] }.flatMap { view.users(of: $0) }.map(\.key)
      },
    ]
  }

  func hold(_ context: inout StageContext) -> Hold? {
    // What has been mounted stays mounted.
    guard context.hasNotStarted else { return nil }
    var isReady = true
    var told = Members()
    for volume in context.pod.spec.volumes {
      let name = volume.name ?? ""
      do throws(MountTrouble) {
        guard let source = try context.mountSource(of: volume), context.observation != .null else { continue }
        let seen = context.observation[name]
        if seen?["path"] != nil { continue }
        // What the machine could not do it is asked for again, in a while.
        context.requests.append(source.request(as: name))
        if let problem = seen?["problem"]?.string {
          throw MountTrouble(message: "MountVolume.SetUp failed for volume \"\(name)\" : \(problem)")
        }
      } catch {
        told[name] = .string(error.message)
        if context.memory[name] != told[name] { context.note(error) }
        context.wake(at: context.now + Self.retryPause)
      }
      isReady = false
    }
    context.memory = told.isEmpty ? .null : .object(told)
    let reason = context.pod.spec.initContainers.isEmpty ? "ContainerCreating" : "PodInitializing"
    return isReady ? nil : Hold(reason: reason)
  }

  func prepare(
    _ configuration: inout ContainerConfiguration, for container: Container, _ context: inout StageContext
  ) -> Hold? {
    for volume in context.pod.spec.volumes {
      let name = volume.name ?? ""
      do throws(MountTrouble) {
        guard let source = try context.mountSource(of: volume) else { continue }
        guard let path = source.path ?? context.observation[name]?["path"]?.string else { continue }
        let hold = configuration.mount(name, at: path, readOnly: source.isReadOnly, for: container)
        if let hold { return hold }
      } catch {
        return Hold(reason: "CreateContainerError", message: error.message)
      }
    }
    return nil
  }

  func cleanUp(_ context: inout StageContext) -> Bool {
    if context.observation != .null { context.requests.append("forget") }
    return true
  }

  private static let retryPause = Duration.seconds(10)
}

// MARK: The world outside

extension StorageStage {
  // Of every volume that something is known of: its path, or what is wrong.
  func observe(_ pod: PodIdentity, on runtime: any ContainerRuntime) -> Value {
    guard let volumes = runtime.service((any VolumeHost).self),
      let directories = runtime.service((any DirectoryHost).self)
    else { return .null }
    var seen = Members()
    for (name, state) in volumes.volumes(of: pod) {
      seen[name] = state.seen(at: volumes.path(of: name, in: pod))
    }
    for (name, state) in directories.checks(of: pod) { seen[name] = state.seen(at: "") }
    return .object(seen)
  }

  func perform(_ request: Value, for pod: PodIdentity, on runtime: any ContainerRuntime, at now: Time) {
    if request == "forget" { runtime.service((any DirectoryHost).self)?.forgetChecks(of: pod) }
    guard let name = request["volume"]?.string else { return }
    if let path = request["path"]?.string {
      let type = request["type"].flatMap(HostPathType.init) ?? .unset
      runtime.service((any DirectoryHost).self)?.check(path, is: type, as: name, of: pod)
    } else {
      runtime.service((any VolumeHost).self)?.makeDirectory(
        name, inMemory: request["inMemory"]?.bool ?? false, sizeLimit: request["sizeLimit"]?.integer, in: pod)
    }
  }
}

extension VolumeState {
  fileprivate func seen(at path: String) -> Value {
    switch self {
    case .ready: ["path": .string(path)]
    case .failed(let problem): ["problem": .string(problem)]
    }
  }
}

extension MountSource {
  fileprivate func request(as volume: String) -> Value {
    switch self {
    case .emptyDirectory(let inMemory, let limit):
      ["volume": .string(volume), "inMemory": .bool(inMemory), "sizeLimit": limit.map { .integer($0) } ?? .null]
    case .path(let path, let type, _):
      ["volume": .string(volume), "path": .string(path), "type": type.asValue]
    }
  }
}

extension StageContext {
  fileprivate var hasNotStarted: Bool { observed?.containers.isEmpty ?? true }

  fileprivate func mountSource(of volume: Volume) throws(MountTrouble) -> MountSource? {
    try volume.mountSource(for: pod, isFirst: hasNotStarted, in: view)
  }

  fileprivate mutating func note(_ trouble: MountTrouble) {
    notes.append(Note(type: .warning, reason: trouble.reason, message: trouble.message, about: pod.json))
  }
}
