import Objects
import Testing

@testable import Store

/// Lists, indexes, pages, and the past.
@Suite struct SnapshotTests {
  static let phase = Index(name: "phase", resource: "pods") { object in
    object["status"]?["phase"]?.string.map { [$0] } ?? []
  }

  let store: Store

  init() throws { store = try Store(storage: MemoryStorage(), indexes: [Self.phase]) }

  @Test("Lists are in the order of namespaces and names")
  func order() throws {
    for (namespace, name) in [("b", "x"), ("a", "z"), ("ab", "m"), ("a", "b"), ("a-b", "c")] {
      try store.put(pod(name, in: namespace))
    }
    let snapshot = store.snapshot
    #expect(names(snapshot.records("pods")) == ["a/b", "a/z", "a-b/c", "ab/m", "b/x"])
    #expect(names(snapshot.records("pods", namespace: "a")) == ["a/b", "a/z"])
    #expect(names(snapshot.records("pods", namespace: "none")) == [])
    #expect(names(snapshot.records("services")) == [])
    #expect(snapshot.count("pods") == 5)
    #expect(snapshot.count("pods", namespace: "a") == 2)
    #expect(snapshot.count("services") == 0)
    #expect(snapshot.records("services").isEmpty && !snapshot.records("pods", namespace: "b").isEmpty)
    #expect(snapshot.records("pods").underestimatedCount == 5, "what collects them knows how much room it needs")
  }

  @Test("A snapshot never changes")
  func neverChanges() throws {
    try store.put(pod("a", labels: ["app": "web"]))
    let snapshot = store.snapshot
    try store.put(pod("a", phase: "Running"))
    try store.put(pod("b", labels: ["app": "web"]))
    try store.delete("pods", "a")
    #expect(snapshot.revision == 2)
    #expect(names(snapshot.records("pods")) == ["default/a"])
    #expect(names(snapshot.records("pods", index: "label", equals: "app=web")) == ["default/a"])
    #expect(names(snapshot.records("pods", index: "phase", equals: "Pending")) == ["default/a"])
    #expect(names(store.snapshot.records("pods")) == ["default/b"])
  }

  @Test("Indexes follow every change of an object")
  func indexes() throws {
    func found(_ index: String, _ value: String) -> [String] {
      names(store.snapshot.records("pods", index: index, equals: value))
    }
    try store.put(pod("a", labels: ["app": "web", "tier": "front"], owner: "u1"))
    try store.put(pod("b", in: "other", labels: ["app": "web"], owner: "u1"))
    #expect(found("label", "app=web") == ["default/a", "other/b"])
    #expect(found("label", "tier=front") == ["default/a"])
    #expect(found("owner", "u1") == ["default/a", "other/b"])
    #expect(found("phase", "Pending") == ["default/a", "other/b"])
    let inOther = store.snapshot.records("pods", index: "label", equals: "app=web", namespace: "other")
    #expect(names(inOther) == ["other/b"])

    try store.put(pod("a", phase: "Running", labels: ["app": "api"], owner: "u2"))
    #expect(found("label", "app=web") == ["other/b"])
    #expect(found("label", "app=api") == ["default/a"])
    #expect(found("label", "tier=front") == [])
    #expect(found("owner", "u2") == ["default/a"])
    #expect(found("phase", "Running") == ["default/a"])

    try store.delete("pods", "a")
    #expect(found("owner", "u2") == [])
    #expect(found("no such index", "u1") == [])
  }

  @Test("An index is asked through all resources for everything that an owner or a namespace holds")
  func acrossResources() throws {
    try store.put(pod("a", owner: "u1"))
    try store.put(configMap("c", owner: "u1"))
    try store.put(configMap("d", in: "other", owner: "u1"))
    #expect(store.snapshot.records(index: "owner", equals: "u1").map(\.key.name) == ["c", "d", "a"])
    #expect(store.snapshot.records(index: "namespace", equals: "default").map(\.key.name) == ["c", "a"])
    #expect(store.snapshot.resources == ["configmaps", "pods"])
    try store.delete("pods", "a")
    #expect(store.snapshot.resources == ["configmaps"])
  }

