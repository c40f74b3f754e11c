import ArgumentParser
import Foundation

struct StopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stops the cluster and its containers; its objects stay.")

  @OptionGroup var data: DataDirectoryOption

  func run() async throws {
    let directory = data.directory
    guard let state = directory.running else {
      throw Failure("no cluster is running on \(directory.url.path).")
    }
    print("Stopping the cluster (pid \(state.pid)) …")
    flushOutput()
    try await directory.end(state.pid)
    print("Stopped.")
  }
}

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Shows whether the cluster runs, where, and with what.")

  @OptionGroup var data: DataDirectoryOption

  func run() async throws {
    let directory = data.directory
    guard let state = directory.running else {
      print("cluster:         stopped")
      print("data directory:  \(directory.url.path)\(directory.exists ? "" : " (does not exist)")")
      throw ExitCode(3)
    }
    print("cluster:         running (pid \(state.pid))")
    print("server:          \(state.server)")
    print("data directory:  \(directory.url.path)")
    print("layers:          \(state.layers.joined(separator: ", "))")
    print("nodes:           \(state.nodes.joined(separator: ", "))")
    if state.simulatedNodes > 0 { print("simulated nodes: \(state.simulatedNodes)") }
    print("kubectl context: \(state.context)")
  }
}

struct DeleteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete", abstract: "Stops the cluster and removes it with all its data.")

  @OptionGroup var data: DataDirectoryOption

  func run() async throws {
    let directory = data.directory
    guard directory.exists else { throw Failure("there is no cluster in \(directory.url.path).") }
    guard FileManager.default.fileExists(atPath: directory.database.path) || directory.isLocked else {
      throw Failure("\(directory.url.path) is not a cluster's data directory; nothing was removed.")
    }
    if let state = directory.running {
      print("Stopping the cluster (pid \(state.pid)) …")
      flushOutput()
      try await directory.end(state.pid)
    }
    try await Machine.cleanUp(in: directory)
    var kubeconfig = try Kubeconfig()
    kubeconfig.remove(ClusterServer.context)
    try kubeconfig.save()
    try FileManager.default.removeItem(at: directory.url)
    print("Removed \(directory.url.path) and the kubectl context \"\(ClusterServer.context)\".")
  }
}

extension DataDirectory {
  /// Asks the process to end, and returns when it has let go of the data.
  func end(_ pid: Int32) async throws {
    guard kill(pid, SIGTERM) == 0 else {
      throw Failure("cannot signal process \(pid): \(String(cString: strerror(errno)))")
    }
    let start = ContinuousClock.now
    while isLocked {
      guard ContinuousClock.now - start < .seconds(60) else {
        throw Failure(
          "process \(pid) has not ended within 60 seconds. Look at \(log.path), or end it with kill -9 \(pid).")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
