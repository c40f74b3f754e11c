import ControlLoop
import Objects
import Simulation
import Store

// The smallest cluster that can want something: what the demos of chapters 0a to 0d are about.

/// Says how many sheep there shall be; a shepherd sees to it.
struct Flock: Resource {
  static let kind = Kind(Flock.self, group: "demo", name: "Flock", resource: "flocks").with { $0.hasStatus = true }
  static let schemaName = "demo.v1.Flock"
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
  static let schemaName = "demo.v1.FlockStatus"
  static let documentation = "What was done for a flock."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let bought = Field<Int>(1, "How many sheep were bought, says the bookkeeper.")
  }
}

struct Sheep: Resource {
  static let kind = Kind(Sheep.self, group: "demo", name: "Sheep", resource: "sheep")
  static let schemaName = "demo.v1.Sheep"
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

  func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let flock = view[Flock.self, key] else { return .nothing }
    var plan = Plan()
    let missing = (flock.size ?? 0) - view.all(Sheep.self, controlledBy: flock).count
    for _ in 0..<max(0, missing) { plan.create(Sheep(of: flock)) }
    return plan
  }
}

/// Writes down first what he will have bought, and from then on believes his notes.
struct Bookkeeper: Controller {
  let name = "bookkeeper"
  let triggers = [Trigger.on(Flock.self)]

  func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var flock = view[Flock.self, key] else { return .nothing }
    let (bought, wanted) = (flock.status.bought ?? 0, flock.size ?? 0)
    guard bought < wanted else { return .nothing }
    flock.status.bought = wanted
    var plan = Plan()
    plan.updateStatus(flock)
    for _ in bought..<wanted { plan.create(Sheep(of: flock)) }
    return plan
  }
}

extension Layer {
  static func meadow(_ controller: some Controller, invariants: [Invariant] = []) -> Layer {
    Layer(chapter: 0, name: "Meadow") {
      $0.kinds = [Flock.kind, Sheep.kind]
      $0.controllers = [controller]
      $0.invariants = invariants
    }
  }
}
