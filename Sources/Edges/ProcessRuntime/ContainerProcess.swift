// From a shim to a running program, in four steps, each of which may be the last that the shim lives to see:
//
//   1. fork. The child leads a session of its own, and waits.
//   2. The shim writes down which process it is.
//   3. It says go. Had it died, the child would read the end of the pipe instead, and leave.
//   4. The child enters its surroundings and becomes the program, which closes the other pipe, or says through it why
//      that cannot be.
//
// So no program ever runs of which there is no record.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

struct ContainerProcess {
  let number: pid_t
  /// Why its program could not be run, in the words of runc where it has some; nil when it runs.
  let failure: String?

  /// Only for a process with a single thread. Closes the given descriptors on this side.
  static func start(
    _ launch: Launch, input: Descriptor, output: Descriptor, errors: Descriptor, calls: HiddenCalls,
    entering: () throws(SystemError) -> Void, recording: (pid_t) throws -> Void
  ) throws -> ContainerProcess {
    let go = try Descriptor.pipe()
    let failure = try Descriptor.pipe()
    let program = Program(launch)
    defer { program.deallocate() }

    let number = calls.fork()
    guard number >= 0 else { throw SystemError("fork") }
    if number == 0 {
      setsid()
      calls.dieWithParent()
      dup2(input.number, 0)
      dup2(output.number, 1)
      dup2(errors.number, 2)
      umask(0o022)
      resetSignals()
      // While this side could write as well, the end of the pipe would never come.
      go.write.close()
      var byte: UInt8 = 0
      guard uninterrupted({ read(go.read.number, &byte, 1) }) == 1 else { _exit(127) }
      try? failure.write.write(Array(begin(program, launch, calls, entering).utf8))
      _exit(127)
    }

    for descriptor in [input, output, errors, failure.write] { descriptor.close() }
    do {
      try recording(number)
      try go.write.write([1])
    } catch {
      // The child has not begun and now never will.
      go.write.close()
      waitpid(number, nil, 0)
      throw error
    }
    var reason = [UInt8](repeating: 0, count: 4096)
    let count = uninterrupted { read(failure.read.number, &reason, reason.count) }
    return ContainerProcess(
      number: number, failure: count > 0 ? String(decoding: reason.prefix(count), as: UTF8.self) : nil)
  }

  /// Returns only when the program cannot be run, and why.
  private static func begin(
    _ program: Program, _ launch: Launch, _ calls: HiddenCalls, _ entering: () throws(SystemError) -> Void
  ) -> String {
    do {
      try entering()
    } catch {
      return "\(error)"
    }
    // Who enters another user namespace may lose this.
    calls.dieWithParent()
    guard chdir(launch.workingDirectory) == 0 else { return "\(SystemError("chdir \(launch.workingDirectory)"))" }
    return program.describe(program.run())
  }
}

/// Gives a new program the signals as every program expects to find them.
func resetSignals() {
  for number in 1..<Int32(32) { signal(number, SIG_DFL) }
  var none = sigset_t()
  sigemptyset(&none)
  sigprocmask(SIG_SETMASK, &none, nil)
}

/// A command in C's form, made before the fork, and all the places where it could be found.
private struct Program {
  private let name: String
  private let candidates: CStrings
  private let arguments: CStrings
  private let environment: CStrings

  init(_ launch: Launch) {
    let name = launch.arguments.first ?? ""
    let path = launch.environment.last { $0.hasPrefix("PATH=") }?.dropFirst(5) ?? ""
    self.name = name
    // A name with a slash says where it is.
    candidates = CStrings(
      name.utf8.contains(UInt8(ascii: "/"))
        ? [name] : path.split(separator: ":").filter { _ in !name.isEmpty }.map { "\($0)/\(name)" })
    arguments = CStrings(launch.arguments)
    environment = CStrings(launch.environment)
  }

  func deallocate() {
    candidates.deallocate()
    arguments.deallocate()
    environment.deallocate()
  }

  /// Returns only when the program cannot be run, and why.
  func run() -> Int32 {
    var result = ENOENT
    for position in 0..<candidates.count {
      guard let candidate = candidates.pointer[position] else { continue }
      execve(candidate, arguments.pointer, environment.pointer)
      // A file that may not be run is a better explanation than that the next place has none.
      if errno != ENOENT && errno != ENOTDIR { result = errno }
      if errno != ENOENT && errno != ENOTDIR && errno != EACCES { break }
    }
    return result
  }

  func describe(_ code: Int32) -> String {
    let wasSearched = !name.utf8.contains(UInt8(ascii: "/"))
    return switch code {
    case ENOENT where wasSearched: "exec: \"\(name)\": executable file not found in $PATH"
    case ENOENT: "exec: \"\(name)\": stat \(name): no such file or directory"
    default: "exec: \"\(name)\": \(String(cString: strerror(code)).lowercased())"
    }
  }
}
