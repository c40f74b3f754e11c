// The way to a server. Commands know this protocol only, so tests answer them without a socket.

import APIServer
import HTTP

/// Carries one request to a server and its answer back.
protocol Transport: Sendable {
  /// The whole answer, whatever its status.
  func send(_ request: Request) async throws -> WholeAnswer

  /// The answer's head, and its body as it comes.
  func stream(_ request: Request) async throws -> StreamedAnswer
}

struct WholeAnswer: Sendable {
  var status: Int
  var headers: [(name: String, value: String)] = []
  var body: [UInt8]
}

struct StreamedAnswer: Sendable {
  var status: Int
  var body: AsyncThrowingStream<[UInt8], any Error>
}

extension HTTPClient: Transport {
  func send(_ request: Request) async throws -> WholeAnswer {
    let answer: HTTPClient.Answer<[UInt8]> = try await send(request)
    return WholeAnswer(status: answer.status, headers: answer.headers, body: answer.body)
  }

  func stream(_ request: Request) async throws -> StreamedAnswer {
    let answer: HTTPClient.Answer<ByteChunks> = try await stream(request)
    let body = AsyncThrowingStream<[UInt8], any Error> { continuation in
      let reading = Task {
        do {
          for try await bytes in answer.body { continuation.yield(bytes) }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in reading.cancel() }
    }
    return StreamedAnswer(status: answer.status, body: body)
  }
}
