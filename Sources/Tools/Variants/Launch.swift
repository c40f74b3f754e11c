import Dispatch
import Foundation
import Synchronization

/// One run of a program, with limits.
struct Launch: Sendable {
  var program: String
  var arguments: [String]
  var environment: [String: String] = [:]
  /// Seconds of processor time that it may use. A program that loops ends by this, however busy the machine is; one
  /// that waits for ever ends after a multiple of it.
  var seconds: Int
  /// Ends the program once it prints this.
  var stop: String?

  enum Ending: Sendable, Hashable {
    case exited(Int32)
    case crashed(signal: Int32)
    case timedOut
    /// It printed the text to stop at.
    case stopped
  }

  struct Outcome: Sendable {
    var ending: Ending
    /// What it printed.
    var output: String
  }

  /// Why the program was ended, if it was.
  private final class Cut: Sendable {
    private let first = Mutex<Ending?>(nil)
    var ending: Ending? { first.withLock { $0 } }
    func note(_ ending: Ending) { first.withLock { $0 = $0 ?? ending } }
  }

  func run() throws -> Outcome {
    let process = Process()
    let pipe = Pipe()
    // An endless loop may fill the memory before its time is up; where the shell cannot limit that, it goes without.
    let limits = "ulimit -t \(seconds); ulimit -v 8000000 2>/dev/null; exec \"$0\" \"$@\""
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", limits, program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let identifier = process.processIdentifier
    let cut = Cut()
    let end = DispatchWorkItem {
      cut.note(.timedOut)
      kill(identifier, SIGKILL)
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds * 6 + 20), execute: end)
    var output = Data()
    let mark = stop.map { Data($0.utf8) }
    var searched = 0
    while case let part = pipe.fileHandleForReading.availableData, !part.isEmpty {
      output += part
      guard let mark else { continue }
      if output[searched...].firstRange(of: mark) != nil {
        cut.note(.stopped)
        kill(identifier, SIGKILL)
        break
      }
      searched = max(0, output.count - mark.count)
    }
    process.waitUntilExit()
    end.cancel()
    return Outcome(ending: cut.ending ?? ending(of: process), output: String(decoding: output, as: UTF8.self))
  }

  private func ending(of process: Process) -> Ending {
    let status = process.terminationStatus
    guard process.terminationReason == .uncaughtSignal else { return .exited(status) }
    return status == SIGKILL || status == SIGXCPU ? .timedOut : .crashed(signal: status)
  }
}

/// Calls `work` for every element, on two threads, and keeps the order of the results.
func concurrently<Element: Sendable, Value: Sendable>(
  _ elements: [Element], _ work: @Sendable (Element) throws -> Value
) throws -> [Value] {
  let results = Mutex<[Int: Result<Value, any Error>]>([:])
  let next = Mutex(0)
  DispatchQueue.concurrentPerform(iterations: 2) { _ in
    while true {
      let index = next.withLock { index in
        defer { index += 1 }
        return index
      }
      guard index < elements.count else { return }
      let result = Result { try work(elements[index]) }
      results.withLock { $0[index] = result }
      if case .failure = result { return }
    }
  }
  return try results.withLock { $0 }.sorted { $0.key < $1.key }.map { try $0.value.get() }
}
