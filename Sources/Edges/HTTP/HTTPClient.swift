public import APIServer
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Asks one server, over HTTP/1.1 and TLS or without. It keeps one connection between requests; requests at the
/// same time, a watch among them, each have their own.
public final class HTTPClient: Sendable {
  /// A server's answer, whatever its status.
  public struct Answer<Body: Sendable>: Sendable {
    public var status: Int
    /// Names in lower case.
    public var headers: [(name: String, value: String)]
    public var body: Body

    /// The first header of this name; `name` in lower case.
    public func header(_ name: String) -> String? {
      headers.first { $0.name == name }?.value
    }
  }

  /// The server's host and port, as in errors and in the `Host` header: "127.0.0.1:6443".
  public let address: String
  private let host: String
  private let port: Int
  private let serverName: String?
  private let tls: NIOSSLContext?
  private let connectTime: Duration
  private let idle = Mutex<ClientConnection?>(nil)

  /// - Parameters:
  ///   - server: "https://127.0.0.1:6443" or "http://localhost:8080".
  ///   - tls: Looked at when `server` says https.
  ///   - connectTime: After so long without a connection a request throws.
  ///
  /// Throws `HTTPClientError` when the address cannot be understood or the certificates cannot be read.
  public init(
    server: String, tls: ClientTLS = ClientTLS(), connectTime: Duration = .seconds(10)
  ) throws(HTTPClientError) {
    guard let parts = ServerAddress(server) else {
      throw HTTPClientError(address: server, reason: .notAnAddress)
    }
    host = parts.host
    port = parts.port
    address = parts.description
    self.connectTime = connectTime
    guard parts.isSecure else {
      self.tls = nil
      serverName = nil
      return
    }
    do {
      self.tls = try tls.makeContext()
    } catch {
      throw HTTPClientError(address: address, reason: .tls("its certificates or key cannot be read: \(error)"))
    }
    // An IP address is no name for SNI; the certificate is then compared with the address itself.
    let name = tls.serverName ?? parts.host
    serverName = (try? SocketAddress(ipAddress: name, port: 0)) == nil ? name : nil
  }

  /// Sends a request and reads the whole answer. `Request.user` means nothing here.
  ///
  /// Throws `HTTPClientError`, or `CancellationError` when the task is cancelled; then the connection is closed.
  public func send(_ request: Request) async throws -> Answer<[UInt8]> {
    let answer = try await stream(request)
    var body: [UInt8] = []
    if let length = answer.header("content-length").flatMap({ Int($0) }) {
      body.reserveCapacity(min(max(length, 0), 64 << 20))
    }
    for try await bytes in answer.body { body.append(contentsOf: bytes) }
    return Answer(status: answer.status, headers: answer.headers, body: body)
  }

  /// Sends a request and reads the answer's head; its body is read as it comes, no faster than it is asked for.
  /// When nobody holds the body any more, its connection is closed.
  public func stream(_ request: Request) async throws -> Answer<ByteChunks> {
    let kept = takeIdle()
    if let kept {
      do {
        return try await ask(request, on: kept)
      } catch let error as HTTPClientError where error.reason == .closed && request.isRepeatable {
        // The server gave the connection up while we reached for it; that says nothing about the request.
      }
    }
    return try await ask(request, on: try await connect())
  }

  /// Closes the connection that is kept. Another request opens a new one.
  public func close() async {
    guard let connection = takeIdle() else { return }
    try? await connection.channel.close()
  }

  deinit {
    idle.withLock { $0 }?.channel.close(promise: nil)
  }

  private func takeIdle() -> ClientConnection? {
    let connection = idle.withLock { idle in
      defer { idle = nil }
      return idle
    }
    guard let connection, connection.channel.isActive else { return nil }
    return connection
  }

  private func keep(_ connection: ClientConnection) {
    let surplus = idle.withLock { idle in
      if let idle, idle.channel.isActive { return connection as ClientConnection? }
      idle = connection
      return nil
    }
    surplus?.channel.close(promise: nil)
  }

