public import Objects
public import Store

/// Calls controllers and carries out their plans.
///
/// What it promises:
/// 1. One key of one controller is reconciled at a time, and changes that arrive meanwhile are merged into one call.
/// 2. Every change that a trigger maps to a key leads to a call that sees that change or a later state.
/// 3. A key is not reconciled again until the view has reached the driver's own last write for it. (This replaces the
///    "expectations" of informers.)
/// 4. The writes of a plan are carried out in order, in batches of 1, 2, 4, 8 …; the first failure drops the rest.
/// 5. A failure or a conflict is followed by a new call with a fresh view, after a pause that grows.
/// 6. Nothing is remembered that a restart could miss: `restart()` reconciles every object once, and so does every
///    tenth minute, should a change ever not have been told.
public final class Driver: Participant {
  public let name = "controllers"
  private let cluster: Cluster
  private let store: Store
  /// All triggers, in the order of their controllers, whose numbers stand beside them.
  private let triggers: [(controller: Int, trigger: Trigger)]
  private weak var faults: (any FaultInjector)?
  private var random: SeededGenerator
  private var queue = WorkQueue<Work>()
  private var watchers: [(resource: String, watcher: Watcher)] = []
  /// The scheme whose kinds are watched.
  private var generation: Int?
  /// What a view must have reached before a key is reconciled again: the changes that called for it, and its own writes.
  private var mustSee: [Work: Revision] = [:]
  private var refusals: [Work: StatusError] = [:]
  private var nextResync: Time?

  /// A key of one controller.
  struct Work: Hashable, Comparable, Sendable {
    var controller: Int
    var key: Key

    static func < (left: Work, right: Work) -> Bool { (left.controller, left.key) < (right.controller, right.key) }
  }

  /// - Parameter seed: for names, identifiers and the spread of pauses.
  public init(cluster: Cluster, store: Store, seed: UInt64, faults: (any FaultInjector)? = nil) {
    self.cluster = cluster
    self.store = store
    triggers = cluster.controllers.enumerated().flatMap { index, controller in controller.triggers.map { (index, $0) } }
    self.faults = faults
    random = SeededGenerator(seed: seed)
    restart()
  }

  public func restart() {
    queue = WorkQueue()
    mustSee = [:]
    refusals = [:]
    nextResync = nil
    watchers = []
    generation = nil
    followKinds(of: store.snapshot)
  }

  public func turn(at now: Time) -> Turn {
    absorbChanges()
    resyncIfDue(at: now)
    let latest = store.snapshot
    let shown = faults?.snapshot(latest: latest) ?? latest
    let view = cluster.view(of: shown)
    var calls: [Call] = []
    var executions: [Execution] = []
    while calls.count < Self.keysPerTurn, let work = queue.next(at: now) {
      if let revision = mustSee[work], revision > shown.revision {
        queue.done(work)
        queue.add(work, at: now + .milliseconds(1))
        continue
      }
      mustSee[work] = nil
      let (call, execution) = reconcile(work, in: view, at: now)
      calls.append(call)
      executions.append(execution)
    }
    if cluster.carryOut(&executions, in: store, at: now, names: &random, faults: faults) {
      for (call, execution) in zip(calls, executions) { finish(call, execution, at: now) }
    } else {
      restart()
    }
    return Turn(
      didWork: !calls.isEmpty || !queue.isIdle, wakeAt: [queue.nextTime, nextResync].compactMap(\.self).min())
  }

  private static let keysPerTurn = 64
  private static let resyncInterval = Duration.seconds(600)
}

// MARK: From changes to keys

extension Driver {
  private func absorbChanges() {
    let snapshot = store.snapshot
    for (resource, watcher) in watchers {
      do {
        while case let events = try watcher.next(max: 1_024), !events.isEmpty {
          let view = cluster.view(of: store.snapshot)
          for event in events {
            for _ in 0..<(faults?.deliveries(of: event) ?? 1) { trigger(event, in: view) }
          }
        }
      } catch {
        // The log has forgotten what this watcher had not read: look at everything again.
        watchers.removeAll { $0.resource == resource }
        follow(resource, from: store.snapshot)
      }
    }
    followKinds(of: snapshot)
  }

  // Kinds come and go with the objects that define them. When one is gone its last objects went before it, so what its
  // watcher had to tell has been read.
  private func followKinds(of snapshot: Snapshot) {
    let scheme = cluster.scheme(of: snapshot)
    if scheme.generation == generation { return }
    generation = scheme.generation
    var resources: [String] = []
    for kind in scheme.kinds where resources.last != kind.groupResource { resources.append(kind.groupResource) }
    let served = Set(resources)
    watchers.removeAll { !served.contains($0.resource) }
    let followed = Set(watchers.map(\.resource))
    for resource in resources where !followed.contains(resource) { follow(resource, from: snapshot) }
  }

  // Watches a resource and, once, looks at all that is there.
  private func follow(_ resource: String, from snapshot: Snapshot) {
    if let watcher = try? store.watch(resource, after: snapshot.revision) { watchers.append((resource, watcher)) }
    resync(resource, in: snapshot)
  }

  private func resyncIfDue(at now: Time) {
    guard let due = nextResync else {
      nextResync = now + Self.resyncInterval
      return
    }
    guard due <= now else { return }
    nextResync = now + Self.resyncInterval
    let snapshot = store.snapshot
    for resource in snapshot.resources { resync(resource, in: snapshot) }
  }

  private func resync(_ resource: String, in snapshot: Snapshot) {
    let view = cluster.view(of: snapshot)
    for record in snapshot.records(resource) {
      trigger(Event(type: .added, record: record, previous: nil), in: view)
    }
  }

  private func trigger(_ event: Event, in view: View) {
    let resource = event.record.key.resource
    for (controller, trigger) in triggers where trigger.resource == nil || trigger.resource == resource {
      for key in trigger.keys(event, view) {
        let work = Work(controller: controller, key: key)
        mustSee[work] = max(mustSee[work] ?? 0, event.record.revision)
        queue.add(work)
      }
    }
  }
}

// MARK: From keys to plans, from plans to writes

extension Driver {
  /// A call whose plan is being carried out.
  private struct Call {
    var work: Work
    var wakeAt: Time?
  }

  private func reconcile(_ work: Work, in view: View, at now: Time) -> (Call, Execution) {
    let controller = cluster.controllers[work.controller]
    var view = view
    view.refusal = refusals[work]
    do {
      let plan = try controller.reconcile(work.key, in: view, at: now)
      func events(_ type: Note.Kind) -> [Intent] {
        let notes = plan.notes.filter { $0.type == type }
        return cluster.recorder?.intents(for: notes, from: controller.name, in: view, at: now) ?? []
      }
      // A warning may be about the very write that will be refused again; a success is told when it is one.
      return (Call(work: work, wakeAt: plan.wakeAt), Execution(events(.warning) + plan.intents + events(.normal)))
    } catch {
      return (Call(work: work), .failed)
    }
  }

  private func finish(_ call: Call, _ execution: Execution, at now: Time) {
    let work = call.work
    if let own = execution.written.values.max() { mustSee[work] = max(mustSee[work] ?? 0, own) }
    refusals[work] = execution.refusal
    queue.done(work)
    if execution.hasFailed {
      queue.addAfterFailure(work, now: now, jitter: Double(random.next() >> 11) / Double(1 << 53))
    } else {
      queue.forget(work)
      if let wakeAt = call.wakeAt { queue.add(work, at: max(wakeAt, now + .milliseconds(1))) }
    }
  }
}
