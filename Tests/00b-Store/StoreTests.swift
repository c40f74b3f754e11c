import Objects
import Testing

@testable import Store

/// The guarantees at the top of Store.swift about writes and what readers see of them.
@Suite struct StoreTests {
  let store: Store

  init() throws { store = try Store(storage: MemoryStorage()) }

  @Test("An empty store is at revision 1 and every change takes the next, whatever its resource")
  func revisions() throws {
    #expect(store.snapshot.revision == 1)
    #expect(try store.put(pod("a")).revision == 2)
    #expect(try store.put(configMap("a")).revision == 3)
    #expect(throws: StoreError.self) { try store.put(pod("a"), expecting: .absent) }
    #expect(try store.delete("pods", "a").revision == 4)
    #expect(store.snapshot.revision == 4)
  }

  @Test("An object carries its revision as its resource version")
  func resourceVersion() throws {
    let record = try store.put(pod("a"))
    #expect(record.value["metadata"]?["resourceVersion"] == "2")
    let deleted = try store.delete("pods", "a")
    #expect(deleted.value["metadata"]?["resourceVersion"] == "3")
    #expect(deleted.value["metadata"]?["name"] == "a")
  }

  @Test("Of two writers that saw the same version the second finds out, and can start again")
  func theSecondWriterFindsOut() throws {
    let seen = try store.put(pod("web", phase: "Pending")).revision
    try store.put(pod("web", phase: "Running"), expecting: .revision(seen))
    #expect(
      refusal { try store.put(pod("web", phase: "Failed"), expecting: .revision(seen)) } == "conflict with 3",
      "the second writer has not seen revision 3; if its write went through, the first one's would be lost")
    let record = try #require(store.snapshot.record(pod("web").key))
    #expect(record.value["status"]?["phase"] == "Running", "a refused write changes nothing")
    #expect(refusal { try store.put(pod("web", phase: "Failed"), expecting: .revision(record.revision)) } == "done")
  }

  @Test("Who expects nothing finds an object in the way, and who expects an object must find one")
  func absentAndPresent() throws {
    #expect(
      refusal { try store.put(pod("a"), expecting: .revision(1)) } == "not found",
      "the writer has seen an object that is gone; to put it there again would undo its deletion")
    #expect(refusal { try store.put(pod("a"), expecting: .absent) } == "done")
    #expect(
      refusal { try store.put(pod("a", phase: "Running"), expecting: .absent) } == "already exists",
      "who creates an object must not replace another one that has its name")
    #expect(refusal { try store.put(pod("a", phase: "Running"), expecting: .anything) } == "done")
  }

  @Test("Of two objects that want what only one may have, the second is refused, in one group and in two")
  func unique() throws {
    let phase = Index(name: "phase", resource: "pods", isUnique: true) { object in
      [object["status"]?["phase"]?.string].compactMap(\.self)
    }
    let store = try Store(storage: MemoryStorage(), indexes: [phase])
    let writes = [pod("a"), pod("b"), pod("c", phase: "Running"), configMap("a")].map {
      Write($0.key, .put($0.value), expecting: .absent)
    }
    #expect(store.commit(writes).map(outcome) == ["2", "phase Pending is taken by a", "3", "4"])
    #expect(refusal { try store.put(pod("c", phase: "Pending")) } == "phase Pending is taken by a")
    #expect(refusal { try store.put(pod("a", labels: ["app": "web"])) } == "done", "an object may keep what it has")
    try store.delete("pods", "a")
    #expect(refusal { try store.put(pod("b")) } == "done", "what is given back can be had")
  }

  @Test("An object that nobody looks at any more is kept as bytes, and is the same when somebody does")
  func unusedTrees() throws {
    let old = try store.put(pod("a"))
    let record = try store.put(pod("a", labels: ["app": "web"]))
    let value = record.value
    _ = store.dropUnusedTrees()
    _ = record.value
    // The old version, which only the log has, goes; the one that was looked at meanwhile stays.
    #expect(store.dropUnusedTrees() == 1)
    #expect(store.dropUnusedTrees() == 1)
    #expect(store.dropUnusedTrees() == 0)
    #expect(record.value == value)
    #expect(record.bytes == value.encoded())
    #expect(old.value["metadata"]?["resourceVersion"] == "2")
    #expect(store.snapshot.records("pods", index: "label", equals: "app=web").map(\.key.name) == ["a"])
    // Made again, they are kept until nobody has looked at them for a round.
    #expect(store.dropUnusedTrees() == 0)
    #expect(store.dropUnusedTrees() == 2)
  }

  @Test("A version that is only known as the one before another is kept as bytes too")
  func unusedPreviousTrees() throws {
    var limits = Store.Limits()
    limits.watchedEvents = 2
    let store = try Store(storage: MemoryStorage(), limits: limits)
    for phase in ["Pending", "Running", "Failed"] { try store.put(pod("a", phase: phase)) }
    #expect(store.dropUnusedTrees() == 0, "this round only begins to look")
    #expect(store.dropUnusedTrees() == 3, "two versions in the log, and the one before them")
    #expect(store.dropUnusedTrees() == 0)
  }

  @Test("A write whose expectation is wrong says why and changes nothing")
  func expectations() throws {
    let seen = try store.put(pod("a"), expecting: .absent).revision
    #expect(refusal { try store.put(pod("a"), expecting: .absent) } == "already exists")
    #expect(refusal { try store.put(pod("b"), expecting: .revision(seen)) } == "not found")
    #expect(refusal { try store.put(pod("a"), expecting: .revision(seen - 1)) } == "conflict with 2")
    #expect(refusal { try store.delete("pods", "b") } == "not found")
    #expect(refusal { try store.delete("pods", "b", expecting: .absent) } == "not found")
    #expect(refusal { try store.delete("pods", "a", expecting: .revision(9)) } == "conflict with 2")
    #expect(refusal { try store.delete("pods", "a", expecting: .absent) } == "already exists")
    #expect(store.snapshot.revision == seen)
    try store.put(pod("a", phase: "Running"), expecting: .revision(seen))
    try store.delete("pods", "a", expecting: .revision(seen + 1))
    #expect(store.snapshot.count("pods") == 0)
  }

  @Test("In a group the writes see each other in order, and one that fails fails alone")
  func groups() {
    let key = Key(resource: "pods", namespace: "default", name: "a")
    let results = store.commit([
      Write(key, .put(pod("a").value), expecting: .absent),
      Write(key, .put(pod("a").value), expecting: .absent),
      Write(key, .put(pod("a", phase: "Running").value), expecting: .revision(2)),
      Write(key, .delete, expecting: .anything),
      Write(key, .delete, expecting: .anything),
    ])
    #expect(results.map(outcome) == ["2", "already exists", "3", "4", "not found"])
  }

  @Test("A put that changes nothing returns the present record and makes no revision and no event")
  func putThatChangesNothing() throws {
    let watcher = try store.watch("pods", after: 1)
    let first = try store.put(pod("a"))
    let again = try store.put(pod("a"))
    #expect(again === first, "nothing changes, so no revision is made: whoever watches must not be woken for nothing")
    let fromClient = try store.put(first.key, first.value)
    #expect(fromClient === first)
    #expect(store.snapshot.revision == 2)
    #expect(try watcher.next().count == 1)
  }

  @Test("An object larger than the limit is refused with its size")
  func largeObjects() throws {
    var limits = Store.Limits()
    limits.objectBytes = 600
    let store = try Store(storage: MemoryStorage(), limits: limits)
    var large = pod("a")
    large.value["data"] = .string(String(repeating: "x", count: 400))
    try store.put(large)
    large.value["data"] = .string(String(repeating: "x", count: 600))
    #expect(refusal { try store.put(large) } == "too large")
    large.value["data"] = .string(String(repeating: "\u{1}", count: 100))
    #expect(refusal { try store.put(large) } == "too large")
  }

  @Test("The limit itself is allowed, and an object of escapes is not taken for a small one")
  func theLimitIsExact() throws {
    func refused(_ object: Named, limit: Int) throws -> String {
      var limits = Store.Limits()
      limits.objectBytes = limit
      let store = try Store(storage: MemoryStorage(), limits: limits)
      let result = store.commit([Write(object.key, .put(object.value), expecting: .absent)])[0]
      if case .failure(.tooLarge(let bytes, let limit)) = result { return "\(bytes) of \(limit)" }
      return outcome(result)
    }
    var object = pod("a")
    object.value["data"] = .string(String(repeating: "x", count: 400))
    let bytes = try store.put(object).bytes.count
    #expect(try refused(object, limit: bytes) == "2")
    #expect(try refused(object, limit: bytes - 1) == "\(bytes) of \(bytes - 1)")
    object.value["data"] = .string(String(repeating: "\u{1}", count: 990))
    #expect(try refused(object, limit: 6_000).hasSuffix(" of 6000"), "a little more than a sixth of it, estimated")
  }

  @Test("When the storage fails, no write of the group has happened, and the next one may")
  func failingStorage() throws {
    let storage = FailingStorage()
    let store = try Store(storage: storage)
    let watcher = try store.watch("pods", after: 1)
    storage.fails = true
    #expect(refusal { try store.put(pod("a")) } == "storage: the disk is full")
    #expect(store.snapshot.revision == 1)
    #expect(store.snapshot.record(pod("a").key) == nil)
    #expect(try watcher.next().isEmpty)
    storage.fails = false
    #expect(try store.put(pod("a")).revision == 2)
    #expect(try watcher.next().map(\.revision) == [2])
  }

  @Test("Readers and watchers see a write only after the storage has it")
  func durableBeforeVisible() throws {
    let storage = FailingStorage()
    let store = try Store(storage: storage)
    let watcher = try store.watch("pods", after: 1)
    storage.beforeAppend = {
      #expect(store.snapshot.revision == 1, "nobody may see what a crash can still take back")
      #expect((try? watcher.next().isEmpty) == true, "nobody may be told what a crash can still take back")
    }
    try store.put(pod("a"))
    #expect(store.snapshot.revision == 2)
  }

  @Test("The storage keeps as many events as the limit says, also where the store is restarted again and again")
  func storedEvents() throws {
    let storage = MemoryStorage()
    var limits = Store.Limits()
    limits.storedEvents = 8
    var kept: [Int] = []
    for start in 0..<10 {
      let store = try Store(storage: storage, limits: limits)
      for number in 0..<3 { try store.put(pod("p\(start)-\(number)")) }
      kept.append(storage.load().events.count)
    }
    #expect(kept == [3, 6, 5, 8, 7, 6, 5, 8, 7, 6], "half of the limit at least, and the limit at most")
  }

  @Test("A restarted store has the same objects, the same revision and resumes watches")
  func restart() throws {
    let storage = MemoryStorage()
    let before = try Store(storage: storage)
    for name in ["a", "b", "c"] { try before.put(pod(name)) }
    try before.put(pod("b", phase: "Running"))
    for name in ["a", "b", "c"] { try before.delete("pods", name) }
    let after = try Store(storage: storage)
    #expect(after.snapshot.revision == before.snapshot.revision)
    #expect(after.snapshot.resources.isEmpty)
    for revision in 1...before.snapshot.revision {
      let (old, new) = (try before.watch("pods", after: revision), try after.watch("pods", after: revision))
      #expect(try new.next().map(summary) == old.next().map(summary))
    }
  }
}
