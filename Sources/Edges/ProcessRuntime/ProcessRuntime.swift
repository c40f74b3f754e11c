// Containers as processes of this machine, without privileges: what runs here sees the host's files. What it has of a
// container is its life: a session of its own, a clean environment, a log, a grace period, an exit code, nothing left
// behind; and where Linux lets it, a network.

public import Objects
public import Pods
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Runs containers as host processes.
///
/// All it knows is in its directory, and every container has a shim that works on without it: a new runtime over the
/// same directory finds every container that was started, running or ended. At most one runtime may use a directory
/// at a time.
///
/// A container gets the environment variables `PATH` (the agent's), `HOME` (its scratch directory), `HOSTNAME`,
/// `POD_IP`, and `TERMINATION_MESSAGE_PATH`, a file for its last words: `terminationMessagePath` itself would be a
/// path of the host. Its own variables come after these and win.
///
/// Standard input is a FIFO where it is to stay open, and empty otherwise; there are no terminals.
///
/// Images are not pulled. `hello-world`, `pause`, `shell`, `shop` and `web` are built in, under any registry and tag;
/// any other image runs the command that the container names.
public final class ProcessRuntime: ContainerRuntime {
  public let name = "process"
  public let version = "1.0.0"
  let worker: RuntimeWorker
  private let services: Mutex<[any Sendable]>
  private let thread: Mutex<HostThread?>

  /// - Parameters:
  ///   - directory: where containers are kept; made if it is not there.
  ///   - executable: the program whose `main` begins with `runHiddenCommand`: this one, as a rule.
  ///   - network: where pods get their addresses.
  ///   - node: 0…255; nodes of one network differ in it.
  ///   - services: what else this machine offers, for `service(_:)`.
  /// - Throws: when the directory cannot be used.
  public init(
    directory: String, executable: String, network: PodNetwork = .host, node: Int = 0,
    services: [any Sendable] = []
  ) throws {
    try Files.makeDirectory(directory + "/pods")
    guard let absolute = realpath(directory, nil) else { throw SystemError("open \(directory)") }
    defer { free(absolute) }
    let worker = try RuntimeWorker(
      root: String(cString: absolute), executable: executable, network: network, node: node)
    let shims = worker.restore()
    self.worker = worker
    self.services = Mutex(services)
    thread = Mutex(try HostThread { worker.run(shims) })
  }

  deinit { close() }

  /// Returns when nothing is written any more.
  private func close() {
    worker.close()
    let thread = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    thread?.join()
  }

  public func pods() -> [ObservedPod] { worker.pods() }

  public func pod(_ uid: String) -> ObservedPod? { worker.pod(uid) }

  public func perform(_ action: RuntimeAction, at now: Time) { worker.perform(action, at: now) }

  /// Has the runtime report this pod even if nothing else of it is here: something outside the runtime belongs to it.
  public func announce(_ pod: PodIdentity) { worker.announce(pod) }

  /// Says that something outside the runtime that belongs to this pod has changed.
  public func noteChange(ofPod uid: String) { worker.noteChange(uid) }

  /// Adds to what `service(_:)` answers with.
  public func offer(_ service: any Sendable) { services.withLock { $0.append(service) } }

  public func service<Service>(_ type: Service.Type) -> Service? {
    self as? Service ?? services.withLock { $0 }.lazy.compactMap { $0 as? Service }.first
  }

  /// Removes the directory with all that containers have left, directories that nobody may read among it. Only when none
  /// runs; the object is of no use any more.
  public func removeEverything() {
    close()
    Files.remove(worker.root)
  }

  public func onChange(_ notify: @escaping @Sendable (_ podUID: String) -> Void) { worker.onChange(notify) }

  public func logs(of container: ContainerID, from offset: Int) throws -> LogChunk {
    guard let directory = worker.directory(of: container) else { throw UnknownContainer(id: container) }
    return readLog(in: directory.log, from: offset)
  }
}
