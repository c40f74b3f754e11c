// The runtime's one thread. It carries out what requests have left to do, in their order, and waits on the `events`
// FIFOs of all shims; it sleeps whenever there is neither. State is behind a lock that is never held while a file is
// touched or somebody is notified, so `pods()` and `perform` never wait for the disk.

import Objects
import Pods
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

final class RuntimeWorker: Sendable {
  /// A living shim, seen from here.
  struct Shim: Sendable {
    let id: ContainerID
    let directory: ContainerDirectory
    let events: Descriptor
    /// Nil for a shim that an earlier agent started: that is somebody else's child.
    let process: pid_t?
  }

  struct Shared {
    var state = RuntimeState()
    var inbox: [RuntimeState.Work] = []
    var handlers: [@Sendable (String) -> Void] = []
    var isClosed = false
  }

  let root: String
  let network: PodNetwork
  let executable: String
  private let searchPath: String
  let shared = Mutex(Shared())
  let addresses: Mutex<AddressPool>
  private let wake: (read: Descriptor, write: Descriptor)

  init(root: String, executable: String, network: PodNetwork, node: Int) throws {
    self.root = root
    self.network = network
    addresses = Mutex(AddressPool(prefix: network.prefix(ofNode: node)))
    self.executable = executable
    searchPath = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    wake = try Descriptor.pipe()
    wake.read.doNotBlock()
    wake.write.doNotBlock()
  }

  // MARK: From any thread

  func pods() -> [ObservedPod] { shared.withLock { $0.state.pods() } }

  func pod(_ uid: String) -> ObservedPod? { shared.withLock { $0.state.pod(uid) } }

  func perform(_ action: RuntimeAction, at now: Time) {
    shared.withLock { shared in
      shared.inbox += shared.state.accept(action, at: now, runtimeID: newRuntimeID)
    }
    wakeUp()
  }

  func onChange(_ notify: @escaping @Sendable (String) -> Void) { shared.withLock { $0.handlers.append(notify) } }

  func announce(_ pod: PodIdentity) {
    shared.withLock { $0.state.announce(pod) }
    wakeUp()
  }

  func noteChange(_ podUID: String) {
    shared.withLock { $0.state.noteChange(podUID) }
    wakeUp()
  }

  func directory(of id: ContainerID) -> ContainerDirectory? {
    shared.withLock { $0.state.container(id) }.flatMap { _ in ContainerDirectory(root: root, id: id) }
  }

  func close() {
    shared.withLock { $0.isClosed = true }
    wakeUp()
  }

  private func wakeUp() { try? wake.write.write([1]) }

  // MARK: The thread

  /// Until `close`, when what was asked for before has been done. Containers run on.
  func run(_ shims: [Shim]) {
    var shims = shims
    while true {
      let (inbox, isLast) = takeInbox()
      for work in inbox {
        if let shim = carryOut(work) { shims.append(shim) }
      }
      notify()
      if isLast { return }
      let ready = waitForInput([wake.read.number] + shims.map(\.events.number), timeout: -1)
      if ready[0] { _ = wake.read.drain() }
      shims = zip(shims, ready.dropFirst()).filter { shim, isReady in !isReady || listen(to: shim) }.map(\.0)
      notify()
    }
  }

  private func takeInbox() -> (work: [RuntimeState.Work], isLast: Bool) {
    shared.withLock { shared in
      defer { shared.inbox = [] }
      return (shared.inbox, shared.isClosed)
    }
  }

  private func notify() {
    let (changed, handlers) = shared.withLock { ($0.state.takeChanged(), $0.handlers) }
    for podUID in changed {
      for handler in handlers { handler(podUID) }
    }
  }

  /// False when the shim is gone.
  private func listen(to shim: Shim) -> Bool {
    let isAlive = shim.events.drain()
    if !isAlive, let process = shim.process { uninterrupted { waitpid(process, nil, 0) } }
    if let state = readState(shim.directory, shimIsAlive: isAlive) {
      report(shim.id, state)
    } else if !isAlive {
      let words = Files.read(shim.directory.shimErrors, limit: 1024).map { String(decoding: $0, as: UTF8.self) } ?? ""
      refuse(
        shim.id, "RunContainerError", "the container's shim has ended too soon: \(words)", at: HostClock.time())
    }
    return isAlive
  }

  private func report(_ id: ContainerID, _ state: ObservedContainer.State) {
    shared.withLock { $0.state.observe(id, state: state) }
  }

  // MARK: Work

