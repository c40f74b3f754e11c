// A shim stands beside every container, in a session of its own: it starts the container's process, keeps its log,
// ends it when told to, and writes down how it ended. It is what lets containers outlive the agent that asked for
// them. The agent and its shims share nothing but the container's directory.
//
// What must stay true:
// - When the shim exits by itself, `exited` is written and no process of the container is left.
// - The shim's standard output is the FIFO `events`. Its end tells the agent, and any later agent, that the shim is
//   gone; a byte in it, that the records have changed.
// - It has one thread and waits for events only: a container at rest costs no CPU.

import Objects
import Pods

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Runs the shim of the container in this directory, until the container has ended; answers with an exit code.
///
/// The binary calls this before anything else when its first argument is "shim", with the arguments that follow.
public func runShim(arguments: [String]) -> Int32 {
  guard arguments.count == 1, let path = arguments.first else {
    return complain("shim: for use by the process runtime; takes the directory of a container")
  }
  do {
    try Shim(ContainerDirectory(path: path)).run()
    return 0
  } catch {
    return complain("shim: \(error)")
  }
}

/// Writes a line to standard error; answers with the exit code of failure.
func complain(_ message: String) -> Int32 {
  try? Descriptor(duplicating: 2).write(Array((message + "\n").utf8))
  return 1
}

private final class Shim {
  private let directory: ContainerDirectory
  private let calls: HiddenCalls
  private let family: ProcessFamily
  private let events: Descriptor
  private let control: Descriptor
  private var log: LogWriter
  private var inputWriter: Descriptor?
  private var streams: [Stream] = []
  private var buffer = [UInt8](repeating: 0, count: LogWriter.partLength)
  private var started = StartRecord(process: 0, birth: "", startedAt: HostClock.time())
  /// When the process will be killed, on the clock of `HostClock.ticks`.
  private var deadline: Int64?

  private final class Stream {
    let source: Descriptor
    var lines: LineSplitter
    var isOpen = true

    init(_ source: Descriptor, _ name: StaticString) {
      self.source = source
      lines = LineSplitter(stream: name)
      source.doNotBlock()
    }
  }

  init(_ directory: ContainerDirectory) throws {
    leaveAgent()
    self.directory = directory
    calls = try HiddenCalls()
    family = try ProcessFamily(calls)
    events = try Descriptor(duplicating: 1)
    // A FIFO that is also open to write never comes to its end.
    control = try Descriptor(opening: directory.control, O_RDWR | O_NONBLOCK)
    log = try LogWriter(directory: directory.log)
  }

  func run() throws {
    if let failure = try start() {
      waitpid(started.process, nil, 0)
      let (start, end) = (started.startedAt, HostClock.time())
      return try finish(.init(code: 128, reason: "StartError", message: failure, startedAt: start, finishedAt: end))
    }
    tell()
    // A stop may have been asked for before `control` was open.
    obeyStop()
    while family.status == nil { step() }
    let finishedAt = HostClock.time()
    family.end()
    for stream in streams where stream.isOpen { copy(stream, isLast: true) }
    try finish(exit(at: finishedAt))
  }

  /// Answers with the reason when the program cannot be run.
  private func start() throws -> String? {
    guard let launch = Record.read(directory.configuration).map({ Launch($0) }) else {
      throw SystemError("read \(directory.configuration)")
    }
    let output = try Descriptor.pipe()
    let errors = try Descriptor.pipe()
    if launch.keepsInputOpen { inputWriter = try Descriptor(opening: directory.input, O_RDWR) }
    let input = try Descriptor(opening: launch.keepsInputOpen ? directory.input : "/dev/null", O_RDONLY)
    streams = [Stream(output.read, "stdout"), Stream(errors.read, "stderr")]
    let surroundings = try Surroundings(launch, directory)
    for note in launch.notes { log.add(Array(note.utf8), from: "stderr", isPart: false, at: HostClock.now()) }
    let process = try ContainerProcess.start(
      launch, input: input, output: output.write, errors: errors.write, calls: calls,
      entering: { () throws(SystemError) in
        try surroundings?.enter(calls, workingDirectory: launch.workingDirectory)
      }
    ) { number in
      family.leader = number
      let birth = HostProcess.find(number)?.birth ?? ""
      started = StartRecord(process: number, birth: birth, startedAt: HostClock.time())
      try started.record.write(to: directory.started)
    }
    return process.failure
  }

  private func step() {
    let timeout = deadline.map { Int32(clamping: max(0, $0 - HostClock.ticks())) } ?? -1
    let ready = waitForInput(
      [control.number, family.news] + streams.map { $0.isOpen ? $0.source.number : -1 }, timeout: timeout)
    if ready[0] {
      _ = control.drain()
      obeyStop()
    }
    if ready[1] { family.reap() }
    for (stream, isReady) in zip(streams, ready.dropFirst(2)) where isReady { copy(stream, isLast: false) }
    if let deadline, HostClock.ticks() >= deadline {
      self.deadline = nil
      kill(started.process, SIGKILL)
    }
  }

  /// The first request signals the process; a later one can only bring its end nearer.
  private func obeyStop() {
    guard let gracePeriod = Record.read(directory.stop)?.integer("gracePeriod"), family.status == nil else { return }
    if deadline == nil && gracePeriod > 0 { kill(started.process, SIGTERM) }
    deadline = min(deadline ?? .max, HostClock.ticks() + Int64(clamping: gracePeriod) * 1000)
  }

  /// Moves what has been written into the log. The last time, what ended processes have left in the pipe, which is
  /// no more than a pipe can hold.
  private func copy(_ stream: Stream, isLast: Bool) {
    reading: for _ in 0..<(isLast ? 64 : 8) {
      switch stream.source.read(into: &buffer) {
      case .bytes(let count):
        stream.lines.take(buffer[..<count], into: &log)
      case .nothingYet:
        break reading
      case .end:
        stream.isOpen = false
        break reading
      }
    }
    if isLast || !stream.isOpen { stream.lines.finish(into: &log) }
    log.flush()
  }

  private func exit(at finishedAt: Time) -> ObservedContainer.Exit {
    let (code, signal) = family.exit
    return .init(
      code: code, signal: signal, reason: code == 0 ? "Completed" : "Error",
      message: lastWords(), startedAt: started.startedAt, finishedAt: finishedAt)
  }

  /// At most 4096 bytes from the end of the termination message.
  private func lastWords() -> String? {
    let limit = 4096
    let bytes = Files.read(directory.terminationMessage, limit: limit) ?? []
    var message = Substring(decoding: bytes, as: UTF8.self)
    while message.utf8.count > limit { message.removeFirst() }
    return message.isEmpty ? nil : String(message)
  }

  private func finish(_ exit: ObservedContainer.Exit) throws {
    try exit.record.write(to: directory.exited)
    tell()
  }

  /// Nobody may be listening.
  private func tell() { try? events.write([1]) }
}

/// Leaves the agent's session, its terminal, its open files (but those up to a number) and its signal settings behind.
///
/// What stands beside containers ignores requests to end: when the machine shuts down, everybody gets one, and a shim must
/// still record how its container took it.
func leaveAgent(keeping last: Int32 = 2) {
  setsid()
  _ = chdir("/")
  umask(0o077)
  #if canImport(Darwin)
    let open = Files.list("/dev/fd")
  #else
    let open = Files.list("/proc/self/fd")
  #endif
  for number in open.compactMap({ Int32($0) }) where number > last { close(number) }
  resetSignals()
  for number in [SIGHUP, SIGINT, SIGTERM, SIGPIPE] { signal(number, SIG_IGN) }
}
