import Objects
import Testing

@testable import Store

/// The simplest thing that could be a store: a list of everything that ever happened.
private struct Model {
  struct Entry: Equatable {
    var revision: Revision
    var value: Value
  }

  var revision: Revision = 1
  var objects: [Key: Entry] = [:]
  var past: [Revision: [Key: Entry]] = [1: [:]]

  mutating func apply(_ write: Write) -> String {
    let current = objects[write.key]
    switch write.expecting {
    case .absent where current != nil: return "already exists"
    case .revision where current == nil: return "not found"
    case .revision(let seen) where current?.revision != seen: return "conflict with \(current?.revision ?? 0)"
    default: break
    }
    switch write.change {
    case .put(let value):
      if let current, current.value == value { return "\(current.revision)" }
      objects[write.key] = Entry(revision: revision + 1, value: value)
    case .delete:
      if current == nil { return "not found" }
      objects[write.key] = nil
    }
    revision += 1
    past[revision] = objects
    return "\(revision)"
  }
}

@Suite struct ModelTests {
  @Test("Random groups of writes, watches and restarts agree with a list of what happened", arguments: 1...60)
  func randomRuns(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let storage = MemoryStorage()
    var limits = Store.Limits()
    limits.watchedEvents = Int.random(in: 2...40, using: &random)
    limits.storedEvents = Int.random(in: 2...40, using: &random)
    var store = try Store(storage: storage, indexes: [SnapshotTests.phase], limits: limits)
    var model = Model()
    // A watch and what its client has made of the events.
    var mirror: [Key: Revision] = [:]
    var watcher = try store.watch("pods", namespace: "default", after: 1)

    for _ in 0..<60 {
      let group = (0..<Int.random(in: 1...6, using: &random)).map { _ in randomWrite(model, &random) }
      let expected = group.map { model.apply($0) }
      #expect(store.commit(group).map(outcome) == expected)
      if Int.random(in: 0..<20, using: &random) == 0 {
        store = try Store(storage: storage, indexes: [SnapshotTests.phase], limits: limits)
        watcher = try resume(watcher.revision, &mirror, store)
      }
      try expectEqual(store.snapshot, model.revision, model.objects)

      let probe = Revision.random(in: 1...model.revision, using: &random)
      if let past = store.snapshot(at: probe) {
        try expectEqual(past, probe, try #require(model.past[probe]))
      }
      if Bool.random(using: &random) {
        if refusal({ try catchUp(watcher, &mirror) }).hasPrefix("expired") {
          watcher = try resume(watcher.revision, &mirror, store)
        }
        let mine = model.objects.filter { $0.key.resource == "pods" && $0.key.namespace == "default" }
        #expect(mirror == mine.mapValues(\.revision))
        #expect(watcher.revision == model.revision)
      }
    }
  }

  private func catchUp(_ watcher: Watcher, _ mirror: inout [Key: Revision]) throws {
    var events = try watcher.next(max: 3)
    while !events.isEmpty {
      for event in events { apply(event, to: &mirror) }
      events = try watcher.next(max: 3)
    }
  }

  private func apply(_ event: Event, to mirror: inout [Key: Revision]) {
    #expect(mirror[event.record.key] == event.previous?.revision)
    #expect((event.previous == nil) == (event.type == .added))
    mirror[event.record.key] = event.type == .deleted ? nil : event.record.revision
  }

  /// As a client does: goes on from where it was, or lists and watches anew when that is too long ago.
  private func resume(_ revision: Revision, _ mirror: inout [Key: Revision], _ store: Store) throws -> Watcher {
    do {
      return try store.watch("pods", namespace: "default", after: revision)
    } catch StoreError.expired(let oldest) {
      #expect(oldest > revision && oldest <= store.snapshot.revision)
      let snapshot = store.snapshot
      mirror = [:]
      for record in snapshot.records("pods", namespace: "default") { mirror[record.key] = record.revision }
      return try store.watch("pods", namespace: "default", after: snapshot.revision)
    }
  }

  private func expectEqual(_ snapshot: Snapshot, _ revision: Revision, _ objects: [Key: Model.Entry]) throws {
    #expect(snapshot.revision == revision)
    let all = snapshot.resources.flatMap { Array(snapshot.records($0)) }
    #expect(all.map(\.key) == objects.keys.sorted())
    for record in all {
      let entry = try #require(objects[record.key])
      #expect(record.revision == entry.revision)
      #expect(record.value == Record(key: record.key, value: entry.value, revision: entry.revision).value)
    }
    for phase in ["Pending", "Running"] {
      let found = snapshot.records("pods", index: "phase", equals: phase).map(\.key)
      let expected = objects.filter { $0.key.resource == "pods" && $0.value.value["status"]?["phase"]?.string == phase }
      #expect(found == expected.keys.sorted())
    }
  }

  private func randomWrite(_ model: Model, _ random: inout SeededGenerator) -> Write {
    let name = ["a", "b", "c"].randomElement(using: &random) ?? ""
    let namespace = ["default", "other"].randomElement(using: &random) ?? ""
    let phase = ["Pending", "Running"].randomElement(using: &random) ?? ""
    let labels = Bool.random(using: &random) ? ["app": "web"] : [:]
    let object =
      Bool.random(using: &random)
      ? pod(name, in: namespace, phase: phase, labels: labels) : configMap(name, in: namespace)
    let seen = model.objects[object.key]?.revision ?? Revision.random(in: 1...model.revision, using: &random)
    let expectation: Write.Expectation =
      switch Int.random(in: 0..<4, using: &random) {
      case 0: .absent
      case 1: .revision(Bool.random(using: &random) ? seen : seen - 1)
      default: .anything
      }
    let change: Write.Change = Int.random(in: 0..<4, using: &random) == 0 ? .delete : .put(object.value)
    return Write(object.key, change, expecting: expectation)
  }
}
