import Foundation

/// Signals that ask a process to end.
enum Signals {
  /// Returns at the first SIGINT or SIGTERM. A second one ends the process at once.
  static func waitForEnd() async {
    let signals = [SIGINT, SIGTERM]
    for number in signals { signal(number, SIG_IGN) }
    let sources = signals.map { DispatchSource.makeSignalSource(signal: $0, queue: .global()) }
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    for source in sources {
      source.setEventHandler { continuation.yield() }
      source.resume()
    }
    for await _ in stream { break }
    for number in signals { signal(number, SIG_DFL) }
    for source in sources { source.cancel() }
  }
}
