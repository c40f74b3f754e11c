// One call of kubectl: what was typed, and the world in which it runs.

import Foundation
import HTTP
import Objects
import Synchronization

/// Everything outside of the program that a command may touch. Tests bring their own.
struct World: Sendable {
  var environment: [String: String]
  var write: @Sendable ([UInt8]) -> Void
  var complain: @Sendable (String) -> Void
  /// All of standard input.
  var input: @Sendable () -> [UInt8]
  /// A file's bytes; nil when it cannot be read.
  var read: @Sendable (String) -> [UInt8]?
  var now: @Sendable () -> Time
  var pause: @Sendable (Duration) async throws -> Void
  var connect: @Sendable (Connection) throws -> any Transport

  static var real: World {
    World(
      environment: ProcessInfo.processInfo.environment,
      write: { try? FileHandle.standardOutput.write(contentsOf: $0) },
      complain: { try? FileHandle.standardError.write(contentsOf: Array($0.utf8)) },
      input: { Array(FileHandle.standardInput.readDataToEndOfFile()) },
      read: { FileManager.default.contents(atPath: $0).map { Array($0) } },
      now: { Time(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) },
      pause: { try await Task.sleep(for: $0) },
      connect: { try HTTPClient(server: $0.server, tls: $0.tls) })
  }
}

struct Invocation: Sendable {
  /// "rollout status".
  let command: String
  let arguments: Arguments
  let world: World
  let connection: Connection?
  let client: Client?

  var operands: [String] { arguments.operands }

  init(_ command: Command, _ arguments: Arguments, _ world: World) throws {
    self.command = command.name
    self.arguments = arguments
    self.world = world
    guard command.needsServer(arguments) else {
      (connection, client) = (nil, nil)
      return
    }
    let config = try Kubeconfig(explicitPath: arguments["kubeconfig"], environment: world.environment, read: world.read)
    let connection = try Connection(config, arguments, read: world.read)
    let (complain, warnings) = (world.complain, Warnings())
    self.connection = connection
    client = Client(
      transport: try world.connect(connection), command: "kubectl \(command.name)", token: connection.token,
      warn: { if warnings.isNew($0) { complain("Warning: \($0)\n") } }, impersonated: arguments["as"])
  }

  /// The namespace in which the command works.
  var namespace: String { connection?.namespace ?? arguments["namespace"].nonEmpty ?? "default" }

  /// Nil for all namespaces.
  var scope: String? { arguments.isOn("all-namespaces") ? nil : namespace }

  func server() throws -> Client {
    guard let client else { throw Failure.error("\(command) does not talk to a server") }
    return client
  }

  func say(_ line: String) { world.write(Array((line + "\n").utf8)) }
  func write(_ text: String) { world.write(Array(text.utf8)) }
  func complain(_ line: String) { world.complain(line + "\n") }

  func usage(_ message: String) -> Failure { .usage(message, of: command) }

  /// The kubeconfig files, for the commands that show or change them.
  func kubeconfig() throws -> Kubeconfig {
    try Kubeconfig(explicitPath: arguments["kubeconfig"], environment: world.environment, read: world.read)
  }
}

/// Whether a command that changes something only says what it would do.
enum DryRun: String {
  case none, client, server

  /// What is added to "deployment.apps/web configured".
  var note: String {
    switch self {
    case .none: ""
    case .client: " (dry run)"
    case .server: " (server dry run)"
    }
  }

  var query: Client.Query { self == .server ? [(name: "dryRun", value: "All")] : [] }
}

extension Invocation {
  func dryRun() throws -> DryRun {
    let text = arguments["dry-run"] ?? "none"
    if text == "unchanged" || text == "true" { return .client }
    guard let dryRun = DryRun(rawValue: text) else {
      throw Failure.error("Invalid dry-run value (\(text)). Must be \"none\", \"server\", or \"client\".")
    }
    return dryRun
  }
}

/// A command may ask ten times, be warned ten times, and tells it once.
private final class Warnings: Sendable {
  private let told = Mutex<Set<String>>([])

  func isNew(_ text: String) -> Bool { told.withLock { $0.insert(text).inserted } }
}
