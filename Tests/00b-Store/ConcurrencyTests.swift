import Objects
import Testing

@testable import Store

/// Many tasks at once. Nothing here depends on how they interleave.
@Suite struct ConcurrencyTests {
  @Test("Concurrent increments of one object lose none")
  func increments() async throws {
    let store = try Store(storage: MemoryStorage())
    let key = Key(resource: "configmaps", namespace: "default", name: "counter")
    try store.put(key, ["data": ["count": 0]])
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          var left = 50
          while left > 0 {
            guard let record = store.snapshot.record(key) else { return }
            let count = record.value["data"]?["count"]?.integer ?? 0
            // Between reading and writing others have their turn.
            await Task.yield()
            let next: Value = ["data": ["count": .integer(count + 1)]]
            let result = await store.submit(Write(key, .put(next), expecting: .revision(record.revision)))
            if case .success(let written) = result {
              left -= 1
              // Read your writes.
              #expect(store.snapshot.revision >= written.revision)
            }
          }
        }
      }
    }
    #expect(store.snapshot.record(key)?.value["data"]?["count"]?.integer == 400)
  }

  @Test("Watchers that run beside writers see every change once, and find it in the next snapshot")
  func watchers() async throws {
    let store = try Store(storage: MemoryStorage())
    let (writers, changes) = (6, 60)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<4 {
        let watcher = try store.watch("pods", after: 1)
        group.addTask {
          var revisions: [Revision] = []
          while revisions.count < writers * changes {
            await watcher.wait()
            let events = try watcher.next(max: number + 1)
            if let last = events.last { #expect(store.snapshot.revision >= last.revision) }
            revisions += events.map(\.revision)
          }
          #expect(revisions == Array(2...Revision(writers * changes + 1)))
        }
      }
      for writer in 0..<writers {
        group.addTask {
          for change in 0..<changes {
            let object = pod("p\(writer)", phase: "\(change)")
            guard case .success = await store.submit(Write(object.key, .put(object.value), expecting: .anything)) else {
              Issue.record("a write failed")
              return
            }
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("A list and the watch from its revision together miss nothing and repeat nothing")
  func listThenWatch() async throws {
    let store = try Store(storage: MemoryStorage())
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for change in 0..<300 {
          if change % 7 == 6 {
            try store.delete("pods", "p\((change - 1) % 5)")
          } else {
            try store.put(pod("p\(change % 5)", phase: "\(change)"))
          }
          await Task.yield()
        }
      }
      for _ in 0..<3 {
        group.addTask {
          while store.snapshot.revision < 250 {
            let list = store.snapshot
            let watcher = try store.watch("pods", after: list.revision)
            await Task.yield()
            var mirror = Dictionary(uniqueKeysWithValues: list.records("pods").map { ($0.key, $0.revision) })
            for event in try watcher.next() {
              #expect(mirror[event.record.key] == event.previous?.revision)
              mirror[event.record.key] = event.type == .deleted ? nil : event.revision
            }
            // More is written before the past is asked for.
            await Task.yield()
            if let then = store.snapshot(at: watcher.revision) {
              #expect(then.records("pods").map(\.revision) == mirror.sorted { $0.key < $1.key }.map(\.value))
            }
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("Every submitted write is done once, in groups that are never larger than the limit")
  func submissions() async throws {
    let storage = FailingStorage()
    var limits = Store.Limits()
    limits.group = 8
    let store = try Store(storage: storage, limits: limits)
    let groups = Counter()
    store.onCommit { groups.add(store.snapshot.revision) }
    let revisions = await withTaskGroup(of: Revision?.self) { group in
      for number in 0..<200 {
        group.addTask {
          let object = pod("p\(number)")
          return try? await store.submit(Write(object.key, .put(object.value), expecting: .absent)).get().revision
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(revisions.compactMap { $0 }.sorted() == Array(2...201))
    #expect(groups.values.count >= 25 && groups.values.count <= 200)
  }

  @Test("Who comes while a group is being written is in the next one, in the order of coming")
  func queue() {
    var queue = WriteQueue<Int>()
    let entered = (1...6).map { queue.enter($0) }
    #expect(entered == [true, false, false, false, false, false])
    var groups = [queue.nextGroup(atMost: 3)]
    let late = queue.enter(7)
    #expect(!late)
    for _ in 0..<2 { groups.append(queue.nextGroup(atMost: 3)) }
    #expect(groups == [[2, 3, 4], [5, 6, 7], []])
    let next = queue.enter(8)
    #expect(next)
  }
}
