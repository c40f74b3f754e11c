import ControlLoop
import Objects
import Simulation
import Store
import Synchronization

/// Says how many sheep there shall be; a shepherd sees to it.
struct Flock: Resource {
  static let kind = Kind(Flock.self, group: "test", name: "Flock", resource: "flocks").with { $0.hasStatus = true }
  static let schemaName = "test.v1.Flock"
  static let documentation = "A flock of sheep."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let size = Field<Int>(1, "How many sheep are wanted.")
    let status = Part<FlockStatus>(2, "What was done.")
  }
}

struct FlockStatus: Structure {
  static let schemaName = "test.v1.FlockStatus"
  static let documentation = "What was done for a flock."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let sheep = Field<Int>(1, "How many sheep have been bought.")
  }
}

struct Sheep: Resource {
  static let kind = Kind(Sheep.self, group: "test", name: "Sheep", resource: "sheep")
  static let schemaName = "test.v1.Sheep"
  static let documentation = "A sheep."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    init() {}
    static let all = named()
  }

  init(of flock: Flock) {
    self.init(name: "", namespace: flock.namespace)
    metadata.generateName = flock.name + "-"
    metadata.ownerReferences = [OwnerReference(controller: flock)]
  }
}

/// Counts the sheep and buys those that are missing.
struct Shepherd: Controller {
  let name = "shepherd"
  var triggers = [Trigger.on(Flock.self), .on(Sheep.self, controlledBy: Flock.self)]
  /// Buys one at a time, with a pause after each.
  var pause: Duration?

  func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let flock = view[Flock.self, key] else { return .nothing }
    let sheep = view.all(Sheep.self, controlledBy: flock)
    let missing = (flock.size ?? 0) - sheep.count
    var plan = Plan()
    if let pause, missing > 0 {
      if let latest = sheep.compactMap(\.metadata.creationTimestamp).max(), latest + pause > now {
        plan.wake(at: latest + pause)
        return plan
      }
      plan.create(Sheep(of: flock))
      return plan
    }
    for _ in 0..<max(0, missing) { plan.create(Sheep(of: flock)) }
    for extra in sheep.prefix(max(0, -missing)) { plan.delete(extra) }
    return plan
  }
}

/// Writes down first what he will have bought, and from then on believes his notes.
struct Bookkeeper: Controller {
  let name = "shepherd"
  let triggers = [Trigger.on(Flock.self)]

  func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var flock = view[Flock.self, key] else { return .nothing }
    let (bought, wanted) = (flock.status.sheep ?? 0, flock.size ?? 0)
    guard bought < wanted else { return .nothing }
    flock.status.sheep = wanted
    var plan = Plan()
    plan.updateStatus(flock)
    for _ in bought..<wanted { plan.create(Sheep(of: flock)) }
    return plan
  }
}

/// Writes something down every second, so that there is always something to go wrong.
struct Diarist: Controller {
  let name = "diarist"
  let triggers = [Trigger.on(Flock.self)]

  func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var flock = view[Flock.self, key] else { return .nothing }
    var plan = Plan()
    plan.wake(at: now + .seconds(1))
    let second = Int((now - World.epoch).components.seconds)
    guard flock.status.sheep != second else { return plan }
    flock.status.sheep = second
    plan.updateStatus(flock)
    return plan
  }
}

extension Layer {
  static func meadow(_ shepherd: some Controller, _ change: (inout Layer) -> Void = { _ in }) -> Layer {
    Layer(chapter: 0, name: "Meadow") {
      $0.kinds = [Flock.kind, Sheep.kind]
      $0.controllers = [shepherd]
      $0.initialObjects = [Flock(name: "a", namespace: "farm") { $0.size = 2 }.json]
      $0.invariants = [.everyFlockIsComplete]
      $0.contributions = [UserAction.grow]
      change(&$0)
    }
  }
}

