import ControlLoop
import Objects
import Pods
import Store
import Synchronization

/// Where the logs of containers can be read: the nodes' agents, wherever they are.
public protocol LogSource: Sendable {
  /// The log of one run of a container. Throws when its node cannot be reached or does not know the run.
  func open(_ run: ContainerRun) throws -> any LogReader
}

/// One run of one container of a pod.
public struct ContainerRun: Sendable, Hashable {
  public var namespace: String
  public var pod: String
  public var podUID: String
  public var node: String
  public var container: String
  /// 0 for the first run; each restart adds one.
  public var attempt: Int
}

/// A place in the log of one run. One task at a time reads from it.
public protocol LogReader: Sendable {
  /// The next whole lines in the CRI log format; empty when everything that has been written so far has been read.
  func read() async throws -> [UInt8]

  /// Returns true when there may be more to read, false when the run has ended and all has been read.
  /// Cancelling the calling task ends the wait.
  func waitForMore() async -> Bool
}

extension APIServer {
  func log(_ call: Call) throws(StatusError) -> Work {
    guard call.verb == .get else { throw .methodNotAllowed }
    guard let record = store.snapshot.record(call.target.key) else { throw .notFound(call.target.key) }
    let pod = Pod(json: record.value)
    let options = try LogOptions(call.request, pod: pod.name, now: surroundings.now())
    let headers = [Response.uncached, Response.text]
    // A pod that is nowhere has written nothing.
    guard let run = try pod.run(options) else { return .now(Response(status: 200, headers: headers)) }
    do {
      let stream = LogStream(try surroundings.logs.open(run), options)
      return .now(Response(status: 200, headers: headers, body: .stream(stream)))
    } catch {
      throw .badRequest("the log of container \"\(run.container)\" in pod \"\(run.pod)\" cannot be read: \(error)")
    }
  }
}

extension LogOptions {
  init(_ request: Request, pod: String, now: Time) throws(StatusError) {
    container = request.parameter("container").flatMap { $0.isEmpty ? nil : $0 }
    follows = request.flag("follow")
    previous = request.flag("previous")
    timestamps = request.flag("timestamps")
    var errors: [FieldError] = []
    func positive(_ name: String, from least: Int64) throws(StatusError) -> Int64? {
      guard let number = try request.integer(name) else { return nil }
      if number < least {
        errors.append(
          .invalid(FieldPath(name), .integer(number), "must be greater than \(least == 0 ? "or equal to " : "")0"))
      }
      return number
    }
    tailLines = try positive("tailLines", from: 0).map { Int(clamping: $0) }
    limitBytes = try positive("limitBytes", from: 1).map { Int(clamping: $0) }
    let sinceSeconds = try positive("sinceSeconds", from: 1)
    let sinceTime = request.parameter("sinceTime").flatMap { $0.isEmpty ? nil : $0 }
    if let sinceSeconds { since = now + .seconds(-sinceSeconds) }
    if let sinceTime {
      since = Time(sinceTime)
      if since == nil { throw .badRequest("sinceTime: \"\(sinceTime)\" is not a time such as 2006-01-02T15:04:05Z") }
      if sinceSeconds != nil {
        errors.append(.forbidden(FieldPath(), "at most one of `sinceTime` or `sinceSeconds` may be specified"))
      }
    }
    if !errors.isEmpty { throw .invalid(Self.kind, name: pod, errors) }
  }

  private static let kind = Kind(Object.self, name: "PodLogOptions", resource: "podlogoptions")
}

// MARK: Which run

extension Pod {
  /// The run whose log is asked for; nil while the pod has no node.
  fileprivate func run(_ options: LogOptions) throws(StatusError) -> ContainerRun? {
    let container = try container(options.container)
    guard let node = self.spec.nodeName, !node.isEmpty else { return nil }
    let statuses = self.status.initContainerStatuses + self.status.containerStatuses
    guard let status = statuses.first(where: { $0.name == container }) else {
      throw .badRequest("container \"\(container)\" in pod \"\(name)\" is not available")
    }
    return ContainerRun(
      namespace: namespace, pod: name, podUID: uid, node: node, container: container,
      attempt: try status.attempt(options, in: name))
  }

  private func container(_ wanted: String?) throws(StatusError) -> String {
    let names = self.spec.containers.map { $0.name ?? "" }
    let initNames = self.spec.initContainers.map { $0.name ?? "" }
    if let wanted {
      if (names + initNames).contains(wanted) { return wanted }
      throw .badRequest("container \(wanted) is not valid for pod \(name)")
    }
    if names.count == 1, let only = names.first { return only }
    let choice = "choose one of: [\(names.joined(separator: " "))]"
    let more = initNames.isEmpty ? "" : " or one of the init containers: [\(initNames.joined(separator: " "))]"
    throw .badRequest("a container name must be specified for pod \(name), \(choice)\(more)")
  }
}

extension ContainerStatus {
  // A container that waits to be started again shows what its last run has written.
  fileprivate func attempt(_ options: LogOptions, in pod: String) throws(StatusError) -> Int {
    let name = self.name ?? ""
    let restarts = self.restartCount ?? 0
    let hasPresentRun = self.state.running != nil || self.state.terminated != nil
    let hasLastRun = self.lastState.terminated != nil
    if options.previous {
      if hasLastRun { return hasPresentRun ? restarts - 1 : restarts }
      throw .badRequest("previous terminated container \"\(name)\" in pod \"\(pod)\" not found")
    }
    if hasPresentRun || hasLastRun { return restarts }
    let why =
      switch self.state.waiting?.reason {
      case "ErrImagePull": "image can't be pulled"
      case "ImagePullBackOff": "trying and failing to pull image"
      case let reason: reason ?? "no logs yet"
      }
    throw .badRequest("container \"\(name)\" in pod \"\(pod)\" is waiting to start: \(why)")
  }
}

// MARK: Sending

/// A log on its way to a client: what there is, and then, if it is followed, what comes.
final class LogStream: ByteStream {
  private let reader: any LogReader
  private let follows: Bool

  /// One task reads from the stream, so nobody ever waits for this lock.
  private let state: Mutex<State>

  private struct State {
    var filter: LogFilter
    /// How many of the lines that are there are wanted; nil once they have been sent, or when all are.
    var tailLines: Int?
  }

  init(_ reader: any LogReader, _ options: LogOptions) {
    self.reader = reader
    follows = options.follows
    state = Mutex(State(filter: LogFilter(options), tailLines: options.tailLines))
  }

  func next() async throws -> [UInt8]? {
    if let count = state.withLock({ $0.tailLines }) {
      let lines = try await readAll()
      let output = state.withLock { state in
        state.tailLines = nil
        return state.filter.shown(LogFilter.tail(of: lines, count: count))
      }
      if !output.isEmpty { return output }
    }
    while !Task.isCancelled, !state.withLock({ $0.filter.isDone }) {
      let lines = try await reader.read()
      if lines.isEmpty {
        guard follows, await reader.waitForMore() else { return nil }
      } else {
        let output = state.withLock { $0.filter.shown(lines) }
        if !output.isEmpty { return output }
      }
    }
    return nil
  }

  private func readAll() async throws -> [UInt8] {
    var all: [UInt8] = []
    while case let lines = try await reader.read(), !lines.isEmpty { all += lines }
    return all
  }
}
