// A runtime's memory is on disk: what the records of a container say, read after every change, and read all at once
// by a runtime that begins.

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

extension RuntimeWorker {
  func podRecord(_ podUID: String) -> String { "\(root)/pods/\(podUID)/pod" }

  /// What the records of a container say; nil when it has not begun to run.
  func readState(_ directory: ContainerDirectory, shimIsAlive: Bool) -> ObservedContainer.State? {
    if let refused = Record.read(directory.refused), let reason = refused["reason"] {
      let at = Time(microseconds: Int64(refused.integer("at") ?? 0))
      return .failedToStart(reason: reason, message: refused["message"] ?? "", at: at)
    }
    if let exit = ObservedContainer.Exit(Record.read(directory.exited)) { return .exited(exit) }
    guard let started = StartRecord(Record.read(directory.started)) else { return nil }
    if shimIsAlive { return .running(startedAt: started.startedAt) }
    Leftovers.kill(of: started, mark: Launch.mark(of: directory))
    let exit = ObservedContainer.Exit(
      code: 137, reason: "ContainerStatusUnknown",
      message: "The container was lost with its shim: killed, or gone when the machine stopped.",
      startedAt: started.startedAt, finishedAt: HostClock.time())
    try? exit.record.write(to: directory.exited)
    return .exited(exit)
  }

  /// Finds what an earlier agent has left; answers with the shims that live.
  func restore() -> [Shim] {
    var shims: [Shim] = []
    for podUID in Files.list(root + "/pods") {
      guard var sandbox = SandboxRecord(Record.read(podRecord(podUID)), uid: podUID) else {
        Files.remove("\(root)/pods/\(podUID)")
        continue
      }
      var containers: [RuntimeState.Container] = []
      for id in containerIDs(podUID) {
        let (container, shim) = restore(id)
        if let container { containers.append(container) }
        if let shim { shims.append(shim) }
      }
      let failure = restoreNetwork(of: &sandbox)
      let (identity, address) = (sandbox.identity, sandbox.address)
      shared.withLock { shared in
        shared.state.restore(
          identity, addresses: failure == nil ? [address] : [], failure: failure, containers: containers
        )
        // Should the agent have died between writing down a stop and telling the shim.
        shared.inbox += containers.compactMap { container in
          container.gracePeriod.map { .stop(container.observed.id, gracePeriod: $0) }
        }
      }
    }
    return shims
  }

  /// A pod whose network went with its holder gets a new one of the same address; one that was made in another form of
  /// network, a new address. What runs in the old one is cut off from everything: it goes, and the agent starts it again.
  /// - Returns: why the pod has no network.
  private func restoreNetwork(of sandbox: inout SandboxRecord) -> String? {
    guard !sandbox.usesHostNetwork else { return nil }
    do {
      var isNew = false
      if addresses.withLock({ $0.restore(sandbox.address) }) {
        isNew = try network.add(sandbox.identity.uid, address: sandbox.address)
      } else {
        let taken = shared.withLock { $0.state.addresses }
        sandbox.address = try addresses.withLock { try $0.take(unless: taken) }
        try network.add(sandbox.identity.uid, address: sandbox.address)
        try sandbox.record.write(to: podRecord(sandbox.identity.uid))
        isNew = true
      }
      for id in isNew ? containerIDs(sandbox.identity.uid) : [] {
        guard let directory = ContainerDirectory(root: root, id: id), !Files.exists(directory.exited),
          let started = StartRecord(Record.read(directory.started)),
          HostProcess.find(started.process)?.birth == started.birth
        else { continue }
        kill(started.process, SIGKILL)
      }
      return nil
    } catch {
      return "\(error)"
    }
  }

  private func containerIDs(_ podUID: String) -> [ContainerID] {
    let containers = "\(root)/pods/\(podUID)/containers"
    return Files.list(containers).flatMap { name in
      Files.list(containers + "/" + name).compactMap { attempt in
        Int(attempt).map { ContainerID(podUID: podUID, name: name, attempt: $0) }
      }
    }
  }

  private func restore(_ id: ContainerID) -> (RuntimeState.Container?, Shim?) {
    guard let directory = ContainerDirectory(root: root, id: id) else { return (nil, nil) }
    let events = try? Descriptor(opening: directory.events, O_RDONLY | O_NONBLOCK)
    let isAlive = events?.drain() ?? false
    // Records are read after the look at the shim: one that has just ended has left its last word.
    let state = readState(directory, shimIsAlive: isAlive)
    guard let record = Record.read(directory.configuration), isAlive || state != nil else {
      // It never ran, and nobody will run it: the agent can start it anew.
      directory.delete()
      return (nil, nil)
    }
    var observed = ObservedContainer(
      id: id, runtimeID: record["runtimeID"] ?? "", image: record["image"] ?? "", imageID: record["imageID"] ?? "",
      state: state ?? .creating)
    let gracePeriod = observed.state.isFinal ? nil : Record.read(directory.stop)?.integer("gracePeriod")
    observed.isStopping = gracePeriod != nil
    let container = RuntimeState.Container(
      order: record.integer("order") ?? 0, observed: observed, gracePeriod: gracePeriod)
    guard isAlive, let events else { return (container, nil) }
    return (container, Shim(id: id, directory: directory, events: events, process: nil))
  }
}
