import NIOCore

/// What the fields of a head say about the connection and the body.
struct HeadFields {
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
  private var lines: [Line] = []
  var hosts = 0
  var host = ""
  var length: Int?
  var codings: [String] = []
  var options: [String] = []
  var upgrade: String?

  /// - Parameter start: where the first field's line begins.
  init(_ bytes: [UInt8], from start: Int) throws(HTTPFault) {
    self.bytes = bytes
    lines.reserveCapacity(16)
    var place = start
    while place < bytes.count { place = try readLine(at: place) }
  }

  /// - Returns: where the next line begins.
  private mutating func readLine(at start: Int) throws(HTTPFault) -> Int {
    var place = start
    while place < bytes.count, bytes[place].isToken { place += 1 }
    guard place > start, place < bytes.count, bytes[place] == UInt8(ascii: ":") else {
      throw .malformed("a field has no name, or one with a character that none may have")
    }
    let name = start..<place
    place += 1
    let value = place
    while place < bytes.count, bytes[place].isFieldContent { place += 1 }
    guard place + 1 < bytes.count, bytes[place] == 0x0D, bytes[place + 1] == 0x0A else {
      throw .malformed("a field has a character that none may have, or does not end as it should")
    }
    let line = Line(range: start..<(place + 2), name: name, known: Self.known(bytes[name]))
    lines.append(line)
    try note(line.known, value..<place)
    return place + 2
  }

  private mutating func note(_ field: Known, _ range: Range<Int>) throws(HTTPFault) {
    if field == .other || field == .hop || field == .forwarding { return }
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, bytes[start].isBlank { start += 1 }
    while start < end, bytes[end - 1].isBlank { end -= 1 }
    let value = bytes[start..<end]
    switch field {
    case .other, .hop, .forwarding: break
    case .host:
      hosts += 1
      host = String(decoding: value, as: UTF8.self)
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

  /// The first line, and the fields that are passed on: all but those of this connection.
  func kept(isRequest: Bool) -> ByteBuffer {
    let named = options.filter { $0 != "close" && $0 != "keep-alive" && $0 != "upgrade" }
    var kept = ByteBuffer()
    kept.reserveCapacity(bytes.count + 256)
    // Lines that follow each other are copied together.
    var from = 0
    for line in lines where !isKept(line, isRequest, named) {
      kept.writeBytes(bytes[from..<line.range.lowerBound])
      from = line.range.upperBound
    }
    kept.writeBytes(bytes[from...])
    return kept
  }

  private func isKept(_ line: Line, _ isRequest: Bool, _ named: [String]) -> Bool {
    switch line.known {
    case .connection, .upgrade, .hop: false
    case .forwarding: !isRequest
    case .other: named.isEmpty || !named.contains(String(decoding: bytes[line.name], as: UTF8.self).lowercased())
    default: true
    }
  }

  var isChunked: Bool { codings == ["chunked"] }
}

extension UInt8 {
  /// Of method and field names (RFC 9110, 5.6.2).
  var isToken: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39: true
    // !#$%&'*+-.^_`|~
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
    default: false
    }
  }

  var isBlank: Bool { self == 0x20 || self == 0x09 }

  /// Of fields' values: everything but control characters (RFC 9110, 5.5).
  var isFieldContent: Bool { self >= 0x20 && self != 0x7F || self == 0x09 }
}
