public import ControlLoop
public import Objects
public import Store

/// A whole cluster on one thread, in virtual time, that does the same for the same seed.
///
/// The world gives turns to its participants in a random order, moves the clock to the next moment at which something
/// is due, and checks every invariant after every change.
public final class World {
  public let cluster: Cluster
  public let store: Store
  public private(set) var now: Time
  /// Broken promises, in the order in which they broke.
  public private(set) var violations: [Violation] = []
  /// What happened, a line for each, when asked for.
  public private(set) var trace: [String] = []

  var random: SeededGenerator
  private var names: SeededGenerator
  private(set) var faults: Set<Fault>
  private let participants: [any Participant]
  private var wakeAt: [Time?]
  private var outageUntil: [Time]
  // Since the clock last moved.
  private var turnsTaken = 0
  private var recentSnapshots: [Snapshot] = []
  private var watchers: [String: Watcher] = [:]
  private var observed: Revision
  private var generation: Int?
  private var checks: [(invariant: Invariant, check: Invariant.Check)] = []
  private let keepsTrace: Bool
  private let injector = Injector()

  /// - Parameters:
  ///   - seed: decides every choice.
  ///   - keepsTrace: whether `trace` is filled.
  public init(
    layers: [Layer], seed: UInt64, faults: Set<Fault> = [], start: Time = World.epoch, keepsTrace: Bool = false
  ) throws {
    let cluster = Cluster(layers: layers)
    let store = try Store(storage: MemoryStorage(), indexes: cluster.indexes)
    self.cluster = cluster
    self.store = store
    self.faults = faults
    self.keepsTrace = keepsTrace
    observed = store.snapshot.revision
    now = start
    // To each a stream of its own: two that draw the same numbers would give two objects one identifier.
    var seeds = SeededGenerator(seed: seed)
    random = SeededGenerator(seed: seeds.next())
    names = SeededGenerator(seed: seeds.next())
    let driver = Driver(cluster: cluster, store: store, seed: seeds.next(), faults: injector)
    participants =
      [driver]
      + cluster.contributions(of: ParticipantSource.self).flatMap { $0.make(cluster, store, seeds.next()) }
    wakeAt = participants.map { _ in start }
    outageUntil = participants.map { _ in start }
    checks = cluster.invariants.map { ($0, $0.makeCheck()) }
    injector.world = self
    perform(cluster.layers.flatMap(\.initialObjects).map(Intent.create))
  }

  /// 2026-01-01T00:00:00Z, where simulated time begins unless a test says otherwise.
  public static let epoch = Time(microseconds: 1_767_225_600_000_000)

  public var view: View { cluster.view(of: store.snapshot) }

  /// A promise that was broken, and when.
  public struct Violation: Sendable, CustomStringConvertible {
    public let invariant: String
    public let detail: String
    public let time: Time

    public var description: String { "\(time.rfc3339)  \(invariant): \(detail)" }
  }
}

// MARK: Acting from outside

extension World {
  /// Writes as a user would: through the registry, the object as it is now.
  /// - Returns: what was refused, in order.
  @discardableResult
  public func perform(_ intents: [Intent]) -> [StatusError] {
    var refusals: [StatusError] = []
    for intent in intents {
      do {
        let write = try cluster.registry.write(for: intent, in: view, at: now, names: &names)
        guard let write, case .failure(let error) = store.commit([write])[0] else { continue }
        refusals.append(StatusError(error, for: write.key))
      } catch {
        refusals.append(error)
      }
    }
    // Everybody may have something to do about it.
    wakeAt = wakeAt.map { _ in now }
    observe()
    return refusals
  }
}

// MARK: Time and turns

extension World {
  /// Lets this much virtual time pass.
  public func run(for duration: Duration) {
    let end = now + duration
    while now < end { step(until: end) }
  }

  /// Runs until nothing is due for `quiet`, at most for `limit`.
  /// - Returns: whether the world came to rest.
  @discardableResult
  public func settle(within limit: Duration, quiet: Duration = .seconds(1)) -> Bool {
    let end = now + limit
    while now < end {
      let revision = store.snapshot.revision
      run(for: quiet)
      if store.snapshot.revision == revision { return turnsTaken < Self.turnsInOneMoment }
    }
    return false
  }

  /// Without faults, time passes until every liveness promise is kept, or its time is up.
  public func checkLiveness() {
    // What a dropped wake-up lost, only a restart finds again.
    if faults.contains(.dropped) { for participant in participants { participant.restart() } }
    faults = []
    outageUntil = outageUntil.map { _ in now }
    wakeAt = wakeAt.map { _ in now }
    let start = now
    var open = checks.compactMap { entry -> (Invariant, Invariant.Check, Duration)? in
      guard case .eventually(let within) = entry.invariant.promise else { return nil }
      return (entry.invariant, entry.check, within)
    }
    while !open.isEmpty {
      run(for: .seconds(1))
      open.removeAll { invariant, check, within in
        guard let detail = check(view, nil, now) else { return true }
        guard now - start > within else { return false }
        violations.append(Violation(invariant: invariant.name, detail: detail, time: now))
        return true
      }
    }
  }

