// The volumes of one node's pods, as directories of this machine.
//
//     UID/pod                      namespace and name
//     UID/volumes/NAME             a volume; one in memory is a link to a directory in /dev/shm
//     provisioned/NAME             storage that outlives pods
//
// Everything that changes the disk happens on one queue, one thing after the other; what is known of it is in memory, and
// is read again from the disk at the beginning.

public import Configuration
import Dispatch
import Objects
public import Pods
import Synchronization
public import Volumes

/// Lays out the volumes of a node's pods below a directory.
public final class VolumeFiles: VolumeHost, DirectoryHost {
  private let root: String
  private let queue = DispatchQueue(label: "dev.swiftlet.volumes")
  // A large volume takes a while to count; nobody else waits for that.
  let measuring = DispatchQueue(label: "dev.swiftlet.volumes.measuring", qos: .utility)
  private let known = Mutex(Known())

  private struct Known {
    var pods: [PodIdentity: PodVolumes] = [:]
    var handlers: [@Sendable (PodIdentity, Bool) -> Void] = []
  }

  private struct PodVolumes {
    var states: [String: VolumeState] = [:]
    var checks: [String: VolumeState] = [:]
    var usage: [String: Int64] = [:]
    var beingMeasured: Set<String> = []
    /// What has been asked for last, by volumes, until it is done.
    var underWay: [String: String] = [:]
    var isBeingRemoved = false
  }

  /// - Parameter directory: made if it is not there; at most one object may use it.
  public init(directory: String) throws {
    try Tree.makeDirectory(directory)
    root = try Tree.absolute(directory)
    for uid in Tree.list(root) where uid != Self.provisioned { restore(uid) }
  }

  /// Has a function called, from any thread, when something would be answered differently for a pod; and now for every
  /// pod that has volumes. The second argument says whether the pod has volumes.
  public func onChange(_ notify: @escaping @Sendable (PodIdentity, Bool) -> Void) {
    let pods = known.withLock { known in
      known.handlers.append(notify)
      return known.pods.keys.sorted { $0.uid < $1.uid }
    }
    for pod in pods { notify(pod, true) }
  }

  private func restore(_ uid: String) {
    let directory = root + "/" + uid
    let names = Tree.read(directory + "/pod").map { String(decoding: $0, as: UTF8.self).split(separator: "/") } ?? []
    guard names.count == 2, let namespace = names.first, let name = names.last else {
      // Nothing was made yet when the program ended.
      return Tree.remove(directory)
    }
    let pod = PodIdentity(namespace: String(namespace), name: String(name), uid: uid)
    var volumes = PodVolumes()
    for volume in Tree.list(directory + "/volumes") {
      // After a restart of the machine memory is empty.
      if let memory = Tree.link(path(of: volume, in: pod)) { try? Tree.makeDirectory(memory, mode: 0o777) }
      volumes.states[volume] = .ready(version: "")
    }
    known.withLock { $0.pods[pod] = volumes }
  }

  /// Changes what is known, and says so when it looks different.
  private func update(_ pod: PodIdentity, _ change: (inout PodVolumes) -> Void) {
    let (notices, keeps) = known.withLock { known in
      let before = known.pods[pod] ?? PodVolumes()
      var after = before
      change(&after)
      let keeps = !after.states.isEmpty || !after.underWay.isEmpty || after.isBeingRemoved
      known.pods[pod] = keeps || !after.checks.isEmpty ? after : nil
      let isSame = before.states == after.states && before.checks == after.checks && before.usage == after.usage
      return (isSame ? [] : known.handlers, keeps)
    }
    for notify in notices { notify(pod, keeps) }
  }
}

// MARK: Volumes of pods

extension VolumeFiles {
  public func path(of volume: String, in pod: PodIdentity) -> String { "\(root)/\(pod.uid)/volumes/\(volume)" }

  public func volumes(of pod: PodIdentity) -> [String: VolumeState] {
    known.withLock { $0.pods[pod]?.states ?? [:] }
  }

  public func layOut(_ files: [VolumeFile], version: String, as volume: String, in pod: PodIdentity) {
    begin(volume, "version \(version)", in: pod) { path in
      try Tree.makeDirectory(path, mode: 0o755)
      try VersionedDirectory(path: path).replaceContent(with: files)
      return version
    }
  }

  public func makeDirectory(_ volume: String, inMemory: Bool, sizeLimit: Int64?, in pod: PodIdentity) {
    begin(volume, "directory", in: pod) { path in
      if Tree.kind(path) == .directory { return "" }
      if inMemory, let memory = Tree.memory {
        let place = "\(memory)/swiftlet-\(pod.uid)-\(volume)"
        try Tree.makeDirectory(place, mode: 0o777)
        try Tree.replaceLink(path, to: place)
      } else {
        try Tree.makeDirectory(path, mode: 0o777)
      }
      return ""
    }
  }

