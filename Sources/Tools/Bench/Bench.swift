import APIServer
import Foundation
import HTTP
import Objects

/// Measures the binary from outside, through HTTPS: its CPU for each operation, its memory, its times.
@main
struct Bench {
  static let leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
  static let pods = "/api/v1/namespaces/default/pods"

  static func main() async throws {
    let report = Report()
    switch CommandLine.arguments.dropFirst().first {
    case "network":
      try rules(report)
      return try await traffic(report)
    case "files": return try files(report)
    case "scheduler": return try SchedulerBench(report: report).run()
    default: break
    }
    try await startAndIdle(report)
    try await requests(report)
    try await rollOut(report)
    try await atRest(report)
    try rules(report)
    try SchedulerBench(report: report).run()
    try files(report)
    try await traffic(report)
  }

  private static func startAndIdle(_ report: Report) async throws {
    let start = ContinuousClock.now
    let server = try Server(["--nodes", "0", "--simulated-nodes", "1"])
    try await server.send("POST", pods, pod("first"))
    while try await phase(of: "first", server) != "Running" {}
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    report.row("start to the first Running pod", "\(Report.format(seconds)) s", "", "< 0.3 s")
    let before = server.cpu
    try await Task.sleep(for: .seconds(20))
    let share = (server.cpu - before) / 20 * 100
    report.row("idle", "\(Report.format(server.memory)) MiB, \(Report.format(share)) % CPU", "", "< 50 MiB, < 0.3 %")
    try server.stop()
  }

  private static func requests(_ report: Report) async throws {
    let server = try Server(["--nodes", "0", "--simulated-nodes", "1"])
    let count = 4_000
    try await measure("create (32 clients, durable)", count, server, report, reach: "≤ 150 µs") {
      try await server.send("POST", leases, lease($0))
    }
    try await measure("get (32 clients)", count, server, report, reach: "≤ 66 µs") {
      try await server.send("GET", "\(leases)/lease-\($0)")
    }
    try await measure("update (32 clients, durable)", count, server, report, reach: "") {
      try await server.send("PUT", "\(leases)/lease-\($0)", lease($0))
    }
    try await fanOut(server, report)
    try await measure("delete (32 clients, durable)", count, server, report, reach: "") {
      try await server.send("DELETE", "\(leases)/lease-\($0)")
    }
    try server.stop()
  }

  private static func fanOut(_ server: Server, _ report: Report) async throws {
    let watchers = 100
    let received = AsyncStream.makeStream(of: Int.self)
    let tasks = (0..<watchers).map { _ in
      Task {
        let answer = try await server.client.stream(
          Request(
            method: "GET", path: leases, query: [("watch", "true"), ("fieldSelector", "metadata.name=lease-watched")]))
        for try await chunk in answer.body { received.continuation.yield(chunk.count { $0 == UInt8(ascii: "\n") }) }
      }
    }
    try await server.send("POST", leases, lease("watched"))
    var seen = 0
    var iterator = received.stream.makeAsyncIterator()
    while seen < watchers, let count = await iterator.next() { seen += count }
    for (name, events, pause) in [("one after the other", 500, 0), ("20 ms apart", 100, 20)] {
      let (before, last) = (server.cpu, seen + watchers * events)
      for number in 0..<events {
        var changed = lease("watched")
        changed["metadata"]?["annotations"] = [name.replacing(" ", with: "-"): .string(String(number))]
        try await server.send("PUT", "\(leases)/lease-watched", changed)
        if pause > 0 { try await Task.sleep(for: .milliseconds(pause)) }
      }
      while seen < last, let count = await iterator.next() { seen += count }
      report.cpu(
        "watch: one event to one of 100 watchers, \(name)", (server.cpu - before) / Double(watchers * events),
        reach: "≤ 5.7 µs")
    }
    for task in tasks { task.cancel() }
  }

  private static func rollOut(_ report: Report) async throws {
    let server = try Server(["--nodes", "0", "--simulated-nodes", "100"])
    let (cpu, start) = (server.cpu, ContinuousClock.now)
    try await server.send("POST", "/apis/apps/v1/namespaces/default/deployments", deployment(replicas: 3_000))
    try await waitUntilReady(3_000, server)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    report.cpu(
      "pod, Deployment → Running (3,000 on 100 nodes)", (server.cpu - cpu) / 3_000,
      and: "\(Report.format(3_000 / seconds)) pods/s", reach: "≤ 1 ms, ≥ 1,000/s")
    try server.stop()
  }

  private static func atRest(_ report: Report) async throws {
    let server = try Server(["--nodes", "0", "--simulated-nodes", "1000"])
    try await server.send("POST", "/apis/apps/v1/namespaces/default/deployments", deployment(replicas: 10_000))
    try await waitUntilReady(10_000, server)
    let before = server.cpu
    var bytes = 0
    for _ in 0..<5 { bytes = try await server.send("GET", pods).body.count }
    report.row(
      "list 10,000 pods (\(bytes / 1_000_000) MB)", "\(Report.format((server.cpu - before) / 5)) CPU-s",
      Report.format((server.cpu - before) / 5 / report.calibration * 1e6), "≤ 0.08 CPU-s")
    // What has not been looked at for two rounds of ten seconds is kept in a smaller form.
    let busy = server.memory
    try await Task.sleep(for: .seconds(25))
    let rest = server.cpu
    try await Task.sleep(for: .seconds(20))
    report.row(
      "10,000 pods and 1,000 nodes at rest",
      "\(Report.format(server.memory)) MiB (after the roll-out: \(Report.format(busy))), "
        + "\(Report.format((server.cpu - rest) / 20 * 100)) % CPU", "", "≤ 250 MiB, ≤ 5 %")
    try server.stop()
  }
}

extension Bench {
  /// Runs operations from 32 clients, and reports the server's CPU for one.
  private static func measure(
    _ name: String, _ count: Int, _ server: Server, _ report: Report, reach: String,
    _ operation: @escaping @Sendable (String) async throws -> Void
  ) async throws {
    let (cpu, start) = (server.cpu, ContinuousClock.now)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<32 {
        group.addTask { for number in stride(from: client, to: count, by: 32) { try await operation(String(number)) } }
      }
      try await group.waitForAll()
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    report.cpu(
      name, (server.cpu - cpu) / Double(count), and: "\(Report.format(Double(count) / seconds))/s", reach: reach)
  }

  static func waitUntilReady(_ replicas: Int64, _ server: Server) async throws {
    let path = "/apis/apps/v1/namespaces/default/deployments/web"
    while true {
      let deployment = try Value(parsing: try await server.send("GET", path).body)
      if deployment["status"]?["readyReplicas"]?.integer == replicas { return }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private static func phase(of name: String, _ server: Server) async throws -> String? {
    try Value(parsing: try await server.send("GET", "\(pods)/\(name)").body)["status"]?["phase"]?.string
  }

  private static func lease(_ name: String) -> Value {
    [
      "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": ["name": .string("lease-\(name)")],
      "spec": ["holderIdentity": "bench", "leaseDurationSeconds": 40],
    ]
  }

  private static func pod(_ name: String) -> Value {
    [
      "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)],
      "spec": ["containers": [["name": "main", "image": "pause"]]],
    ]
  }

  static func deployment(replicas: Int64, image: String = "pause") -> Value {
    [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
      "spec": [
        "replicas": .integer(replicas), "selector": ["matchLabels": ["app": "web"]],
        "template": [
          "metadata": ["labels": ["app": "web"]],
          "spec": ["containers": [["name": "main", "image": .string(image)]]],
        ],
      ],
    ]
  }
}
