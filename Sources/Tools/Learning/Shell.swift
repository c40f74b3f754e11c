import Foundation
import Synchronization
import Workbook

/// Runs another program with a limit of time, and ends it when the user interrupts this one.
enum Shell {
  enum End: Equatable {
    case exited(Int32)
    /// Ended by a signal: it has trapped.
    case killed(Int32)
    case tookTooLong
  }

  /// The user has pressed Ctrl-C.
  struct Interrupted: Error, CustomStringConvertible {
    let description = "stopped; nothing is lost"
  }

  /// What it prints goes into `log`, which begins empty.
  static func run(
    _ arguments: [String], _ folder: URL, _ environment: [String: String], _ log: URL, _ seconds: Double
  ) throws -> End {
    try Files.write(Data(), to: log)
    let output = try FileHandle(forWritingTo: log)
    defer { try? output.close() }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    Interruption.watch()
    try withAllSignals { try process.run() }
    // A program that this one starts is no longer among those that a terminal interrupts together.
    let hasEnded = wait(for: ended, seconds: seconds) { Interruption.hasCome }
    if !hasEnded { end(process, ended) }
    if Interruption.hasCome { throw Interrupted() }
    if !hasEnded { return .tookTooLong }
    return process.terminationReason == .exit
      ? .exited(process.terminationStatus) : .killed(process.terminationStatus)
  }

  /// A program inherits which signals its starter's thread holds back; threads of a pool hold back nearly all.
  private static func withAllSignals(_ start: () throws -> Void) rethrows {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try start()
  }

  private static func wait(
    for ended: DispatchSemaphore, seconds: Double, unless isOver: () -> Bool = { false }
  ) -> Bool {
    for _ in 0..<max(1, Int(seconds * 10)) {
      if ended.wait(timeout: .now() + 0.1) == .success { return true }
      if isOver() { return false }
    }
    return false
  }

  /// Politely first: `swift test` then ends what it has started itself.
  private static func end(_ process: Process, _ ended: DispatchSemaphore) {
    for signal in [SIGINT, SIGTERM, SIGKILL] {
      kill(process.processIdentifier, signal)
      if wait(for: ended, seconds: 5) { return }
    }
  }
}

/// Whether the user wants this program to end.
enum Interruption {
  private static let came = Atomic(false)

  static var hasCome: Bool { came.load(ordering: .relaxed) }

  /// From here on Ctrl-C is noticed instead of ending the program at once.
  static func watch() {
    _ = hasCome
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { _ in Interruption.came.store(true, ordering: .relaxed) }
    }
  }
}
