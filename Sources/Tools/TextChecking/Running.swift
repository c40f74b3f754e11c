import Foundation
import Synchronization

/// Other programs, started and always ended again.
enum Running {
  struct Outcome {
    var status: Int32
    /// What it wrote to both outputs, in its order.
    var output: String

    var lines: [String] {
      var lines = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      if lines.last == "" { lines.removeLast() }
      return lines
    }
  }

  /// Runs a program to its end; one that does not come to it is ended.
  static func run(
    _ words: [String], in folder: URL, environment: [String: String] = [:], limit: Duration = .seconds(120)
  ) throws -> Outcome {
    let pipe = Pipe()
    let process = try start(words, in: folder, environment: environment, output: pipe)
    defer { forget(process) }
    let isLate = Mutex(false)
    let watchdog = DispatchWorkItem {
      isLate.withLock { $0 = true }
      end(process, patience: .zero)
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + Double(limit.components.seconds), execute: watchdog)
    let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    watchdog.cancel()
    let text = String(decoding: bytes, as: UTF8.self)
    guard !isLate.withLock({ $0 }) else {
      return Outcome(status: 124, output: text + "(ended after \(limit.components.seconds) seconds)\n")
    }
    return Outcome(status: process.terminationStatus, output: text)
  }

  /// Starts a program that is found on the path, or named by its path. `forget` it when it has ended.
  static func start(_ words: [String], in folder: URL, environment: [String: String], output: Pipe) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    children.withLock { _ = $0.insert(process.processIdentifier) }
    return process
  }

  /// Asks a program to end; one that has not ended after some seconds is killed.
  static func end(_ process: Process, patience: Duration = .seconds(10)) {
    let end = ContinuousClock.now + patience
    if patience > .zero { signal(process.processIdentifier, SIGTERM) }
    while process.isRunning, ContinuousClock.now < end { usleep(20_000) }
    if process.isRunning { signal(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  static func forget(_ process: Process) {
    children.withLock { _ = $0.remove(process.processIdentifier) }
  }

  /// Does what starts programs; when it is interrupted, they are ended first.
  static func endingChildren<Result>(_ body: () throws -> Result) rethrows -> Result {
    let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      Foundation.signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        for child in children.withLock({ $0 }) { signal(child, SIGTERM) }
        usleep(1_000_000)
        for child in children.withLock({ $0 }) { signal(child, SIGKILL) }
        exit(128 + number)
      }
      source.resume()
      return source
    }
    defer {
      for source in sources { source.cancel() }
      for number in [SIGINT, SIGTERM, SIGHUP] { Foundation.signal(number, SIG_DFL) }
    }
    return try body()
  }

  private static let children = Mutex<Set<Int32>>([])

  /// A program that leads a group of processes is told together with those that it has started.
  private static func signal(_ child: Int32, _ number: Int32) {
    kill(getpgid(child) == child ? -child : child, number)
  }
}
