import NIOCore

// The heads of HTTP/1 messages, as far as somebody has to understand them who passes messages on: who is meant, where
// the body ends, whether the connection goes on. Everything else is copied as it was written.
//
// What two readers could understand in two ways is refused: a message whose end we and the server behind us see in
// different places lets one client's request slip into another's.

/// Why a message is not passed on, and the status that says so.
struct HTTPFault: Error, Hashable {
  var status: Int
  var why: String

  static func malformed(_ why: String) -> HTTPFault { HTTPFault(status: 400, why: why) }
}

/// How the end of a message's body is found.
enum Framing: Hashable, Sendable {
  case empty
  case length(Int)
  case chunked
  case untilClose
}

struct RequestHead: Sendable {
  var method = ""
  var target = ""
  var isHTTP10 = false
  var host = ""
  var framing = Framing.empty
  var keepsAlive = true
  /// The protocol to which the client wishes to change: "websocket".
  var upgrade: String?
  /// The fields that are passed on, each with its line's end.
  var fields = ByteBuffer()

  /// What comes before a question mark; of an absolute target, what comes after its host.
  var path: String {
    let rest = authority.map { target[$0.endIndex...] } ?? target[...]
    let path = rest.prefix { $0 != "?" }
    return path.isEmpty ? "/" : String(path)
  }

  /// The host of an absolute target: what lies between :// and the path.
  fileprivate var authority: Substring? {
    guard !target.hasPrefix("/"), let scheme = target.firstRange(of: "://") else { return nil }
    return target[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
  }

  /// Whether doing it twice does what doing it once does (RFC 9110, 9.2.2).
  var isIdempotent: Bool { ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].contains(method) }
}

struct ResponseHead: Sendable {
  var status = 0
  /// "HTTP/1.1 200 OK" without the version.
  var statusText = ""
  var framing = Framing.empty
  var keepsAlive = true
  var upgrade: String?
  var fields = ByteBuffer()
}

// MARK: Reading

/// A head that is being collected.
struct HeadReader {
  static let limit = 64 << 10
  private var searched = 0

  var hasBegun: Bool { searched > 0 }

  /// The bytes up to the empty line, without it but with the end of the last field's line; nil when more have to come.
  mutating func next(from input: inout ByteBuffer) throws(HTTPFault) -> [UInt8]? {
    // Empty lines before a request are forgiven (RFC 9112, 2.2).
    while searched == 0, input.getInteger(at: input.readerIndex, as: UInt16.self) == 0x0D0A {
      input.moveReaderIndex(forwardBy: 2)
    }
    let view = input.readableBytesView
    var place = view.startIndex + max(0, searched - 3)
    while let end = view[place...].firstIndex(of: 0x0D) {
      if view.endIndex - end < 4 { break }
      if view[end + 1] == 0x0A, view[end + 2] == 0x0D, view[end + 3] == 0x0A {
        let length = end + 2 - view.startIndex
        guard length <= Self.limit else { break }
        searched = 0
        let head = input.readBytes(length: length)
        input.moveReaderIndex(forwardBy: 2)
        return head
      }
      place = end + 1
    }
    searched = view.count
    if view.count > Self.limit { throw HTTPFault(status: 431, why: "the request's head is too long") }
    return nil
  }
}

/// What the fields of a head say about the connection and the body.
private struct Fields {
  enum Known {
    case host, connection, contentLength, transferEncoding, upgrade
    /// Of this connection alone.
    case hop
    /// For us to say to servers, and not for clients.
    case forwarding
    case other
  }

  struct Line {
    var range: Range<Int>
    var name: Range<Int>
    var known: Known
  }

  let bytes: [UInt8]
  var lines: [Line] = []
  var hosts: [String] = []
  var length: Int?
  var codings: [String] = []
  var options: [String] = []
  var upgrade: String?

  init(_ bytes: [UInt8], from start: Int) throws(HTTPFault) {
    self.bytes = bytes
    var place = start
    while place < bytes.count {
      guard let end = bytes[place...].firstIndex(of: 0x0D), end + 1 < bytes.count, bytes[end + 1] == 0x0A else {
        throw .malformed("a field's line does not end as it should")
      }
      try add(place..<end)
      place = end + 2
    }
  }

  private mutating func add(_ line: Range<Int>) throws(HTTPFault) {
    guard let colon = bytes[line].firstIndex(of: UInt8(ascii: ":")), colon > line.lowerBound else {
      throw .malformed("a field has no name")
    }
    let name = line.lowerBound..<colon
    for byte in bytes[name] where !byte.isToken {
      throw .malformed("a field's name has a character that none may have")
    }
    var value = bytes[(colon + 1)..<line.upperBound]
    while let first = value.first, first == 0x20 || first == 0x09 { value.removeFirst() }
    while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
    for byte in value where byte < 0x20 && byte != 0x09 || byte == 0x7F {
      throw .malformed("a field has a character that none may have")
    }
    let known = Self.known(bytes[name])
    lines.append(Line(range: line.lowerBound..<(line.upperBound + 2), name: name, known: known))
    switch known {
    case .other, .hop, .forwarding: break
    case .host: hosts.append(String(decoding: value, as: UTF8.self))
    case .upgrade: upgrade = String(decoding: value, as: UTF8.self)
    case .connection: options += Self.tokens(value)
    case .transferEncoding: codings += Self.tokens(value)
    case .contentLength:
      guard !value.isEmpty, value.count <= 18, value.allSatisfy({ (0x30...0x39).contains($0) }),
        let number = Int(String(decoding: value, as: UTF8.self)), length ?? number == number
      else { throw .malformed("content-length is not one number") }
      length = number
    }
  }

