import LoopbackPorts
import NIOHTTP1
import Objects
import Pods
import Probes
import Synchronization
import Testing

@testable import Probing

@Suite struct NetworkProbeRunnerTests {
  private let pod = PodIdentity(namespace: "default", name: "web", uid: "uid")

  /// The result of one check.
  private func result(
    _ purpose: Check.Purpose = .readiness, timeout: Duration? = .seconds(10), _ change: (inout Probe) -> Void
  ) async -> CheckResult {
    let runner = NetworkProbeRunner(network: PlainNetwork()) { ScriptedExecutor() }
    let check = Check(
      id: "1", purpose: purpose, container: ContainerID(podUID: "uid", name: "web", attempt: 0), address: "127.0.0.1",
      question: Probe(change), timeout: timeout)
    let (news, teller) = AsyncStream.makeStream(of: String.self)
    runner.onResult { teller.yield($0) }
    runner.begin(check, of: pod)
    for await uid in news {
      #expect(uid == "uid")
      break
    }
    #expect(runner.results(of: "uid").count == 1)
    return runner.results(of: "uid").first ?? CheckResult(id: "", outcome: .unknown)
  }

  private func get(_ port: Int, _ change: (inout HTTPGetAction) -> Void = { _ in }) -> HTTPGetAction {
    HTTPGetAction {
      $0.port = .integer(port)
      change(&$0)
    }
  }

  // MARK: HTTP

  @Test(
    arguments: [
      (200, .success, "hello"), (204, .success, ""), (404, .failure, "HTTP probe failed with statuscode: 404"),
    ] as [(Int, CheckResult.Outcome, String)])
  func theStatusDecides(_ status: Int, _ outcome: CheckResult.Outcome, _ output: String) async throws {
    let server = try await TestServer.http { _ in (status, [:], status == 200 ? "hello" : "") }
    let result = await result { $0.httpGet = get(server.port) }
    #expect(result == CheckResult(id: "1", outcome: outcome, output: output))
    try await server.close()
  }

  @Test func theRequestIsWhatTheProbeSays() async throws {
    let seen = Mutex<HTTPRequestHead?>(nil)
    let server = try await TestServer.http { head in
      seen.withLock { $0 = head }
      return (200, [:], "")
    }
    let port = server.port
    _ = await result {
      $0.httpGet = get(port) {
        $0.path = "/healthz?deep=1"
        $0.httpHeaders = [
          HTTPHeader {
            $0.name = "X-Probe"
            $0.value = "yes"
          }
        ]
      }
    }
    let head = try #require(seen.withLock { $0 })
    #expect(head.method == .GET)
    #expect(head.uri == "/healthz?deep=1")
    #expect(head.headers["x-probe"] == ["yes"])
    #expect(head.headers["host"] == ["127.0.0.1:\(port)"])
    #expect(head.headers["user-agent"] == ["kube-probe/1.36"])
    #expect(head.headers["accept"] == ["*/*"])
    try await server.close()
  }

  @Test func aGivenHostHeaderStaysAsItIs() async throws {
    let seen = Mutex<[String]>([])
    let server = try await TestServer.http { head in
      seen.withLock { $0 = head.headers["host"] }
      return (200, [:], "")
    }
    _ = await result {
      $0.httpGet = get(server.port) {
        $0.httpHeaders = [
          HTTPHeader {
            $0.name = "Host"
            $0.value = "shop.example.com"
          }
        ]
      }
    }
    #expect(seen.withLock { $0 } == ["shop.example.com"])
    try await server.close()
  }

