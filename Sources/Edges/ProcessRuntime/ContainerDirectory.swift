// Everything about one attempt of a container is in one directory, which outlives the agent, the shim and the
// container. A runtime that starts reads these directories; that is all the memory it has.
//
//     pods/UID/pod                                 namespace, name, and the pod's address
//     pods/UID/containers/NAME/ATTEMPT/
//         configuration     what to run; without it the directory is rubbish
//         refused           why it never ran (no such image, …)
//         started           which process runs it, since when
//         stop              the grace period of a stop that has been asked for
//         exited            how it ended
//         events            FIFO: the shim holds it open to write as long as it lives, and writes when records change
//         control           FIFO: a byte makes the shim look for `stop`
//         input             FIFO: standard input, where it is to stay open
//         log/OFFSET        the log from that offset on, in the CRI format
//         scratch/          home and working directory
//         root, upper, work where its file system is put together, what it has written, and the overlay's own
//         termination-message
//         shim-errors       what a failing shim had to say
//
// Who writes: `configuration`, `refused` and `stop` the runtime; `started` and `exited` the shim, and `exited` the
// runtime where it finds the shim dead. Every record is replaced as a whole.

import Configuration
import Objects
import Pods

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

struct ContainerDirectory: Sendable, Hashable {
  let path: String

  init(path: String) { self.path = path }

  /// Nil when the container's names would lead out of `root`.
  init?(root: String, id: ContainerID) {
    guard Files.isName(id.podUID), Files.isName(id.name) else { return nil }
    path = "\(root)/pods/\(id.podUID)/containers/\(id.name)/\(id.attempt)"
  }

  var configuration: String { path + "/configuration" }
  var refused: String { path + "/refused" }
  var started: String { path + "/started" }
  var stop: String { path + "/stop" }
  var exited: String { path + "/exited" }
  var events: String { path + "/events" }
  var control: String { path + "/control" }
  var input: String { path + "/input" }
  var log: String { path + "/log" }
  var scratch: String { path + "/scratch" }
  var root: String { path + "/root" }
  var terminationMessage: String { path + "/termination-message" }
  var shimErrors: String { path + "/shim-errors" }

  /// Files for every container of a pod or for this one alone, which the runtime keeps here: what they hold is told by
  /// the stages.
  private static func content(for configuration: ContainerConfiguration) -> [(name: String, path: String, text: String)]
  {
    [("resolv.conf", "/etc/resolv.conf", "resolvConf"), ("hosts", "/etc/hosts", "hosts")].compactMap {
      name, path, key in
      configuration.extensions[key]?.string.map { (name, path, $0) }
    }
  }

  func writeOwnFiles(for configuration: ContainerConfiguration) throws(SystemError) {
    for file in Self.content(for: configuration) {
      try Files.replace("\(path)/\(file.name)", with: Array(file.text.utf8))
      chmod("\(path)/\(file.name)", 0o644)
    }
    _ = try Descriptor(opening: terminationMessage, O_WRONLY | O_CREAT)
  }

  /// Where those files appear, unless a volume is mounted there.
  func ownMounts(for configuration: ContainerConfiguration) -> [Mount] {
    let files = Self.content(for: configuration).map { ("\(path)/\($0.name)", $0.path) }
    return (files + [(terminationMessage, configuration.terminationMessagePath)])
      .filter { file in file.1.hasPrefix("/") && !configuration.mounts.contains { $0.containerPath == file.1 } }
      .map { Mount(containerPath: $0.1, hostPath: $0.0, volumePath: $0.0) }
  }

  /// Deletes it in such an order that a crash half-way leaves nothing that looks like a container.
  func delete() {
    Files.remove(configuration)
    Files.remove(path)
  }
}

/// What the containers of a pod share.
struct SandboxRecord {
  let identity: PodIdentity
  var address: String
  let usesHostNetwork: Bool

  init(_ identity: PodIdentity, address: String, usesHostNetwork: Bool) {
    self.identity = identity
    self.address = address
    self.usesHostNetwork = usesHostNetwork
  }

  init?(_ record: Record?, uid: String) {
    guard let record, let namespace = record["namespace"], let name = record["name"] else { return nil }
    identity = PodIdentity(namespace: namespace, name: name, uid: uid)
    address = record["address"] ?? hostAddress
    usesHostNetwork = record["network"] != "own"
  }

  var record: Record {
    var record = Record()
    record["namespace"] = identity.namespace
    record["name"] = identity.name
    record["address"] = address
    record["network"] = usesHostNetwork ? "host" : "own"
    return record
  }
}

/// The process that runs a container: the leader of its session.
struct StartRecord {
  var process: pid_t
  /// `HostProcess.birth`: tells the process from a later one of the same number.
  var birth: String
  var startedAt: Time

  init(process: pid_t, birth: String, startedAt: Time) {
    self.process = process
    self.birth = birth
    self.startedAt = startedAt
  }

  init?(_ record: Record?) {
    guard let record, let process = record.integer("process"), let birth = record["birth"],
      let startedAt = record.integer("startedAt")
    else { return nil }
    self.init(
      process: pid_t(truncatingIfNeeded: process), birth: birth, startedAt: Time(microseconds: Int64(startedAt)))
  }

  var record: Record {
    var record = Record()
    record["process"] = String(process)
    record["birth"] = birth
    record["startedAt"] = String(startedAt.microseconds)
    return record
  }
}

extension ObservedContainer.Exit {
  init?(_ record: Record?) {
    guard let record, let code = record.integer("code"), let reason = record["reason"],
      let startedAt = record.integer("startedAt"), let finishedAt = record.integer("finishedAt")
    else { return nil }
    self.init(
      code: code, signal: record.integer("signal"), reason: reason, message: record["message"],
      startedAt: Time(microseconds: Int64(startedAt)), finishedAt: Time(microseconds: Int64(finishedAt)))
  }

  var record: Record {
    var record = Record()
    record["code"] = String(code)
    record["signal"] = signal.map { String($0) }
    record["reason"] = reason
    record["message"] = message
    record["startedAt"] = String(startedAt.microseconds)
    record["finishedAt"] = String(finishedAt.microseconds)
    return record
  }
}
