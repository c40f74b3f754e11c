import Foundation
import NIOCore
import Services

// From a request to an answer: a backend is found and asked, and what it says goes to the client.

extension IngressConnection {
  func begin(_ head: RequestHead) {
    deadline.set(after: ingress.limits.answerTime)
    phase = head.framing == .empty ? .waiting : .body(BodyReader(head.framing))
    switch ingress.router.decide(host: head.host, path: head.path) {
    case .refuse(let status, let why):
      refused(head, status, why)
    case .forward(let source, let service):
      exchange = Exchange(head, to: source, of: service)
      findBackend()
    }
  }

  private func findBackend() {
    guard let exchange, let channel = context?.channel else { return }
    // Backends that have gone since the request came are not worth a second look.
    if exchange.attempts > 0,
      case .forward(let source, _) = ingress.router.decide(host: exchange.head.host, path: exchange.head.path)
    {
      exchange.source = source
    }
    guard exchange.attempts < ingress.limits.attempts,
      let backend = exchange.source.choose(for: address, avoiding: exchange.failed)
    else {
      let why = exchange.lastFailure.isEmpty ? "" : ": \(exchange.lastFailure)"
      let isEmpty = exchange.attempts == 0
      return answer(
        isEmpty ? 503 : 502,
        isEmpty ? "\(exchange.service) has no endpoints" : "no endpoint of \(exchange.service) answered\(why)")
    }
    exchange.attempts += 1
    if exchange.mayReuse, exchange.head.upgrade == nil, let idle = pool.take(backend, idleFor: exchange.head.patience) {
      return ask(idle)
    }
    ingress.dialer.connect(to: backend, on: channel.eventLoop).assumeIsolated().whenComplete { [self] result in
      let isWanted = self.exchange === exchange && upstream == nil
      switch result {
      case .failure(let error):
        if isWanted { failed(backend, "\(backend.address):\(backend.port) refused: \(Self.words(for: error))") }
      case .success(let server):
        guard isWanted else { return server.close(promise: nil) }
        let upstream = Upstream(to: backend, pool: pool)
        do {
          try server.pipeline.syncOperations.addHandler(upstream)
          exchange.mayReuse = false
          ask(upstream)
          try server.syncOptions?.setOption(.autoRead, value: true)
        } catch {
          server.close(promise: nil)
        }
      }
    }
  }

  private static func words(for error: any Error) -> String {
    (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
  }

  private func failed(_ backend: Backend, _ why: String) {
    exchange?.failed.insert(backend)
    exchange?.lastFailure = why
    findBackend()
  }

  private func ask(_ upstream: Upstream) {
    guard let exchange else { return upstream.abandon() }
    self.upstream = upstream
    upstream.begin(outgoing(exchange.head), method: exchange.head.method, for: self)
    if !isAdvancing { proceed() }
  }

  /// The request as the backend gets it: the client's own fields, and what only we can know of the client.
  private func outgoing(_ head: RequestHead) -> ByteBuffer {
    var bytes = ByteBuffer()
    bytes.reserveCapacity(head.lines.readableBytes + forwarded.utf8.count + 256)
    bytes.writeImmutableBuffer(head.lines)
    bytes.writeString(forwarded)
    bytes.writeStaticString("X-Forwarded-Host: ")
    bytes.writeString(head.host)
    if let upgrade = head.upgrade { bytes.writeString("\r\nConnection: Upgrade\r\nUpgrade: \(upgrade)") }
    bytes.writeStaticString("\r\n\r\n")
    return bytes
  }
}

extension RequestHead {
  /// How long a connection may have waited idle to be used for it. A server may end one at the very moment at which a
  /// request is sent; what cannot be sent again, if that happens, goes where it is unlikely.
  fileprivate var patience: TimeAmount { isIdempotent && framing == .empty ? UpstreamPool.idleTime : .seconds(1) }
}

// MARK: What the backend says

extension IngressConnection {
  var hasSentAll: Bool { exchange?.hasSentAll ?? false }

  func forward(_ bytes: ByteBuffer) {
    deadline.set(after: isTunnel ? ingress.limits.tunnelTime : ingress.limits.answerTime)
    write(bytes)
  }

  private var isTunnel: Bool { if case .tunnel = phase { true } else { false } }

  func informed(_ head: ResponseHead) {
    guard exchange?.head.isHTTP10 == false else { return }
    write(head, connection: nil)
  }

