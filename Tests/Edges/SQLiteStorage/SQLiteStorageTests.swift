import Foundation
import Objects
import SQLiteStorage
import StorageContract
import Store
import Testing

/// A file in a directory of its own, removed at the end.
final class TemporaryFile: StorageMedium {
  let directory: URL
  var path: String { directory.appending(path: "state.db").path }

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "SQLiteStorageTests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  func open<Result>(_ body: (any Storage) throws -> Result) throws -> Result {
    let storage = try SQLiteStorage(path: path)
    return try body(storage)
  }

  /// Of all files in the directory: the database and its write-ahead log.
  var bytes: Int {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: directory.path).reduce(0) { sum, name in
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.appending(path: name).path)
        return sum + (attributes[.size] as? Int ?? 0)
      }
    }
  }
}

@Suite struct SQLiteStorageTests {
  @Test("It keeps what every storage promises", arguments: StoragePromise.all)
  func contract(promise: StoragePromise) throws {
    try promise.check(TemporaryFile())
  }

  @Test("The file stays bounded under thousands of updates of one object")
  func bounded() throws {
    let file = try TemporaryFile()
    var largest = 0
    try file.open { storage in
      let store = try Store(storage: storage)
      let key = Key(resource: "configmaps", namespace: "default", name: "busy")
      for update in 0..<20_000 / 50 {
        let group = (0..<50).map { step in
          let filler = String(repeating: "x", count: 1_000)
          let value: Value = ["data": ["step": .integer(Int64(update * 50 + step)), "filler": .string(filler)]]
          return Write(key, .put(value), expecting: .anything)
        }
        for result in store.commit(group) { _ = try result.get() }
        if update == 200 { largest = try file.bytes }
      }
    }
    // Half of the updates later it has not grown: what was forgotten is used again.
    #expect(try file.bytes <= largest + 1 << 20)
    #expect(try file.bytes < 24 << 20)
  }

  @Test("Of what is open, a second opening is refused with a sentence that says so")
  func secondOpening() throws {
    let file = try TemporaryFile()
    try file.open { storage in
      try storage.append([], forgetting: 1)
      #expect(reason { try SQLiteStorage(path: file.path) }.hasSuffix("another data directory."))
      #expect(reason { try SQLiteStorage(path: file.path) }.contains("state.db is in use by another process"))
    }
    #expect(reason { try SQLiteStorage(path: file.path).load() } == "nothing")
  }

  @Test("A file of another kind is refused and left as it is")
  func foreignFile() throws {
    let file = try TemporaryFile()
    let text = Data(String(repeating: "A letter to the editor. ", count: 1_000).utf8)
    try text.write(to: URL(filePath: file.path))
    #expect(reason { try SQLiteStorage(path: file.path) }.contains("is not a file of this program"))
    #expect(try Data(contentsOf: URL(filePath: file.path)) == text)
  }

  @Test("Wherever a file is cut off, opening or loading it says that it is damaged")
  func truncated() throws {
    let whole = try sample()
    var cuts = [0, 1, 50, 99, 100, 512, 4_095, whole.count - 1, whole.count - 4_096]
    cuts += stride(from: 4_096, to: whole.count, by: 4_096 * 7)
    for cut in cuts {
      let file = try TemporaryFile()
      try whole.prefix(cut).write(to: URL(filePath: file.path))
      let reason = reason { try SQLiteStorage(path: file.path).load() }
      #expect(reason.contains("state.db is"), "cut at \(cut) of \(whole.count): \(reason)")
    }
  }

  @Test(
    "A sector of zeros or of noise anywhere is noticed, or is where nothing is kept",
    arguments: 1...60 as ClosedRange<UInt64>)
  func torn(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let whole = try sample()
    var torn = whole
    let start = Int.random(in: 0..<(whole.count / 512), using: &random) * 512
    let noise = Bool.random(using: &random)
    for offset in start..<start + 512 { torn[offset] = noise ? UInt8.random(in: 0...255, using: &random) : 0 }
    let file = try TemporaryFile()
    try torn.write(to: URL(filePath: file.path))
    let original = try TemporaryFile()
    try whole.write(to: URL(filePath: original.path))
    let reason = reason {
      let expected = try original.open { try $0.load() }
      try file.open { try expectContents($0, expected) }
    }
    #expect(reason == "nothing" || reason.contains("state.db is"), "sector at \(start): \(reason)")
  }

  @Test("A crash in the middle of an append leaves all of it or nothing, whatever of the file was written")
  func crash() throws {
    var world = World()
    let file = try TemporaryFile()
    let storage = try SQLiteStorage(path: file.path)
    for name in ["a", "b", "c"] { try storage.append([world.put(name)], forgetting: 1) }
    let before = world.contents
    try storage.append([world.put("a"), world.delete("b"), world.put("d")], forgetting: 1)
    let after = world.contents
    // The write-ahead log cut off anywhere: the state after some append, never a part of one.
    let log = try Data(contentsOf: URL(filePath: file.path + "-wal"))
    let database = try Data(contentsOf: URL(filePath: file.path))
    for cut in stride(from: log.count, through: 0, by: -701) {
      let copy = try TemporaryFile()
      try database.write(to: URL(filePath: copy.path))
      try log.prefix(cut).write(to: URL(filePath: copy.path + "-wal"))
      try copy.open { storage in
        let found = try storage.load()
        #expect((1...4).contains(found.revision) || found.revision == after.revision)
        if found.revision == before.revision { try expectContents(storage, before) }
        if found.revision == after.revision { try expectContents(storage, after) }
      }
    }
  }

  /// The bytes of a file with some hundred objects.
  private func sample() throws -> Data {
    let file = try TemporaryFile()
    var world = World()
    try file.open { storage in
      for number in 0..<300 {
        let payload = String(repeating: "\(number) ", count: 50 + number * 5 % 900)
        try storage.append([world.put("p\(number % 120)", payload: payload)], forgetting: max(1, world.revision - 60))
      }
    }
    return try Data(contentsOf: URL(filePath: file.path))
  }

  private func reason(_ body: () throws -> some Any) -> String {
    do {
      _ = try body()
      return "nothing"
    } catch {
      return "\(error)"
    }
  }
}
