import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why there is no answer from a server.
public struct HTTPClientError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Reason: Sendable, Hashable {
    /// The address is neither "https://host:port" nor "http://host:port".
    case notAnAddress
    /// Nothing listens there: most often the cluster is not running.
    case refused
    case unknownHost
    case timedOut
    /// No agreement on certificates; what was wrong.
    case tls(String)
    /// The connection ended before the answer did.
    case closed
    /// What came back is not HTTP.
    case malformed
    case other(String)
  }

  /// "127.0.0.1:6443"
  public let address: String
  public let reason: Reason

  public var description: String {
    switch reason {
    case .notAnAddress: "\"\(address)\" is not a server's address, such as https://127.0.0.1:6443"
    case .refused: "the server at \(address) refused the connection: is the cluster running?"
    case .unknownHost: "there is no host of the name in \(address)"
    case .timedOut: "the server at \(address) did not answer in time"
    case .tls(let what): "no secure connection to the server at \(address): \(what)"
    case .closed: "the server at \(address) closed the connection before it had answered"
    case .malformed: "what answers at \(address) does not speak HTTP"
    case .other(let what): "the server at \(address) cannot be reached: \(what)"
    }
  }

  init(address: String, reason: Reason) {
    self.address = address
    self.reason = reason
  }

  init(address: String, _ error: any Error) {
    self.address = address
    reason = Self.reason(of: error)
  }

  private static func reason(of error: any Error) -> Reason {
    switch error {
    case let error as HTTPClientError: error.reason
    case let error as NIOConnectionError:
      error.connectionErrors.first.map { reason(of: $0.error) } ?? .unknownHost
    case let error as IOError: reason(of: error)
    case ChannelError.connectTimeout: .timedOut
    case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.eof, NIOSSLError.uncleanShutdown:
      .closed
    case HTTPParserError.invalidEOFState: .closed
    case is HTTPParserError: .malformed
    case NIOSSLError.handshakeFailed(let error): .tls("\(error)")
    case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: .tls("\(error)")
    default: .other("\(error)")
    }
  }

  private static func reason(of error: IOError) -> Reason {
    switch error.errnoCode {
    case ECONNREFUSED: .refused
    case ECONNRESET, EPIPE, ENOTCONN: .closed
    case ETIMEDOUT: .timedOut
    default: .other("\(error)")
    }
  }
}
