import Objects
public import Store

/// A place where a storage keeps its contents, such as a file.
public protocol StorageMedium {
  /// Opens the storage, lends it to `body` and closes it again. What was kept is there the next time.
  func open<Result>(_ body: (any Storage) throws -> Result) throws -> Result
}

/// What every storage promises, as checks that run on any of them. A check throws when the promise is broken.
public struct StoragePromise: Sendable, CustomStringConvertible {
  public let description: String
  public let check: @Sendable (any StorageMedium) throws -> Void

  public static let all: [StoragePromise] = [
    StoragePromise("An empty storage is at revision 1 and has nothing") { medium in
      try medium.open { try expectContents($0, .init()) }
      try medium.open { try expectContents($0, .init()) }
    },
    StoragePromise("What was appended is there, before and after it is opened again") { medium in
      var world = World()
      try medium.open { storage in
        for object in ["a", "b"] { try storage.append([world.put(object)], forgetting: 1) }
        try storage.append([world.put("a"), world.delete("b"), world.put("c")], forgetting: 1)
        try expectContents(storage, world.contents)
      }
      try medium.open { try expectContents($0, world.contents) }
    },
    StoragePromise("The revision survives the deletion of everything") { medium in
      var world = World()
      try medium.open { storage in
        try storage.append([world.put("a"), world.put("b")], forgetting: 1)
        try storage.append([world.delete("a")], forgetting: 3)
        try storage.append([world.delete("b")], forgetting: 4)
      }
      try medium.open { storage in
        let contents = try storage.load()
        try expect(contents.revision == 5 && contents.records.isEmpty, "revision 5 and no object", contents)
      }
    },
    StoragePromise("An object deleted and made again has its history in order") { medium in
      var world = World()
      try medium.open { storage in
        try storage.append([world.put("a"), world.delete("a"), world.put("a"), world.put("a")], forgetting: 1)
      }
      try medium.open { try expectContents($0, world.contents) }
    },
    StoragePromise("What is forgotten is gone from the history, and no object with it") { medium in
      var world = World()
      try medium.open { storage in
        for step in 0..<300 {
          let event = step % 7 == 3 ? world.delete("p\(step % 5)") : world.put("p\(step % 5)")
          try storage.append([event], forgetting: max(1, world.revision - 20))
        }
        world.forget(through: world.revision - 20)
        try expectContents(storage, world.contents)
      }
      try medium.open { try expectContents($0, world.contents) }
    },
    StoragePromise("Names with any character, and objects of any size, come back as they were") { medium in
      var world = World()
      let names = ["a/b", "é", "e\u{301}x", "'; DROP TABLE log; --", "名前", "%00", "a b"]
      let sizes = [0, 1, 4_000, 70_000, 1_500_000]
      try medium.open { storage in
        for name in names { try storage.append([world.put(name)], forgetting: 1) }
        for size in sizes {
          try storage.append([world.put("size", payload: String(repeating: "x", count: size))], forgetting: 1)
        }
      }
      try medium.open { try expectContents($0, world.contents) }
    },
    StoragePromise("A store on it goes on where the last one ended") { medium in
      let key = Key(resource: "pods", namespace: "default", name: "a")
      for start in 0..<5 {
        try medium.open { storage in
          let store = try Store(storage: storage)
          let before = store.snapshot.record(key)
          let value: Value = ["metadata": ["name": "a"], "start": .integer(Int64(start))]
          let result = store.commit([Write(key, .put(value), expecting: start == 0 ? .absent : .anything)])
          try expect((before == nil) == (start == 0), "the object of the last start", before as Any)
          let events = try store.watch("pods", after: 1).next()
          try expect(events.map { $0.record.revision } == Array(2...Revision(start + 2)), "all events", events)
          _ = try result.first?.get()
        }
      }
    },
  ]

  private init(_ description: String, check: @escaping @Sendable (any StorageMedium) throws -> Void) {
    self.description = description
    self.check = check
  }
}

/// A broken promise: what was expected and what was found.
public struct BrokenPromise: Error, CustomStringConvertible {
  public let description: String
}

/// What a storage should hold, kept in the simplest way.
public struct World {
  public private(set) var revision: Revision = 1
  private var objects: [Key: Record] = [:]
  private var events: [Event] = []

  public init() {}

  public var contents: StorageContents {
    StorageContents(revision: revision, records: objects.values.sorted { $0.key < $1.key }, events: events)
  }

  /// The event of putting an object which never equals the one before.
  public mutating func put(_ name: String, payload: String = "") -> Event {
    let key = Key(resource: "things.example.com", namespace: "default", name: name)
    let value: Value = ["metadata": ["name": .string(name)], "payload": .string(payload)]
    let previous = objects[key]
    revision += 1
    let record = Record(key: key, value: value, revision: revision)
    objects[key] = record
    events.append(Event(type: previous == nil ? .added : .modified, record: record, previous: previous))
    return events[events.count - 1]
  }

  /// The event of deleting an object; of putting it when there is none.
  public mutating func delete(_ name: String) -> Event {
    let key = Key(resource: "things.example.com", namespace: "default", name: name)
    guard let previous = objects.removeValue(forKey: key) else { return put(name) }
    revision += 1
    let record = Record(key: key, value: previous.value, revision: revision)
    events.append(Event(type: .deleted, record: record, previous: previous))
    return events[events.count - 1]
  }

  mutating func forget(through revision: Revision) {
    events.removeAll { $0.record.revision <= revision }
  }
}

/// Throws unless the storage loads exactly these contents. It may remember more events than asked for.
public func expectContents(_ storage: any Storage, _ expected: StorageContents) throws {
  let found = try storage.load()
  let records = found.records.sorted { $0.key < $1.key }
  try expect(found.revision == expected.revision, "revision \(expected.revision)", found.revision)
  try expect(
    records.map(summary) == expected.records.sorted { $0.key < $1.key }.map(summary), "the same objects",
    records.map(\.key))
  let events = found.events.suffix(expected.events.count)
  try expect(
    events.map(summary) == expected.events.map(summary), "the events \(expected.events.map { $0.record.revision })",
    events.map { $0.record.revision })
}

private func summary(_ record: Record) -> String {
  "\(record.key)@\(record.revision) \(record.value.encodedString)"
}

private func summary(_ event: Event) -> String {
  "\(event.type) \(summary(event.record)) was \(event.previous.map(summary) ?? "nothing")"
}

private func expect(_ condition: Bool, _ expected: String, _ found: Any) throws {
  if !condition { throw BrokenPromise(description: "expected \(expected), found \(found)") }
}
