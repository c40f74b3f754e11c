// What a shim is to run, and the surroundings that a container is given here.

import Configuration
import Pods

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

struct Launch: Equatable {
  var arguments: [String]
  /// "NAME=value".
  var environment: [String]
  var workingDirectory: String
  var keepsInputOpen: Bool
  /// Lines that the container's log begins with.
  var notes: [String] = []
  /// What to enter before the program begins; nil to stay among the machine's own processes.
  var namespaces: Namespaces?

  struct Namespaces: Equatable {
    /// Where the holder of the pods' network is found.
    var holder: String
    /// Nil for the machine's own network.
    var podUID: String?
    var hostname: String
    var mounts: [Mount] = []
  }

  init(
    _ configuration: ContainerConfiguration, arguments: [String], in directory: ContainerDirectory,
    searchPath: String, sandbox: SandboxRecord, holder: String?
  ) {
    self.arguments = arguments
    namespaces = holder.map {
      let podUID = sandbox.usesHostNetwork ? nil : sandbox.identity.uid
      return Namespaces(
        holder: $0, podUID: podUID, hostname: configuration.hostname,
        mounts: configuration.mounts + directory.ownMounts(for: configuration))
    }
    let ground = [
      ("PATH", searchPath), ("HOME", directory.scratch), ("HOSTNAME", configuration.hostname),
      ("POD_IP", sandbox.address),
      (Launch.messageVariable, directory.terminationMessage),
    ]
    var variables = ground + configuration.environment.map { ($0.name, $0.value) }
    if namespaces == nil {
      for mount in configuration.mounts {
        let variable = Self.variable(for: mount)
        variables.append((variable, mount.hostPath))
        notes.append(
          "This machine cannot mount anything at \(mount.containerPath) for one container alone. What belongs there is in "
            + "$\(variable): \(mount.hostPath)")
      }
    }
    // Of several of one name the last wins, and programs take the first that they find.
    environment = variables.enumerated()
      .filter { position, variable in !variables[(position + 1)...].contains { $0.0 == variable.0 } }
      .map { "\($0.element.0)=\($0.element.1)" }
    let wanted = configuration.workingDirectory
    workingDirectory = wanted.flatMap { holder != nil || Files.isDirectory($0) ? $0 : nil } ?? directory.scratch
    keepsInputOpen = configuration.standardInput
  }

  /// `MOUNT_ETC_CONFIG` for `/etc/config`.
  private static func variable(for mount: Mount) -> String {
    let words = mount.containerPath.uppercased().split { !$0.isASCII || !$0.isLetter && !$0.isNumber }
    return "MOUNT_" + words.joined(separator: "_")
  }

  private static let messageVariable = "TERMINATION_MESSAGE_PATH"

  /// An entry of the environment that only this container's processes have.
  static func mark(of directory: ContainerDirectory) -> String {
    "\(messageVariable)=\(directory.terminationMessage)"
  }

  init(_ record: Record) {
    arguments = record.all("argument")
    environment = record.all("environment")
    workingDirectory = record["workingDirectory"] ?? "/"
    keepsInputOpen = record["input"] == "open"
    namespaces = record["holder"].map {
      Namespaces(
        holder: $0, podUID: record["podUID"], hostname: record["hostname"] ?? "",
        mounts: record.all("mount").compactMap(Mount.init(line:)))
    }
    notes = record.all("note")
  }

  /// Throws when it holds what no process can be given.
  func add(to record: inout Record) throws(SystemError) {
    guard !(arguments + environment + [workingDirectory]).contains(where: { $0.utf8.contains(0) }) else {
      throw SystemError("pass a null character to a process", code: EINVAL)
    }
    record.append("argument", arguments)
    record.append("environment", environment)
    record["workingDirectory"] = workingDirectory
    record["input"] = keepsInputOpen ? "open" : "empty"
    record["holder"] = namespaces?.holder
    record["podUID"] = namespaces?.podUID
    record["hostname"] = namespaces?.hostname
    record.append("mount", namespaces?.mounts.map(\.line) ?? [])
    record.append("note", notes)
  }
}

extension Mount {
  /// Access and paths, each ended by a line feed: paths may hold anything else.
  fileprivate var line: String {
    [readOnly ? "ro" : "rw", containerPath, hostPath, volumePath].joined(separator: "\n")
  }

  fileprivate init?(line: String) {
    let parts = line.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    guard parts.count == 4 else { return nil }
    self.init(containerPath: parts[1], hostPath: parts[2], volumePath: parts[3], readOnly: parts[0] == "ro")
  }
}
