import ControlLoop
import Objects
import Pods
import Store
import Synchronization
import Testing

@testable import APIServer

private let stored = """
  2024-01-01T00:00:01.000000001Z stdout F one
  2024-01-01T00:00:02.000000000Z stderr P tw
  2024-01-01T00:00:02.500000000Z stderr F o
  2024-01-01T00:00:03.000000000Z stdout F
  2024-01-01T00:00:04.000000000Z stdout F four  words here

  """

@Suite struct LogLines {
  private func shown(_ text: String = stored, _ change: (inout LogOptions) -> Void = { _ in }) -> String {
    var options = LogOptions()
    change(&options)
    var filter = LogFilter(options)
    return String(decoding: filter.shown(Array(text.utf8)), as: UTF8.self)
  }

  @Test func partsOfALineAreJoined() {
    #expect(shown() == "one\ntwo\n\nfour  words here\n")
  }

  @Test func timestampsStandBeforeLinesAndNotBeforeParts() {
    #expect(
      shown { $0.timestamps = true } == """
        2024-01-01T00:00:01.000000001Z one
        2024-01-01T00:00:02.000000000Z two
        2024-01-01T00:00:03.000000000Z \n2024-01-01T00:00:04.000000000Z four  words here

        """)
  }

  @Test func sinceIsAMoment() {
    #expect(shown { $0.since = Time("2024-01-01T00:00:03Z") } == "\nfour  words here\n")
    #expect(shown { $0.since = Time("2025-01-01T00:00:00Z") } == "")
  }

  @Test(arguments: [(0, ""), (3, "one"), (4, "one\n"), (5, "one\nt"), (1_000, "one\ntwo\n\nfour  words here\n")])
  func limit(bytes: Int, text: String) {
    #expect(shown { $0.limitBytes = bytes } == text)
  }

  @Test func aLimitHoldsForAllCallsTogether() {
    var options = LogOptions()
    options.limitBytes = 6
    var filter = LogFilter(options)
    let line = Array("2024-01-01T00:00:01Z stdout F abc\n".utf8)
    #expect(filter.shown(line).count == 4)
    #expect(!filter.isDone)
    #expect(filter.shown(line).count == 2)
    #expect(filter.isDone)
  }

  @Test(arguments: [(0, ""), (1, "c\n"), (2, "b\nc\n"), (3, "a\nb\nc\n"), (4, "a\nb\nc\n")])
  func tail(count: Int, text: String) {
    #expect(LogFilter.tail(of: Array("a\nb\nc\n".utf8), count: count) == Array(text.utf8)[...])
    #expect(LogFilter.tail(of: [], count: count) == [])
  }

  @Test func whatIsNotInTheFormatIsShownAsItIs() {
    #expect(shown("garbage\n2024-01-01T00:00:01Z stdout F fine\n") == "garbage\nfine\n")
  }
}

/// A log that the test writes.
private final class PlayedLog: LogSource, LogReader {
  private let chunks: Mutex<[String]>
  let runs = Mutex<[ContainerRun]>([])

  init(_ chunks: [String]) { self.chunks = Mutex(chunks) }

  func open(_ run: ContainerRun) throws -> any LogReader {
    runs.withLock { $0.append(run) }
    return self
  }

  /// An empty chunk stands for a wait.
  func read() async throws -> [UInt8] {
    chunks.withLock { chunks in
      guard let chunk = chunks.first, !chunk.isEmpty else { return [] }
      chunks.removeFirst()
      return Array(chunk.utf8)
    }
  }

  func waitForMore() async -> Bool {
    chunks.withLock { chunks in
      guard !chunks.isEmpty else { return false }
      chunks.removeFirst()
      return true
    }
  }
}

@Suite struct PodLogs {
  private static let layer = Layer(chapter: 1, name: "Pods") { $0.kinds = [Pod.kind] }
  private static let chunks =
    [1, 2, 3].map { "2024-01-01T00:00:0\($0)Z stdout F \($0)\n" } + ["", "2024-01-01T00:00:04Z stdout F 4\n"]
  private static let log = "/api/v1/namespaces/default/pods/web/log"

