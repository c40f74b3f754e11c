// What a shim is to run, and the surroundings that a container is given here.

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
  /// What to enter before the program begins; nil to stay among the machine's own processes.
  var namespaces: Namespaces?

  struct Namespaces: Equatable {
    /// Where the holder of the pods' network is found.
    var holder: String
    /// Nil for the machine's own network.
    var podUID: String?
    var hostname: String
  }

  init(
    _ configuration: ContainerConfiguration, arguments: [String], in directory: ContainerDirectory,
    searchPath: String, sandbox: SandboxRecord, holder: String?
  ) {
    self.arguments = arguments
    namespaces = holder.map {
      Namespaces(
        holder: $0, podUID: sandbox.usesHostNetwork ? nil : sandbox.identity.uid, hostname: configuration.hostname)
    }
    let ground = [
      ("PATH", searchPath), ("HOME", directory.scratch), ("HOSTNAME", configuration.hostname),
      ("POD_IP", sandbox.address),
      (Launch.messageVariable, directory.terminationMessage),
    ]
    let variables = ground + configuration.environment.map { ($0.name, $0.value) }
    // Of several of one name the last wins, and programs take the first that they find.
    environment = variables.enumerated()
      .filter { position, variable in !variables[(position + 1)...].contains { $0.0 == variable.0 } }
      .map { "\($0.element.0)=\($0.element.1)" }
    workingDirectory =
      configuration.workingDirectory.flatMap { Files.isDirectory($0) ? $0 : nil } ?? directory.scratch
    keepsInputOpen = configuration.standardInput
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
      Namespaces(holder: $0, podUID: record["podUID"], hostname: record["hostname"] ?? "")
    }
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
  }
}