extension Invariant {
  static var everyFlockIsComplete: Invariant {
    .eventually("every flock is complete", within: .seconds(30)) { view, _ in
      view.all(Flock.self).lazy.compactMap { flock in
        let count = view.all(Sheep.self, controlledBy: flock).count
        return count == flock.size ? nil : "\(flock.name) has \(count) sheep of \(flock.size ?? 0)"
      }.first
    }
  }

  static var neverMoreThanWanted: Invariant {
    .always("never more sheep than wanted") { view, _, _ in
      view.all(Flock.self).lazy.compactMap { flock in
        let count = view.all(Sheep.self, controlledBy: flock).count
        return count <= flock.size ?? 0 ? nil : "\(flock.name) has \(count) sheep of \(flock.size ?? 0)"
      }.first
    }
  }
}

extension UserAction {
  /// Never fewer: so nobody else is to blame for a sheep too many.
  static var grow: UserAction {
    UserAction("grow") { view, random, _ in
      guard var flock = view.all(Flock.self).randomElement(using: &random) else { return [] }
      flock.size = (flock.size ?? 0) + Int.random(in: 1...3, using: &random)
      return [.update(flock.json)]
    }
  }

  static var sell: UserAction {
    UserAction("sell") { view, random, _ in
      guard let sheep = view.all(Sheep.self).randomElement(using: &random) else { return [] }
      return [.delete(sheep.key, DeleteOptions())]
    }
  }
}

/// Takes turns, does nothing, and notes when.
final class Ticker: Participant, Sendable {
  let name = "ticker"
  /// After which it wants the next turn; nil when only a change concerns it.
  private let pause: Duration?
  private let seen = Mutex((turns: [Time](), restarts: 0))

  init(pause: Duration?) { self.pause = pause }

  var turns: [Time] { seen.withLock { $0.turns } }
  var restarts: Int { seen.withLock { $0.restarts } }

  func turn(at now: Time) -> Turn {
    seen.withLock { $0.turns.append(now) }
    return Turn(didWork: false, wakeAt: pause.map { now + $0 })
  }

  func restart() { seen.withLock { $0.restarts += 1 } }
}

extension Layer {
  /// Nothing happens here but the ticker's turns.
  static func quiet(_ ticker: Ticker, _ change: (inout Layer) -> Void = { _ in }) -> Layer {
    Layer(chapter: 0, name: "Quiet") {
      $0.kinds = [Flock.kind]
      $0.contributions = [ParticipantSource { _, _, _ in [ticker] }]
      change(&$0)
    }
  }
}

/// What a world did, seen from inside: which changes were told, and how old views were.
final class Witness: Sendable {
  private struct Seen {
    var latest: Revision = 0
    var changes: [Revision] = []
    var told: [Revision] = []
    var staleCalls = 0
    var shown: [Revision] = []
  }

  private let seen = Mutex(Seen())

  var changes: [Revision] { seen.withLock { $0.changes } }
  var told: [Revision] { seen.withLock { $0.told } }
  var staleCalls: Int { seen.withLock { $0.staleCalls } }
  /// The revisions of the views, in the order in which they were shown.
  var shown: [Revision] { seen.withLock { $0.shown } }

  func happened(_ event: Event) {
    seen.withLock {
      $0.latest = event.record.revision
      if event.type == .modified { $0.changes.append(event.record.revision) }
    }
  }

  // Additions are told again by every look at everything, so they do not count here.
  func told(_ event: Event) {
    guard event.type == .modified else { return }
    seen.withLock { $0.told.append(event.record.revision) }
  }

  func called(with view: View) {
    seen.withLock {
      $0.shown.append(view.snapshot.revision)
      if view.snapshot.revision < $0.latest { $0.staleCalls += 1 }
    }
  }
}

/// Tells a witness what it is told and, every second, what it is shown.
struct Spy: Controller {
  let name = "spy"
  let witness: Witness

  var triggers: [Trigger] {
    [
      Trigger(resource: nil) { event, _ in
        witness.told(event)
        return [event.record.key]
      }
    ]
  }

  func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    witness.called(with: view)
    var plan = Plan()
    plan.wake(at: now + .seconds(1))
    return plan
  }
}
