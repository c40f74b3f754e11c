import Synchronization

// The way of a write: it is checked against a draft of the next snapshot, made durable together with the others of
// its group, and only then published.

/// The next snapshot while it is being made, and the events that lead to it.
struct Draft {
  private(set) var snapshot: Snapshot
  private(set) var events: [Event] = []
  private let indexes: [Index]
  private let objectLimit: Int

  init(_ snapshot: Snapshot, indexes: [Index], objectLimit: Int) {
    self.snapshot = snapshot
    self.indexes = indexes
    self.objectLimit = objectLimit
  }

  /// The new version; of a deleted object the last one, at the revision of its deletion.
  mutating func apply(_ write: Write) throws(StoreError) -> Record {
    let current = snapshot.record(write.key)
    try write.expecting.check(against: current)
    let revision = snapshot.revision + 1
    switch write.change {
    case .put(let value):
      if let current, value.stamped(with: current.revision) == current.value { return current }
      let record = Record(key: write.key, value: value, revision: revision)
      try checkSize(of: record)
      try checkUniqueness(of: record)
      note(Event(type: current == nil ? .added : .modified, record: record, previous: current))
      return record
    case .delete:
      guard let current else { throw .notFound }
      let record = Record(key: write.key, value: current.value, revision: revision)
      note(Event(type: .deleted, record: record, previous: current))
      return record
    }
  }

  private func checkSize(of record: Record) throws(StoreError) {
    // Encoding is what costs, so only objects that may be too large are measured.
    guard record.size > objectLimit / 6 else { return }
    let bytes = record.bytes.count
    if bytes > objectLimit { throw .tooLarge(bytes: bytes, limit: objectLimit) }
  }

  // Two writers that chose from one snapshot may have chosen the same: here they come one after the other.
  private func checkUniqueness(of record: Record) throws(StoreError) {
    let resource = record.key.resource
    for index in indexes where index.isUnique && (index.resource ?? resource) == resource {
      for value in index.values(record.value) {
        let holders = snapshot.records(resource, index: index.name, equals: value)
        if let other = holders.first(where: { $0.key != record.key }) {
          throw .taken(index: index.name, value: value, by: other.key)
        }
      }
    }
  }

  private mutating func note(_ event: Event) {
    snapshot.revision = event.revision
    snapshot.replace(event.previous, with: event.remaining, at: event.record.key, indexes)
    events.append(event)
  }
}

extension Write.Expectation {
  /// Throws what the writer believed wrongly.
  fileprivate func check(against current: Record?) throws(StoreError) {
    switch (self, current) {
    case (.absent, _?): throw .alreadyExists
    case (.revision, nil): throw .notFound
    case (.revision(let seen), let current?) where seen != current.revision: throw .conflict(current: current)
    default: break
    }
  }
}

/// Decides what the storage may forget.
struct Retention {
  /// Everything after this revision is kept.
  private(set) var floor: Revision
  private var recent: Recent<Revision>

  init(floor: Revision, _ limits: Store.Limits) {
    self.floor = floor
    recent = Recent(maxCount: limits.storedEvents, maxBytes: limits.storedBytes)
  }

  mutating func add(_ event: Event) {
    floor = recent.append(event.revision, bytes: event.record.size) ?? floor
  }
}

extension Store {
  /// Writes a group, in order, with one append to the storage; returns one result for each. It waits for the disk
  /// and so blocks the calling thread; many small callers share appends through `submit`.
  public func commit(_ writes: [Write]) -> [Result<Record, StoreError>] {
    let (results, wakes) = writer.withLock { retention in write(writes, &retention) }
    // No lock is held any more: whoever is woken may write at once.
    for wake in wakes { wake() }
    return results
  }

  private func write(
    _ writes: [Write], _ retention: inout Retention
  ) -> (results: [Result<Record, StoreError>], wakes: [@Sendable () -> Void]) {
    var draft = Draft(snapshot, indexes: indexes, objectLimit: limits.objectBytes)
    let results = writes.map { write in Result { () throws(StoreError) in try draft.apply(write) } }
    if draft.events.isEmpty { return (results, []) }
    var retained = retention
    for event in draft.events { retained.add(event) }
    do {
      try storage.append(draft.events, forgetting: retained.floor)
    } catch {
      // Later writes of the group may have been judged by earlier ones that now have not happened: all fail.
      return (writes.map { _ in .failure(.storage("\(error)")) }, [])
    }
    retention = retained
    return (results, publish(draft))
  }

  /// Lets everybody see a group that is durable. Returns what wakes those who wait for it.
  private func publish(_ draft: Draft) -> [@Sendable () -> Void] {
    let events = Dictionary(grouping: draft.events, by: \.record.key.resource).sorted { $0.key < $1.key }
    let logs = events.map { resource, _ in log(of: resource) }
    return published.withLock { published in
      var wakes: [@Sendable () -> Void] = []
      for (log, (_, events)) in zip(logs, events) { wakes += log.append(events) }
      published.snapshot = draft.snapshot
      // After the logs: a watcher that then finds nothing in its log has seen everything up to here.
      head.revision.store(draft.snapshot.revision, ordering: .releasing)
      return wakes + published.hooks
    }
  }
}

/// Who waits to write, and whether somebody is writing.
struct WriteQueue<Waiter: Sendable>: Sendable {
  private var waiting: [Waiter] = []
  private var isWriting = false

  /// True when nobody writes: this one writes now. Otherwise it waits.
  mutating func enter(_ waiter: Waiter) -> Bool {
    if isWriting { waiting.append(waiter) }
    defer { isWriting = true }
    return !isWriting
  }

  /// After a group has been written: those who write next together, oldest first.
  mutating func nextGroup(atMost limit: Int) -> [Waiter] {
    let group = Array(waiting.prefix(limit))
    waiting.removeFirst(group.count)
    isWriting = !group.isEmpty
    return group
  }
}

/// A caller of `submit`, suspended.
struct Submission: Sendable {
  /// What it is resumed with.
  enum Turn: Sendable {
    /// It writes now, for itself and for these who came after it.
    case lead([Submission])
    case done(Result<Record, StoreError>)
  }

  let write: Write
  let continuation: CheckedContinuation<Turn, Never>
}

extension Store {
  /// Writes one change. Callers that come while a group is being written form the next group, so the busier the
  /// disk, the more of them share one append; one that comes alone is written at once.
  public func submit(_ write: Write) async -> Result<Record, StoreError> {
    let turn = await withCheckedContinuation { continuation in
      let leads = queue.withLock { $0.enter(Submission(write: write, continuation: continuation)) }
      if leads { continuation.resume(returning: .lead([])) }
    }
    switch turn {
    case .done(let result):
      return result
    case .lead(let followers):
      var results = commit([write] + followers.map(\.write))
      // The first of those who came meanwhile leads the next group, so that nobody works long for others.
      let next = queue.withLock { $0.nextGroup(atMost: limits.group) }
      next.first?.continuation.resume(returning: .lead(Array(next.dropFirst())))
      let own = results.removeFirst()
      for (follower, result) in zip(followers, results) { follower.continuation.resume(returning: .done(result)) }
      return own
    }
  }
}
