import APIServer
import NIOHTTP1

/// A request's head, checked and taken apart: everything of a `Request` but its body, and what the transport alone
/// has to know.
struct RequestHead {
  var request: Request
  let version: HTTPVersion
  /// The body's length in bytes, if the client said it.
  var contentLength: Int?
  /// Whether the client waits for a word before it sends the body (RFC 9110, 10.1.1).
  var expectsContinue = false
  /// Whether another request can follow on this connection.
  var keepsAlive: Bool

  init(_ head: HTTPRequestHead, from user: User?, limits: Limits) throws(Refusal) {
    version = head.version
    keepsAlive = head.isKeepAlive
    request = Request(method: head.method.rawValue, path: "", user: user)
    try readTarget(head.uri)
    try readHeaders(head.headers, limits: limits, target: head.uri)
  }

  private mutating func readTarget(_ target: String) throws(Refusal) {
    var target = Substring(target)
    if !target.utf8.starts(with: "/".utf8) {
      // A proxy's form, "https://host/path", is to be understood by every server (RFC 9112, 3.2.2).
      guard target.hasPrefix("http://") || target.hasPrefix("https://") else {
        throw .badRequest("the request target is not a path")
      }
      let host = target.drop { $0 != "/" }.dropFirst(2)
      target = host.drop { $0 != "/" && $0 != "?" }
    }
    let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
    let path = target[..<mark]
    guard PercentCoding.isEncoded(path.utf8) else {
      throw .badRequest("the request path is not percent-encoded")
    }
    request.path = path.isEmpty ? "/" : String(path)
    guard mark < target.endIndex else { return }
    guard let query = PercentCoding.query(target[target.utf8.index(after: mark)...].utf8) else {
      throw .badRequest("the request query is not percent-encoded UTF-8")
    }
    request.query = query
  }

  private mutating func readHeaders(_ headers: HTTPHeaders, limits: Limits, target: String) throws(Refusal) {
    var bytes = target.utf8.count
    var hosts = 0
    request.headers.reserveCapacity(headers.count)
    for (name, value) in headers {
      let name = name.inLowerCase
      bytes += name.utf8.count + value.utf8.count
      request.headers.append((name: name, value: value))
      switch name {
      case "host": hosts += 1
      case "content-length":
        guard let length = Int(value), length >= 0 else { throw .badRequest("the content-length is not a number") }
        contentLength = length
      case "expect":
        guard value.inLowerCase == "100-continue" else { throw .unknownExpectation }
        expectsContinue = version == .http1_1 || version.major == 2
      // The parser stops behind a request that would change the protocol; no second one can follow.
      case "upgrade": keepsAlive = false
      default: break
      }
    }
    // HTTP/1.1's parser has stopped a flood before; HTTP/2's headers arrive here in one piece.
    guard bytes <= limits.headerBytes, headers.count <= limits.headerFields else { throw .headersTooLarge }
    guard version != .http1_1 || hosts == 1 else {
      throw .badRequest("the request has \(hosts == 0 ? "no" : "more than one") Host header")
    }
  }
}

extension String {
  /// In lower case, as far as ASCII goes; header names are ASCII, and most come in lower case already.
  var inLowerCase: String {
    guard utf8.contains(where: { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") }) else { return self }
    return String(
      decoding: utf8.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}
