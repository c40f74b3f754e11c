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
  /// What is passed on, as it was written: the first line and the fields that are not for us alone.
  var lines = ByteBuffer()

  /// What comes before a question mark; of an absolute target, what comes after its host.
  var path: String {
    let rest = authority.map { target[$0.endIndex...] } ?? target[...]
    let path = rest[..<(rest.utf8.firstIndex(of: UInt8(ascii: "?")) ?? rest.endIndex)]
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
  var framing = Framing.empty
  var keepsAlive = true
  var upgrade: String?
  /// As a request's, but always with our own version.
  var lines = ByteBuffer()
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
    guard let length = length(in: input) else {
      if input.readableBytes > Self.limit { throw HTTPFault(status: 431, why: "the request's head is too long") }
      return nil
    }
    searched = 0
    let head = input.readBytes(length: length)
    input.moveReaderIndex(forwardBy: 2)
    return head
  }

  private mutating func length(in input: ByteBuffer) -> Int? {
    let bytes = input.readableBytesUInt8Span
    var place = max(0, searched - 3)
    while place + 3 < bytes.count {
      if bytes[place] != 0x0D {
        place += 1
      } else if bytes[place + 1] == 0x0A, bytes[place + 2] == 0x0D, bytes[place + 3] == 0x0A {
        return place + 2 <= Self.limit ? place + 2 : nil
      } else {
        place += 1
      }
    }
    searched = bytes.count
    return nil
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
    let found = try HeadFields(bytes, from: end + 2)
    guard found.hosts == 1 || isHTTP10 && found.hosts == 0 else {
      throw .malformed("a request has to say one host")
    }
    host = found.host
    if let authority { host = String(authority) }
    framing = try Self.framing(found, isHTTP10: isHTTP10)
    let isKept = isHTTP10 ? found.options.contains("keep-alive") : true
    keepsAlive = isKept && !found.options.contains("close")
    if !isHTTP10, found.options.contains("upgrade"), framing == .empty { upgrade = found.upgrade }
    lines = found.kept(isRequest: true)
  }

  private static func framing(_ fields: HeadFields, isHTTP10: Bool) throws(HTTPFault) -> Framing {
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
    let digits = bytes[9..<12]
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }), bytes[9] != 0x30 else { throw fault }
    status = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    let found: HeadFields
    do { found = try HeadFields(bytes, from: end + 2) } catch { throw HTTPFault(status: 502, why: error.why) }
    let isKept = isHTTP10 ? found.options.contains("keep-alive") : true
    keepsAlive = isKept && !found.options.contains("close")
    upgrade = found.upgrade
    lines = found.kept(isRequest: false)
    lines.setInteger(UInt8(ascii: "1"), at: 7)
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
