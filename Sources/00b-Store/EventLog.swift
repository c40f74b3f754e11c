import Synchronization

// What happened lately to the objects of one resource.
//
// All watchers of a resource read the same log. A watcher is only a place in it, a revision, so it costs the same
// whether it keeps up or hangs, and an event costs the same whether one watches or a thousand do: nothing is
// buffered for anybody. The price is that the log cannot wait for the slow. It forgets its older half when the
// newer one is full, and whoever still stood in the older half is told so.

/// The latest events of one resource, in the order of their revisions.
struct History: Sendable {
  private let limit: Store.Limits
  private var older: [Event] = []
  private var newer: [Event] = []
  private var newerBytes = 0
  /// Every event after this revision is still here.
  private(set) var floor: Revision

  init(floor: Revision, limit: Store.Limits) {
    self.floor = floor
    self.limit = limit
  }

  var newest: Revision { newer.last?.revision ?? floor }

  mutating func append(_ event: Event) {
    let size = event.record.size
    if !newer.isEmpty, newer.count >= limit.watchedEvents / 2 || newerBytes + size > limit.watchedBytes / 2 {
      floor = older.last?.revision ?? floor
      older = newer
      newer = []
      newerBytes = 0
    }
    newer.append(event)
    newerBytes += size
  }

  /// Up to `max` events after a revision that concern a namespace (nil: any), and whether these are all.
  func events(
    after revision: Revision, in namespace: String?, max: Int
  ) throws(StoreError) -> (events: [Event], isAll: Bool) {
    guard revision >= floor else { throw .expired(oldest: floor) }
    var events: [Event] = []
    for half in [Self.events(after: revision, in: older), Self.events(after: revision, in: newer)] {
      for event in half where event.concerns(namespace) {
        if events.count >= max { return (events, false) }
        events.append(event)
      }
    }
    return (events, true)
  }

  private static func events(after revision: Revision, in half: [Event]) -> ArraySlice<Event> {
    var (low, high) = (half.startIndex, half.endIndex)
    while low < high {
      let middle = (low + high) / 2
      if half[middle].revision > revision { high = middle } else { low = middle + 1 }
    }
    return half[low...]
  }
}

extension Event {
  var revision: Revision { record.revision }

  func concerns(_ namespace: String?) -> Bool {
    namespace == nil || record.key.namespace == namespace
  }
}

/// The history of one resource, shared by all who watch it, and those of them who wait for more.
final class EventLog: Sendable {
  private struct State {
    var history: History
    /// In the order in which they fell asleep.
    var sleepers: [Sleeper] = []
  }

  private struct Sleeper {
    let watcher: ObjectIdentifier
    let namespace: String?
    /// Nothing up to here concerns it: moves along while it sleeps, so that a quiet watcher does not expire.
    var place: Revision
    let continuation: CheckedContinuation<Revision, Never>
  }

  private let state: Mutex<State>

  init(_ history: History) {
    state = Mutex(State(history: history))
  }

  var floor: Revision { state.withLock { $0.history.floor } }
  /// How many watchers wait.
  var sleepers: Int { state.withLock { $0.sleepers.count } }

  /// Adds what one group of writes did to this resource. Returns what wakes those whom it concerns, to be
  /// called when no lock is held.
  func append(_ events: [Event]) -> [@Sendable () -> Void] {
    state.withLock { state in
      let before = state.history.newest
      for event in events { state.history.append(event) }
      var wakes: [@Sendable () -> Void] = []
      var asleep: [Sleeper] = []
      for var sleeper in state.sleepers {
        if events.contains(where: { $0.concerns(sleeper.namespace) && $0.revision > sleeper.place }) {
          let (continuation, place) = (sleeper.continuation, max(sleeper.place, before))
          wakes.append { continuation.resume(returning: place) }
        } else {
          sleeper.place = max(sleeper.place, state.history.newest)
          asleep.append(sleeper)
        }
      }
      state.sleepers = asleep
      return wakes
    }
  }

  func events(
    after revision: Revision, in namespace: String?, max: Int
  ) throws(StoreError) -> (events: [Event], isAll: Bool) {
    try state.withLock { state throws(StoreError) in
      // Most questions come from those who have seen everything: no search for them.
      if revision >= state.history.newest { return ([], true) }
      return try state.history.events(after: revision, in: namespace, max: max)
    }
  }

  /// All events after a revision; nil when not all are known any more.
  func events(after revision: Revision) -> [Event]? {
    (try? events(after: revision, in: nil, max: .max))?.events
  }

  /// Resumes `continuation` as soon as an event after `place` concerns the namespace: now, if there is one.
  func sleep(
    _ watcher: ObjectIdentifier, in namespace: String?, after place: Revision,
    _ continuation: CheckedContinuation<Revision, Never>
  ) {
    let goesOn = state.withLock { state in
      if place < state.history.newest { return true }
      state.sleepers.append(
        Sleeper(watcher: watcher, namespace: namespace, place: place, continuation: continuation))
      return false
    }
    if goesOn { continuation.resume(returning: place) }
  }

  /// Ends the sleep of one watcher.
  func wake(_ watcher: ObjectIdentifier) {
    let woken = state.withLock { state in
      let woken = state.sleepers.filter { $0.watcher == watcher }
      state.sleepers.removeAll { $0.watcher == watcher }
      return woken
    }
    for sleeper in woken { sleeper.continuation.resume(returning: sleeper.place) }
  }
}

/// The revision of the newest published group. Set after the logs have the group's events.
final class Head: Sendable {
  let revision: Atomic<Revision>

  init(_ revision: Revision) { self.revision = Atomic(revision) }
}

/// A place in the history of one resource. One task at a time reads from it.
public final class Watcher: Sendable {
  private let log: EventLog
  private let head: Head
  private let namespace: String?
  private let place: Atomic<Revision>

  init(_ log: EventLog, head: Head, namespace: String?, after revision: Revision) {
    self.log = log
    self.head = head
    self.namespace = namespace
    place = Atomic(revision)
  }

  /// Everything up to this revision has been handed out: what a bookmark says.
  public var revision: Revision { place.load(ordering: .acquiring) }

  /// The next events, at most `max`, oldest first; none when there is nothing new.
  /// Throws `expired` when so much has happened meanwhile that the log has forgotten the place.
  public func next(max: Int = 256) throws(StoreError) -> [Event] {
    // Read before the log: whatever happened up to it is in the log by now.
    let published = head.revision.load(ordering: .acquiring)
    let (events, isAll) = try log.events(after: revision, in: namespace, max: max)
    let seen = Swift.max(revision, events.last?.revision ?? 0)
    place.store(isAll ? Swift.max(seen, published) : seen, ordering: .releasing)
    return events
  }

  /// Returns when there may be something new, and at once when the task is cancelled.
  public func wait() async {
    let id = ObjectIdentifier(self)
    let seen = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        log.sleep(id, in: namespace, after: revision, continuation)
        // The cancellation may have come before there was anything to wake.
        if Task.isCancelled { log.wake(id) }
      }
    } onCancel: {
      log.wake(id)
    }
    place.store(max(revision, seen), ordering: .releasing)
  }

  /// Ends a wait that is going on.
  public func cancel() { log.wake(ObjectIdentifier(self)) }
}
