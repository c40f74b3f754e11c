import Foundation
import Synchronization

/// The last port that was handed out. Test processes that run beside each other begin at different ones.
private let last = Atomic<Int>(Int(ProcessInfo.processInfo.processIdentifier) * 97)

/// A port of 127.0.0.1 at which nobody listens, and nobody will but who asked: it is handed out once, and it lies below
/// those that systems choose for port 0 and for outgoing connections (32768 and up on Linux, 49152 on macOS), and below
/// the cluster's node ports.
public func unusedPort() -> Int {
  let ports = 20_000..<30_000
  for _ in ports {
    let port = ports.lowerBound + last.add(1, ordering: .relaxed).newValue % ports.count
    if isFree(port, SOCK_STREAM) && isFree(port, SOCK_DGRAM) { return port }
  }
  preconditionFailure("every port from \(ports.lowerBound) to \(ports.upperBound - 1) is in use")
}

#if canImport(Glibc)
  private typealias SocketKind = __socket_type
  private func number(_ kind: SocketKind) -> Int32 { Int32(kind.rawValue) }
#else
  private typealias SocketKind = Int32
  private func number(_ kind: SocketKind) -> Int32 { kind }
#endif

private func isFree(_ port: Int, _ kind: SocketKind) -> Bool {
  let descriptor = socket(AF_INET, number(kind), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(port).bigEndian
  address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
  return withUnsafeBytes(of: &address) { bytes in
    guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
    return bind(descriptor, pointer, socklen_t(bytes.count)) == 0
  }
}
