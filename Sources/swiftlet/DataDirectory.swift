import Foundation

/// Where a cluster keeps everything that outlives its process.
struct DataDirectory {
  let url: URL

  /// - Parameter path: nil for `$SWIFTLET_HOME`, or `.swiftlet` in the user's home directory.
  init(_ path: String?) {
    let environment = ProcessInfo.processInfo.environment
    let given = path ?? environment["SWIFTLET_HOME"] ?? ""
    url =
      given.isEmpty
      ? Home.url.appendingPathComponent(".swiftlet")
      : URL(fileURLWithPath: given).standardizedFileURL
  }

  var database: URL { url.appendingPathComponent("state.db") }
  var certificates: URL { url.appendingPathComponent("pki") }
  var nodes: URL { url.appendingPathComponent("nodes") }
  var network: URL { url.appendingPathComponent("network") }
  var log: URL { url.appendingPathComponent("swiftlet.log") }
  private var state: URL { url.appendingPathComponent("cluster.json") }
  private var lock: URL { url.appendingPathComponent("lock") }

  var exists: Bool { FileManager.default.fileExists(atPath: url.path) }

  /// Makes the directory, for its owner only.
  func create() throws {
    do {
      try FileManager.default.createDirectory(
        at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw Failure("cannot create the data directory \(url.path): \(error.localizedDescription)")
    }
    guard access(url.path, W_OK) == 0 else {
      throw Failure(
        "the data directory \(url.path) is not writable. Choose another one with --data-dir, or change its permissions."
      )
    }
  }

  /// Keeps other processes from this cluster until the returned descriptor is closed.
  func acquireLock() throws -> Int32 {
    let descriptor = open(lock.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Failure("cannot open \(lock.path): \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      let who = (try? readState()).map { " (pid \($0.pid), \($0.server))" } ?? ""
      throw Failure(
        "a cluster is already running on \(url.path)\(who). Stop it with `swiftlet stop`, or use another --data-dir.")
    }
    return descriptor
  }

  /// Whether a process holds the lock.
  var isLocked: Bool {
    let descriptor = open(lock.path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0
  }

  /// What a running cluster says of itself.
  struct State: Codable {
    var pid: Int32
    var server: String
    var layers: [String]
    var nodes: [String]
    var simulatedNodes: Int
    var context: String
    /// Where the Ingress answers without TLS.
    var ingress: String?
  }

  /// What runs here now; nil when nothing does, or nothing that is ready.
  var running: State? { isLocked ? try? readState() : nil }

  func readState() throws -> State {
    try JSONDecoder().decode(State.self, from: Data(contentsOf: state))
  }

  func write(_ newState: State) throws {
    try JSONEncoder().encode(newState).write(to: state, options: .atomic)
  }

  func removeState() { try? FileManager.default.removeItem(at: state) }
}

/// Something that a person can mend, in a sentence that says how.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// The user's home directory.
enum Home {
  /// What `$HOME` says, as for kubectl; the operating system's own record may name another.
  static var url: URL {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? ""
    return home.isEmpty
      ? FileManager.default.homeDirectoryForCurrentUser : URL(fileURLWithPath: home, isDirectory: true)
  }
}