  func answered(_ head: ResponseHead) {
    guard let exchange else { return }
    let request = exchange.head
    exchange.isAnswered = true
    // A client that speaks HTTP/1.0 knows no chunks, and one that is told no length waits for the end.
    let endsWithConnection = head.framing == .untilClose || head.framing == .chunked && request.isHTTP10
    // Where the client hoped for another protocol, what it sends next may be that.
    if endsWithConnection || request.upgrade != nil || isLeaving || !hasSentAll {
      exchange.keepsAlive = false
    }
    write(head, connection: exchange.keepsAlive ? (request.isHTTP10 ? "keep-alive" : nil) : "close")
  }

  func upgraded(_ head: ResponseHead) {
    guard exchange?.head.upgrade != nil else { return broken() }
    write(head, connection: "Upgrade")
    phase = .tunnel
    deadline.set(after: ingress.limits.tunnelTime)
    flush()
    proceed()
  }

  private func write(_ head: ResponseHead, connection: String?) {
    var bytes = ByteBuffer()
    bytes.reserveCapacity(head.lines.readableBytes + 64)
    bytes.writeImmutableBuffer(head.lines)
    if let connection { bytes.writeString("Connection: \(connection)\r\n") }
    if head.status == 101, let upgrade = head.upgrade { bytes.writeString("Upgrade: \(upgrade)\r\n") }
    bytes.writeStaticString("\r\n")
    deadline.set(after: ingress.limits.answerTime)
    write(bytes, isBeginning: true)
  }

  func completed() {
    upstream = nil
    exchange?.isComplete = true
    finishIfComplete()
    flush()
    proceed()
  }

  func finishIfComplete() {
    guard let exchange, exchange.isComplete else { return }
    self.exchange = nil
    if exchange.keepsAlive, exchange.hasSentAll {
      phase = .head(HeadReader())
      deadline.set(after: ingress.limits.idleTime)
    } else {
      closeAfterWrites()
    }
  }

  /// The backend ended in the middle of its answer; the client must not take what it has for the whole.
  func broken() {
    upstream = nil
    close()
  }

  func tunnelEnded() {
    upstream = nil
    closeAfterWrites()
  }

  /// There will be no answer from this connection. Another one may be asked if nothing can have been done twice.
  func notAnswered(_ why: String) {
    guard let upstream, let exchange else { return }
    self.upstream = nil
    let why = "\(upstream.backend.address):\(upstream.backend.port): \(why)"
    guard exchange.head.isIdempotent, !exchange.hasSentBody else {
      return answer(502, "\(exchange.service) did not answer: \(why)")
    }
    if exchange.mayReuse {
      // It had waited idle, and its end and our request have crossed each other: the backend itself may be well.
      exchange.mayReuse = false
      exchange.attempts -= 1
      findBackend()
    } else {
      failed(upstream.backend, why)
    }
  }
}

// MARK: Answers of our own

extension IngressConnection {
  private func refused(_ head: RequestHead, _ status: Int, _ why: String) {
    let keepsAlive = head.keepsAlive && head.framing == .empty && head.upgrade == nil && !isLeaving
    write(status, why, keepsAlive: keepsAlive, hasBody: head.method != "HEAD")
    if keepsAlive {
      phase = .head(HeadReader())
      deadline.set(after: ingress.limits.idleTime)
    } else {
      closeAfterWrites()
    }
  }

  /// Answers in the place of a backend, as the last thing on this connection unless the request has been read to its end.
  func answer(_ status: Int, _ why: String) {
    guard exchange?.isAnswered != true else { return close() }
    upstream?.abandon()
    upstream = nil
    let keepsAlive =
      exchange.map { $0.keepsAlive && $0.hasSentAll && !isLeaving && $0.head.upgrade == nil } ?? false
    write(status, why, keepsAlive: keepsAlive, hasBody: exchange?.head.method != "HEAD")
    exchange = nil
    if keepsAlive {
      phase = .head(HeadReader())
      deadline.set(after: ingress.limits.idleTime)
      proceed()
    } else {
      closeAfterWrites()
    }
  }

  private func write(_ status: Int, _ why: String, keepsAlive: Bool, hasBody: Bool) {
    let body = "\(status) \(Self.reasons[status] ?? "Error"): \(why)\n"
    var bytes = ByteBuffer()
    bytes.writeString(
      "HTTP/1.1 \(status) \(Self.reasons[status] ?? "Error")\r\nContent-Type: text/plain; charset=utf-8\r\n")
    bytes.writeString("Content-Length: \(body.utf8.count)\r\n\(keepsAlive ? "" : "Connection: close\r\n")\r\n")
    if hasBody { bytes.writeString(body) }
    write(bytes)
    flush()
  }

  private static let reasons = [
    400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout",
    431: "Request Header Fields Too Large", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Gateway Timeout", 505: "HTTP Version Not Supported",
  ]
}
