import Objects
import Pods
import Synchronization
import Testing

extension RuntimeWorld {
  func perform(_ action: RuntimeAction) { runtime.perform(action, at: now) }

  /// Starts the container, and its pod before it.
  func start(_ id: ContainerID, _ behaviour: ContainerBehaviour) {
    let pod = PodIdentity(namespace: "default", name: "web", uid: id.podUID)
    perform(.startSandbox(pod))
    perform(.start(configuration(id, in: pod, behaviour)))
  }

  func container(_ id: ContainerID) -> ObservedContainer? {
    runtime.pod(id.podUID)?.containers.first { $0.id == id }
  }

  /// Whether it runs, given time.
  func isRunning(_ id: ContainerID) -> Bool {
    wait { container(id)?.state.isRunning == true }
  }

  /// Whether its log has a line, given time.
  func hasWritten(_ id: ContainerID) -> Bool {
    wait { (try? runtime.logs(of: id, from: 0).bytes.isEmpty) == false }
  }

  /// How it ends, given time.
  func exit(of id: ContainerID, _ location: SourceLocation = #_sourceLocation) throws -> ObservedContainer.Exit {
    let ended = wait { container(id)?.exit != nil }
    #expect(ended, "\(String(describing: container(id)))", sourceLocation: location)
    return try #require(container(id)?.exit, sourceLocation: location)
  }

  /// Everything from the offset on.
  func log(of id: ContainerID, from offset: Int = 0) throws -> [LogLine] {
    var lines: [LogLine] = []
    var next = offset
    while true {
      let chunk = try runtime.logs(of: id, from: next)
      if chunk.bytes.isEmpty { return lines }
      #expect(chunk.bytes.last == UInt8(ascii: "\n"))
      var offset = chunk.nextOffset - chunk.bytes.count
      for bytes in chunk.bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
        lines.append(try LogLine(bytes, at: offset))
        offset += bytes.count + 1
      }
      next = chunk.nextOffset
    }
  }
}

/// A line as the CRI has it.
struct LogLine {
  let offset: Int
  let end: Int
  let time: String
  let stream: String
  let tag: String
  let content: String

  init(_ bytes: ArraySlice<UInt8>, at offset: Int) throws {
    let parts = bytes.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    try #require(parts.count == 4, "\(parts)")
    (time, stream, tag, content) = (parts[0], parts[1], parts[2], parts[3])
    self.offset = offset
    end = offset + bytes.count + 1
  }
}

extension ObservedContainer {
  var exit: Exit? {
    if case .exited(let exit) = state { exit } else { nil }
  }
}

extension ObservedContainer.State {
  var isRunning: Bool {
    if case .running = self { true } else { false }
  }

  var isFailure: Bool {
    if case .failedToStart = self { true } else { false }
  }
}

final class Announcements: Sendable {
  private let list = Mutex<[String]>([])

  func add(_ podUID: String) { list.withLock { $0.append(podUID) } }

  var all: [String] { list.withLock { $0 } }
  var count: Int { all.count }
}