  @Test("Names that begin alike stand together, and a list may begin with them", arguments: ["", "web", "web.", "x"])
  func beginsAtAName(prefix: String) throws {
    let all = ["api", "web", "web-1", "web.1", "web.2", "web1", "x"]
    for name in all {
      try store.put(pod(name, in: "a"))
      try store.put(pod(name, in: "b"))
    }
    let found = store.snapshot.records("pods", namespace: "a", from: prefix).prefix { $0.key.name.hasPrefix(prefix) }
    #expect(found.map(\.key.name) == all.filter { $0.hasPrefix(prefix) })
    #expect(found.allSatisfy { $0.key.namespace == "a" })
  }

  @Test("Pages of every size give the whole list once, and say how much is left", arguments: 1...8)
  func pages(size: Int) throws {
    for (namespace, count) in [("a", 3), ("b", 0), ("c", 4)] {
      for number in 0..<count { try store.put(pod("p\(number)", in: namespace)) }
    }
    let snapshot = store.snapshot
    for namespace in [nil, "a", "b", "c"] {
      let all = names(snapshot.records("pods", namespace: namespace))
      var seen: [String] = []
      var after: (namespace: String, name: String)?
      repeat {
        let page = snapshot.page("pods", namespace: namespace, after: after, limit: size)
        seen += names(page.records)
        #expect(page.remaining == all.count - seen.count)
        #expect((page.next == nil) == (seen.count == all.count))
        after = page.next
      } while after != nil
      #expect(seen == all)
    }
  }

  @Test("A full page has a next one only when something is left")
  func nextOnlyWhenSomethingIsLeft() throws {
    for name in ["a", "b", "c"] { try store.put(pod(name)) }
    let first = store.snapshot.page("pods", limit: 2)
    #expect(names(first.records) == ["default/a", "default/b"])
    #expect(first.next?.name == "b", "the next page begins after the last name of this one")
    #expect(first.remaining == 1, "one is still to come")
    let second = store.snapshot.page("pods", after: first.next, limit: 2)
    #expect(names(second.records) == ["default/c"], "the name after which a page begins is not in it")
    let all = store.snapshot.page("pods", limit: 3)
    #expect(names(all.records) == ["default/a", "default/b", "default/c"])
    #expect(all.next == nil, "the page is full, and it is the last one: a client must not be sent for an empty page")
    #expect(all.remaining == 0)
  }

  @Test("A page after a name that is gone begins with the next one")
  func pageAfterGoneName() throws {
    for name in ["a", "c"] { try store.put(pod(name)) }
    let page = store.snapshot.page("pods", namespace: "default", after: ("default", "b"), limit: 9)
    #expect(names(page.records) == ["default/c"])
    let before = store.snapshot.page("pods", namespace: "default", after: ("abc", "z"), limit: 9)
    #expect(names(before.records) == ["default/a", "default/c"])
  }

  @Test("A filtered page holds only matches, and there is a next page only when it has one")
  func filteredPages() throws {
    for number in 0..<9 { try store.put(pod("p\(number)", phase: number % 4 == 0 ? "Running" : "Pending")) }
    let isRunning = { (record: Record) in record.value["status"]?["phase"] == "Running" }
    let first = store.snapshot.page("pods", limit: 2, where: isRunning)
    #expect(names(first.records) == ["default/p0", "default/p4"])
    #expect(first.next?.name == "p4" && first.remaining == nil)
    let last = store.snapshot.page("pods", after: first.next, limit: 2, where: isRunning)
    #expect(names(last.records) == ["default/p8"])
    #expect(last.next == nil)
  }

