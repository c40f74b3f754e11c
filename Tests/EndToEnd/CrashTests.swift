import APIServer
import Foundation
import HTTP
import Objects
import Synchronization
import Testing

/// What the server has acknowledged is there after any crash.
@Suite struct CrashTests {
  static let rounds = 200
  static let writers = 8

  @Test func noAcknowledgedWriteIsLostInTwoHundredKills() async throws {
    let cluster = try TestBinary()
    var random = SeededGenerator(seed: 42)
    let acknowledged = Mutex<[String: Int]>([:])
    for round in 0..<Self.rounds {
      let started = try cluster.startAgain(["--nodes", "0", "--simulated-nodes", "1", "--chapter", "1"])
      try #require(started.status == 0, "round \(round): \(started.text)")
      let client = try cluster.client()
      try await compare(acknowledged.withLock { $0 }, with: client, round)
      let limit = Int.random(in: 1...60, using: &random)
      let pid = try #require(cluster.pid)
      await writeUntilKilled(client, pid: pid, after: limit, round, acknowledged)
    }
    #expect(acknowledged.withLock { $0.count } > Self.writers)
  }

  // Each writer counts its own lease up as fast as it can; the server is killed in the middle of it.
  private func writeUntilKilled(
    _ client: HTTPClient, pid: Int32, after limit: Int, _ round: Int, _ acknowledged: borrowing Mutex<[String: Int]>
  ) async {
    let count = Counter()
    let results = await withTaskGroup(of: (String, Int)?.self) { group in
      for writer in 0..<Self.writers {
        group.addTask {
          let name = "writer-\(writer)-\(round % 5)"
          var last: Int?
          for turn in 0... {
            let value = round * 10_000 + turn
            guard let answer = try? await client.send(Self.write(name, value, isNew: last == nil && turn == 0)) else {
              break
            }
            if (200...201).contains(answer.status) { last = value }
            if count.increment() == limit { kill(pid, SIGKILL) }
          }
          return last.map { (name, $0) }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    // Where every writer gave up before.
    if count.value < limit { kill(pid, SIGKILL) }
    acknowledged.withLock { known in
      for case (let name, let value)? in results { known[name] = max(known[name] ?? 0, value) }
    }
  }

  private func compare(_ acknowledged: [String: Int], with client: HTTPClient, _ round: Int) async throws {
    let list = try await list(with: client)
    var found: [String: Int] = [:]
    for item in list["items"]?.array ?? [] {
      let object = Object(json: item)
      found[object.name] = object.metadata.annotations["value"].flatMap { Int($0) }
    }
    for (name, value) in acknowledged {
      #expect(found[name] ?? -1 >= value, "round \(round): \(name) was acknowledged with \(value)")
    }
  }

  // Reads may be repeated: a connection that breaks loses nothing that was acknowledged.
  private func list(with client: HTTPClient, attempts: Int = 5) async throws -> Value {
    do {
      return try Value(parsing: try await client.send(Request(method: "GET", path: Self.path)).body)
    } catch  where attempts > 1 {
      return try await list(with: client, attempts: attempts - 1)
    }
  }

  private static let path = "/apis/coordination.k8s.io/v1/namespaces/default/leases"

  private static func write(_ name: String, _ value: Int, isNew: Bool) -> Request {
    let object: Value = [
      "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
      "metadata": ["name": .string(name), "annotations": ["value": .string(String(value))]],
    ]
    return Request(
      method: isNew ? "POST" : "PUT", path: isNew ? path : "\(path)/\(name)",
      headers: [("content-type", "application/json")], body: object.encoded())
  }
}

private final class Counter: Sendable {
  private let count = Mutex(0)

  var value: Int { count.withLock { $0 } }

  func increment() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}

extension TestBinary {
  /// A client with the administrator's certificate.
  func client() throws -> HTTPClient {
    func read(_ name: String) throws -> String { try String(contentsOfFile: data + "/pki/" + name, encoding: .utf8) }
    let state = try Value(parsing: Array(Data(contentsOf: URL(fileURLWithPath: data + "/cluster.json"))))
    let tls = ClientTLS(
      authorities: try read("ca.crt"), certificateChain: try read("admin.crt"), privateKey: try read("admin.key"))
    return try HTTPClient(server: state["server"]?.string ?? "", tls: tls)
  }
}
