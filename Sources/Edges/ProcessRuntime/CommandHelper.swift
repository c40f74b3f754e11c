// Stands beside a command that runs in a container, as a shim does beside the container: it enters the container's
// namespaces, starts the command with its own input and output, and says through descriptor 3 how that ended. The
// command ends with it, with the container, and when nobody listens any more.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Runs a command in the container of a directory: `DIRECTORY MILLISECONDS COMMAND …`, without time limit for 0. Answers
/// with an exit code, which says only whether there was something to say.
///
/// The binary calls this before anything else when its first argument is "exec", with the arguments that follow.
public func runCommandHelper(arguments: [String]) -> Int32 {
  guard arguments.count > 2, let limit = Int64(arguments[1]) else {
    return complain("exec: for use by the process runtime; takes the directory of a container, a time and a command")
  }
  leaveAgent(keeping: CommandHelper.reportNumber)
  do {
    let helper = try CommandHelper(ContainerDirectory(path: arguments[0]), command: Array(arguments.dropFirst(2)))
    try helper.run(limit: limit)
    return 0
  } catch {
    return complain("exec: \(error)")
  }
}

struct CommandHelper {
  /// What it answers: one of these keys, and its value.
  static let (code, timeout, failure) = ("code", "timeout", "failure")
  static let reportNumber: Int32 = 3

  private let directory: ContainerDirectory
  private let command: [String]
  private let report: Descriptor
  private let calls: HiddenCalls
  private let family: ProcessFamily

  init(_ directory: ContainerDirectory, command: [String]) throws {
    self.directory = directory
    self.command = command
    report = Descriptor(owning: Self.reportNumber)
    _ = fcntl(Self.reportNumber, F_SETFD, FD_CLOEXEC)
    calls = try HiddenCalls()
    family = try ProcessFamily(calls)
  }

  func run(limit: Int64) throws {
    var answer = Record()
    do {
      answer = try outcome(limit: limit)
    } catch {
      answer[Self.failure] = "\(error)"
    }
    try report.write(answer.encoded)
  }

  private func outcome(limit: Int64) throws -> Record {
    var answer = Record()
    let end = limit > 0 ? HostClock.ticks() + limit : .max
    guard var launch = Record.read(directory.configuration).map({ Launch($0) }),
      let container = StartRecord(Record.read(directory.started)), !Files.exists(directory.exited)
    else { throw SystemError("find a running container", code: ESRCH) }
    let containerEnds = try calls.watch(container.process)
    // Asked only now: from here on nobody else can come by the number unnoticed.
    guard HostProcess.find(container.process)?.birth == container.birth else {
      throw SystemError("find a running container", code: ESRCH)
    }
    launch.arguments = command
    let namespaces = try ContainerNamespaces(of: container.process)
    let process = try ContainerProcess.start(
      launch, input: Descriptor(duplicating: 0), output: Descriptor(duplicating: 1), errors: Descriptor(duplicating: 2),
      calls: calls, entering: { () throws(SystemError) in try namespaces.enter(calls) },
      recording: { family.leader = $0 })
    if let failure = process.failure {
      answer[Self.failure] = failure
    } else {
      // Whoever closes the other end of `report` makes it ready.
      let others = [family.news, containerEnds?.number ?? -1, report.number]
      waiting: while family.status == nil {
        let rest = end == .max ? -1 : Int32(clamping: max(0, end - HostClock.ticks()))
        let ready = waitForInput(others, timeout: rest)
        family.reap()
        if ready[1] || ready[2] { break waiting }
        if family.status == nil && HostClock.ticks() >= end {
          answer[Self.timeout] = "true"
          break waiting
        }
      }
    }
    let isOver = family.status != nil
    family.end()
    if isOver { answer[Self.code] = String(family.exit.code) }
    if answer.encoded.isEmpty { answer[Self.failure] = "the container has ended" }
    return answer
  }
}

/// The namespaces of a process in which this one is not.
struct ContainerNamespaces {
  private var found: [(Descriptor, NamespaceKinds)] = []

  init(of process: pid_t) throws(SystemError) {
    #if os(Linux)
      // The user namespace gives the right to enter the others; the mounts' comes last, for it changes all paths.
      for (name, kind) in [("user", .users), ("net", .network), ("uts", .hostname), ("mnt", .mounts)]
        as [(String, NamespaceKinds)]
      {
        let path = "/proc/\(process)/ns/\(name)"
        guard let other = Files.link(path) else { throw SystemError("look at \(path)") }
        if other == Files.link("/proc/self/ns/\(name)") { continue }
        found.append((try Descriptor(opening: path, O_RDONLY), kind))
      }
    #endif
  }

  func enter(_ calls: HiddenCalls) throws(SystemError) {
    for (namespace, kind) in found { try calls.enter(namespace, kind) }
  }
}
