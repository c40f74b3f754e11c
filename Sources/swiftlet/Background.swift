import Foundation

/// Starts the cluster as a process of its own that outlives this one.
enum Background {
  static func start(_ directory: DataDirectory, arguments: [String]) async throws {
    if directory.isLocked { close(try directory.acquireLock()) }
    let executable = try executablePath()
    guard
      FileManager.default.createFile(atPath: directory.log.path, contents: nil, attributes: [.posixPermissions: 0o600])
    else { throw Failure("cannot write \(directory.log.path)") }
    let log = try FileHandle(forWritingTo: directory.log)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments.filter { $0 != "--detach" }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = log
    process.standardError = log
    directory.removeState()
    try process.run()
    print("Starting the cluster …")
    flushOutput()
    while process.isRunning {
      if let state = try? directory.readState(), state.pid == process.processIdentifier {
        print("The cluster is ready at \(state.server) (pid \(state.pid)); kubectl uses context \"\(state.context)\".")
        return
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    let words = (try? String(contentsOf: directory.log, encoding: .utf8)) ?? ""
    throw Failure("the cluster did not start:\n\(words.trimmingCharacters(in: .whitespacesAndNewlines))")
  }

  /// This program's own file.
  static func executablePath() throws -> String {
    guard let path = Bundle.main.executablePath else { throw Failure("cannot find the program's own file") }
    return path
  }
}
