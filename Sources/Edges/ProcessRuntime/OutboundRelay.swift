// From the pods' network to the world outside: whatever a pod sends there by TCP comes here (Netfilter), and goes on from
// the machine's own network. A thread for each connection: they are few, and wait nearly all of their time.

#if os(Linux)
  import Synchronization

  #if canImport(Musl)
    import Musl
  #else
    import Glibc
  #endif

  final class OutboundRelay: Sendable {
    static let port = 15_001
    private static let connectionLimit = 256

    private let end: Descriptor
    private let thread: HostThread

    private final class Counter: Sendable {
      let value = Atomic<Int>(0)
    }

    /// Takes over a socket that listens for what has been redirected.
    init(_ listener: Descriptor) throws {
      let end = try Descriptor.pipe()
      self.end = end.write
      let connections = Counter()
      thread = try HostThread {
        while case let ready = waitForInput([listener.number, end.read.number], timeout: -1), !ready[1] {
          let number = accept(listener.number, nil, nil)
          guard number >= 0 else { continue }
          let inside = Descriptor(owning: number)
          _ = fcntl(number, F_SETFD, FD_CLOEXEC)
          guard connections.value.load(ordering: .relaxed) < Self.connectionLimit else { continue }
          connections.value.add(1, ordering: .relaxed)
          do {
            try HostThread {
              relay(inside)
              connections.value.subtract(1, ordering: .relaxed)
            }.detach()
          } catch {
            connections.value.subtract(1, ordering: .relaxed)
          }
        }
      }
    }

    /// Takes no more connections. Those that there are go on.
    deinit {
      try? end.write([1])
      thread.join()
    }
  }

  private func relay(_ inside: Descriptor) {
    guard var place = destination(of: inside) else { return }
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { return }
    let outside = Descriptor(owning: number)
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isConnected = withUnsafePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(number, $0, size) == 0 }
    }
    guard isConnected else {
      // The client shall see a connection that was broken, not one that has ended well.
      var abrupt = linger(l_onoff: 1, l_linger: 0)
      setsockopt(inside.number, SOL_SOCKET, SO_LINGER, &abrupt, socklen_t(MemoryLayout<linger>.size))
      return
    }
    var yes: Int32 = 1
    for end in [inside, outside] {
      setsockopt(end.number, SOL_SOCKET, SO_KEEPALIVE, &yes, socklen_t(MemoryLayout<Int32>.size))
    }
    // Each direction waits for its own reader: two that send without reading would hold each other up.
    let back = try? HostThread { pump(from: outside, to: inside) }
    pump(from: inside, to: outside)
    back?.join()
  }

  private func pump(from source: Descriptor, to target: Descriptor) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case .bytes(let count) = source.read(into: &buffer), (try? target.write(Array(buffer.prefix(count)))) != nil {
    }
    shutdown(target.number, Int32(SHUT_WR))
    // Whoever sends on hears that nobody reads.
    shutdown(source.number, Int32(SHUT_RD))
  }

  /// Where a redirected connection was meant to go.
  private func destination(of socket: Descriptor) -> sockaddr_in? {
    var place = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    // SOL_IP, SO_ORIGINAL_DST.
    guard getsockopt(socket.number, 0, 80, &place, &size) == 0 else { return nil }
    return place
  }
#endif
