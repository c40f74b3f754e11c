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

  init(
    _ configuration: ContainerConfiguration, arguments: [String], in directory: ContainerDirectory,
    searchPath: String, address: String
  ) {
    self.arguments = arguments
    let ground = [
      ("PATH", searchPath), ("HOME", directory.scratch), ("HOSTNAME", configuration.hostname), ("POD_IP", address),
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
  }
}
