import Synchronization

// What happened lately to the objects of one resource.
//
// All watchers of a resource read the same log. A watcher is only a place in it, a revision, so it costs the same
// whether it keeps up or hangs, and an event costs the same whether one watches or a thousand do: nothing is
// buffered for anybody. The price is that the log cannot wait for the slow. It forgets its older half when the
// newer one is full, and whoever still stood in the older half is told so.

/// The latest of something, between half and all of what the bounds allow.
struct Recent<Element: Sendable>: Sendable {
  let maxCount: Int
  let maxBytes: Int
  private(set) var older: [Element] = []
  private(set) var newer: [Element] = []
  private var newerBytes = 0

  init(maxCount: Int, maxBytes: Int) {
    self.maxCount = maxCount
    self.maxBytes = maxBytes
  }

  /// Returns the last element that is forgotten, if any is.
  mutating func append(_ element: Element, bytes: Int) -> Element? {
    var forgotten: Element?
    if !newer.isEmpty, newer.count >= maxCount / 2 || newerBytes + bytes > maxBytes / 2 {
      forgotten = older.last
      older = newer
      newer = []
      newerBytes = 0
    }
    newer.append(element)
    newerBytes += bytes
    return forgotten
  }
}

/// The latest events of one resource, shared by all who watch it, and those of them who wait for more.
final class EventLog: Sendable {
  private struct Sleeper {
    let watcher: ObjectIdentifier
    let namespace: String?
    /// Nothing up to here concerns it: moves along while it sleeps, so that a quiet watcher does not expire.
    var place: Revision
    let continuation: CheckedContinuation<Revision, Never>
  }

  private struct State {
    /// Every event after this revision is here.
    var floor: Revision
    var events: Recent<Event>
    /// In the order in which they fell asleep.
    var sleepers: [Sleeper] = []

    var newest: Revision { events.newer.last?.revision ?? floor }
  }

  private let state: Mutex<State>

  init(floor: Revision, _ limits: Store.Limits) {
    state = Mutex(State(floor: floor, events: Recent(maxCount: limits.watchedEvents, maxBytes: limits.watchedBytes)))
  }

  var floor: Revision { state.withLock { $0.floor } }
  var recent: [Event] { state.withLock { $0.events.older + $0.events.newer } }
  var sleepers: Int { state.withLock { $0.sleepers.count } }

  /// Adds what one group of writes did to this resource. Returns what wakes those whom it concerns, to be called when
  /// no lock is held.
  func append(_ events: [Event]) -> [@Sendable () -> Void] {
    state.withLock { state in
      let before = state.newest
      for event in events {
        if let forgotten = state.events.append(event, bytes: event.record.size) { state.floor = forgotten.revision }
      }
      var wakes: [@Sendable () -> Void] = []
      var asleep: [Sleeper] = []
      for var sleeper in state.sleepers {
        if events.contains(where: { $0.concerns(sleeper.namespace) && $0.revision > sleeper.place }) {
          let (continuation, place) = (sleeper.continuation, max(sleeper.place, before))
          wakes.append { continuation.resume(returning: place) }
        } else {
          sleeper.place = max(sleeper.place, state.newest)
          asleep.append(sleeper)
        }
      }
      state.sleepers = asleep
      return wakes
    }
  }

  /// Up to `max` events after a revision that concern a namespace (nil: any), and whether these are all.
  func events(
    after revision: Revision, in namespace: String?, max: Int
  ) throws(StoreError) -> (events: [Event], isAll: Bool) {
    try state.withLock { state throws(StoreError) in
      // Most questions come from those who have seen everything: no search for them.
      if revision >= state.newest { return ([], true) }
      guard revision >= state.floor else { throw .expired(oldest: state.floor) }
      var events: [Event] = []
      for half in [state.events.older, state.events.newer] {
        for event in half[half.firstIndex(after: revision)...] where event.concerns(namespace) {
          if events.count >= max { return (events, false) }
          events.append(event)
        }
      }
      return (events, true)
    }
  }

  /// Resumes `continuation` as soon as an event after `place` may concern the namespace: now, if there is one.
  func sleep(
    _ watcher: ObjectIdentifier, in namespace: String?, after place: Revision,
    _ continuation: CheckedContinuation<Revision, Never>
  ) {
    let goesOn = state.withLock { state in
      if place < state.newest { return true }
      state.sleepers.append(
        Sleeper(watcher: watcher, namespace: namespace, place: place, continuation: continuation))
      return false
    }
    if goesOn { continuation.resume(returning: place) }
  }

  /// Ends the sleep of one watcher.
  func wake(_ watcher: ObjectIdentifier) {
    let woken = state.withLock { state in
      defer { state.sleepers.removeAll { $0.watcher == watcher } }
      return state.sleepers.filter { $0.watcher == watcher }
    }
    for sleeper in woken { sleeper.continuation.resume(returning: sleeper.place) }
  }
}

extension Event {
  fileprivate func concerns(_ namespace: String?) -> Bool { namespace == nil || record.key.namespace == namespace }
}

extension [Event] {
  fileprivate func firstIndex(after revision: Revision) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].revision > revision { high = middle } else { low = middle + 1 }
    }
    return low
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
