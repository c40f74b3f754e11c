// One HTTP request on a connection of its own, for built-in images that ask each other.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

enum SmallClient {
  /// Milliseconds for the connection, and again for each piece of the answer.
  private static let patience: Int32 = 2_000

  struct Answer {
    /// "200 OK".
    var status: String
    var contentType: String
    var body: [UInt8]
  }

  /// - Parameter url: "http://host[:port]/path".
  /// - Throws: when there is no such host, no connection or no complete answer in time.
  static func send(_ method: String, _ url: String, headers: [String] = [], body: [UInt8] = []) throws(SystemError)
    -> Answer
  {
    let rest = url.hasPrefix("http://") ? url.dropFirst(7) : url[...]
    let authority = rest.prefix { $0 != "/" }
    let parts = authority.split(separator: ":", maxSplits: 1).map { String($0) }
    let socket = try connect(to: parts.first ?? "", port: parts.count > 1 ? parts[1] : "80")
    let path = rest.dropFirst(authority.count)
    let head =
      ([
        "\(method) \(path.isEmpty ? "/" : path) HTTP/1.1", "Host: \(authority)", "Connection: close",
        "Content-Length: \(body.count)",
      ] + headers).joined(separator: "\r\n") + "\r\n\r\n"
    try socket.write(Array(head.utf8) + body)
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while waitForInput([socket.number], timeout: patience).first == true {
      guard case .bytes(let count) = socket.read(into: &buffer) else { return try answer(received) }
      received += buffer.prefix(count)
    }
    throw SystemError("read from \(authority)", code: ETIMEDOUT)
  }

  private static func answer(_ bytes: [UInt8]) throws(SystemError) -> Answer {
    guard let end = headEnd(bytes) else { throw SystemError("read an answer", code: ECONNRESET) }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(whereSeparator: \.isNewline)
    func header(_ name: String) -> String? {
      lines.first { $0.lowercased().hasPrefix(name + ":") }.map {
        String($0.dropFirst(name.count + 1).drop { $0 == " " })
      }
    }
    let body = Array(bytes[end...])
    guard header("content-length").flatMap({ Int($0) }).map({ $0 == body.count }) != false else {
      throw SystemError("read an answer", code: ECONNRESET)
    }
    return Answer(
      status: String((lines.first ?? "").drop { $0 != " " }.dropFirst()),
      contentType: header("content-type") ?? "text/plain", body: body)
  }

  private static func connect(to host: String, port: String) throws(SystemError) -> Descriptor {
    var hints = addrinfo()
    hints.ai_family = AF_INET
    hints.ai_socktype = streamType
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, port, &hints, &found) == 0, let found else {
      throw SystemError("look up \(host)", code: EHOSTUNREACH)
    }
    defer { freeaddrinfo(found) }
    let number = socket(AF_INET, streamType, 0)
    guard number >= 0 else { throw SystemError("socket") }
    let descriptor = Descriptor(owning: number)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    descriptor.doNotBlock()
    if systemConnect(number, found.pointee) != 0 {
      guard errno == EINPROGRESS else { throw SystemError("connect to \(host):\(port)") }
      var entry = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
      guard poll(&entry, 1, patience) > 0 else { throw SystemError("connect to \(host):\(port)", code: ETIMEDOUT) }
      var code: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &size)
      guard code == 0 else { throw SystemError("connect to \(host):\(port)", code: code) }
    }
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) & ~O_NONBLOCK)
    return descriptor
  }
}

// Inside a type with a method of the same name, the plain name means the method.
private func systemConnect(_ number: Int32, _ place: addrinfo) -> Int32 {
  connect(number, place.ai_addr, place.ai_addrlen)
}
