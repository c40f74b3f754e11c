import APIServer
import Pods
import Store
import Synchronization

/// The logs of the containers that run in this process's nodes.
struct NodeLogs: LogSource {
  let store: Store
  let runtimes: [String: any ContainerRuntime]

  func open(_ run: ContainerRun) throws -> any LogReader {
    guard let runtime = runtimes[run.node] else { throw Failure("node \"\(run.node)\" is not part of this cluster") }
    let id = ContainerID(podUID: run.podUID, name: run.container, attempt: run.attempt)
    let reader = Reader(runtime: runtime, id: id)
    _ = try runtime.logs(of: id, from: 0)
    return reader
  }

  private final class Reader: LogReader {
    private let runtime: any ContainerRuntime
    private let id: ContainerID
    private let offset = Mutex(0)

    init(runtime: any ContainerRuntime, id: ContainerID) {
      self.runtime = runtime
      self.id = id
    }

    func read() async throws -> [UInt8] {
      let chunk = try runtime.logs(of: id, from: offset.withLock { $0 })
      offset.withLock { $0 = chunk.nextOffset }
      return chunk.bytes
    }

    // A log is a file that another process writes: there is nothing to wait for but time.
    func waitForMore() async -> Bool {
      guard isRunning else { return hasMore }
      try? await Task.sleep(for: .milliseconds(100))
      return !Task.isCancelled
    }

    private var isRunning: Bool {
      switch runtime.pod(id.podUID)?.containers.first(where: { $0.id == id })?.state {
      case .creating, .running: true
      case .exited, .failedToStart, nil: false
      }
    }

    private var hasMore: Bool {
      let place = offset.withLock { $0 }
      return (try? runtime.logs(of: id, from: place)).map { !$0.bytes.isEmpty } ?? false
    }
  }
}
