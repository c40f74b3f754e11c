import APIServer
import NIOCore
import NIOHTTP1

// The writing half: an answer leaves in slices, each only when the client has taken the ones before, so that a slow
// reader of a long list holds one slice and its place in the list, not a copy.
extension RequestHandler {
  /// Bytes that are copied into one buffer and written at once.
  private static let slice = 64 << 10

  /// Sends the answer to the request at hand. Nothing happens when the client has gone.
  func answer(_ response: Response) {
    guard phase == .answering, let context else { return }
    deadline.clear()
    context.write(wrapOutboundOut(.head(head(of: response))), promise: nil)
    guard !exchange.isHEAD, response.status != 204, response.status != 304 else { return finish() }
    switch response.body {
    case .pieces(let pieces):
      outgoing = Outgoing(pieces)
      pump()
    case .stream(let stream):
      context.flush()
      isStreaming = true
      run { handler in await Self.copy(stream, to: handler) }
    }
  }

  private func head(of response: Response) -> HTTPResponseHead {
    var headers = HTTPHeaders()
    headers.reserveCapacity(response.headers.count + 3)
    headers.add(name: "date", value: service.date.value)
    for (name, value) in response.headers { headers.add(name: name, value: value.onOneLine) }
    switch response.body {
    case .pieces(let pieces):
      if response.status != 204 {
        headers.add(name: "content-length", value: String(pieces.reduce(0) { $0 + $1.count }))
      }
    case .stream:
      if exchange.version == .http1_0 {
        exchange.keepsAlive = false
      } else if !isHTTP2, !exchange.isHEAD {
        headers.add(name: "transfer-encoding", value: "chunked")
      }
    }
    if isQuiescing { exchange.keepsAlive = false }
    if !isHTTP2 {
      if !exchange.keepsAlive {
        headers.add(name: "connection", value: "close")
      } else if exchange.version == .http1_0 {
        headers.add(name: "connection", value: "keep-alive")
      }
    }
    let status = HTTPResponseStatus(statusCode: response.status)
    return HTTPResponseHead(version: exchange.version, status: status, headers: headers)
  }

  /// Writes as much as the client takes now. Called again when it takes more.
  func pump() {
    guard let context, outgoing != nil, !isPumping else { return }
    isPumping = true
    while context.channel.isWritable,
      let bytes = outgoing?.next(upTo: Self.slice, from: context.channel.allocator)
    {
      context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
      if outgoing?.isEmpty == false { context.flush() }
    }
    isPumping = false
    // Writing may have found that the client is gone.
    guard let rest = outgoing else { return }
    if rest.isEmpty, !isStreaming {
      outgoing = nil
      return finish()
    }
    if isStreaming { context.flush() }
    if rest.isEmpty, context.channel.isWritable {
      outgoing = nil
      deadline.clear()
      drained?.resume()
      drained = nil
    } else if phase == .answering {
      deadline.set(after: service.limits.stallTime)
    }
  }

  /// Sends the stream's bytes until it or the client ends. Runs on the event loop.
  private static func copy(_ stream: any ByteStream, to handler: NIOLoopBound<RequestHandler>) async {
    do {
      while handler.value.phase == .answering, let bytes = try await stream.next() {
        handler.value.outgoing = Outgoing([bytes])
        handler.value.pump()
        guard handler.value.outgoing != nil else { continue }
        await withCheckedContinuation { handler.value.drained = $0 }
      }
      handler.value.streamEnded(cleanly: true)
    } catch {
      // Ending a stream is what a shutdown asks for; any other error must not look like the stream's end.
      handler.value.streamEnded(cleanly: handler.value.isQuiescing)
    }
  }

  private func streamEnded(cleanly: Bool) {
    isStreaming = false
    guard phase == .answering, let context else { return }
    if cleanly { finish() } else { context.close(promise: nil) }
  }

  /// Ends the answer, and then the connection or the wait for the next request.
  private func finish() {
    guard let context else { return }
    task = nil
    releaseBody()
    if exchange.keepsAlive, exchange.isRead, !isHTTP2, !isQuiescing {
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      return phase == .answering ? waitForRequest() : ()
    }
    // The client may still be sending. It gets some time to read why that is in vain: to close at once would reset
    // the connection and could take the answer with it.
    phase = .draining
    deadline.set(after: exchange.isRead ? service.limits.stallTime : service.limits.lingerTime)
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { [weak self] _ in
      self?.exchange.isSent = true
      self?.endIfDone()
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
  }

  /// Closes the connection after its last answer. A stream of HTTP/2 has then closed itself.
  func endIfDone() {
    guard phase == .draining, exchange.isRead, exchange.isSent else { return }
    deadline.clear()
    if !isHTTP2 { context?.close(promise: nil) }
  }

  /// Runs a task on the event loop's thread; it is cancelled when the client goes away.
  func run(_ work: @escaping @Sendable (NIOLoopBound<RequestHandler>) async -> Void) {
    guard let loop = context?.eventLoop else { return }
    let handler = NIOLoopBound(self, eventLoop: loop)
    task = Task(executorPreference: Loops.executor(of: loop)) { await work(handler) }
  }
}

/// The rest of a body that is being sent: where in which piece.
struct Outgoing {
  private var pieces: [[UInt8]]
  private var piece = 0
  private var offset = 0
  private var bytesLeft: Int

  init(_ pieces: [[UInt8]]) {
    self.pieces = pieces
    bytesLeft = pieces.reduce(0) { $0 + $1.count }
  }

  var isEmpty: Bool { bytesLeft == 0 }

  /// The next bytes, at most `limit` of them; nil at the end.
  mutating func next(upTo limit: Int, from allocator: ByteBufferAllocator) -> ByteBuffer? {
    guard bytesLeft > 0 else { return nil }
    var bytes = allocator.buffer(capacity: min(limit, bytesLeft))
    while bytes.readableBytes < limit, piece < pieces.count {
      let rest = pieces[piece][offset...].prefix(limit - bytes.readableBytes)
      bytes.writeBytes(rest)
      offset += rest.count
      if offset == pieces[piece].count {
        pieces[piece] = []
        piece += 1
        offset = 0
      }
    }
    bytesLeft -= bytes.readableBytes
    return bytes
  }
}

extension String {
  /// Without line breaks, with which a header's value could begin a header of its own.
  fileprivate var onOneLine: String {
    guard utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }) else { return self }
    return String(decoding: utf8.map { $0 < 0x20 || $0 == 0x7f ? 0x20 : $0 }, as: UTF8.self)
  }
}
