import Synchronization

// What makes the store durable. The store decides what happens; a storage only remembers it.

/// What a storage remembers.
public struct StorageContents: Sendable {
  /// The newest change; 1 when there never was any.
  public var revision: Revision
  /// Every object that exists, in any order.
  public var records: [Record]
  /// The latest changes, oldest first, without a gap up to `revision`. What came before has been forgotten.
  public var events: [Event]

  public init(revision: Revision = 1, records: [Record] = [], events: [Event] = []) {
    self.revision = revision
    self.records = records
    self.events = events
  }
}

/// Where the store keeps its contents. One store uses it at a time and never calls it twice at once.
///
/// What every storage promises, and `StorageContract` checks:
/// - When `append` returns, its events survive a crash at any later moment.
/// - When `append` throws, none of its events have happened. Only if the process ends before a later `append`
///   succeeds may the next one find them; then it finds all of them.
/// - `load` gives back exactly what was appended: all objects, the newest revision (also when every object has been
///   deleted), and at least the events that it was not told to forget.
public protocol Storage: Sendable {
  /// Everything that is kept. Throws when it is damaged; never gives back a part in silence.
  func load() throws -> StorageContents

  /// Adds events, oldest first, and forgets those up to a revision. Their effect on the objects stays.
  func append(_ events: [Event], forgetting: Revision) throws
}

/// A storage that lives as long as the process: for tests and simulations, where it plays the disk that a restarted
/// store finds again.
public final class MemoryStorage: Storage {
  private struct State {
    var revision: Revision = 1
    var records: [Key: Record] = [:]
    var events: [Event] = []
  }

  private let state = Mutex(State())

  public init() {}

  public func load() -> StorageContents {
    state.withLock { state in
      StorageContents(
        revision: state.revision, records: state.records.values.sorted { $0.key < $1.key }, events: state.events)
    }
  }

  public func append(_ events: [Event], forgetting: Revision) {
    state.withLock { state in
      for event in events {
        state.revision = event.revision
        state.records[event.record.key] = event.remaining
      }
      state.events += events
      if let oldest = state.events.first, oldest.revision <= forgetting {
        state.events.removeAll { $0.revision <= forgetting }
      }
    }
  }
}
