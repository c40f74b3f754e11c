import NIOCore
import Pods
import Services

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// How long something may still take.
struct Limit: Sendable {
  let length: Duration?
  private let end: ContinuousClock.Instant?

  /// Counts from now; nil never ends.
  init(_ length: Duration?) {
    self.length = length
    end = length.map { .now + $0 }
  }

  /// Throws ``TimeIsUp`` when the body takes longer. The body is cancelled then, and waited for.
  func hold<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
    guard let end else { return try await body() }
    return try await withThrowingTaskGroup(of: Result.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(until: end, clock: .continuous)
        throw TimeIsUp()
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { throw CancellationError() }
      return first
    }
  }
}

struct TimeIsUp: Error {}

/// Why there is no connection, as Go says it: "dial tcp 10.244.0.2:80: connect: connection refused".
struct DialFailure: Error, CustomStringConvertible {
  let address: String
  let why: String
  var isTimeout = false

  var description: String { "dial tcp \(address): \(why)" }
}

/// Connects to pods.
struct Dialer: Sendable {
  let network: any ClusterNetwork

  /// A connected descriptor, which belongs to the caller. Throws a ``DialFailure``.
  func dial(_ host: String, _ port: Int, within limit: Limit) async throws -> Int32 {
    let address = "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    let network = network
    do {
      return try await limit.hold {
        try await network.connect(address: Self.resolved(host, port), port: port, transport: .tcp)
      }
    } catch is TimeIsUp {
      throw DialFailure(address: address, why: "i/o timeout", isTimeout: true)
    } catch {
      // The system's own words stand last: "connect to 10.244.0.2:80: Connection refused".
      let words = "\(error)".split(separator: ": ").last?.lowercased() ?? ""
      let isTimeout = words == "connection timed out"
      throw DialFailure(address: address, why: isTimeout ? "i/o timeout" : "connect: \(words)", isTimeout: isTimeout)
    }
  }

  // Names are looked up as the machine does it; the network takes addresses.
  private static func resolved(_ host: String, _ port: Int) throws -> String {
    if (try? SocketAddress(ipAddress: host, port: port)) != nil { return host }
    if host == "localhost" { return "127.0.0.1" }
    return try SocketAddress.makeAddressResolvingHost(host, port: port).ipAddress ?? host
  }
}
