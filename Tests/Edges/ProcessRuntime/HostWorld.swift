import Foundation
import Objects
import Pods
import Testing

@testable import ProcessRuntime

/// The process runtime on this machine, in a directory of its own.
final class HostWorld: RuntimeWorld {
  let root = NSTemporaryDirectory() + "swiftlet-" + UUID().uuidString
  var form: PodNetwork.Form
  private(set) var network = PodNetwork.host
  private var process: ProcessRuntime?
  private let changes = Changes()

  /// Wakes whoever waits for the runtime.
  private final class Changes: Sendable {
    let condition = NSCondition()

    func announce() {
      condition.lock()
      condition.broadcast()
      condition.unlock()
    }
  }

  init(_ form: PodNetwork.Form = .host) throws {
    self.form = form
    try restartAgent()
  }

  deinit {
    let containers = runtime.pods().flatMap(\.containers).map(\.id)
    for id in containers { perform(.stop(id, gracePeriod: 0)) }
    _ = wait { containers.allSatisfy { container($0)?.state.isFinal != false } }
    process = nil
    network.end()
    Files.remove(root)
    Files.remove(networkDirectory)
  }

  var networkDirectory: String { root + "-network" }

  var runtime: any ContainerRuntime {
    guard let process else { preconditionFailure("there is a runtime as long as there is a world") }
    return process
  }

  var now: Time { HostClock.time() }

  func restartAgent() throws {
    process = nil
    // Before the new one begins: all its connections are closed, as if its process had been killed.
    network = .host
    network = try PodNetwork.open(directory: networkDirectory, executable: Self.executable, form: form)
    let next = try ProcessRuntime(directory: root, executable: Self.executable, network: network, node: 7)
    next.onChange { [changes] _ in changes.announce() }
    process = next
  }

  /// The agent is gone, and something else happens before the next one comes.
  func restartAgent(after event: () throws -> Void) throws {
    process = nil
    network = .host
    try event()
    try restartAgent()
  }

  func wait(until condition: () -> Bool) -> Bool {
    let end = Date(timeIntervalSinceNow: 30)
    changes.condition.lock()
    defer { changes.condition.unlock() }
    // What is not announced, such as the end of a process, is looked at now and then.
    while !condition() {
      guard Date() < end else { return false }
      _ = changes.condition.wait(until: Date(timeIntervalSinceNow: 0.05))
    }
    return true
  }

  func configuration(
    _ id: ContainerID, in pod: PodIdentity, _ behaviour: ContainerBehaviour
  ) -> ContainerConfiguration {
    var configuration = ContainerConfiguration(id: id, pod: pod, image: "example.com/tool:v1")
    switch behaviour {
    case .printAndExit(let lines, let code):
      let script = lines.map { "echo '\($0)'; " }.joined() + "exit \(code)"
      configuration.command = ["/bin/sh", "-c", script]
    case .runUntilAsked:
      configuration.command = ["sleep", "1000"]
    case .ignoreRequests:
      configuration.command = ["/bin/sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1000; done"]
    case .haveNoImage:
      break
    }
    return configuration
  }

  /// Starts a container that runs this shell script.
  func start(
    _ name: String, script: String, _ change: (inout ContainerConfiguration) -> Void = { _ in }
  ) -> ContainerID {
    start(name) {
      $0.command = ["/bin/sh", "-c", script]
      change(&$0)
    }
  }

  func start(_ name: String, image: String = "tool", _ change: (inout ContainerConfiguration) -> Void) -> ContainerID {
    let pod = PodIdentity(namespace: "default", name: "pod-\(name)", uid: "uid-\(name)")
    var configuration = ContainerConfiguration(
      id: ContainerID(podUID: pod.uid, name: "main", attempt: 0), pod: pod, image: image)
    change(&configuration)
    perform(.startSandbox(pod))
    perform(.start(configuration))
    return configuration.id
  }

  /// Starts a container, waits for its end, and answers with that and with what it has written.
  func run(
    _ script: String, _ change: (inout ContainerConfiguration) -> Void = { _ in }
  ) throws -> (exit: ObservedContainer.Exit, lines: [String]) {
    let id = start("script-\(UUID().uuidString)", script: script, change)
    return (try exit(of: id), try log(of: id).map(\.content))
  }

  func directory(_ id: ContainerID) throws -> ContainerDirectory {
    try #require(ContainerDirectory(root: root, id: id))
  }

  func process(of id: ContainerID) throws -> pid_t {
    try #require(StartRecord(Record.read(directory(id).started))).process
  }

  func shim(of id: ContainerID) throws -> pid_t {
    try #require(HostProcess.find(process(of: id))).parent
  }

  /// How many files in the runtime's directory this process has open.
  var openFiles: Int {
    Files.list("/dev/fd").compactMap { Int32($0) }.count { number in
      var path = [CChar](repeating: 0, count: Int(PATH_MAX))
      #if canImport(Darwin)
        let length = fcntl(number, F_GETPATH, &path) == 0 ? strlen(path) : 0
      #else
        let length = max(0, readlink("/proc/self/fd/\(number)", &path, path.count - 1))
      #endif
      return String(decoding: path.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self).contains(root)
    }
  }

  /// The program beside the tests that answers to "shim" and "image".
  static let executable: String = {
    #if os(macOS)
      var information = Dl_info()
      dladdr(#dsohandle, &information)
      // …/swiftletPackageTests.xctest/Contents/MacOS/swiftletPackageTests
      let tests = URL(fileURLWithPath: String(cString: information.dli_fname))
      let products = tests.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    #else
      let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    #endif
    return products.appendingPathComponent("shim").path
  }()
}

func isAlive(_ process: pid_t) -> Bool {
  HostProcess.find(process).map { !$0.isZombie } ?? false
}
