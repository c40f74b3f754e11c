import APIServer
import Objects
import Synchronization
import Testing

@testable import Kubectl

/// A server without a socket: objects by path, and a record of what was asked.
final class FakeCluster: Transport {
  struct Contents {
    var discovery = FakeCluster.discovery
    var objects: [String: Value] = [:]
    var tables: [String: Value] = [:]
    var logs: [String: String] = [:]
    /// What every answer warns of.
    var warning: String?
    var events: [Value] = []
    var requests: [Request] = []
    var files: [String: String] = [:]
    var output = ""
    var errors = ""
  }
  let contents = Mutex(Contents())

  func send(_ request: Request) async throws -> WholeAnswer {
    var answer = answer(to: request)
    if let warning = contents.withLock({ $0.warning }) { answer.headers.append(("warning", "299 - \"\(warning)\"")) }
    return answer
  }

  private func answer(to request: Request) -> WholeAnswer {
    contents.withLock { contents in
      contents.requests.append(request)
      if let root = contents.discovery[request.path] { return .ok(root) }
      let wantsTable = request.header("accept")?.contains("as=Table") == true
      switch request.method {
      case "GET":
        if wantsTable, let table = contents.tables[request.path] { return .ok(table) }
        if let object = contents.objects[request.path] { return .ok(object) }
        let items = contents.items(for: request)
        if !items.isEmpty { return .ok(["items": .array(items)]) }
      case "POST":
        guard let body = try? Value(parsing: request.body) else { return .refused(400, "BadRequest", "no JSON") }
        let name = body["metadata"]?["name"].text ?? ""
        let path = "\(request.path)/\(name)"
        if contents.objects[path] != nil { return .refused(409, "AlreadyExists", "\"\(name)\" already exists") }
        contents.objects[path] = body
        return .ok(body, status: 201)
      case "DELETE":
        if let object = contents.objects.removeValue(forKey: request.path) { return .ok(object) }
      default:
        if let object = contents.objects[request.path] { return .ok(object) }
      }
      let parts = request.path.split(separator: "/")
      return .refused(404, "NotFound", "\(parts.dropLast().last ?? "") \"\(parts.last ?? "")\" not found")
    }
  }

  func stream(_ request: Request) async throws -> StreamedAnswer {
    let text = contents.withLock { contents in
      contents.requests.append(request)
      let events = contents.events.map { $0.encodedString + "\n" }.joined()
      return contents.logs[request.path] ?? events
    }
    return StreamedAnswer(
      status: 200,
      body: AsyncThrowingStream { continuation in
        continuation.yield(Array(text.utf8))
        continuation.finish()
      })
  }

  static let discovery: [String: Value] = [
    "/api": [
      "kind": "APIGroupDiscoveryList",
      "items": [
        [
          "metadata": [:],
          "versions": [
            [
              "version": "v1",
              "resources": [
                pods, kind("nodes", "Node", ["no"], "Cluster"), kind("namespaces", "Namespace", ["ns"], "Cluster"),
                kind("configmaps", "ConfigMap", ["cm"], "Namespaced"),
              ],
            ]
          ],
        ]
      ],
    ],
    "/apis": [
      "kind": "APIGroupDiscoveryList",
      "items": [
        [
          "metadata": ["name": "apps"],
          "versions": [
            [
              "version": "v1",
              "resources": [
                kind("deployments", "Deployment", ["deploy"], "Namespaced"),
                kind("replicasets", "ReplicaSet", ["rs"], "Namespaced"),
              ],
            ]
          ],
        ]
      ],
    ],
  ]

  private static let pods = kind("pods", "Pod", ["po"], "Namespaced")

  private static func kind(_ plural: String, _ kind: String, _ short: [String], _ scope: String) -> Value {
    [
      "resource": .string(plural), "responseKind": ["kind": .string(kind)], "scope": .string(scope),
      "singularResource": .string(kind.lowercased()), "shortNames": .array(short.map { .string($0) }),
      "verbs": ["get", "list"], "categories": scope == "Namespaced" && plural != "configmaps" ? ["all"] : [],
    ]
  }
}

extension WholeAnswer {
  static func ok(_ value: Value, status: Int = 200) -> WholeAnswer {
    WholeAnswer(status: status, body: value.encoded())
  }

  static func refused(_ code: Int, _ reason: String, _ message: String) -> WholeAnswer {
    .ok(
      ["kind": "Status", "reason": .string(reason), "message": .string(message), "code": .integer(Int64(code))],
      status: code)
  }
}

extension FakeCluster {
  static let kubeconfig = """
    current-context: fake
    clusters: [{name: fake, cluster: {server: "http://127.0.0.1:1"}}]
    contexts: [{name: fake, context: {cluster: fake, user: me}}]
    users: [{name: me, user: {token: secret}}]
    """

  /// Runs one command line, split at spaces unless it is given in words.
  func kubectl(_ line: String, input: String = "") async -> (code: Int32, output: String, errors: String) {
    await kubectl(line.split(separator: " ").map(String.init), input: input)
  }

  func kubectl(_ words: [String], input: String = "", hasConfig: Bool = true) async -> (
    code: Int32, output: String, errors: String
  ) {
    contents.withLock {
      $0.output = ""
      $0.errors = ""
    }
    let world = World(
      environment: hasConfig ? ["KUBECONFIG": "/config"] : [:],
      write: { bytes in self.contents.withLock { $0.output += String(decoding: bytes, as: UTF8.self) } },
      complain: { text in self.contents.withLock { $0.errors += text } },
      input: { Array(input.utf8) },
      read: { path in
        if path == "/config" { return Array(Self.kubeconfig.utf8) }
        return self.contents.withLock { $0.files[path].map { Array($0.utf8) } }
      },
      now: { Time(microseconds: 1_800_000_000_000_000) },
      pause: { _ in try await Task.never() },
      connect: { _ in self })
    let code = await Kubectl.run(words, in: world)
    return contents.withLock { (code, $0.output, $0.errors) }
  }

  var requests: [Request] { contents.withLock { $0.requests } }
}

extension Task where Success == Never, Failure == Never {
  /// Waits until the task is cancelled.
  static func never() async throws {
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    for await _ in stream {}
    continuation.finish()
    try checkCancellation()
  }
}

extension FakeCluster.Contents {
  /// The objects of a collection, in all namespaces where the path names none, as its selectors let them through.
  fileprivate func items(for request: Request) -> [Value] {
    let wanted = request.path.split(separator: "/")
    let isEverywhere = !wanted.contains("namespaces")
    let found = objects.filter { path, _ in
      let parts = path.split(separator: "/").dropLast()
      if Array(parts) == wanted { return true }
      return isEverywhere && parts.count == wanted.count + 2 && parts.last == wanted.last
        && parts.prefix(wanted.count - 1) == wanted.dropLast()
    }
    return found.sorted { $0.key < $1.key }.map(\.value).filter { object in
      request.query.allSatisfy { name, value in
        switch name {
        case "fieldSelector": Self.matches(value) { object.at($0.split(separator: ".").map(String.init)).text }
        case "labelSelector": Self.matches(value) { (object["metadata"]?["labels"]?[$0]).text }
        default: true
        }
      }
    }
  }

  // "a=b,c!=d"
  private static func matches(_ selector: String, _ value: (String) -> String) -> Bool {
    selector.split(separator: ",").allSatisfy { rule in
      let parts = rule.split(separator: "=", maxSplits: 1).map { String($0) }
      guard parts.count == 2 else { return false }
      return parts[0].hasSuffix("!") ? value(String(parts[0].dropLast())) != parts[1] : value(parts[0]) == parts[1]
    }
  }
}