  private static func tokens(_ value: ArraySlice<UInt8>) -> [String] {
    value.split { $0 == UInt8(ascii: ",") || $0 == 0x20 || $0 == 0x09 }.map {
      String(decoding: $0, as: UTF8.self).lowercased()
    }
  }

  private static let names: [Int: [(name: [UInt8], known: Known)]] = {
    let hop = ["keep-alive", "proxy-connection", "proxy-authorization", "te"]
    let forwarding = [
      "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "forwarded",
    ]
    let all: [(String, Known)] =
      [
        ("host", .host), ("connection", .connection), ("content-length", .contentLength),
        ("transfer-encoding", .transferEncoding), ("upgrade", .upgrade),
      ] + hop.map { ($0, .hop) } + forwarding.map { ($0, .forwarding) }
    return Dictionary(grouping: all.map { (name: Array($0.0.utf8), known: $0.1) }) { $0.name.count }
  }()

  private static func known(_ name: ArraySlice<UInt8>) -> Known {
    for entry in names[name.count] ?? [] where zip(name, entry.name).allSatisfy({ $0 | 0x20 == $1 }) {
      return entry.known
    }
    return .other
  }

  /// The fields that are passed on: all but those of this connection.
  func kept(isRequest: Bool) -> ByteBuffer {
    let named = Set(options).subtracting(["close", "keep-alive", "upgrade"])
    var kept = ByteBuffer()
    kept.reserveCapacity(bytes.count + 256)
    for line in lines {
      switch line.known {
      case .connection, .upgrade, .hop: continue
      case .forwarding where isRequest: continue
      case .other where !named.isEmpty:
        if named.contains(String(decoding: bytes[line.name], as: UTF8.self).lowercased()) { continue }
      default: break
      }
      kept.writeBytes(bytes[line.range])
    }
    return kept
  }

  var isChunked: Bool { codings == ["chunked"] }
}

extension UInt8 {
  /// Of method and field names (RFC 9110, 5.6.2).
  fileprivate var isToken: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(self)
    }
  }
}

extension RequestHead {
  init(_ bytes: [UInt8]) throws(HTTPFault) {
    guard let end = bytes.firstIndex(of: 0x0D), end + 1 < bytes.count, bytes[end + 1] == 0x0A else {
      throw .malformed("the request line does not end as it should")
    }
    let words = bytes[..<end].split(separator: 0x20, omittingEmptySubsequences: false)
    guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(\.isToken), !words[1].isEmpty,
      words[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { throw .malformed("the request line is not method, target and version") }
    switch String(decoding: words[2], as: UTF8.self) {
    case "HTTP/1.1": isHTTP10 = false
    case "HTTP/1.0": isHTTP10 = true
    case let version where version.hasPrefix("HTTP/"): throw HTTPFault(status: 505, why: "only HTTP/1.1 is spoken here")
    default: throw .malformed("the request line is not method, target and version")
    }
    method = String(decoding: words[0], as: UTF8.self)
    target = String(decoding: words[1], as: UTF8.self)
    if method == "CONNECT" { throw HTTPFault(status: 405, why: "this is not a forward proxy") }
    let found = try Fields(bytes, from: end + 2)
    guard found.hosts.count == 1 || isHTTP10 && found.hosts.isEmpty else {
      throw .malformed("a request has to say one host")
    }
    host = found.hosts.first ?? ""
    if let authority { host = String(authority) }
    framing = try Self.framing(found, isHTTP10: isHTTP10)
    let isKept = isHTTP10 ? found.options.contains("keep-alive") : true
    keepsAlive = isKept && !found.options.contains("close")
    if !isHTTP10, found.options.contains("upgrade"), framing == .empty { upgrade = found.upgrade }
    fields = found.kept(isRequest: true)
  }

  private static func framing(_ fields: Fields, isHTTP10: Bool) throws(HTTPFault) -> Framing {
    if !fields.codings.isEmpty {
      if fields.length != nil || isHTTP10 { throw .malformed("the request's length is said in two ways") }
      guard fields.isChunked else { throw HTTPFault(status: 501, why: "only chunked is understood") }
      return .chunked
    }
    return fields.length.map { $0 == 0 ? .empty : .length($0) } ?? .empty
  }
}

extension ResponseHead {
  /// - Parameter method: of the request that it answers; a HEAD's answer has no body.
  init(_ bytes: [UInt8], to method: String) throws(HTTPFault) {
    let fault = HTTPFault(status: 502, why: "the answer is not HTTP")
    guard let end = bytes.firstIndex(of: 0x0D), end >= 12, end + 1 < bytes.count, bytes[end + 1] == 0x0A,
      bytes.starts(with: "HTTP/1.".utf8), bytes[8] == 0x20
    else { throw fault }
    let isHTTP10 = bytes[7] == UInt8(ascii: "0")
    statusText = String(decoding: bytes[9..<end], as: UTF8.self)
    guard let code = Int(statusText.prefix(3)), (100...999).contains(code) else { throw fault }
    status = code
    let found: Fields
    do { found = try Fields(bytes, from: end + 2) } catch { throw HTTPFault(status: 502, why: error.why) }
    let isKept = isHTTP10 ? found.options.contains("keep-alive") : true
    keepsAlive = isKept && !found.options.contains("close")
    upgrade = found.upgrade
    fields = found.kept(isRequest: false)
    if status < 200 || status == 204 || status == 304 || method == "HEAD" {
      framing = .empty
    } else if !found.codings.isEmpty {
      framing = found.codings.last == "chunked" ? .chunked : .untilClose
    } else {
      framing = found.length.map { $0 == 0 ? .empty : .length($0) } ?? .untilClose
    }
    if framing == .untilClose { keepsAlive = false }
  }
}