  private func ask(_ request: Request, on connection: ClientConnection) async throws -> Answer<ByteChunks> {
    let head = try await connection.send(request, host: address)
    let lease = ClientLease(connection) { [weak self] connection in
      if let self { self.keep(connection) } else { connection.channel.close(promise: nil) }
    }
    return Answer(
      status: Int(head.status.code),
      headers: head.headers.map { (name: $0.name.inLowerCase, value: $0.value) },
      body: ByteChunks(lease: lease))
  }

  private func connect() async throws -> ClientConnection {
    let (tls, serverName, address) = (tls, serverName, address)
    let bootstrap = ClientBootstrap(group: Loops.group)
      .connectTimeout(TimeAmount(connectTime))
      .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(ChannelOptions.socketOption(.so_keepalive), value: 1)
    do {
      return try await bootstrap.connect(host: host, port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls {
            try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: serverName))
          }
          try pipeline.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
          let handler = ClientHandler(address: address)
          try pipeline.addHandler(handler)
          return ClientConnection(channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
        }
      }
    } catch {
      throw HTTPClientError(address: address, error)
    }
  }
}

/// An answer's body, in the pieces in which it arrives. It can be read once.
public struct ByteChunks: AsyncSequence, Sendable {
  public typealias Element = [UInt8]

  let lease: ClientLease

  public struct AsyncIterator: AsyncIteratorProtocol {
    let lease: ClientLease

    /// Throws `HTTPClientError` when the connection breaks before the body's end.
    public mutating func next() async throws -> [UInt8]? { try await lease.next() }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(lease: lease) }
}

/// The right to read an answer from a connection. Read to the end, the connection is free for the next request;
/// let go before, it is closed.
final class ClientLease: Sendable {
  private let connection: ClientConnection
  private let isOver = Mutex(false)
  private let release: @Sendable (ClientConnection) -> Void

  init(_ connection: ClientConnection, release: @escaping @Sendable (ClientConnection) -> Void) {
    self.connection = connection
    self.release = release
  }

  func next() async throws -> [UInt8]? {
    guard !isOver.withLock({ $0 }) else { return nil }
    switch try await connection.next() {
    case .bytes(let bytes): return bytes
    case .end(let keepsAlive):
      isOver.withLock { $0 = true }
      if keepsAlive { release(connection) } else { connection.channel.close(promise: nil) }
      return nil
    }
  }

  deinit {
    if !isOver.withLock({ $0 }) { connection.channel.close(promise: nil) }
  }
}

extension Request {
  /// Whether doing it twice does no more than doing it once.
  fileprivate var isRepeatable: Bool { method == "GET" || method == "HEAD" }
}

/// A server's address, taken apart.
struct ServerAddress: CustomStringConvertible {
  let isSecure: Bool
  let host: String
  let port: Int

  init?(_ text: String) {
    var rest = Substring(text)
    if rest.hasPrefix("https://") {
      isSecure = true
    } else if rest.hasPrefix("http://") {
      isSecure = false
    } else {
      return nil
    }
    rest = rest.drop { $0 != "/" }.dropFirst(2)
    if rest.last == "/" { rest.removeLast() }
    guard !rest.isEmpty, !rest.contains(where: { "/?#@ ".contains($0) }) else { return nil }
    var portText: Substring?
    if rest.first == "[" {
      guard let bracket = rest.firstIndex(of: "]") else { return nil }
      host = String(rest[..<bracket].dropFirst())
      let behind = rest[bracket...].dropFirst()
      guard behind.isEmpty || behind.first == ":" else { return nil }
      portText = behind.isEmpty ? nil : behind.dropFirst()
    } else if let colon = rest.firstIndex(of: ":") {
      host = String(rest[..<colon])
      portText = rest[colon...].dropFirst()
    } else {
      host = String(rest)
    }
    guard !host.isEmpty else { return nil }
    guard let portText else {
      port = isSecure ? 443 : 80
      return
    }
    guard let number = UInt16(portText), number > 0 else { return nil }
    port = Int(number)
  }

  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
