// The HTTP server of the built-in images. One thread, one poll; an answer is made when a request is complete, and a
// client that is slow, silent or greedy is cut off. Asked to end, it answers what has arrived and takes nothing new.

import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

struct SmallRequest {
  var method: String
  /// The path with its query, as it was sent.
  var target: String
  /// Names in lower case.
  var headers: [(name: String, value: String)]
  var body: [UInt8] = []
  /// The client's address.
  var peer: String

  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
  var path: String { String(target.prefix { $0 != "?" }) }
}

struct SmallResponse {
  var status: String
  var body: String
  var contentType = "text/plain; charset=utf-8"
}

final class SmallServer {
  private static let headLimit = 16 * 1024
  private static let bodyLimit = 64 * 1024
  private static let connectionLimit = 256
  /// Milliseconds that a connection has for its next request.
  private static let idleLimit: Int64 = 60_000
  /// Milliseconds that a server goes on reading after it was asked to end.
  private static let farewell: Int64 = 500

  private let respond: (SmallRequest) -> SmallResponse
  private let output = try? Descriptor(duplicating: 1)
  private var connections: [Connection] = []

  init(respond: @escaping (SmallRequest) -> SmallResponse) { self.respond = respond }

  private final class Connection {
    let socket: Descriptor
    let peer: String
    var received: [UInt8] = []
    var lastRequest = HostClock.ticks()

    init(_ socket: Descriptor, peer: String) {
      self.socket = socket
      self.peer = peer
      socket.doNotBlock()
    }
  }

  /// Serves until the program is asked to end; answers with its exit code.
  func run(on listener: Descriptor) -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    let farewell = Farewell.expect()
    var end: Int64?
    while true {
      let wait = end.map { Int32(max(0, $0 - HostClock.ticks())) } ?? (connections.isEmpty ? -1 : Int32(Self.idleLimit))
      let isFull = connections.count >= Self.connectionLimit
      let ready = waitForInput(
        [end == nil ? farewell : -1, isFull || end != nil ? -1 : listener.number] + connections.map(\.socket.number),
        timeout: wait)
      let idleSince = HostClock.ticks() - Self.idleLimit
      connections = zip(connections, ready.dropFirst(2)).filter { connection, isReady in
        connection.lastRequest > idleSince && (!isReady || answer(connection, isLast: end != nil))
      }.map(\.0)
      if ready[1], let connection = nextConnection(listener) { connections.append(connection) }
      if ready[0] {
        // Who has connected already is served; the listener's queue may hold a few.
        while let connection = nextConnection(listener) { connections.append(connection) }
        listener.close()
        end = HostClock.ticks() + Self.farewell
      }
      if let end, connections.isEmpty || HostClock.ticks() >= end { return 0 }
    }
  }

  func say(_ line: String) { try? output?.write(Array((line + "\n").utf8)) }

  private func nextConnection(_ listener: Descriptor) -> Connection? {
    var peer = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let number = withUnsafeMutablePointer(to: &peer) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { accept(listener.number, $0, &size) }
    }
    guard number >= 0 else { return nil }
    var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
    inet_ntop(AF_INET, &peer.sin_addr, &text, socklen_t(text.count))
    let address = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return Connection(Descriptor(owning: number), peer: String(decoding: address, as: UTF8.self))
  }

  /// False when the connection has come to its end.
  private func answer(_ connection: Connection, isLast: Bool) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 16_384)
    switch connection.socket.read(into: &buffer) {
    case .end: return false
    case .nothingYet: return true
    case .bytes(let count): connection.received += buffer.prefix(count)
    }
    while let end = headEnd(connection.received) {
      let lines = String(decoding: connection.received[..<end], as: UTF8.self).split(whereSeparator: \.isNewline)
      guard var request = SmallRequest(lines, peer: connection.peer) else {
        say("\(connection.peer) \"\(lines.first ?? "")\" 400")
        return send(SmallResponse(status: "400 Bad Request", body: "This is not HTTP/1.1.\n"), to: connection)
      }
      guard request.header("transfer-encoding") == nil, let length = Int(request.header("content-length") ?? "0"),
        (0...Self.bodyLimit).contains(length)
      else {
        return send(
          SmallResponse(status: "413 Content Too Large", body: "The request's body is too long.\n"), to: connection)
      }
      guard connection.received.count >= end + length else { break }
      connection.lastRequest = HostClock.ticks()
      request.body = Array(connection.received[end..<(end + length)])
      connection.received.removeFirst(end + length)
      let response = respond(request)
      say("\(request.peer) \"\(request.method) \(request.target) HTTP/1.1\" \(response.status.prefix(3))")
      let keeps = !isLast && request.header("connection")?.lowercased() != "close"
      guard send(response, to: connection, keeps: keeps, withBody: request.method != "HEAD") else { return false }
    }
    if connection.received.count <= Self.headLimit + Self.bodyLimit,
      headEnd(connection.received) != nil || connection.received.count <= Self.headLimit
    {
      return true
    }
    return send(
      SmallResponse(status: "431 Request Header Fields Too Large", body: "The request's head is too long.\n"),
      to: connection)
  }

  /// False when the connection is not to be used again.
  private func send(
    _ response: SmallResponse, to connection: Connection, keeps: Bool = false, withBody: Bool = true
  ) -> Bool {
    let head = """
      HTTP/1.1 \(response.status)\r
      Content-Type: \(response.contentType)\r
      Content-Length: \(response.body.utf8.count)\r
      Connection: \(keeps ? "keep-alive" : "close")\r
      \r

      """
    // What a client does not take at once it does not get: the answer fits in any socket's buffer.
    return (try? connection.socket.write(Array((head + (withBody ? response.body : "")).utf8))) != nil && keeps
  }
}

