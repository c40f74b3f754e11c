// Requests to an API server, as kubectl makes them, and its refusals as errors.

import APIServer
import Objects

struct Client: Sendable {
  let transport: any Transport
  /// "kubectl get": the server may log it.
  let command: String
  /// A bearer token, where the kubeconfig has one.
  var token: String?
  /// Told about each `Warning` header.
  var warn: @Sendable (String) -> Void = { _ in }
  /// Another user's name, from `--as`.
  var impersonated: String?

  typealias Query = [(name: String, value: String)]

  enum Media {
    static let json = "application/json"
    static let strategicMergePatch = "application/strategic-merge-patch+json"
    static let mergePatch = "application/merge-patch+json"
    static let jsonPatch = "application/json-patch+json"
    static let applyPatch = "application/apply-patch+yaml"
    static let table =
      "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
    static let discovery =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
  }

  private func request(
    _ method: String, _ path: String, _ query: Query, _ accept: String, _ body: (type: String, bytes: [UInt8])? = nil
  ) -> Request {
    var headers = [
      (name: "accept", value: accept), (name: "user-agent", value: "kubectl/swiftlet"),
      (name: "kubectl-command", value: command),
    ]
    if let body { headers.append((name: "content-type", value: body.type)) }
    if let token { headers.append((name: "authorization", value: "Bearer \(token)")) }
    if let impersonated { headers.append((name: "impersonate-user", value: impersonated)) }
    return Request(method: method, path: path, query: query, headers: headers, body: body?.bytes ?? [])
  }

  /// The bytes of an answer that is a success; throws `ServerError` for any other.
  func bytes(
    _ method: String, _ path: String, query: Query = [], accept: String = Media.json,
    body: (type: String, bytes: [UInt8])? = nil
  ) async throws -> [UInt8] {
    let answer = try await transport.send(request(method, path, query, accept, body))
    for (name, value) in answer.headers where name == "warning" { warn(Self.warningText(value)) }
    guard (200..<300).contains(answer.status) else { throw Self.refusal(answer.status, answer.body) }
    return answer.body
  }

  func get(_ path: String, query: Query = [], accept: String = Media.json) async throws -> Value {
    try Self.parse(try await bytes("GET", path, query: query, accept: accept))
  }

  /// Sends a body, in JSON unless `type` says otherwise.
  func send(
    _ method: String, _ path: String, query: Query = [], _ body: Value, as type: String = Media.json
  ) async throws -> Value {
    try Self.parse(try await bytes(method, path, query: query, body: (type, body.encoded())))
  }

  /// A body that is read while the server writes it.
  func stream(_ path: String, query: Query = [], accept: String = Media.json) async throws
    -> AsyncThrowingStream<[UInt8], any Error>
  {
    let answer = try await transport.stream(request("GET", path, query, accept))
    guard (200..<300).contains(answer.status) else {
      var body: [UInt8] = []
      for try await bytes in answer.body where body.count < 1 << 20 { body += bytes }
      throw Self.refusal(answer.status, body)
    }
    return answer.body
  }

  /// The events of a watch, one JSON value a line. Ends when the server ends it.
  func watch(_ path: String, query: Query, accept: String = Media.json) async throws
    -> AsyncThrowingStream<Value, any Error>
  {
    let body = try await stream(path, query: query + [(name: "watch", value: "true")], accept: accept)
    return AsyncThrowingStream { continuation in
      let reading = Task {
        do {
          var lines = LineSplitter()
          for try await bytes in body {
            for line in lines.add(bytes) { continuation.yield(try Self.parse(line)) }
          }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in reading.cancel() }
    }
  }

  private static func parse(_ bytes: [UInt8]) throws -> Value {
    do { return try Value(parsing: bytes) } catch {
      throw Failure.error("the server's answer is not JSON: \(error)")
    }
  }

  /// The server's `Status`, or one made up for a body that is none.
  static func refusal(_ code: Int, _ body: [UInt8]) -> ServerError {
    if let status = try? Value(parsing: body), status["kind"] == "Status" {
      return ServerError(code: code, status: status)
    }
    let text = String(decoding: body.prefix(512), as: UTF8.self).trimmed
    let reasons = [
      401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 500: "InternalError", 503: "ServiceUnavailable",
    ]
    let message = text.isEmpty ? "the server answered with code \(code)" : text
    return ServerError(code: code, status: ["reason": .string(reasons[code] ?? ""), "message": .string(message)])
  }

  /// `299 - "the text"` without its code and agent.
  static func warningText(_ header: String) -> String {
    guard let quote = header.firstIndex(of: "\"") else { return header }
    var text = ""
    var isEscaped = false
    for character in header[quote...].dropFirst() {
      if isEscaped {
        text.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        break
      } else {
        text.append(character)
      }
    }
    return text
  }
}

/// Bytes that arrive in any pieces, as whole lines.
struct LineSplitter {
  private var rest: [UInt8] = []

  /// The lines that these bytes complete, without their ends; empty ones are left out.
  mutating func add(_ bytes: [UInt8]) -> [[UInt8]] {
    rest += bytes
    var lines: [[UInt8]] = []
    var start = 0
    while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
      if end > start { lines.append(Array(rest[start..<end])) }
      start = end + 1
    }
    rest.removeFirst(start)
    return lines
  }

  /// What stands behind the last line's end.
  var unfinished: [UInt8]? { rest.isEmpty ? nil : rest }
}

extension String {
  /// Without white space at both ends.
  var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  /// As a segment of a path (RFC 3986).
  var pathSegment: String {
    var text = ""
    for byte in utf8 {
      let isPlain =
        byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
      if isPlain || "-._~:".utf8.contains(byte) {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
      }
    }
    return text
  }
}
