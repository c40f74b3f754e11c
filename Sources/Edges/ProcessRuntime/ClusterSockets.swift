// Sockets of the cluster's network, for programs of the machine: the proxy, the DNS server, probes.

public import Pods
import Services

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension PodNetwork {
  public func listen(address: String, port: Int, transport: TransportProtocol) throws -> Int32 {
    let socket = try openSocket(transport, isInside: form == .namespaces)
    var place = try Place(address: address, port: port)
    var yes: Int32 = 1
    setsockopt(socket.number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard place.with({ bind(socket.number, $0, $1) }) == 0 else { throw SystemError("listen on \(address):\(port)") }
    if transport == .tcp {
      guard systemListen(socket.number, 1024) == 0 else { throw SystemError("listen on \(address):\(port)") }
    }
    return try socket.released()
  }

  public func connect(address: String, port: Int, transport: TransportProtocol) async throws -> Int32 {
    try await connect(address: address, port: port, transport: transport, from: nil)
  }

  /// Reaches the machine's own addresses too: those that are not of the cluster.
  /// - Parameter pod: connects from this pod's own network, where 127.0.0.1 is the pod itself. Nil connects from that of
  ///   the cluster. It makes a difference with namespaces only.
  public func connect(
    address: String, port: Int, transport: TransportProtocol, from pod: String?
  ) async throws -> Int32 {
    let cluster = [ClusterAddresses.pods, ClusterAddresses.services]
    let isInside =
      pod != nil || IPv4Address(address).map { address in cluster.contains { $0.contains(address) } } == true
    let socket = try openSocket(transport, isInside: form == .namespaces && isInside, pod)
    var place = try Place(address: address, port: port)
    let attempt = "connect to \(address):\(port)"
    guard place.with({ systemConnect(socket.number, $0, $1) }) != 0 else { return try socket.released() }
    guard errno == EINPROGRESS else { throw SystemError(attempt) }
    let clock = ContinuousClock()
    let end = clock.now + .seconds(3)
    var pause = Duration.microseconds(100)
    // Within a machine the answer is there at once, as a rule; a thread for each that waits would be dear.
    while !isWritable(socket.number) {
      guard clock.now < end else { throw SystemError(attempt, code: ETIMEDOUT) }
      try await Task.sleep(for: pause)
      pause = min(pause * 2, .milliseconds(50))
    }
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &code, &size)
    guard code == 0 else { throw SystemError(attempt, code: code) }
    return try socket.released()
  }

  private func openSocket(
    _ transport: TransportProtocol, isInside: Bool, _ pod: String? = nil
  ) throws -> Descriptor {
    guard transport == .tcp || transport == .udp else {
      throw SystemError("open a socket for \(transport.rawValue)", code: EPROTONOSUPPORT)
    }
    if isInside { return try openSocketInside(isDatagram: transport == .udp, pod) }
    #if canImport(Glibc)
      let type = Int32(transport == .udp ? SOCK_DGRAM.rawValue : SOCK_STREAM.rawValue)
    #else
      let type = transport == .udp ? SOCK_DGRAM : SOCK_STREAM
    #endif
    let number = socket(AF_INET, type, 0)
    guard number >= 0 else { throw SystemError("open a socket") }
    let result = Descriptor(owning: number)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    result.doNotBlock()
    return result
  }
}

extension Descriptor {
  /// A descriptor for the same that its user closes.
  fileprivate func released() throws(SystemError) -> Int32 {
    let duplicate = fcntl(number, F_DUPFD_CLOEXEC, 3)
    guard duplicate >= 0 else { throw SystemError("dup") }
    return duplicate
  }
}

/// An address and a port as C has them.
private struct Place {
  private var place = sockaddr_in()

  init(address: String, port: Int) throws(SystemError) {
    place.sin_family = sa_family_t(AF_INET)
    guard let port = UInt16(exactly: port), inet_pton(AF_INET, address, &place.sin_addr) == 1 else {
      throw SystemError("use \(address):\(port)", code: EINVAL)
    }
    place.sin_port = port.bigEndian
  }

  mutating func with(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    withUnsafePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }
}

private func isWritable(_ number: Int32) -> Bool {
  var entry = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
  return poll(&entry, 1, 0) > 0
}

// Inside a type with methods of the same names, the plain names mean the methods.
private func systemListen(_ number: Int32, _ backlog: Int32) -> Int32 { listen(number, backlog) }

private func systemConnect(_ number: Int32, _ place: UnsafePointer<sockaddr>, _ size: socklen_t) -> Int32 {
  connect(number, place, size)
}