  private func server(
    _ logs: PlayedLog = PlayedLog(chunks), node: String? = "one", containers: [String] = ["a"], status: Value = [:]
  ) throws -> TestServer {
    let server = try TestServer([Self.layer], logs: logs)
    let pod = Pod(name: "web", namespace: "default") {
      $0.metadata.uid = "u"
      $0.spec.nodeName = node
      $0.spec.containers = containers.map { name in Container { $0.name = name } }
      $0.json["status"] = status
    }
    _ = server.store.commit([Write(pod.key, .put(pod.json), expecting: .absent)])
    return server
  }

  private func text(_ server: TestServer, _ query: String = "") async throws -> String {
    let response = await server.response(to: server.request("GET", Self.log + query))
    var bytes: [UInt8] = []
    switch response.body {
    case .pieces(let pieces): bytes = Array(pieces.joined())
    case .stream(let stream): while let more = try await stream.next() { bytes += more }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    return response.status == 200 ? text : try Value(parsing: text)["message"]?.string ?? ""
  }

  private static func status(_ state: Value, last: Value = [:], restarts: Int64 = 0) -> Value {
    ["containerStatuses": [["name": "a", "state": state, "lastState": last, "restartCount": .integer(restarts)]]]
  }

  private static let running = status(["running": [:]])

  @Test(arguments: [
    ("", "1\n2\n3\n"), ("?follow=true", "1\n2\n3\n4\n"), ("?tailLines=2", "2\n3\n"),
    ("?tailLines=1&follow=true", "3\n4\n"),
    ("?tailLines=0&follow=true", "4\n"), ("?limitBytes=3", "1\n2"), ("?container=a&tailLines=1", "3\n"),
  ])
  func show(query: String, text: String) async throws {
    #expect(try await self.text(server(status: Self.running), query) == text)
  }

  @Test(arguments: [
    (status(["running": [:]], restarts: 2), "", 2), (status(["terminated": [:]]), "", 0),
    (status(["running": [:]], last: ["terminated": [:]], restarts: 2), "?previous=true", 1),
    (status(["waiting": ["reason": "CrashLoopBackOff"]], last: ["terminated": [:]], restarts: 2), "", 2),
    (status(["waiting": ["reason": "CrashLoopBackOff"]], last: ["terminated": [:]], restarts: 2), "?previous=true", 2),
  ])
  func theRunIsTheOneThatIsMeant(status: Value, query: String, attempt: Int) async throws {
    let logs = PlayedLog(Self.chunks)
    _ = try await text(server(logs, status: status), query)
    #expect(logs.runs.withLock(\.last)?.attempt == attempt)
    #expect(logs.runs.withLock(\.last)?.node == "one")
  }

  @Test(arguments: [
    (
      status(["waiting": ["reason": "ContainerCreating"]]), "",
      "container \"a\" in pod \"web\" is waiting to start: ContainerCreating"
    ),
    (
      status(["waiting": ["reason": "ErrImagePull"]]), "",
      "container \"a\" in pod \"web\" is waiting to start: image can't be pulled"
    ),
    (running, "?previous=true", "previous terminated container \"a\" in pod \"web\" not found"),
    (running, "?container=z", "container z is not valid for pod web"),
    ([:] as Value, "", "container \"a\" in pod \"web\" is not available"),
    (
      running, "?tailLines=-1",
      "PodLogOptions \"web\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0"
    ),
    (
      running, "?sinceSeconds=0",
      "PodLogOptions \"web\" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0"
    ),
  ])
  func refuse(status: Value, query: String, message: String) async throws {
    #expect(try await text(server(status: status), query) == message)
  }

  @Test func aContainerMustBeNamedWhenThereAreSeveral() async throws {
    #expect(
      try await text(server(containers: ["a", "b"], status: Self.running))
        == "a container name must be specified for pod web, choose one of: [a b]")
  }

  @Test func aPodWithoutANodeHasWrittenNothing() async throws {
    #expect(try await text(server(node: nil)) == "")
  }

  @Test func execIsNotServedYet() async throws {
    let server = try server(status: Self.running)
    #expect(await server.send("GET", "/api/v1/namespaces/default/pods/web/exec").status == 501)
    #expect(await server.send("GET", "/api/v1/namespaces/default/pods/none/log").status == 404)
  }
}
