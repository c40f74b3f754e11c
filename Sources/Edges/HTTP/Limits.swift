/// What one client may take from the server, so that it takes nothing from the others.
///
/// Each limit has an answer that the client can read, a `Status` object as everywhere in the API, and after that
/// answer the connection (HTTP/1.1) or the stream (HTTP/2) is closed. Times are counted from the first byte of the
/// thing they bound, not from the last one: a client that sends a byte a second gains nothing.
public struct Limits: Sendable {
  /// Bytes in a request's body; more is answered with 413. Kubernetes' own limit.
  public var bodyBytes = 3 << 20
  /// Bytes in all the bodies that are being read at one moment; a request beyond that is answered with 429.
  public var bodyBytesInAll = 256 << 20
  /// Bytes in a request's target and header fields together; more is answered with 431.
  public var headerBytes = 64 << 10
  /// Header fields in a request; more is answered with 431.
  public var headerFields = 200
  /// Open connections. The next one waits in the operating system's queue until another one ends.
  public var connections = 10_000
  /// Requests (watches, mostly) that an HTTP/2 client may have open on one connection.
  public var streamsPerConnection = 1_000
  /// For the TLS handshake, and again for the first byte of the first request; then the connection is closed
  /// without a word.
  public var handshakeTime = Duration.seconds(30)
  /// For a request's head, and again for its body; then the answer is 408.
  public var requestTime = Duration.seconds(30)
  /// From one request on a connection to the next. Longer than Go's 90 s, so that the client is the one to close.
  public var idleTime = Duration.seconds(120)
  /// For a client that does not read what it asked for, from the moment the socket's buffers are full.
  public var stallTime = Duration.seconds(60)
  /// For a client that was refused early to read its answer and stop sending.
  public var lingerTime = Duration.seconds(2)
  /// For the requests in flight when the server is shut down.
  public var shutdownTime = Duration.seconds(5)

  public init() {}
}
