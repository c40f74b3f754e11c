import Foundation
import NIOCore
import Objects
import Services
import Synchronization

@testable import Network

/// An ingress on ports of the loopback interface, and servers behind it.
final class IngressWorld: Sendable {
  let network: NetworkWorld
  let http: Int
  let https: Int
  private let servers = Mutex<[TestServer]>([])
  private let rules = Mutex(0)

  init() async throws {
    network = try NetworkWorld({ ($0.httpPort, $0.httpsPort) = (0, 0) })
    let report = try await network.networking.start()
    (http, https) = (report.http ?? 0, report.https ?? 0)
    try network.put(IngressClass(name: "swiftlet") { $0.spec.controller = IngressController.identifier })
  }

  func stop() async {
    await network.networking.stop()
    for server in servers.withLock({ $0 }) { try? await server.stop() }
  }

  /// Services whose one server says the service's name, the method and the path.
  @discardableResult
  func serve(_ names: String...) async throws -> [TestServer] {
    var started: [TestServer] = []
    for name in names {
      started += try await serve([name]) { request, _ in HTTPRequest.ok("\(name) \(request.method) \(request.target)") }
    }
    return started
  }

  /// Services whose one server answers as the test says; what is returned is sent.
  @discardableResult
  func serve(_ names: [String], _ answer: @escaping @Sendable (HTTPRequest, Peer) async throws -> String) async throws
    -> [TestServer]
  {
    var started: [TestServer] = []
    for name in names {
      let server = try await TestServer.start { try await HTTPRequest.answerAll(from: $0, answer) }
      started.append(server)
      servers.withLock { $0.append(server) }
      try network.put(service(name, clusterIP: "10.96.1.\(Int.random(in: 2...254))"))
      try network.put(slice(0, of: name, port: server.port))
    }
    return started
  }

  func route(_ path: String, to service: String, host: String? = nil, change: (inout Ingress) -> Void = { _ in }) throws
  {
    let number = rules.withLock { number in
      number += 1
      return number
    }
    try network.put(
      Ingress(name: "ingress-\(number)", namespace: "default") {
        $0.spec.ingressClassName = "swiftlet"
        $0.spec.rules = [
          IngressRule {
            $0.host = host
            $0.http = HTTPIngressRuleValue {
              $0.paths = [
                HTTPIngressPath {
                  $0.path = path
                  $0.pathType = .prefix
                  $0.backend.service = IngressServiceBackend {
                    $0.name = service
                    $0.port.number = 80
                  }
                }
              ]
            }
          }
        ]
        change(&$0)
      })
  }

  func client() async throws -> HTTPClientPeer { HTTPClientPeer(try await Peer.connect(port: http)) }
}

/// A request as a server of a test sees it: its head as text.
struct HTTPRequest: Sendable {
  let head: String

  private var words: [Substring] { head.prefix { $0 != "\r\n" && $0 != "\r" }.split(separator: " ") }
  var method: String { words.first.map(String.init) ?? "" }
  var target: String { words.dropFirst().first.map(String.init) ?? "" }
  var path: String { String(target.prefix { $0 != "?" }) }

  static func ok(_ body: String) -> String {
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  static func answerAll(
    from peer: Peer, _ answer: @Sendable (HTTPRequest, Peer) async throws -> String
  ) async throws {
    while true {
      let head = try await peer.read(through: "\r\n\r\n")
      let text = try await answer(HTTPRequest(head: head), peer)
      if !text.isEmpty { try await peer.send(text) }
      let saysItsEnd = ["Content-Length", "chunked", " 204 ", " 101 "].contains(where: text.contains)
      if !saysItsEnd { return }
    }
  }
}

/// A client's connection, one request after the other.
final class HTTPClientPeer: Sendable {
  struct Answer: Sendable {
    var head: String
    var body: String
    var status: Int { Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0 }
  }

  let peer: Peer
  private let name: String

  init(_ peer: Peer, name: String = "a") {
    self.peer = peer
    self.name = name
  }

  func get(_ target: String, host: String? = nil) async throws -> Answer {
    try await peer.send("GET \(target) HTTP/1.1\r\nHost: \(host ?? name)\r\n\r\n")
    return try await answer(to: "GET")
  }

  /// The next answer. A chunked body is shown as it is on the wire.
  func answer(to method: String) async throws -> Answer {
    let head = try await peer.read(through: "\r\n\r\n")
    var answer = Answer(head: head, body: "")
    if method == "HEAD" || answer.status < 200 || answer.status == 204 { return answer }
    if head.contains("chunked") {
      answer.body = try await peer.read(through: "0\r\n\r\n")
    } else if let line = head.components(separatedBy: "\r\n").first(where: { $0.hasPrefix("Content-Length: ") }) {
      answer.body = try await peer.read(count: Int(line.dropFirst(16)) ?? 0)
    } else {
      answer.body = try await peer.readToEnd()
    }
    return answer
  }
}
