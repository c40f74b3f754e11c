import StorageContract
import Store
import Testing

@Suite struct StorageTests {
  private struct MemoryMedium: StorageMedium {
    private let storage = MemoryStorage()

    func open<Result>(_ body: (any Storage) throws -> Result) throws -> Result { try body(storage) }
  }

  private func event(_ object: Named, _ revision: Revision, _ type: Event.Kind, after previous: Event?) -> Event {
    let record = Record(key: object.key, value: object.value, revision: revision)
    return Event(type: type, record: record, previous: previous?.record)
  }

  @Test("What was appended is what is loaded: the objects as they are, and how they came to be so")
  func appendedIsLoaded() {
    let storage = MemoryStorage()
    let added = event(pod("a"), 2, .added, after: nil)
    let changed = event(pod("a", phase: "Running"), 3, .modified, after: added)
    storage.append([added], forgetting: 1)
    storage.append([changed, event(pod("b"), 4, .added, after: nil)], forgetting: 1)
    let contents = storage.load()
    #expect(
      contents.records.map { "\($0.key.name)@\($0.revision)" } == ["a@3", "b@4"], "of each object the newest version")
    #expect(contents.events.map(\.revision) == [2, 3, 4], "every event, the oldest first")
    #expect(contents.revision == 4, "the newest change says how far the store has come")
  }

  @Test("A deleted object is gone, and its deletion is remembered")
  func deletionsAreRemembered() {
    let storage = MemoryStorage()
    let added = event(pod("a"), 2, .added, after: nil)
    storage.append([added, event(pod("a"), 3, .deleted, after: added)], forgetting: 1)
    let contents = storage.load()
    #expect(contents.records.isEmpty, "the object is gone")
    #expect(contents.events.map(\.revision) == [2, 3], "watchers that resume still have to hear of it")
    #expect(contents.revision == 3, "a revision must not be given out twice, even if no object has it any more")
  }

  @Test("What is forgotten is gone from the history, and no object with it")
  func forgettingLeavesTheObjects() {
    let storage = MemoryStorage()
    for (number, name) in ["a", "b", "c"].enumerated() {
      storage.append([event(pod(name), Revision(number + 2), .added, after: nil)], forgetting: Revision(number + 1))
    }
    let contents = storage.load()
    #expect(contents.records.map(\.key.name) == ["a", "b", "c"], "an event is forgotten; what it did stays")
    #expect(contents.events.map(\.revision) == [4], "everything up to 3 was to be forgotten")
    storage.append([event(pod("d"), 5, .added, after: nil)], forgetting: 4)
    #expect(storage.load().events.map(\.revision) == [5], "and the one at 4, although nothing older is left")
  }

  @Test("A memory storage keeps what every storage promises", arguments: StoragePromise.all)
  func contract(promise: StoragePromise) throws {
    try promise.check(MemoryMedium())
  }
}
