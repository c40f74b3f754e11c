import NIOCore
public import Pods
public import Services

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The network of this machine.
public final class HostNetwork: ClusterNetwork {
  public init() {}

  public func listen(address: String, port: Int, transport: TransportProtocol) throws -> Int32 {
    let socket = try open(transport, address)
    do {
      var yes: Int32 = 1
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
      let place = try SocketAddress(ipAddress: address, port: port)
      try Self.check("listen on \(address):\(port)", place.withSockAddr { bind(socket, $0, socklen_t($1)) })
      if transport == .tcp { try Self.check("listen on \(address):\(port)", systemListen(socket, 1024)) }
      return socket
    } catch {
      close(socket)
      throw error
    }
  }

  public func connect(address: String, port: Int, transport: TransportProtocol) async throws -> Int32 {
    let socket = try open(transport, address)
    do {
      let attempt = "connect to \(address):\(port)"
      let place = try SocketAddress(ipAddress: address, port: port)
      if place.withSockAddr({ systemConnect(socket, $0, socklen_t($1)) }) == 0 { return socket }
      guard errno == EINPROGRESS else { throw NetworkError(attempt, code: errno) }
      // The program's own connections are made by an event loop; this is for what needs a descriptor.
      var pause = Duration.microseconds(100)
      let end = ContinuousClock.now + .seconds(3)
      while !Self.isWritable(socket) {
        guard ContinuousClock.now < end else { throw NetworkError(attempt, code: ETIMEDOUT) }
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(20))
      }
      var code: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size)
      guard code == 0 else { throw NetworkError(attempt, code: code) }
      return socket
    } catch {
      close(socket)
      throw error
    }
  }

  private func open(_ transport: TransportProtocol, _ address: String) throws -> Int32 {
    guard transport != .sctp else { throw NetworkError("open a socket for SCTP", code: EPROTONOSUPPORT) }
    #if canImport(Glibc)
      let kind = Int32(transport == .udp ? SOCK_DGRAM.rawValue : SOCK_STREAM.rawValue)
    #else
      let kind = transport == .udp ? SOCK_DGRAM : SOCK_STREAM
    #endif
    let socket = systemSocket(address.contains(":") ? AF_INET6 : AF_INET, kind, 0)
    try Self.check("open a socket", socket)
    _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
    return socket
  }

  private static func check(_ attempt: String, _ result: Int32) throws {
    if result < 0 { throw NetworkError(attempt, code: errno) }
  }

  private static func isWritable(_ socket: Int32) -> Bool {
    var entry = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
    return poll(&entry, 1, 0) > 0
  }
}

/// What the system refused, and why.
public struct NetworkError: Error, Sendable, Hashable, CustomStringConvertible {
  public let attempt: String
  public let code: Int32

  init(_ attempt: String, code: Int32) {
    self.attempt = attempt
    self.code = code
  }

  public var description: String { "cannot \(attempt): \(String(cString: strerror(code)))" }
}

// Inside a type with methods of the same names, the plain names mean the methods.
private func systemListen(_ socket: Int32, _ backlog: Int32) -> Int32 { listen(socket, backlog) }

private func systemConnect(_ socket: Int32, _ place: UnsafePointer<sockaddr>, _ size: socklen_t) -> Int32 {
  connect(socket, place, size)
}

private func systemSocket(_ family: Int32, _ kind: Int32, _ number: Int32) -> Int32 { socket(family, kind, number) }
