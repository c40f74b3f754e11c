import ControlLoop
import Objects
import Store
import Synchronization

/// Says how many sheep there shall be; a shepherd sees to it.
struct Flock: Resource {
  static let kind = Kind(Flock.self, group: "test", name: "Flock", resource: "flocks").with {
    $0.hasStatus = true
    $0.countsGenerations = true
  }
  static let schemaName = "test.v1.Flock"
  static let documentation = "A flock of sheep."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let spec = Part<FlockSpec>(1, "What is wanted.")
    let status = Part<FlockStatus>(2, "What was seen.")
  }
}

struct FlockSpec: Structure {
  static let schemaName = "test.v1.FlockSpec"
  static let documentation = "What is wanted of a flock."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let size = Field<Int>(1, "How many sheep.", .default(1), .atLeast(0))
    let breed = Field<String>(2, "Which sheep.", .immutable)
  }
}

struct FlockStatus: Structure {
  static let schemaName = "test.v1.FlockStatus"
  static let documentation = "What was seen of a flock."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let sheep = Field<Int>(1, "How many sheep there are.")
  }
}

/// Takes its time to go, if it says so.
struct Sheep: Resource {
  static let kind = Kind(Sheep.self, group: "test", name: "Sheep", resource: "sheep").with {
    $0.gracePeriod = { $0["farewell"]?.integer }
  }
  static let schemaName = "test.v1.Sheep"
  static let documentation = "A sheep."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let farewell = Field<Int64>(1, "Its grace period, in seconds.")
  }
}

/// Belongs to no namespace.
struct Pasture: Resource {
  static let kind = Kind(Pasture.self, group: "test", name: "Pasture", resource: "pastures", isNamespaced: false)
  static let schemaName = "test.v1.Pasture"
  static let documentation = "A pasture."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    init() {}
    static let all = named()
  }
}

/// A controller that does what a test says.
struct Doing: Controller {
  var name = "doing"
  var triggers: [Trigger] = [.on(Flock.self), .on(Sheep.self, controlledBy: Flock.self)]
  let plan: @Sendable (Key, View, Time) throws -> Plan

  func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan { try plan(key, view, now) }

  /// Creates the sheep that are missing, under names that nobody can foresee.
  static let shepherd = Doing { key, view, _ in
    guard let flock = view[Flock.self, key], !flock.isBeingDeleted else { return .nothing }
    var plan = Plan()
    let missing = flock.wantedSize - view.all(Sheep.self, controlledBy: flock).count
    for _ in 0..<max(0, missing) { plan.create(Sheep(of: flock)) }
    return plan
  }
}

extension Flock {
  init(_ name: String, size: Int) {
    self.init(name: name, namespace: "farm") { $0.spec.size = size }
  }

  var wantedSize: Int { self.spec.size ?? 0 }
}

extension Sheep {
  init(of flock: Flock) {
    self.init(name: "", namespace: flock.namespace)
    metadata.generateName = flock.name + "-"
    metadata.ownerReferences = [OwnerReference(controller: flock)]
  }
}

/// What was called, for tests to look at.
final class Log<Entry: Sendable>: Sendable {
  private let list = Mutex<[Entry]>([])

  var entries: [Entry] { list.withLock { $0 } }
  func add(_ entry: Entry) { list.withLock { $0.append(entry) } }
}

/// Faults that a test switches by hand.
final class Switches: FaultInjector {
  /// Shown to controllers instead of the latest.
  var shown: Snapshot?
  var deliveries = 1
  /// How many writes succeed before the process ends; nil for all.
  var writesBeforeCrash: Int?
  /// Happens once, while a controller is thinking.
  var meanwhile: () -> Void = {}

  func snapshot(latest: Snapshot) -> Snapshot {
    defer {
      let happening = meanwhile
      meanwhile = {}
      happening()
    }
    return shown ?? latest
  }

  func deliveries(of event: Event) -> Int { deliveries }

  func crashes(before write: Write) -> Bool {
    guard let left = writesBeforeCrash else { return false }
    writesBeforeCrash = left > 0 ? left - 1 : nil
    return left == 0
  }
}

/// Notes how many writes each commit had.
final class CountingStorage: Storage {
  private let memory = MemoryStorage()
  let commits = Log<Int>()

  func load() -> StorageContents { memory.load() }

  func append(_ events: [Event], forgetting: Revision) {
    commits.add(events.count)
    memory.append(events, forgetting: forgetting)
  }
}

/// A store, the rules, the garbage collector and some controllers, and a clock that the test moves.
final class Farm {
  let cluster: Cluster
  let store: Store
  let storage = CountingStorage()
  let switches = Switches()
  let driver: Driver
  private(set) var now = Time(microseconds: 1_767_225_600_000_000)
  private var random = SeededGenerator(seed: 1)

  init(
    _ controllers: [any Controller] = [], admission: [AdmissionStep] = [], later: [Layer] = [],
    limits: Store.Limits = Store.Limits()
  ) throws {
    let farm = Layer(chapter: 0, name: "Farm") {
      $0.kinds = [Flock.kind, Sheep.kind, Pasture.kind]
      $0.controllers = controllers
      $0.admission = admission
    }
    cluster = Cluster(layers: [farm] + later)
    store = try Store(storage: storage, indexes: cluster.indexes, limits: limits)
    driver = Driver(cluster: cluster, store: store, seed: 1, faults: switches)
  }

  var view: View { cluster.view(of: store.snapshot) }
  var sheep: [Sheep] { view.all(Sheep.self) }
  func flock(_ name: String) -> Flock? { view.object(Flock.self, name, in: "farm") }
  func sheep(_ name: String) -> Sheep? { view.object(Sheep.self, name, in: "farm") }

  func perform(_ intent: Intent) throws {
    guard let write = try cluster.registry.write(for: intent, in: view, at: now, names: &random) else { return }
    if case .failure(let error) = store.commit([write])[0] { throw StatusError(error, for: write.key) }
  }

  @discardableResult
  func create<T: Resource>(_ object: T) throws -> T {
    try perform(.create(object.json))
    return try stored(object)
  }

  func stored<T: Resource>(_ object: T) throws -> T {
    guard let stored = view[T.self, object.key] else { throw StatusError.notFound(object.key) }
    return stored
  }

  func update<T: Resource>(_ object: T, _ change: (inout T) -> Void) throws {
    var object = try stored(object)
    change(&object)
    try perform(.update(object.json))
  }

  func delete(_ object: some Resource, _ options: DeleteOptions = DeleteOptions()) throws {
    try perform(.delete(object.key, options))
  }

  /// What is said against the wish; nil when it is granted.
  func refusal(_ intent: Intent) -> String? {
    do {
      try perform(intent)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @discardableResult
  func turn() -> Turn { driver.turn(at: now) }

  func pass(_ duration: Duration) { now = now + duration }

  /// Lets the controllers work for this long.
  func run(for duration: Duration = .milliseconds(100)) {
    let end = now + duration
    while true {
      let turn = driver.turn(at: now)
      if turn.didWork { continue }
      guard let next = turn.wakeAt, next <= end else { break }
      now = max(now, next)
    }
    now = end
  }
}