  // One turn of one participant, or a step of the clock when nobody has anything to do.
  private func step(until end: Time) {
    if strikes(.jump) {
      move(to: now + .seconds(Int64.random(in: Fault.jumps, using: &random)))
      note("the clock jumps")
    }
    guard turnsTaken < Self.turnsInOneMoment else { return standStill(until: end) }
    let ready = participants.indices.filter { (wakeAt[$0] ?? .distantFuture) <= now && outageUntil[$0] <= now }
    guard let chosen = ready.randomElement(using: &random) else { return advance(until: end) }
    if strikes(.outage) { return loseParticipant(chosen) }
    turnsTaken += 1
    let revision = store.snapshot.revision
    let turn = participants[chosen].turn(at: now)
    wakeAt[chosen] = turn.didWork ? now : turn.wakeAt
    if store.snapshot.revision != revision {
      wakeAt = wakeAt.map { _ in now }
      observe()
    }
  }

  private func advance(until end: Time) {
    let next = participants.indices.compactMap { index in wakeAt[index].map { max($0, outageUntil[index]) } }.min()
    // A jump may have led past the end.
    move(to: max(now, min(next ?? end, end)))
  }

  private func move(to time: Time) {
    if time != now { turnsTaken = 0 }
    now = time
  }

  /// So many turns in one moment mean that somebody answers itself, and that the clock would never move again.
  public static let turnsInOneMoment = 3_000

  private func standStill(until end: Time) {
    let detail = "\(turnsTaken) turns in one moment, and there is still something to do"
    if violations.last?.detail != detail {
      violations.append(Violation(invariant: "Everybody comes to rest", detail: detail, time: now))
    }
    now = end
  }

  private func loseParticipant(_ index: Int) {
    outageUntil[index] = now + .seconds(Int64.random(in: Fault.outages, using: &random))
    if Bool.random(using: &random) { participants[index].restart() }
    note("\(participants[index].name) is gone until \(outageUntil[index].rfc3339)")
  }
}

// MARK: Watching

extension World {
  // Hands every change since the last look to the invariants, in the order of the revisions.
  private func observe() {
    let view = view
    if view.scheme.generation != generation {
      generation = view.scheme.generation
      for kind in view.scheme.kinds where watchers[kind.groupResource] == nil {
        watchers[kind.groupResource] = try? store.watch(kind.groupResource, after: observed)
      }
    }
    observed = view.snapshot.revision
    let events = watchers.values.flatMap { watcher in (try? watcher.next(max: .max)) ?? [] }
      .sorted { $0.record.revision < $1.record.revision }
    remember(view.snapshot)
    for event in events {
      note("\(event.type) \(event.record.key)")
      for (invariant, check) in checks {
        guard case .always = invariant.promise, let detail = check(view, event, now) else { continue }
        violations.append(Violation(invariant: invariant.name, detail: detail, time: now))
      }
    }
  }

  private func remember(_ snapshot: Snapshot) {
    recentSnapshots = (recentSnapshots + [snapshot]).suffix(Fault.snapshotsKept)
  }

  private func note(_ line: @autoclosure () -> String) {
    if keepsTrace { trace.append("\(now.rfc3339Micro)  \(line())") }
  }
}

// MARK: Faults

extension World {
  // Whether a fault happens now. One that is off costs no draw: it leaves the world as if it did not exist.
  private func strikes(_ fault: Fault) -> Bool {
    guard faults.contains(fault), let occasions = Fault.occasions[fault] else { return false }
    return random.next().isMultiple(of: occasions)
  }

  /// Carries out the faults that a driver can suffer.
  final class Injector: FaultInjector {
    weak var world: World?
    private var shown: Revision = 0

    func snapshot(latest: Snapshot) -> Snapshot {
      guard let world else { return latest }
      defer { if world.strikes(.conflict) { world.touchSomething() } }
      guard world.strikes(.stale),
        // Views go forward only: an informer's cache may be late, but it does not travel back.
        let older = world.recentSnapshots.filter({ $0.revision >= shown }).randomElement(using: &world.random)
      else {
        shown = latest.revision
        return latest
      }
      shown = older.revision
      return older
    }

    func deliveries(of event: Event) -> Int {
      guard let world else { return 1 }
      if world.strikes(.dropped) { return 0 }
      return world.strikes(.doubled) ? 2 : 1
    }

    func crashes(before write: Write) -> Bool {
      guard let world, world.strikes(.crash) else { return false }
      world.note("the controllers crash before writing \(write.key)")
      return true
    }
  }

  // Another writer: an annotation on a random object, so that whoever thinks about it loses the race.
  private func touchSomething() {
    let records = store.snapshot.resources.flatMap { Array(store.snapshot.records($0)) }
    guard let record = records.randomElement(using: &random) else { return }
    var object = Object(json: record.value)
    object.metadata.annotations["simulation.swiftlet/touched"] = String(random.next())
    perform([.update(object.json)])
  }
}
