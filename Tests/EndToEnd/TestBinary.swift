import Foundation
import Testing

/// The built binary, with a data directory and a kubeconfig of its own.
final class TestBinary: @unchecked Sendable {
  let directory: URL
  private let executable: URL

  init() throws {
    // Tests are built beside the binary.
    let products = Bundle(for: TestBinary.self).bundleURL.deletingLastPathComponent()
    let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    executable = try #require(
      [beside, products].map { $0.appendingPathComponent("swiftlet") }
        .first { FileManager.default.isExecutableFile(atPath: $0.path) }, "the binary has not been built")
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("swiftlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit {
    _ = try? run("swiftlet", ["stop", "--data-dir", data])
    try? FileManager.default.removeItem(at: directory)
  }

  var data: String { directory.appendingPathComponent("data").path }

  struct Output {
    var status: Int32
    var text: String
  }

  /// kubectl, where one is installed.
  static let kubectl: String? = ["/usr/bin/kubectl", "/usr/local/bin/kubectl", "/opt/homebrew/bin/kubectl"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Starts the cluster in the background on a port that is free.
  func start(_ arguments: [String] = []) throws -> Output {
    try swiftlet(["start", "--detach", "--port", "0", "--data-dir", data] + arguments)
  }

  func swiftlet(_ arguments: [String]) throws -> Output { try run("swiftlet", arguments) }

  /// Starts it again after its process was killed, which may hold the data directory for a moment longer.
  func startAgain(_ arguments: [String] = []) throws -> Output {
    var output = try start(arguments)
    for _ in 0..<50 where output.status != 0 { output = try start(arguments) }
    return output
  }

  /// The real kubectl, or the bundled one where there is none.
  func kubectl(_ arguments: String...) throws -> Output { try kubectl(arguments) }

  func kubectl(_ arguments: [String]) throws -> Output {
    try Self.kubectl == nil ? run("swiftlet", ["kubectl"] + arguments) : run("kubectl", arguments)
  }

  static let python: String? = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Python, with kubectl in its path.
  func python(_ arguments: String...) throws -> Output { try run("python3", arguments) }

  /// The process that serves, by its id.
  var pid: Int32? { state["pid"] as? Int32 }

  /// Where the Ingress server answers: "http://127.0.0.1:8080".
  var ingress: String { state["ingress"] as? String ?? "" }

  private var state: [String: Any] {
    guard let state = try? Data(contentsOf: URL(fileURLWithPath: data + "/cluster.json")) else { return [:] }
    return (try? JSONSerialization.jsonObject(with: state)) as? [String: Any] ?? [:]
  }

  /// Whether this machine lets everybody have networks of their own, so that pods can have them.
  static let hasPodNetworks: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments = ["-Urnm", "true"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  /// A manifest of the folder examples.
  static func example(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../examples/\(name)").path
  }

  func write(_ text: String, to name: String) throws -> String {
    let url = directory.appendingPathComponent(name)
    try text.write(to: url, atomically: true, encoding: .utf8)
    return url.path
  }

  private func run(_ program: String, _ arguments: [String]) throws -> Output {
    let process = Process()
    let others = ["kubectl": Self.kubectl, "python3": Self.python]
    process.executableURL = others[program].map { URL(fileURLWithPath: $0 ?? "") } ?? executable
    process.arguments = arguments
    process.environment = [
      "KUBECONFIG": directory.appendingPathComponent("kubeconfig").path, "HOME": directory.path,
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Output(status: process.terminationStatus, text: text)
  }
}
