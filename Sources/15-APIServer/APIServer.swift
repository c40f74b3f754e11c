public import ControlLoop
public import Objects
public import Store
import Synchronization

// Requests in, answers out. The server keeps nothing: every answer is made from a snapshot of the store, and every
// write is planned by the registry and carried out by the store. So there may be several servers, and a test needs
// no socket.

/// The API of a cluster, as a function from requests to answers.
public final class APIServer: Sendable {
  public let cluster: Cluster
  public let store: Store
  let surroundings: Surroundings
  let bodies: BodyReader
  let metrics = Metrics()
  let frames = FrameCache()
  let rests = Rests()
  let documents = Documents()
  let latestDiscovery = Mutex<(generation: Int, discovery: Discovery)?>(nil)
  let random: Mutex<SeededGenerator>

  public init(cluster: Cluster, store: Store, surroundings: Surroundings) {
    self.cluster = cluster
    self.store = store
    self.surroundings = surroundings
    bodies = BodyReader(scheme: cluster.scheme, decodeYAML: surroundings.decodeYAML)
    random = Mutex(SeededGenerator(seed: surroundings.seed))
  }

  /// Answers a request: reads at once, writes when they are durable. Never fails; an error is an answer too.
  public func respond(to request: Request) -> Reply {
    let start = surroundings.now()
    guard let target = Target(path: request.path, in: scheme) else { return serveOther(request) }
    let call = Call(request: request, target: target)
    let work: Work
    do {
      work = try self.work(for: call)
    } catch {
      return .now(complete(call, from: start, finish(request) { () throws(StatusError) in throw error }))
    }
    switch work {
    case .now(let response):
      return .now(complete(call, from: start, finish(request) { response }))
    case .later(let write):
      return .later { [self] in await complete(call, from: start, finish(request, later: write)) }
    }
  }

  private func finish(_ request: Request, _ answer: () throws(StatusError) -> Response) -> Response {
    let response: Response
    do { response = try answer() } catch { response = error.response }
    return request.flag("pretty") ? response.prettyPrinted : response
  }

  private func finish(
    _ request: Request, later answer: @Sendable () async throws(StatusError) -> Response
  ) async -> Response {
    let response: Response
    do throws(StatusError) { response = try await answer() } catch { response = error.response }
    return finish(request) { response }
  }

  private func complete(_ call: Call, from start: Time, _ response: Response) -> Response {
    metrics.count(call, code: response.status, microseconds: surroundings.now().microseconds - start.microseconds)
    guard let warning = call.target.kind.deprecationWarning else { return response }
    var response = response
    response.headers.append(Response.warning(warning))
    return response
  }
}

/// What the server needs of the world; the edges provide it, and tests play it.
public struct Surroundings: Sendable {
  /// The time of day.
  public var now: @Sendable () -> Time
  public var timers: any Timers
  public var logs: any LogSource
  /// Reads one YAML document.
  public var decodeYAML: @Sendable ([UInt8]) throws -> Value
  /// What `/readyz` asks, beside the server itself.
  public var checks: [HealthCheck]
  /// Where the server runs, as `/version` shows it: "linux/amd64".
  public var platform: String
  /// For names and identifiers.
  public var seed: UInt64

  public init(
    now: @escaping @Sendable () -> Time, timers: any Timers, logs: any LogSource,
    decodeYAML: @escaping @Sendable ([UInt8]) throws -> Value, checks: [HealthCheck] = [],
    platform: String = "", seed: UInt64
  ) {
    self.now = now
    self.timers = timers
    self.logs = logs
    self.decodeYAML = decodeYAML
    self.checks = checks
    self.platform = platform
    self.seed = seed
  }
}

/// Wakes what waits for a moment.
public protocol Timers: Sendable {
  /// Calls `ring` once, on any thread, when the time has come; soon, if it has come already.
  func call(at time: Time, _ ring: @escaping @Sendable () -> Void)
}

// MARK: From requests to functions

/// What a request comes to.
enum Work: Sendable {
  case now(Response)
  case later(@Sendable () async throws(StatusError) -> Response)
}

extension APIServer {
  private func work(for call: Call) throws(StatusError) -> Work {
    if let subresource = call.target.subresource { return try work(for: subresource, call) }
    guard let word = call.verb.inDiscovery, call.target.kind.verbs.contains(word) else { throw .methodNotAllowed }
    switch call.verb {
    case .get: return .now(try get(call))
    case .list: return .now(try list(call))
    case .watch: return .now(try watch(call))
    case .create where call.target.isPlace: return .later { [self] () throws(StatusError) in try await create(call) }
    case .update: return .later { [self] () throws(StatusError) in try await update(call, .main) }
    case .patch: return .later { [self] () throws(StatusError) in try await patch(call, .main) }
    case .delete: return .later { [self] () throws(StatusError) in try await delete(call) }
    case .deleteCollection: return .later { [self] () throws(StatusError) in try await deleteCollection(call) }
    default: throw .methodNotAllowed
    }
  }

  private func serveOther(_ request: Request) -> Reply {
    func refuse(_ error: StatusError) -> Reply { .now(finish(request) { () throws(StatusError) in throw error }) }
    guard let endpoint = Endpoint.all.first(where: { $0.serves(request.path) }) else { return refuse(.unknownPath) }
    // What is below a path is known by the endpoint alone; nothing there can be written.
    guard request.method == "GET" else {
      return refuse(endpoint.path == request.path ? .methodNotAllowed : .unknownPath)
    }
    switch endpoint.answer {
    case .now(let respond):
      return .now(finish(request) { () throws(StatusError) in try respond(self, request) })
    case .later(let respond):
      return .later { [self] in
        await finish(request, later: { () throws(StatusError) in try await respond(self, request) })
      }
    }
  }

  func view() -> View { cluster.view(of: store.snapshot) }

  /// What is served now.
  var scheme: Scheme { cluster.scheme(of: store.snapshot) }
}

/// A path that serves something other than objects.
struct Endpoint: Sendable {
  /// One that ends in a slash stands for all paths that begin with it.
  let path: String
  let answer: Answer

  enum Answer: Sendable {
    case now(@Sendable (APIServer, Request) throws(StatusError) -> Response)
    case later(@Sendable (APIServer, Request) async throws(StatusError) -> Response)
  }

  init(
    _ path: String, respond: @escaping @Sendable (APIServer, Request) throws(StatusError) -> Response
  ) {
    self.path = path
    answer = .now(respond)
  }

  init(
    waiting path: String, respond: @escaping @Sendable (APIServer, Request) async throws(StatusError) -> Response
  ) {
    self.path = path
    answer = .later(respond)
  }

  /// The first one that serves a path answers.
  static let all: [Endpoint] = [index, version, metrics] + health + discovery + openAPI

  func serves(_ path: String) -> Bool {
    path == self.path || self.path.count > 1 && self.path.hasSuffix("/") && path.hasPrefix(self.path)
  }

  private static let index = Endpoint("/") { _, _ in
    let paths = Endpoint.all.map { $0.path }.filter { !$0.hasSuffix("/") }.sorted()
    return .json(["paths": .array(paths.map(Value.string))])
  }
}