  @Test func redirectsAreFollowedOnTheSameHostOnly() async throws {
    let server = try await TestServer.http { head in
      switch head.uri {
      case "/": (302, ["location": "/there"], "")
      case "/there": (200, [:], "arrived")
      case "/away": (302, ["location": "http://example.com/"], "gone")
      default: (302, ["location": head.uri], "")
      }
    }
    let port = server.port
    var result = await result { $0.httpGet = get(port) }
    #expect(result == CheckResult(id: "1", outcome: .success, output: "arrived"))
    result = await self.result { $0.httpGet = get(port) { $0.path = "/away" } }
    #expect(
      result == CheckResult(id: "1", outcome: .warning, output: "Probe terminated redirects, Response body: gone"))
    result = await self.result(timeout: .seconds(60)) { $0.httpGet = get(port) { $0.path = "/circle" } }
    #expect(result.outcome == .failure)
    #expect(result.output == "Get \"http://127.0.0.1:\(port)/circle\": stopped after 10 redirects")
    try await server.close()
  }

  @Test func httpsIsSpokenWithAnybody() async throws {
    let server = try await TestServer.http(tls: true) { _ in (200, [:], "secret") }
    let result = await result { $0.httpGet = get(server.port) { $0.scheme = .https } }
    #expect(result == CheckResult(id: "1", outcome: .success, output: "secret"))
    try await server.close()
  }

  @Test func httpsToAServerWithoutTLSFails() async throws {
    let server = try await TestServer.http { _ in (200, [:], "") }
    let result = await result { $0.httpGet = get(server.port) { $0.scheme = .https } }
    #expect(result.outcome == .failure)
    #expect(result.output.hasPrefix("Get \"https://127.0.0.1:\(server.port)/\": "))
    try await server.close()
  }

  @Test func whereNobodyListensTheConnectionIsRefused() async throws {
    let port = unusedPort()
    let address = "127.0.0.1:\(port)"
    let refused = "dial tcp \(address): connect: connection refused"
    var result = await result { $0.httpGet = get(port) }
    #expect(result == CheckResult(id: "1", outcome: .failure, output: "Get \"http://\(address)/\": \(refused)"))
    result = await self.result { $0.tcpSocket = TCPSocketAction { $0.port = .integer(port) } }
    #expect(result == CheckResult(id: "1", outcome: .failure, output: refused))
    result = await self.result(timeout: .seconds(2)) { $0.grpc = GRPCAction { $0.port = port } }
    #expect(
      result.output == "timeout: failed to connect service \"\(address)\" within 2s: context deadline exceeded")
  }

  @Test func anAnswerThatDoesNotComeInTimeIsAFailure() async throws {
    let server = try await TestServer.http { _ in nil }
    let result = await result(timeout: .milliseconds(50)) { $0.httpGet = get(server.port) }
    #expect(result.outcome == .failure)
    #expect(
      result.output
        == "Get \"http://127.0.0.1:\(server.port)/\": context deadline exceeded (Client.Timeout exceeded while "
        + "awaiting headers)")
    try await server.close()
  }

  @Test func ofAHookAnyAnswerWillDo() async throws {
    let server = try await TestServer.http { _ in (500, [:], "") }
    #expect(await result(.preStop) { $0.httpGet = get(server.port) }.outcome == .success)
    try await server.close()
  }

  // MARK: TCP and commands

  @Test func aPortThatIsOpenIsEnough() async throws {
    let server = try await TestServer.http { _ in nil }
    let result = await result { $0.tcpSocket = TCPSocketAction { $0.port = .integer(server.port) } }
    #expect(result.outcome == .success)
    try await server.close()
  }

  @Test(
    arguments: [
      (["true"], .success, "well"), (["false"], .failure, "unwell"),
      (["sleep", "60"], .failure, "command timed out: \"sleep 60\" timed out after 10s"),
      (["nothing"], .unknown, "no such program"),
    ] as [([String], CheckResult.Outcome, String)])
  func theExitCodeDecides(_ command: [String], _ outcome: CheckResult.Outcome, _ output: String) async {
    let result = await result { $0.exec = ExecAction { $0.command = command } }
    #expect(result == CheckResult(id: "1", outcome: outcome, output: output))
  }

  // MARK: gRPC

  @Test(
    arguments: [
      ([0, 0, 0, 0, 2, 8, 1], .success, "service healthy"),
      ([0, 0, 0, 0, 2, 8, 2], .failure, "service unhealthy (responded with \"NOT_SERVING\")"),
      ([0, 0, 0, 0, 0], .failure, "service unhealthy (responded with \"UNKNOWN\")"),
    ] as [([UInt8], CheckResult.Outcome, String)])
  func theHealthServiceIsAsked(_ reply: [UInt8], _ outcome: CheckResult.Outcome, _ output: String) async throws {
    let seen = Mutex<(path: String, message: [UInt8])?>(nil)
    let server = try await TestServer.grpc { path, message in
      seen.withLock { $0 = (path, message) }
      return .success(reply)
    }
    let result = await result {
      $0.grpc = GRPCAction {
        $0.port = server.port
        $0.service = "shop"
      }
    }
    #expect(result == CheckResult(id: "1", outcome: outcome, output: output))
    #expect(seen.withLock { $0?.path } == "/grpc.health.v1.Health/Check")
    #expect(seen.withLock { $0?.message } == [0, 0, 0, 0, 6, 0x0A, 4] + Array("shop".utf8))
    try await server.close()
  }

  @Test(arguments: [
    (
      12, "nothing here",
      "this server does not implement the grpc health protocol (grpc.health.v1.Health): nothing here"
    ),
    (5, "unknown service", "health rpc probe failed: rpc error: code = NotFound desc = unknown service"),
  ])
  func errorsOfTheServiceAreTold(_ code: Int, _ message: String, _ output: String) async throws {
    let server = try await TestServer.grpc { _, _ in .failure(.init(code: code, message: message)) }
    let result = await result { $0.grpc = GRPCAction { $0.port = server.port } }
    #expect(result == CheckResult(id: "1", outcome: .failure, output: "error: \(output)"))
    try await server.close()
  }

  @Test func aServiceThatSaysNothingIsGivenUp() async throws {
    let server = try await TestServer.http { _ in nil }
    let result = await result(timeout: .milliseconds(50)) { $0.grpc = GRPCAction { $0.port = server.port } }
    #expect(result.outcome == .failure)
    try await server.close()
  }

  // MARK: Keeping results

  @Test func theNewestResultOfEachPurposeStaysUntilThePodIsForgotten() async throws {
    let runner = NetworkProbeRunner(network: PlainNetwork()) { ScriptedExecutor() }
    let (news, teller) = AsyncStream.makeStream(of: String.self)
    runner.onResult { teller.yield($0) }
    var heard = news.makeAsyncIterator()
    for (id, purpose) in [("1", Check.Purpose.liveness), ("2", .readiness), ("3", .liveness)] {
      let question = Probe { $0.exec = ExecAction { $0.command = ["true"] } }
      runner.begin(
        Check(
          id: id, purpose: purpose, container: ContainerID(podUID: "uid", name: "web", attempt: 0),
          address: "127.0.0.1", question: question, timeout: .seconds(1)), of: pod)
      _ = await heard.next()
    }
    #expect(runner.results(of: "uid").map(\.id) == ["2", "3"])
    runner.forget("uid")
    #expect(runner.results(of: "uid") == [])
  }
}
