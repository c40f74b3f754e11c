import Objects
import Store
import Synchronization

// What watches share, so that a hundred of them cost little more than their writes to the network.

/// Watches that rest, all woken by the same bell: one timer for a thousand of them.
final class Rests: Sendable {
  private let sleepers = Mutex<[CheckedContinuation<Void, Never>]>([])

  var count: Int { sleepers.withLock { $0.count } }

  /// Returns at a time, or earlier, when others had begun to rest before.
  func take(until end: Time, _ timers: any Timers) async {
    await withCheckedContinuation { continuation in
      let isFirst = sleepers.withLock { sleepers in
        sleepers.append(continuation)
        return sleepers.count == 1
      }
      guard isFirst else { return }
      timers.call(at: end) { [self] in
        let all = sleepers.withLock { sleepers in
          defer { sleepers = [] }
          return sleepers
        }
        for sleeper in all { sleeper.resume() }
      }
    }
  }
}

/// Lines of recent events, made once for all who watch in the same form.
final class FrameCache: Sendable {
  private struct Frame {
    var type = ""
    var revision: Revision = 0
    var form = Form.object
    var line: [UInt8] = []
  }

  private static let size = 64
  /// A longer line is made for each watcher, so that the cache stays small.
  private static let longest = 64 << 10
  private let frames = Mutex([Frame](repeating: Frame(), count: 2 * size))

  /// An event as a line of JSON. A revision belongs to one change, so type, revision and form tell the line.
  func line(_ type: String, _ record: Record, _ presentation: Presentation) -> [UInt8] {
    func makeLine() -> [UInt8] {
      WatchStream.line(type, presentation.object(record.value, record.bytes, at: .distantPast))
    }
    if record.bytes.count > Self.longest { return makeLine() }
    return frames.withLock { frames in
      let slot = 2 * Int(record.revision % Int64(Self.size)) + (presentation.form == .object ? 0 : 1)
      let frame = frames[slot]
      if frame.revision != record.revision || frame.type != type || frame.form != presentation.form {
        frames[slot] = Frame(type: type, revision: record.revision, form: presentation.form, line: makeLine())
      }
      return frames[slot].line
    }
  }
}