  @Test("Pages of what an index has under a value are pages of that list alone")
  func indexedPages() throws {
    for number in 0..<9 { try store.put(pod("p\(number)", labels: number % 2 == 0 ? ["app": "web"] : [:])) }
    let first = store.snapshot.page("pods", index: ("label", "app=web"), limit: 3)
    #expect(names(first.records) == ["default/p0", "default/p2", "default/p4"])
    #expect(first.remaining == 2)
    let last = store.snapshot.page("pods", index: ("label", "app=web"), after: first.next, limit: 3)
    #expect(names(last.records) == ["default/p6", "default/p8"])
    #expect(last.next == nil && last.remaining == 0)
  }

  @Test("Undoing events leads from the present back to before them, the newest first")
  func undoing() throws {
    let watcher = try store.watch("pods", after: 1)
    try store.put(pod("a"))
    try store.put(pod("a", phase: "Running"))
    try store.put(pod("b"))
    try store.delete("pods", "a")
    let events = try watcher.next()
    func undone(_ events: some Sequence<Event>) -> [String] {
      var snapshot = store.snapshot
      snapshot.undo(Array(events), store.indexes)
      return snapshot.records("pods").map { "\($0.key.name) \($0.value["status"]?["phase"]?.string ?? "")" }
    }
    #expect(undone([]) == ["b Pending"])
    #expect(undone(events.suffix(1)) == ["a Running", "b Pending"], "a deletion undone brings back what was there")
    #expect(undone(events.suffix(2)) == ["a Running"], "an addition undone leaves nothing")
    #expect(undone(events.suffix(3)) == ["a Pending"], "a change undone brings back the version before")
    #expect(undone(events) == [], "before the first event there was nothing; the newest has to be undone first")
  }

  @Test("Events after a snapshot are not in it and cannot be undone in it")
  func undoingOnlyWhatHappened() throws {
    let watcher = try store.watch("pods", after: 1)
    try store.put(pod("a"))
    var early = store.snapshot
    try store.put(pod("a", phase: "Running"))
    try store.put(pod("b"))
    let events = try watcher.next()
    early.undo(Array(events.dropFirst()), store.indexes)
    #expect(names(early.records("pods", index: "phase", equals: "Pending")) == ["default/a"])
    early.undo(events, store.indexes)
    #expect(early.count("pods") == 0, "the one event that this snapshot has seen is undone")
  }

  @Test("The past can be read at every revision that the logs remember, and at no other")
  func past() throws {
    var limits = Store.Limits()
    limits.watchedEvents = 8
    let store = try Store(storage: MemoryStorage(), indexes: [Self.phase], limits: limits)
    var history: [Snapshot] = [store.snapshot]
    for step in 0..<20 {
      if step % 5 == 4 {
        try store.delete("pods", "p\((step - 2) % 3)")
      } else {
        try store.put(pod("p\(step % 3)", phase: "Running \(step)"))
      }
      history.append(store.snapshot)
    }
    let oldest = try #require(history.first { store.snapshot(at: $0.revision) != nil }?.revision)
    #expect((store.snapshot.revision - 8...store.snapshot.revision - 4).contains(oldest))
    for then in history where then.revision >= oldest {
      let now = try #require(store.snapshot(at: then.revision, of: "pods"))
      #expect(now.revision == then.revision)
      #expect(Array(now.records("pods")).elementsEqual(then.records("pods")) { $0 === $1 })
      for record in then.records("pods") {
        let phase = record.value["status"]?["phase"]?.string ?? ""
        #expect(names(now.records("pods", index: "phase", equals: phase)) == names([record]))
      }
    }
    #expect(store.snapshot(at: store.snapshot.revision + 1) == nil)
    #expect(store.snapshot(at: 0) == nil)
  }
}

func names(_ records: some Sequence<Record>) -> [String] {
  records.map { "\($0.key.namespace)/\($0.key.name)" }
}
