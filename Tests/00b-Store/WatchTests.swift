import Objects
import Testing

@testable import Store

@Suite struct WatchTests {
  let store: Store

  init() throws { store = try Store(storage: MemoryStorage()) }

  @Test("A watch hands out every later change of its resource once, in order")
  func order() throws {
    try store.put(pod("before"))
    let watcher = try store.watch("pods", after: store.snapshot.revision)
    try store.put(pod("a"))
    try store.put(configMap("c"))
    try store.put(pod("a", phase: "Running"))
    try store.delete("pods", "a")
    #expect(try watcher.next().map(summary) == ["added a@3", "modified a@5 (3)", "deleted a@6 (5)"])
    #expect(try watcher.next().isEmpty)
  }

  @Test("A watch of a namespace hands out that namespace's changes")
  func namespace() throws {
    let watcher = try store.watch("pods", namespace: "blue", after: 1)
    try store.put(pod("a", in: "red"))
    try store.put(pod("b", in: "blue"))
    #expect(try watcher.next().map(summary) == ["added b@3"])
  }

  @Test("A watch from the future begins there")
  func future() throws {
    let watcher = try store.watch("pods", after: 3)
    for name in ["a", "b", "c"] { try store.put(pod(name)) }
    #expect(try watcher.next().map(\.revision) == [4])
  }

  @Test("At most as many events as asked for come at a time, and none is lost")
  func portions() throws {
    let watcher = try store.watch("pods", after: 1)
    for number in 0..<10 { try store.put(pod("p\(number)")) }
    var revisions: [Revision] = []
    while case let events = try watcher.next(max: 3), !events.isEmpty {
      #expect(events.count <= 3)
      revisions += events.map(\.revision)
      #expect(watcher.revision >= events.last?.revision ?? 0)
    }
    #expect(revisions == Array(2...11))
  }

  @Test("A watcher that has seen everything says so up to the newest revision of all resources")
  func bookmarks() throws {
    let watcher = try store.watch("pods", after: 1)
    try store.put(pod("a"))
    for name in ["a", "b", "c"] { try store.put(configMap(name)) }
    #expect(watcher.revision == 1)
    _ = try watcher.next()
    #expect(watcher.revision == 5)
  }

  @Test("Of the latest, at least half of what the bounds allow is kept, and what is forgotten is said")
  func recent() {
    var numbers = Recent<Int>(maxCount: 6, maxBytes: 1_000)
    #expect((1...7).map { numbers.append($0, bytes: 0) } == [nil, nil, nil, nil, nil, nil, 3])
    #expect(numbers.older == [4, 5, 6] && numbers.newer == [7])
    var large = Recent<Int>(maxCount: 100, maxBytes: 100)
    #expect([30, 20, 1, 49, 1].map { large.append($0, bytes: $0) } == [nil, nil, nil, nil, 20])
    #expect(large.older == [1, 49] && large.newer == [1], "half of the bytes fit into each half")
    #expect([200, 1].map { large.append($0, bytes: $0) } == [49, 1])
    #expect(large.older == [200] && large.newer == [1], "one that is too large is kept by itself")
  }

  @Test("Who falls behind by more than the log holds is told so, the others go on")
  func expiry() throws {
    var limits = Store.Limits()
    limits.watchedEvents = 8
    let store = try Store(storage: MemoryStorage(), limits: limits)
    let slow = try store.watch("pods", after: 1)
    let fast = try store.watch("pods", after: 1)
    let quiet = try store.watch("configmaps", after: 1)
    var seen = 0
    for number in 0..<100 {
      try store.put(pod("p\(number)"))
      if number % 3 == 0 { seen += try fast.next().count }
    }
    #expect(seen + (try fast.next().count) == 100)
    #expect(
      refusal { try slow.next() }.hasPrefix("expired, oldest "),
      "events that it should have had are gone: it must be told so, and list again")
    #expect(refusal { try store.watch("pods", after: 50) }.hasPrefix("expired, oldest "))
    #expect(try quiet.next().isEmpty)
    #expect(quiet.revision == 101)
    // At least half of the limit is always there.
    #expect(try store.watch("pods", after: 97).next().count == 4)
  }

  @Test("A log is bounded by the bytes of its objects too")
  func expiryByBytes() throws {
    var limits = Store.Limits()
    limits.watchedBytes = 10_000
    let store = try Store(storage: MemoryStorage(), limits: limits)
    let slow = try store.watch("pods", after: 1)
    for number in 0..<10 { try store.put(pod("p\(number)", phase: String(repeating: "x", count: 2_000))) }
    #expect(refusal { try slow.next() }.hasPrefix("expired"))
    // One event is kept however large it is.
    try store.put(pod("huge", phase: String(repeating: "x", count: 50_000)))
    #expect(try store.watch("pods", after: 11).next().count == 1)
  }

  @Test("A sleeping watcher wakes for its own namespace, and does not expire while others are busy")
  func sleep() async throws {
    var limits = Store.Limits()
    limits.watchedEvents = 8
    let store = try Store(storage: MemoryStorage(), limits: limits)
    let watcher = try store.watch("pods", namespace: "blue", after: 1)
    let woken = Task { () -> [String] in
      var events: [Event] = []
      while events.isEmpty {
        await watcher.wait()
        events = try watcher.next()
      }
      return events.map(summary)
    }
    // It may fall asleep before, between or after these: each must end the same.
    for number in 0..<5 {
      try store.put(pod("p\(number)", in: "red"))
      await Task.yield()
    }
    await asleep(on: store.log(of: "pods"))
    for number in 5..<100 { try store.put(pod("p\(number)", in: "red")) }
    try store.put(pod("b", in: "blue"))
    #expect(try await woken.value == ["added b@102"])
  }

  @Test("Cancelling ends a wait, before it begins and while it lasts")
  func cancellation() async throws {
    let watcher = try store.watch("pods", after: 1)
    let early = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      await watcher.wait()
    }
    await early.value
    let late = Task { await watcher.wait() }
    await asleep(on: store.log(of: "pods"))
    late.cancel()
    await late.value
    let ended = Task { await watcher.wait() }
    await asleep(on: store.log(of: "pods"))
    watcher.cancel()
    await ended.value
    #expect(store.log(of: "pods").sleepers == 0)
  }

  @Test("Hooks are called once for each group, when it is visible")
  func hooks() throws {
    let seen = Counter()
    let store = store
    store.onCommit { seen.add(store.snapshot.revision) }
    _ = store.commit(["a", "b"].map { Write(pod($0).key, .put(pod($0).value), expecting: .absent) })
    _ = store.commit(["a", "b"].map { Write(pod($0).key, .put(pod($0).value), expecting: .absent) })
    _ = store.commit([Write(pod("a").key, .delete, expecting: .anything)])
    #expect(seen.values == [3, 4])
  }

  /// Lets other tasks run until somebody sleeps on the log.
  private func asleep(on log: EventLog) async {
    while log.sleepers == 0 { await Task.yield() }
  }
}
