/// An HTTP request, as the server's functions see it: no socket, no stream, a body that has been read.
public struct Request: Sendable {
  /// Upper case, as on the wire: "GET".
  public var method: String
  /// Without the query, still percent-encoded: "/api/v1/namespaces/default/pods".
  public var path: String
  /// The query's pairs in their order, percent-decoded.
  public var query: [(name: String, value: String)]
  /// Names in lower case.
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]
  /// Who asks, as the transport proved it (RFC 8446 client certificate: common name and organizations).
  public var user: User?

  public init(
    method: String, path: String, query: [(name: String, value: String)] = [],
    headers: [(name: String, value: String)] = [], body: [UInt8] = [], user: User? = nil
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.user = user
  }

  /// The first header of this name; `name` in lower case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name == name }?.value
  }

  /// The first query value of this name.
  public func parameter(_ name: String) -> String? {
    query.first { $0.name == name }?.value
  }
}

/// The client's identity.
public struct User: Sendable, Hashable {
  public var name: String
  public var groups: [String]

  public init(name: String, groups: [String] = []) {
    self.name = name
    self.groups = groups
  }
}

/// What the server answers.
public struct Response: Sendable {
  public var status: Int
  public var headers: [(name: String, value: String)]
  public var body: Body

  public init(status: Int, headers: [(name: String, value: String)] = [], body: Body = .pieces([])) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// The bytes of a response.
public enum Body: Sendable {
  /// Known in full. Pieces are sent one after the other without being joined: a list is spliced from the bytes
  /// that the store already holds.
  case pieces([[UInt8]])
  /// Made while it is sent: a watch, a followed log.
  case stream(any ByteStream)
}

/// A body without a known end.
public protocol ByteStream: Sendable {
  /// The next bytes to send, or nil at the end. Called again only when the last ones have been written out, so a
  /// slow client slows its own stream and nothing else. Cancelling the calling task ends the wait.
  func next() async throws -> [UInt8]?
}

/// An answer that is there at once, or one that has to wait (for a write to be durable, say).
public enum Reply: Sendable {
  case now(Response)
  case later(@Sendable () async -> Response)
}
