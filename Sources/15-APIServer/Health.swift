import ControlLoop
import Objects

// What operators and load balancers ask. Specified by the Kubernetes documentation, "API health endpoints".

/// One thing that must work for the server to be of use.
public struct HealthCheck: Sendable {
  /// As in paths: "storage".
  public let name: String
  /// What is wrong, or nil. Answers soon, whatever it asks does.
  public let problem: @Sendable () async -> String?

  public init(_ name: String, problem: @escaping @Sendable () async -> String?) {
    self.name = name
    self.problem = problem
  }
}

extension Endpoint {
  /// Whether the server runs, may go on running, and should be sent requests. Each also serves its checks one by one.
  static let health = ["healthz", "livez", "readyz"].flatMap { name in
    [
      Endpoint(waiting: "/\(name)") { server, request in
        await summary(name, server.checks(for: name), isVerbose: request.flag("verbose"))
      },
      Endpoint(waiting: "/\(name)/") { server, request throws(StatusError) in
        let wanted = request.path.dropFirst(name.count + 2)
        guard let check = server.checks(for: name).first(where: { $0.name == wanted }) else { throw .unknownPath }
        return await check.problem().map { .text("internal server error: \($0)\n", status: 500) } ?? .text("ok")
      },
    ]
  }

  private static func summary(_ name: String, _ checks: [HealthCheck], isVerbose: Bool) async -> Response {
    var lines = ""
    var isHealthy = true
    for check in checks {
      let problem = await check.problem()
      lines += problem.map { "[-]\(check.name) failed: \($0)\n" } ?? "[+]\(check.name) ok\n"
      isHealthy = isHealthy && problem == nil
    }
    if isHealthy, !isVerbose { return .text("ok") }
    return .text(lines + "\(name) check \(isHealthy ? "passed" : "failed")\n", status: isHealthy ? 200 : 500)
  }

  static let version = Endpoint("/version") { server, _ in
    .json([
      "major": "1", "minor": "36", "gitVersion": "v1.36.0+swiftlet", "gitCommit": "", "gitTreeState": "clean",
      "buildDate": "1970-01-01T00:00:00Z", "goVersion": "none", "compiler": "swift",
      "platform": .string(server.surroundings.platform),
    ])
  }
}

extension APIServer {
  // A server that waits for something is alive; restarting it would not help.
  fileprivate func checks(for endpoint: String) -> [HealthCheck] {
    [HealthCheck("ping") { nil }] + (endpoint == "livez" ? [] : surroundings.checks)
  }
}
