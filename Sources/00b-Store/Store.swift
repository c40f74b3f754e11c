import Synchronization

/// All objects of a cluster, in all their recent versions.
///
/// What it guarantees:
/// 1. Revisions: every change takes the next revision, one more than the last, whatever its resource. A write that
///    fails takes none.
/// 2. Conflicts: a write whose expectation is wrong at its turn changes nothing and says why. Others of its group
///    are not affected.
/// 3. Nothing happens twice: a put that would change nothing returns the present record, makes no revision and no
///    event.
/// 4. Durability: a write is acknowledged, and readers and watchers see it, only after the storage has made it
///    durable. When the storage fails, no write of the group has happened.
/// 5. Read your writes: whoever was acknowledged a write, or was handed its event, finds it in every snapshot taken
///    from then on.
/// 6. Snapshots never change.
/// 7. Watches: one that starts after revision R hands out every later change of its resource once, in order; the
///    objects at R with these changes applied are the objects now.
/// 8. Slow watchers: one that falls behind is told "expired" and costs nobody else anything. A resource's log keeps
///    at most `Limits.watchedEvents` events and `Limits.watchedBytes` bytes of objects, or one event.
/// 9. Restarts: a store on the same storage has the same objects and the same revision, and watches resume from any
///    of the latest `Limits.storedEvents / 2` revisions, unless their objects exceed `Limits.storedBytes / 2`.
///
/// A lock and not an actor: reading a snapshot takes a few nanoseconds, and pure code must not have to wait for it.
public final class Store: Sendable {
  /// A bound on everything that could grow.
  public struct Limits: Sendable {
    /// Of one object as JSON; etcd's limit.
    public var objectBytes = 1_572_864
    /// Events in one resource's log.
    public var watchedEvents = 4_096
    /// Bytes of the objects in one resource's log. The versions before them may take as much again.
    public var watchedBytes = 8 << 20
    /// Events of all resources that the storage keeps for the next start.
    public var storedEvents = 4_096
    public var storedBytes = 32 << 20
    /// Writes that share one append to the storage.
    public var group = 64

    public init() {}
  }

  /// What readers and watchers see.
  struct Published {
    var snapshot: Snapshot
    var logs: [String: EventLog] = [:]
    var hooks: [@Sendable () -> Void] = []
  }

  let storage: any Storage
  let indexes: [Index]
  let limits: Limits
  /// Where the history of a resource begins that has had no event yet.
  let start: Revision
  /// Held while a group is written: there is one writer.
  let writer: Mutex<Retention>
  let queue = Mutex(WriteQueue<Submission>())
  /// Held for moments: to take a snapshot, to publish a group.
  let published: Mutex<Published>
  let head: Head
  private let rounds = Mutex(0)

  /// A store with what the storage holds. Objects can be found by label and by owner, and by the given indexes.
  /// Throws what `Storage.load` throws.
  public init(storage: any Storage, indexes: [Index] = [], limits: Limits = Limits()) throws {
    let contents = try storage.load()
    self.storage = storage
    self.indexes = [.label, .owner] + indexes
    self.limits = limits
    start = contents.revision - Revision(contents.events.count)
    var retention = Retention(floor: start, limits)
    for event in contents.events { retention.add(event) }
    writer = Mutex(retention)
    let snapshot = Snapshot(revision: contents.revision, records: contents.records, indexes: self.indexes)
    published = Mutex(Published(snapshot: snapshot))
    head = Head(contents.revision)
    for (resource, events) in Dictionary(grouping: contents.events, by: \.record.key.resource) {
      _ = log(of: resource).append(events)
    }
  }

  /// The log of a resource, empty if nothing has happened to it since `start`.
  func log(of resource: String) -> EventLog {
    published.withLock { published in
      if let log = published.logs[resource] { return log }
      let log = EventLog(floor: start, limits)
      published.logs[resource] = log
      return log
    }
  }

  /// The cluster now.
  public var snapshot: Snapshot { published.withLock { $0.snapshot } }

  /// The cluster as it was, from its present by undoing what the logs remember: for the later pages of a list, and
  /// for lists at an exact revision. With a resource the snapshot holds only that one, and only its log must reach
  /// back. Nil when the revision is in the future or forgotten. Costs a few microseconds for each event undone.
  public func snapshot(at revision: Revision, of resource: String? = nil) -> Snapshot? {
    let (present, logs) = published.withLock { published in (published.snapshot, published.logs) }
    guard revision >= start, revision <= present.revision else { return nil }
    var past = resource.map { present.only($0) } ?? present
    for (name, log) in logs where resource == nil || resource == name {
      guard let (events, _) = try? log.events(after: revision, in: nil, max: .max) else { return nil }
      past.undo(events, indexes)
    }
    past.revision = revision
    return past
  }

  /// Watches the objects of a resource, in one namespace or in all, from a revision on: usually that of a list.
  /// Throws `expired` when not everything since then is known any more.
  public func watch(
    _ resource: String, namespace: String? = nil, after revision: Revision
  ) throws(StoreError) -> Watcher {
    let log = log(of: resource)
    guard revision >= log.floor else { throw .expired(oldest: log.floor) }
    return Watcher(log, head: head, namespace: namespace, after: revision)
  }

  /// Calls `wake` after each published group, for those who look at the whole cluster. It is called on the writer's
  /// thread with no lock held, so it should only pass the word on.
  public func onCommit(_ wake: @escaping @Sendable () -> Void) {
    published.withLock { $0.hooks.append(wake) }
  }

  /// Goes round all records and lets go of the trees that nobody has looked at since the round before. Called every few
  /// seconds, it keeps of objects at rest only their bytes, a seventh of the memory; the next reader of such an object
  /// waits some microseconds while its tree is made again.
  /// - Returns: how many trees went.
  public func dropUnusedTrees() -> Int {
    let (snapshot, logs) = published.withLock { published in (published.snapshot, published.logs.values.map(\.self)) }
    let round = rounds.withLock { rounds in
      rounds += 1
      return rounds
    }
    var dropped = 0
    for resource in snapshot.resources {
      for record in snapshot.records(resource) where record.dropTree(in: round) { dropped += 1 }
    }
    for event in logs.flatMap(\.recent) {
      if event.record.dropTree(in: round) { dropped += 1 }
      if event.previous?.dropTree(in: round) == true { dropped += 1 }
    }
    return dropped
  }
}
