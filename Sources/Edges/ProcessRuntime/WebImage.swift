// The built-in image `web`: a server for experiments, which says which pod answers and which version of the image it
// runs. One thread, one poll; an answer is made when a request's head is complete, and a client that is slow, silent
// or greedy is cut off.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

struct WebImage {
  private static let headLimit = 16 * 1024
  private static let connectionLimit = 256
  /// Milliseconds that a connection has for its next request.
  private static let idleLimit: Int64 = 60_000

  private let pod = variable("HOSTNAME") ?? "web"
  private let version: String
  private let output = try? Descriptor(duplicating: 1)

  init(version: String) { self.version = version }

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

  func run() -> Int32 {
    endOnRequest()
    signal(SIGPIPE, SIG_IGN)
    let wanted = variable("PORT")
    guard let port = UInt16(wanted ?? "8080") else {
      return complain("web: PORT is \"\(wanted ?? "")\", not a port number")
    }
    do {
      serve(try listen(on: port, address: variable("POD_IP")))
    } catch  where error.code == EADDRINUSE && wanted == nil {
      // Pods share the addresses of their node here: the second one on it takes what is free.
      say("port \(port) is taken by another program of this machine")
      do { serve(try listen(on: 0, address: variable("POD_IP"))) } catch { return complain("web: \(error)") }
    } catch {
      let hint = error.code == EADDRINUSE ? ": another program on this machine uses it; set PORT to a free one" : ""
      return complain("web: cannot listen on port \(port)\(hint) (\(error))")
    }
  }

  private func serve(_ listener: Descriptor) -> Never {
    say("\(pod) listens on port \(port(of: listener)), version \(version)")
    var connections: [Connection] = []
    while true {
      let isFull = connections.count >= Self.connectionLimit
      let ready = waitForInput(
        [isFull ? -1 : listener.number] + connections.map(\.socket.number),
        timeout: connections.isEmpty ? -1 : Int32(Self.idleLimit))
      let idleSince = HostClock.ticks() - Self.idleLimit
      connections = zip(connections, ready.dropFirst()).filter { connection, isReady in
        connection.lastRequest > idleSince && (!isReady || answer(connection))
      }.map(\.0)
      if ready[0], let connection = nextConnection(listener) { connections.append(connection) }
    }
  }

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
  private func answer(_ connection: Connection) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    switch connection.socket.read(into: &buffer) {
    case .end: return false
    case .nothingYet: return true
    case .bytes(let count): connection.received += buffer.prefix(count)
    }
    while let end = headEnd(connection.received) {
      connection.lastRequest = HostClock.ticks()
      let head = String(decoding: connection.received[..<end], as: UTF8.self)
      connection.received.removeFirst(end)
      guard reply(to: head, on: connection) else { return false }
    }
    if connection.received.count <= Self.headLimit { return true }
    _ = send("431 Request Header Fields Too Large", "The request's head is too long.\n", to: connection, keeps: false)
    return false
  }

  /// False when the connection is not to be used again.
  private func reply(to head: String, on connection: Connection) -> Bool {
    let lines = head.split(whereSeparator: \.isNewline)
    let request = (lines.first ?? "").split(separator: " ")
    guard request.count == 3, request[2].hasPrefix("HTTP/1.") else {
      log(connection, "\(lines.first ?? "")", 400)
      return send("400 Bad Request", "This is not HTTP/1.1.\n", to: connection, keeps: false)
    }
    let headers = lines.dropFirst().map { $0.lowercased().filter { $0 != " " } }
    // Nobody reads the body of a request: what follows it could not be told from it.
    let hasBody = headers.contains {
      $0.hasPrefix("transfer-encoding:") || $0.hasPrefix("content-length:") && $0 != "content-length:0"
    }
    let keeps = request[2] == "HTTP/1.1" && !hasBody && !headers.contains("connection:close")
    log(connection, request.joined(separator: " "), 200)
    return send(
      "200 OK", "Hello from \(pod)\nversion: \(version)\npath: \(request[1])\n", to: connection, keeps: keeps,
      withBody: request[0] != "HEAD")
  }

  private func send(
    _ status: String, _ body: String, to connection: Connection, keeps: Bool, withBody: Bool = true
  ) -> Bool {
    let head = """
      HTTP/1.1 \(status)\r
      Content-Type: text/plain; charset=utf-8\r
      Content-Length: \(body.utf8.count)\r
      Connection: \(keeps ? "keep-alive" : "close")\r
      \r

      """
    // What a client does not take at once it does not get: the answer fits in any socket's buffer.
    return (try? connection.socket.write(Array((head + (withBody ? body : "")).utf8))) != nil && keeps
  }

  private func log(_ connection: Connection, _ request: String, _ status: Int) {
    say("\(connection.peer) \"\(request)\" \(status)")
  }

  private func say(_ line: String) { try? output?.write(Array((line + "\n").utf8)) }
}

private func variable(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

/// The length of a complete request head at the beginning.
private func headEnd(_ bytes: [UInt8]) -> Int? {
  let end = Array("\r\n\r\n".utf8)
  guard bytes.count >= end.count else { return nil }
  let starts = 0...(bytes.count - end.count)
  return starts.first { bytes[$0..<($0 + end.count)].elementsEqual(end) }.map { $0 + end.count }
}

/// Without an address, on all of the machine's.
private func listen(on port: UInt16, address: String?) throws(SystemError) -> Descriptor {
  #if canImport(Glibc)
    let type = Int32(SOCK_STREAM.rawValue)
  #else
    let type = SOCK_STREAM
  #endif
  let number = socket(AF_INET, type, 0)
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

// The port that a socket listens on.
private func port(of listener: Descriptor) -> UInt16 {
  var place = sockaddr_in()
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isKnown = withUnsafeMutablePointer(to: &place) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener.number, $0, &size) }
  }
  return isKnown == 0 ? UInt16(bigEndian: place.sin_port) : 0
}