  /// Answers with a shim that it has started.
  private func carryOut(_ work: RuntimeState.Work) -> Shim? {
    switch work {
    case .makeSandbox(let identity, let usesHostNetwork):
      makeSandbox(identity, usesHostNetwork: usesHostNetwork)
    case .launch(let configuration, let runtimeID, let order, let now):
      return launch(configuration, runtimeID: runtimeID, order: order, at: now)
    case .stop(let id, let gracePeriod):
      guard let directory = ContainerDirectory(root: root, id: id) else { break }
      var record = Record()
      record["gracePeriod"] = String(gracePeriod)
      try? record.write(to: directory.stop)
      // A shim that is not listening yet will look for the record before it does.
      try? Descriptor(opening: directory.control, O_WRONLY | O_NONBLOCK).write([1])
    case .delete(let id):
      ContainerDirectory(root: root, id: id)?.delete()
    case .deleteSandbox(let podUID):
      guard Files.isName(podUID) else { break }
      network.remove(podUID)
      Files.remove(podRecord(podUID))
      Files.remove("\(root)/pods/\(podUID)")
    }
    return nil
  }

  private func makeSandbox(_ identity: PodIdentity, usesHostNetwork: Bool) {
    do {
      guard Files.isName(identity.uid), !identity.uid.contains(" ") else {
        throw SystemError("use \"\(identity.uid)\" as a name", code: EINVAL)
      }
      var sandbox = SandboxRecord(identity, address: hostAddress, usesHostNetwork: usesHostNetwork)
      if !usesHostNetwork {
        let taken = shared.withLock { $0.state.addresses }
        sandbox.address = try addresses.withLock { try $0.take(unless: taken) }
        try network.add(identity.uid, address: sandbox.address)
      }
      try Files.makeDirectory("\(root)/pods/\(identity.uid)/containers")
      try sandbox.record.write(to: podRecord(identity.uid))
      shared.withLock { $0.state.sandbox(identity.uid, addresses: [sandbox.address]) }
    } catch {
      network.remove(identity.uid)
      shared.withLock { $0.state.sandbox(identity.uid, addresses: [], failure: "\(error)") }
    }
  }

  private func launch(_ configuration: ContainerConfiguration, runtimeID: String, order: Int, at now: Time) -> Shim? {
    let id = configuration.id
    guard let directory = ContainerDirectory(root: root, id: id) else {
      report(id, .failedToStart(reason: "CreateContainerError", message: "\"\(id.name)\" is not a name", at: now))
      return nil
    }
    var record = Record()
    record["order"] = String(order)
    record["runtimeID"] = runtimeID
    record["image"] = configuration.image
    do {
      guard let sandbox = SandboxRecord(Record.read(podRecord(id.podUID)), uid: id.podUID) else {
        throw SystemError("find the pod's sandbox", code: ENOENT)
      }
      try Files.makeDirectory(directory.scratch)
      try Files.makeDirectory(directory.log)
      try directory.writeOwnFiles(for: configuration)
      switch ImageResolution(configuration, executable: executable) {
      case .refused(let reason, let message):
        try record.write(to: directory.configuration)
        refuse(id, reason, message, at: now)
        return nil
      case .command(let arguments, let imageID):
        record["imageID"] = imageID
        shared.withLock { $0.state.observe(id, imageID: imageID) }
        let launch = Launch(
          configuration, arguments: arguments, in: directory, searchPath: searchPath, sandbox: sandbox,
          holder: network.directory)
        try launch.add(to: &record)
      }
      try record.write(to: directory.configuration)
      let input = configuration.standardInput ? [directory.input] : []
      for path in [directory.events, directory.control] + input { try Files.makeFIFO(path) }
      return try startShim(id, directory)
    } catch {
      refuse(id, "CreateContainerError", "\(error)", at: now)
      return nil
    }
  }

  private func startShim(_ id: ContainerID, _ directory: ContainerDirectory) throws -> Shim {
    let events = try Descriptor(opening: directory.events, O_RDONLY | O_NONBLOCK)
    // The shim is given its end: from its first moment on, the FIFO tells whether it lives.
    let writer = try Descriptor(opening: directory.events, O_WRONLY | O_NONBLOCK)
    let process = try spawnShim(executable, directory, events: Descriptor(duplicating: writer.number))
    return Shim(id: id, directory: directory, events: events, process: process)
  }

  /// The container will never run. Written down, so that a later agent knows it too.
  private func refuse(_ id: ContainerID, _ reason: String, _ message: String, at now: Time) {
    var record = Record()
    record["reason"] = reason
    record["message"] = message
    record["at"] = String(now.microseconds)
    if let directory = ContainerDirectory(root: root, id: id) { try? record.write(to: directory.refused) }
    report(id, .failedToStart(reason: reason, message: message, at: now))
  }
}

private func newRuntimeID() -> String {
  (0..<4).map { _ in
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }.joined()
}
