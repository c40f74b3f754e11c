import APIServer
import ControlLoop
import Objects
import Store
import Synchronization
import Testing

/// A kind made for these tests: it has a status, a scale, keyed lists and a required field.
struct Widget: Resource {
  static let schemaName = "test.v1.Widget"
  static let documentation = "Something to test with."
  static let kind = Kind(
    Widget.self, group: "test.io", name: "Widget", resource: "widgets", shortNames: ["wd"]
  ).with {
    $0.hasStatus = true
    $0.countsGenerations = true
    $0.scale = ScalePaths()
    $0.selectableFields = [SelectableField("spec.color")]
    $0.subresources = [
      Subresource("paint", verbs: ["create"]) { value, body, _ in
        guard value["spec"]?["color"]?.string != "red" else { return "red stays" }
        var spec = value["spec"] ?? .emptyObject
        spec["color"] = body["spec"]?["color"]
        value["spec"] = spec
        return nil
      }
    ]
    $0.columns = [
      Column("Color", "Its color.") { value, _ in .string(value["spec"]?["color"]?.string ?? "<none>") },
      Column("Size", type: "integer", priority: 1, "Its size.") { value, _ in value["spec"]?["size"] ?? .null },
    ]
    $0.gracePeriod = { $0["spec"]?["grace"]?.integer }
  }
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let spec = Part<WidgetSpec>(2, "What it should be.")
    let status = Field<WidgetStatus>(3, "What it is.")
  }
}

struct WidgetSpec: Structure {
  static let schemaName = "test.v1.WidgetSpec"
  static let documentation = "What a widget should be."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let color = Field<String>(1, "Its color.", .default("grey"))
    let size = Field<Int>(2, "Its size.", .atLeast(0))
    let replicas = Field<Int>(3, "How many.", .default(1), .atLeast(0))
    let grace = Field<Int64>(4, "How long it takes to end.")
    let parts = List<WidgetPart>(5, "What it is made of.", .keyed(by: ["name"]), .merge(by: "name"))
    let tags = List<String>(6, "A set of words.", .set, .merge(by: nil))
    let notes = List<String>(7, "A list that is replaced as a whole.", .atomic)
    let strategy = Field<WidgetPart>(8, "One of several forms.", .retainKeys)
    let selector = Field<LabelSelector>(9, "What it counts.")
    let byName = Map<WidgetPart>(10, "Parts by name.")
    let amount = Field<Quantity>(11, "How much of one thing.")
    let amounts = Map<Quantity>(12, "How much of several.")
  }
}

struct WidgetPart: Structure {
  static let schemaName = "test.v1.WidgetPart"
  static let documentation = "A part of a widget."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let name = Field<String>(1, "Tells parts apart.")
    let image = Field<String>(2, "What it is.")
    let count = Field<Int>(3, "How many.")
    let parts = List<WidgetPart>(4, "What it is made of.", .merge(by: "name"))
  }
}

struct WidgetStatus: Structure {
  static let schemaName = "test.v1.WidgetStatus"
  static let documentation = "What a widget is."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let replicas = Field<Int>(1, "How many there are.")
    let phase = Field<String>(2, "How it goes.")
  }
}

/// A kind that is in no namespace and has no parts.
struct Realm: Resource {
  static let schemaName = "test.v1.Realm"
  static let documentation = "Something without a namespace."
  static let kind = Kind(Realm.self, name: "Realm", resource: "realms", isNamespaced: false).with {
    $0.verbs.removeAll { $0 == "deletecollection" }
  }
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()
  }
}

/// A server with a clock that stands still until it is moved.
struct TestServer: Sendable {
  let store: Store
  let server: APIServer
  let timers = TestTimers()

  init(
    _ layers: [Layer] = [], limits: Store.Limits = Store.Limits(), logs: any LogSource = NoLogs(),
    checks: [HealthCheck] = []
  ) throws {
    let own = Layer(chapter: 0, name: "Tests") { $0.kinds = [Widget.kind, Realm.kind] }
    let cluster = Cluster(layers: [own] + layers)
    let timers = timers
    store = try Store(storage: MemoryStorage(), indexes: cluster.indexes, limits: limits)
    server = APIServer(
      cluster: cluster, store: store,
      surroundings: Surroundings(
        now: { timers.now }, timers: timers, logs: logs,
        decodeYAML: { bytes in
          // Enough YAML for these tests: "name: x" becomes an object's name.
          let name = String(decoding: bytes, as: UTF8.self).split(separator: " ").last.map(String.init) ?? ""
          return ["metadata": ["name": .string(name)]]
        }, checks: checks, platform: "test/none", seed: 1))
  }