  /// Does the work on the queue, unless the same is under way.
  /// - Parameter work: takes the volume's path; answers with the version that it has from then on.
  private func begin(
    _ volume: String, _ wish: String, in pod: PodIdentity, _ work: @escaping @Sendable (String) throws -> String
  ) {
    let isNew = known.withLock { known in
      var volumes = known.pods[pod] ?? PodVolumes()
      guard volumes.underWay[volume] != wish, !volumes.isBeingRemoved else { return false }
      volumes.underWay[volume] = wish
      known.pods[pod] = volumes
      return true
    }
    guard isNew else { return }
    queue.async { [self] in
      let result: VolumeState
      do {
        guard Tree.isName(pod.uid), Tree.isName(volume) else { throw FileError("\"\(volume)\" is not a name") }
        let directory = root + "/" + pod.uid
        try Tree.makeDirectory(directory + "/volumes")
        // Written first: whose volumes these are must be known as long as they are there.
        if Tree.kind(directory + "/pod") == nil {
          try Tree.write(Array("\(pod.namespace)/\(pod.name)".utf8), to: directory + "/pod", mode: 0o600)
        }
        result = .ready(version: try work(path(of: volume, in: pod)))
      } catch {
        result = .failed("\(error)")
      }
      update(pod) {
        if $0.underWay[volume] == wish { $0.underWay[volume] = nil }
        $0.states[volume] = result
      }
    }
  }

  public func usage(of pod: PodIdentity) -> [String: Int64] { known.withLock { $0.pods[pod]?.usage ?? [:] } }

  public func measure(_ volume: String, in pod: PodIdentity) {
    let isNew = known.withLock { known in
      guard case .ready = known.pods[pod]?.states[volume] else { return false }
      return known.pods[pod]?.beingMeasured.insert(volume).inserted ?? false
    }
    guard isNew else { return }
    measuring.async { [self] in
      let bytes = Tree.usage(path(of: volume, in: pod))
      update(pod) {
        $0.beingMeasured.remove(volume)
        // It may have been removed meanwhile.
        if $0.states[volume] != nil { $0.usage[volume] = bytes }
      }
    }
  }

  public func removeVolumes(of pod: PodIdentity) {
    let isNew = known.withLock { known in
      guard let volumes = known.pods[pod], !volumes.isBeingRemoved else { return false }
      known.pods[pod]?.isBeingRemoved = true
      return true
    }
    guard isNew else { return }
    queue.async { [self] in
      remove(pod.uid)
      update(pod) {
        $0.states = [:]
        $0.usage = [:]
        $0.underWay = [:]
        $0.isBeingRemoved = false
      }
    }
  }

  /// Removes everything that this directory and the memory hold, and returns when that is done. The object is of no use
  /// any more.
  public func removeEverything() {
    queue.sync {
      for uid in Tree.list(root) { remove(uid) }
      Tree.remove(root)
    }
  }

  private func remove(_ uid: String) {
    guard Tree.isName(uid) else { return }
    let directory = root + "/" + uid
    for volume in Tree.list(directory + "/volumes") {
      let path = "\(directory)/volumes/\(volume)"
      if let place = Tree.link(path), Tree.isMemory(place) { Tree.remove(place) }
      Tree.remove(path)
    }
    Tree.remove(directory + "/pod")
    Tree.remove(directory)
  }
}

// MARK: Storage that outlives pods

extension VolumeFiles {
  private static let provisioned = "provisioned"

  public func makeDirectory(named name: String, capacity: Int64) throws -> String {
    guard Tree.isName(name) else { throw FileError("\"\(name)\" is not a name") }
    let path = "\(root)/\(Self.provisioned)/\(name)"
    try Tree.makeDirectory("\(root)/\(Self.provisioned)")
    try Tree.makeDirectory(path, mode: 0o777)
    return path
  }

  /// A directory takes what its disk has; capacities are only written down.
  public func growDirectory(at path: String, to capacity: Int64) throws {
    guard Tree.kind(path) == .directory else { throw FileError("there is no directory \(path)") }
  }

  public func removeDirectory(at path: String) throws {
    let place = "\(root)/\(Self.provisioned)/"
    guard path.hasPrefix(place), Tree.isName(String(path.dropFirst(place.count))) else {
      throw FileError("\(path) was not provisioned here")
    }
    Tree.remove(path)
    guard Tree.kind(path) == nil else { throw FileError("cannot remove \(path)") }
  }

  public func check(_ path: String, is type: HostPathType, as volume: String, of pod: PodIdentity) {
    queue.async { [self] in
      let result: VolumeState
      do {
        if Tree.kind(path) == nil {
          switch type.made {
          case .directory: try Tree.makeDirectory(path, mode: 0o755)
          case .file: try Tree.write([], to: path, mode: 0o644)
          case .socket, .charDevice, .blockDevice, nil: break
          }
        }
        result = type.problem(with: Tree.kind(path), at: path).map(VolumeState.failed) ?? .ready(version: "")
      } catch {
        result = .failed("\(error)")
      }
      update(pod) { $0.checks[volume] = result }
    }
  }

  public func checks(of pod: PodIdentity) -> [String: VolumeState] {
    known.withLock { $0.pods[pod]?.checks ?? [:] }
  }

  public func forgetChecks(of pod: PodIdentity) { update(pod) { $0.checks = [:] } }
}
