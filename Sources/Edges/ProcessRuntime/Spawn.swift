// The agent's side of starting: a shim, and the thread that waits for shims. Both are plain POSIX.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Starts `executable shim DIRECTORY` with `events` as its standard output and nothing else of this process.
func spawnShim(_ executable: String, _ directory: ContainerDirectory, events: Descriptor) throws(SystemError) -> pid_t {
  let errors = try Descriptor(opening: directory.shimErrors, O_WRONLY | O_CREAT | O_APPEND)
  return try spawn([executable, "shim", directory.path], output: events, errors: errors)
}

/// Starts a program of this machine with an empty environment and nothing of this process but what it is given.
func spawn(
  _ command: [String], output: Descriptor, errors: Descriptor, report: Descriptor? = nil
) throws(SystemError) -> pid_t {
  #if canImport(Darwin)
    var actions: posix_spawn_file_actions_t?
  #else
    var actions = posix_spawn_file_actions_t()
  #endif
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, output.number, 1)
  posix_spawn_file_actions_adddup2(&actions, errors.number, 2)
  // The last of them: the others may be this number themselves.
  if let report { posix_spawn_file_actions_adddup2(&actions, report.number, CommandHelper.reportNumber) }
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)

  let executable = command.first ?? ""
  let arguments = CStrings(command)
  let environment = CStrings([])
  defer {
    arguments.deallocate()
    environment.deallocate()
  }
  var process: pid_t = 0
  let code = posix_spawn(&process, executable, &actions, nil, arguments.pointer, environment.pointer)
  guard code == 0 else { throw SystemError("start \(executable)", code: code) }
  return process
}

/// A thread that other threads can wait for.
final class HostThread: Sendable {
  #if canImport(Darwin)
    // A pointer there, used as a name only.
    nonisolated(unsafe) private let thread: pthread_t
  #else
    private let thread: pthread_t
  #endif

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  init(_ run: @escaping @Sendable () -> Void) throws(SystemError) {
    let body = Unmanaged.passRetained(Body(run))
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let code = pthread_create(&thread, nil, { HostThread.begin($0) }, body.toOpaque())
    #if canImport(Darwin)
      let created = thread
    #else
      let created: pthread_t? = thread
    #endif
    guard code == 0, let created else {
      body.release()
      throw SystemError("start a thread", code: code)
    }
    self.thread = created
  }

  /// Nobody will wait for this thread: what it takes is free as soon as it ends.
  func detach() { pthread_detach(thread) }

  /// Waits for the thread's end, unless this is that thread.
  func join() {
    if pthread_equal(pthread_self(), thread) != 0 {
      pthread_detach(thread)
    } else {
      pthread_join(thread, nil)
    }
  }

  private static func begin(_ body: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    // Signals are for the program's other threads. A write to a FIFO without reader is an error here, not a signal.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, nil)
    if let body { Unmanaged<Body>.fromOpaque(body).takeRetainedValue().run() }
    return nil
  }
}

/// A null-terminated array of C strings.
struct CStrings {
  let count: Int
  let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  init(_ strings: [String]) {
    count = strings.count
    pointer = .allocate(capacity: strings.count + 1)
    for (position, string) in strings.enumerated() { (pointer + position).initialize(to: strdup(string)) }
    (pointer + strings.count).initialize(to: nil)
  }

  func deallocate() {
    for position in 0..<count { free(pointer[position]) }
    pointer.deallocate()
  }
}
