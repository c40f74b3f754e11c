// Commands in running containers: the runtime's side. A helper process (CommandHelper) does it; a thread listens to what
// the command writes and to how it ends.

public import Pods
public import Probes
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension ProcessRuntime: ContainerExecutor {
  public func run(
    _ command: [String], in container: ContainerID, timeout: Duration?
  ) async throws -> CommandResult {
    guard let directory = worker.directory(of: container) else { throw UnknownContainer(id: container) }
    let listener = try CommandListener(worker.executable, directory, command, timeout: timeout)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        do {
          try HostThread { continuation.resume(with: Result { try listener.listen() }) }.detach()
        } catch {
          continuation.resume(throwing: error)
        }
      }
    } onCancel: {
      listener.giveUp()
    }
  }
}

/// What a command could not do, in words.
struct CommandError: Error, CustomStringConvertible {
  let description: String
}

private final class CommandListener: Sendable {
  private let helper: pid_t
  private let output: Descriptor
  private let report: Descriptor
  private let end: (read: Descriptor, write: Descriptor)

  init(_ executable: String, _ directory: ContainerDirectory, _ command: [String], timeout: Duration?) throws {
    guard !command.isEmpty, !command.contains(where: { $0.utf8.contains(0) }) else {
      throw CommandError(description: "there is no such command")
    }
    let output = try Descriptor.pipe()
    let report = try Descriptor.pipe()
    end = try Descriptor.pipe()
    let milliseconds = timeout.map {
      max(1, $0.components.seconds * 1000 + $0.components.attoseconds / 1_000_000_000_000_000)
    }
    helper = try spawn(
      [executable, "exec", directory.path, String(milliseconds ?? 0)] + command, output: output.write,
      errors: output.write, report: report.write)
    self.output = output.read
    self.report = report.read
  }

  /// From any thread: the command ends soon.
  func giveUp() { try? end.write.write([1]) }

  /// Until the command has ended, with everything that it has started.
  func listen() throws -> CommandResult {
    var written: [UInt8] = []
    var said: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    var isCancelled = false
    var open = [output.number, report.number, end.read.number]
    while open[1] >= 0 {
      let ready = waitForInput(open, timeout: -1)
      if ready[2] {
        isCancelled = true
        break
      }
      if ready[0] {
        if case .bytes(let count) = output.read(into: &buffer) {
          // What is too much is read all the same: a command must not hang on it.
          written += buffer.prefix(min(count, CommandResult.longestOutput - written.count))
        } else {
          open[0] = -1
        }
      }
      if ready[1] {
        if case .bytes(let count) = report.read(into: &buffer) { said += buffer.prefix(count) } else { open[1] = -1 }
      }
    }
    report.close()
    if !isCancelled { drain(into: &written) }
    output.close()
    uninterrupted { waitpid(helper, nil, 0) }
    if isCancelled { throw CancellationError() }
    return try result(Record(decoding: said), written)
  }

  /// What the pipe still holds when everybody who wrote to it has gone.
  private func drain(into written: inout [UInt8]) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    output.doNotBlock()
    while written.count < CommandResult.longestOutput, case .bytes(let count) = output.read(into: &buffer) {
      written += buffer.prefix(min(count, CommandResult.longestOutput - written.count))
    }
  }

  private func result(_ answer: Record, _ written: [UInt8]) throws -> CommandResult {
    if let failure = answer[CommandHelper.failure] { throw CommandError(description: failure) }
    if answer[CommandHelper.timeout] != nil { return CommandResult(exitCode: nil, output: written) }
    guard let code = answer.integer(CommandHelper.code) else {
      throw CommandError(description: "the command was lost: \(String(decoding: written, as: UTF8.self))")
    }
    return CommandResult(exitCode: code, output: written)
  }
}