  struct Answer: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var json: Value { (try? Value(parsing: bytes)) ?? .null }
    var message: String { json["message"]?.string ?? "" }
    var names: [String] { json["items"]?.array?.map { Object(json: $0).name } ?? [] }

    func headers(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }
  }

  func response(to request: Request) async -> Response {
    switch server.respond(to: request) {
    case .now(let response): response
    case .later(let response): await response()
    }
  }

  func send(
    _ method: String, _ path: String, _ body: Value? = nil, type: String? = "application/json", accept: String? = nil
  ) async -> Answer {
    await send(method, path, bytes: body?.encoded() ?? [], type: body == nil ? nil : type, accept: accept)
  }

  func send(
    _ method: String, _ path: String, bytes: [UInt8], type: String? = nil, accept: String? = nil
  ) async -> Answer {
    let response = await response(to: request(method, path, bytes, type: type, accept: accept))
    guard case .pieces(let pieces) = response.body else {
      return Answer(status: response.status, headers: [], bytes: [])
    }
    return Answer(status: response.status, headers: response.headers, bytes: Array(pieces.joined()))
  }

  func request(
    _ method: String, _ path: String, _ body: [UInt8] = [], type: String? = nil, accept: String? = nil
  ) -> Request {
    let parts = path.split(separator: "?", maxSplits: 1)
    let query = parts.dropFirst().flatMap { $0.split(separator: "&") }.map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
    }
    let headers = [("content-type", type), ("accept", accept)].compactMap { name, value in
      value.map { (name: name, value: $0) }
    }
    return Request(method: method, path: String(parts[0]), query: query, headers: headers, body: body)
  }

  @discardableResult
  func create(_ name: String, in namespace: String = "default", labels: Value = [:], spec: Value = [:]) async -> Value {
    let body: Value = ["metadata": ["name": .string(name), "labels": labels], "spec": spec]
    return await send("POST", "/apis/test.io/v1/namespaces/\(namespace)/widgets", body).json
  }

  func watch(_ path: String, accept: String? = nil) async throws -> TestWatch {
    TestWatch(stream: try await stream(path, accept: accept))
  }

  /// The pieces of a watch as they are written.
  func stream(_ path: String, accept: String? = nil) async throws -> any ByteStream {
    let response = await response(to: request("GET", path, accept: accept))
    guard case .stream(let stream) = response.body else {
      guard case .pieces(let pieces) = response.body else { throw NoStream(status: response.status, message: "") }
      let status = try Value(parsing: Array(pieces.joined()))
      throw NoStream(status: response.status, message: status["message"]?.string ?? "")
    }
    return stream
  }
}

extension [UInt8] {
  var lines: [[UInt8]] { split(separator: UInt8(ascii: "\n")).map(Array.init) }
}

struct NoStream: Error, Equatable {
  var status: Int
  var message: String
}

/// Reads the lines of a watch.
actor TestWatch {
  private let stream: any ByteStream
  private var lines: [Value] = []

  init(stream: any ByteStream) { self.stream = stream }

  /// The next event; nil at the end. Waits when nothing has happened.
  func next() async throws -> Value? {
    while lines.isEmpty {
      guard let bytes = try await stream.next() else { return nil }
      lines += try bytes.split(separator: UInt8(ascii: "\n")).map { try Value(parsing: $0) }
    }
    return lines.removeFirst()
  }

  /// The next events as "ADDED a".
  func next(_ count: Int) async throws -> [String] {
    var words: [String] = []
    for _ in 0..<count {
      let event = try await next()
      words.append("\(event?["type"]?.string ?? "end") \(event?["object"]?["metadata"]?["name"]?.string ?? "-")")
    }
    return words
  }
}

/// Time that passes when a test says so.
final class TestTimers: Timers {
  private struct State {
    var now = Time(microseconds: 1_700_000_000_000_000)
    var calls: [(time: Time, ring: @Sendable () -> Void)] = []
  }

  private let state = Mutex(State())

  var now: Time { state.withLock { $0.now } }
  var waiting: Int { state.withLock { $0.calls.count } }

  func call(at time: Time, _ ring: @escaping @Sendable () -> Void) {
    state.withLock { $0.calls.append((time, ring)) }
  }

  func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now = state.now + duration
      let due = state.calls.filter { $0.time <= state.now }
      state.calls.removeAll { $0.time <= state.now }
      return due
    }
    for call in due { call.ring() }
  }
}

struct NoLogs: LogSource {
  func open(_ run: ContainerRun) throws -> any LogReader { throw NoStream(status: 0, message: "no logs") }
}
