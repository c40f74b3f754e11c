import Objects
import Testing

@testable import Store

@Suite struct Exercise0b_9Tests {
  @Test("A watch from 0 begins with the objects that are there, as if they had just been added")
  func thePresentComesFirst() throws {
    let store = try Store(storage: MemoryStorage())
    try store.put(pod("b"))
    try store.put(pod("a"))
    try store.put(configMap("c"))
    try store.put(pod("b", phase: "Running"))
    let watcher = try store.watch("pods", after: 0)
    #expect(try watcher.next().map(summary) == ["added a@3", "added b@5"], "in the order of a list, each as it is now")
    #expect(try watcher.next().isEmpty)
  }

  @Test("Then it goes on with what has happened since it began")
  func thenWhatHappens() throws {
    let store = try Store(storage: MemoryStorage())
    try store.put(pod("a"))
    let watcher = try store.watch("pods", after: 0)
    try store.put(pod("a", phase: "Running"))
    try store.delete("pods", "a")
    var seen = try watcher.next().map(summary)
    seen += try watcher.next().map(summary)
    #expect(
      seen == ["added a@2", "modified a@3 (2)", "deleted a@4 (3)"], "the present is that of the watch's beginning")
  }

  @Test("It hands out a namespace alone, and no more at a time than asked for")
  func inPortions() throws {
    let store = try Store(storage: MemoryStorage())
    for number in 0..<5 { try store.put(pod("p\(number)", in: "blue")) }
    try store.put(pod("x", in: "red"))
    let watcher = try store.watch("pods", namespace: "blue", after: 0)
    #expect(try watcher.next(max: 2).map(\.record.key.name) == ["p0", "p1"])
    #expect(watcher.revision == 0, "a bookmark now would make the client believe that it has seen all five")
    #expect(try watcher.next(max: 2).map(\.record.key.name) == ["p2", "p3"])
    #expect(try watcher.next(max: 2).map(\.record.key.name) == ["p4"])
    #expect(try watcher.next(max: 2).isEmpty)
    #expect(watcher.revision == 7, "everything up to here has been handed out")
  }

  @Test("It needs no history: what the log has forgotten is in the objects")
  func needsNoHistory() throws {
    var limits = Store.Limits()
    limits.watchedEvents = 4
    let store = try Store(storage: MemoryStorage(), limits: limits)
    for number in 0..<50 { try store.put(pod("p\(number % 3)", phase: "\(number)")) }
    #expect(refusal { try store.watch("pods", after: 1) }.hasPrefix("expired"))
    #expect(try store.watch("pods", after: 0).next().map(\.record.key.name) == ["p0", "p1", "p2"])
    #expect(try store.watch("services", after: 0).next().isEmpty, "there is no service, and nothing wrong with that")
  }
}