extension SmallRequest {
  /// Nil for what is not HTTP/1.1.
  fileprivate init?(_ lines: [Substring], peer: String) {
    let words = (lines.first ?? "").split(separator: " ")
    guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
    (method, target) = (String(words[0]), String(words[1]))
    headers = lines.dropFirst().compactMap { line in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      return (line[..<colon].lowercased(), String(value))
    }
    if words[2] == "HTTP/1.0" { headers.insert(("connection", "close"), at: 0) }
    self.peer = peer
  }
}

/// A request to end the program, as something that can be waited for.
private enum Farewell {
  // A signal handler may write a byte, and little else.
  private static let pipe = Atomic<Int32>(-1)

  /// A descriptor that becomes readable when the program is asked to end.
  static func expect() -> Int32 {
    guard let ends = try? Descriptor.pipe() else { return -1 }
    let (read, write) = (dup(ends.read.number), dup(ends.write.number))
    pipe.store(write, ordering: .relaxed)
    for number in [SIGTERM, SIGINT] {
      signal(number) { _ in
        var byte: UInt8 = 1
        _ = systemWrite(Farewell.pipe.load(ordering: .relaxed), &byte, 1)
      }
    }
    return read
  }
}

private func systemWrite(_ number: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(number, bytes, count)
}

/// An environment variable that is set to something.
func variable(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

/// The length of a complete head, the empty line included.
func headEnd(_ bytes: [UInt8]) -> Int? {
  let end = Array("\r\n\r\n".utf8)
  guard bytes.count >= end.count else { return nil }
  let starts = 0...(bytes.count - end.count)
  return starts.first { bytes[$0..<($0 + end.count)].elementsEqual(end) }.map { $0 + end.count }
}

/// Without an address, on all of the machine's.
func listen(on port: UInt16, address: String?) throws(SystemError) -> Descriptor {
  let number = socket(AF_INET, streamType, 0)
  guard number >= 0 else { throw SystemError("socket") }
  let listener = Descriptor(owning: number)
  _ = fcntl(number, F_SETFD, FD_CLOEXEC)
  listener.doNotBlock()
  var yes: Int32 = 1
  setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
  var place = sockaddr_in()
  place.sin_family = sa_family_t(AF_INET)
  place.sin_port = port.bigEndian
  if let address, inet_pton(AF_INET, address, &place.sin_addr) != 1 {
    throw SystemError("listen on \(address)", code: EADDRNOTAVAIL)
  }
  let isBound = withUnsafePointer(to: &place) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  }
  guard isBound == 0 else { throw SystemError("bind") }
  guard listen(number, 128) == 0 else { throw SystemError("listen") }
  return listener
}

/// The port that a socket listens on.
func port(of listener: Descriptor) -> UInt16 {
  var place = sockaddr_in()
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isKnown = withUnsafeMutablePointer(to: &place) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener.number, $0, &size) }
  }
  return isKnown == 0 ? UInt16(bigEndian: place.sin_port) : 0
}

#if canImport(Glibc)
  let streamType = Int32(SOCK_STREAM.rawValue)
#else
  let streamType = SOCK_STREAM
#endif
