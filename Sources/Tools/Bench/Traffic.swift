import APIServer
import Foundation
import HTTP
import Objects

// Requests through the cluster's proxies, beside nginx as a plain reverse proxy in the same run: the same load, the
// same program behind it. What counts is how many requests a proxy carries for a second of its CPU.

extension Bench {
  static func traffic(_ report: Report) async throws {
    let reach = "≥ half of nginx's"
    guard let wrk = find("wrk"), let nginx = find("nginx") else {
      return report.row("proxies beside nginx", "not measured: needs wrk and nginx", "", reach)
    }
    let plain = try PlainProxy(nginx: nginx)
    let reference = try load(wrk, "http://127.0.0.1:\(plain.port)/", cpu: { cpuSeconds(of: plain.pid) })
    plain.stop()
    report.traffic("nginx, plain reverse proxy", reference, reach: "")

    let server = try Server(["--ingress-port", "0", "--ingress-tls-port", "0"])
    try await server.send("POST", "/apis/apps/v1/namespaces/default/deployments", deployment(replicas: 2, image: "web"))
    try await server.send("POST", "/api/v1/namespaces/default/services", service)
    try await server.send("POST", "/apis/networking.k8s.io/v1/namespaces/default/ingresses", ingress)
    try await waitUntilReady(2, server)
    let node = try Value(parsing: try await server.send("GET", "/api/v1/namespaces/default/services/web").body)
    let nodePort = node["spec"]?["ports"]?.array?.first?["nodePort"]?.integer ?? 0
    for (name, url) in [
      ("userspace proxy (TCP)", "http://127.0.0.1:\(nodePort)/"), ("Ingress (HTTP/1.1)", server.ingress + "/"),
    ] {
      try await waitUntilAnswered(url)
      let measured = try load(wrk, url, cpu: { server.cpu })
      report.traffic(name, measured, reach: reach, against: reference)
    }
    try server.stop()
  }

  struct Load {
    var perSecond: Double
    var perCPUSecond: Double
    /// As wrk prints it: "1.23ms".
    var p99: String
    var failures: Int
  }

  /// Five seconds of requests on 32 connections that stay.
  private static func load(_ wrk: String, _ url: String, cpu: () -> Double) throws -> Load {
    _ = try output(of: wrk, ["-t1", "-c32", "-d1s", url])
    let before = cpu()
    let lines = try output(of: wrk, ["-t1", "-c32", "-d5s", "--latency", url]).split(separator: "\n")
    let used = cpu() - before
    func word(after mark: String) -> String? {
      lines.first { $0.contains(mark) }?.split(separator: " ").last.map { String($0) }
    }
    let total = lines.first { $0.contains("requests in") }?.split(separator: " ").first.flatMap { Double($0) } ?? 0
    let errors = lines.filter { $0.contains("Non-2xx") || $0.contains("Socket errors") }
    return Load(
      perSecond: word(after: "Requests/sec:").flatMap { Double($0) } ?? 0, perCPUSecond: total / used,
      p99: word(after: "99%") ?? "?",
      failures: errors.flatMap { $0.split { !$0.isNumber } }.compactMap { Int($0) }.reduce(0, +))
  }

  private static func waitUntilAnswered(_ url: String) async throws {
    let client = try HTTPClient(server: String(url.dropLast()))
    for _ in 0..<500 {
      if (try? await client.send(Request(method: "GET", path: "/")))?.status == 200 { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw Unexpected(text: "\(url) does not answer")
  }

  private static let service: Value = [
    "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web"],
    "spec": ["type": "NodePort", "selector": ["app": "web"], "ports": [["port": 80, "targetPort": 8080]]],
  ]

  private static let ingress: Value = [
    "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": ["name": "web"],
    "spec": ["defaultBackend": ["service": ["name": "web", "port": ["number": 80]]]],
  ]
}

extension Report {
  fileprivate func traffic(_ name: String, _ load: Bench.Load, reach: String, against reference: Bench.Load? = nil) {
    let share = reference.map { ", \(Self.format(load.perCPUSecond / $0.perCPUSecond)) of nginx's" } ?? ""
    let failures = load.failures > 0 ? ", \(load.failures) failed" : ""
    row(
      name, "\(Self.format(load.perCPUSecond)) requests/CPU-s\(share)", "",
      "\(reach)  (\(Report.format(load.perSecond))/s, p99 \(load.p99)\(failures))")
  }
}

/// nginx with one process, in front of one built-in web server.
private final class PlainProxy {
  let port = 18_480
  private let proxy = Process()
  private let backend = Process()
  private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("swiftlet-nginx-\(getpid())")

  var pid: Int32 { proxy.processIdentifier }

  init(nginx: String) throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let backends = port + 1
    backend.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("swiftlet")
    backend.arguments = ["image", "web:latest"]
    backend.environment = ["PORT": "\(backends)"]
    backend.standardOutput = FileHandle.nullDevice
    try backend.run()
    let configuration = """
      daemon off; master_process off; pid \(directory.path)/pid; error_log \(directory.path)/errors;
      events { worker_connections 1024; }
      http {
        access_log off;
        client_body_temp_path \(directory.path)/a; proxy_temp_path \(directory.path)/b;
        fastcgi_temp_path \(directory.path)/c; uwsgi_temp_path \(directory.path)/d; scgi_temp_path \(directory.path)/e;
        upstream web { server 127.0.0.1:\(backends); keepalive 64; }
        server {
          listen 127.0.0.1:\(port); keepalive_requests 1000000;
          location / { proxy_pass http://web; proxy_http_version 1.1; proxy_set_header Connection ""; }
        }
      }
      """
    let file = directory.appendingPathComponent("nginx.conf")
    try configuration.write(to: file, atomically: true, encoding: .utf8)
    proxy.executableURL = URL(fileURLWithPath: nginx)
    proxy.arguments = ["-c", file.path, "-p", directory.path]
    proxy.standardError = FileHandle.nullDevice
    try proxy.run()
    usleep(500_000)
  }

  func stop() {
    for process in [proxy, backend] {
      // A program started from a pool's thread does not hear of gentler signals.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    try? FileManager.default.removeItem(at: directory)
  }
}

private func find(_ program: String) -> String? {
  ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map { "\($0)/\(program)" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }
}

private func output(of program: String, _ arguments: [String]) throws -> String {
  let process = Process()
  let pipe = Pipe()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.standardOutput = pipe
  try process.run()
  let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return text
}
