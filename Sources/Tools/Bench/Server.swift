import APIServer
import Foundation
import HTTP
import Objects

/// The binary under measurement, as a process of its own.
final class Server: Sendable {
  let client: HTTPClient
  let pid: Int32
  /// Where the Ingress answers: "http://localhost:8080".
  let ingress: String
  /// From the call until the server said that it was ready.
  let startTime: Duration
  private let directory: URL
  private let executable: URL

  init(_ arguments: [String]) throws {
    executable = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("swiftlet")
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("swiftlet-bench-\(getpid())")
    try? FileManager.default.removeItem(at: directory)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    setenv("KUBECONFIG", directory.appendingPathComponent("kubeconfig").path, 1)
    let data = directory.appendingPathComponent("data").path
    let start = ContinuousClock.now
    try Self.run(executable, ["start", "--detach", "--port", "0", "--data-dir", data] + arguments)
    startTime = ContinuousClock.now - start
    let state = try Value(parsing: Array(Data(contentsOf: URL(fileURLWithPath: data + "/cluster.json"))))
    pid = Int32(state["pid"]?.integer ?? 0)
    ingress = state["ingress"]?.string ?? ""
    func read(_ name: String) throws -> String { try String(contentsOfFile: data + "/pki/" + name, encoding: .utf8) }
    let tls = ClientTLS(
      authorities: try read("ca.crt"), certificateChain: try read("admin.crt"), privateKey: try read("admin.key"))
    client = try HTTPClient(server: state["server"]?.string ?? "", tls: tls)
  }

  func stop() throws {
    try Self.run(executable, ["stop", "--data-dir", directory.appendingPathComponent("data").path])
    try FileManager.default.removeItem(at: directory)
  }

  private static func run(_ executable: URL, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }

  /// CPU that the process has used so far, in seconds.
  var cpu: Double { cpuSeconds(of: pid) }

  /// Memory in use, in MiB.
  var memory: Double {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS") }),
      let kibibytes = Double(line.filter(\.isNumber))
    else { return .nan }
    return kibibytes / 1_024
  }

  @discardableResult
  func send(_ method: String, _ path: String, _ body: Value? = nil) async throws -> HTTPClient.Answer<[UInt8]> {
    let answer = try await client.send(
      Request(
        method: method, path: path, headers: [("content-type", "application/json")], body: body?.encoded() ?? []))
    guard answer.status < 300 else { throw Unexpected(text: String(decoding: answer.body, as: UTF8.self)) }
    return answer
  }
}

struct Unexpected: Error, CustomStringConvertible {
  let text: String
  var description: String { text }
}

/// CPU that a process has used so far, in seconds (Linux: user and system ticks of /proc).
func cpuSeconds(of pid: Int32) -> Double {
  guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
    let rest = text.split(separator: ")").last
  else { return .nan }
  let fields = rest.split(separator: " ")
  guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return .nan }
  return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
}
