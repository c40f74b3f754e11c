import Foundation
import GRDB
import Objects
import Store
import Synchronization

// GRDB has a Record too.
import class Store.Record

// Reading everything at the start. Two thirds of that is parsing, so another thread parses while this one reads.

enum Contents {
  static func read(_ database: Database) throws -> StorageContents {
    let records = try readCurrent(database)
    let events = try readLog(database, present: records)
    let revision = events.last?.record.revision ?? 1
    if events.isEmpty, !records.isEmpty { throw Damage(reason: "there are objects and no history") }
    if let newest = records.max(by: { $0.revision < $1.revision }), newest.revision > revision {
      throw Damage(reason: "\(newest.key) is newer than the history")
    }
    return StorageContents(revision: revision, records: records, events: events)
  }

  private static func readCurrent(_ database: Database) throws -> [Record] {
    let rows = try Row.fetchCursor(
      database, sql: "SELECT resource, namespace, name, object, checksum FROM current")
    var parser = Parser()
    while let row = try rows.next() {
      parser.add(StoredObject(key: Key(row, from: 0), bytes: try row.bytes(3), checksum: row[4]))
    }
    return try parser.finish()
  }

  /// The log holds what was before each change; what was after it is before the object's next one, or the present.
  private static func readLog(_ database: Database, present: [Record]) throws -> [Event] {
    let rows = try Row.fetchCursor(
      database, sql: "SELECT revision, resource, namespace, name, previous, checksum FROM log ORDER BY revision DESC")
    var changes: [(revision: Revision, key: Key, wasThere: Bool)] = []
    var parser = Parser()
    while let row = try rows.next() {
      let change = (revision: row[0] as Revision, key: Key(row, from: 1), wasThere: !row.hasNull(atIndex: 4))
      if let later = changes.last?.revision, later != change.revision + 1 {
        throw Damage(reason: "the history has a gap before revision \(later)")
      }
      changes.append(change)
      if change.wasThere {
        parser.add(StoredObject(key: change.key, bytes: try row.bytes(4), checksum: row[5]))
      }
    }
    var before = try parser.finish()[...]
    var after = Dictionary(uniqueKeysWithValues: present.map { ($0.key, $0) })
    let events = try changes.map { revision, key, wasThere in
      let previous = wasThere ? before.popFirst() : nil
      defer { after[key] = previous }
      return try event(at: revision, of: key, from: previous, to: after[key])
    }
    return events.reversed()
  }

  private static func event(at revision: Revision, of key: Key, from previous: Record?, to record: Record?) throws
    -> Event
  {
    switch (previous, record) {
    case (let previous, let record?) where record.revision == revision:
      Event(type: previous == nil ? .added : .modified, record: record, previous: previous)
    case (let previous?, nil):
      Event(
        type: .deleted, record: Record(key: key, value: previous.value, revision: revision), previous: previous)
    default:
      throw Damage(reason: "the history of \(key) contradicts itself at revision \(revision)")
    }
  }
}

extension Key {
  fileprivate init(_ row: Row, from column: Int) {
    self.init(resource: row[column], namespace: row[column + 1], name: row[column + 2])
  }
}

extension Row {
  fileprivate func bytes(_ column: Int) throws -> [UInt8] {
    try withUnsafeData(atIndex: column) { data in Array(data ?? Data()) }
  }
}

/// Parses rows on other threads, a few hundred at a time, while more are read.
private struct Parser {
  private final class Parsed: Sendable {
    let portions = Mutex<[Int: Result<[Record], any Error>]>([:])
  }

  private static let portion = 256
  private let group = DispatchGroup()
  private let parsed = Parsed()
  private var waiting: [StoredObject] = []
  private var count = 0

  mutating func add(_ object: StoredObject) {
    waiting.append(object)
    if waiting.count == Self.portion { parseWaiting() }
  }

  /// All records, in the order in which they were added. Throws when one is damaged.
  mutating func finish() throws -> [Record] {
    parseWaiting()
    group.wait()
    return try parsed.portions.withLock { portions in
      try (0..<count).flatMap { try portions[$0]?.get() ?? [] }
    }
  }

  private mutating func parseWaiting() {
    let (objects, number, parsed) = (waiting, count, parsed)
    waiting = []
    count += 1
    DispatchQueue.global().async(group: group) {
      let records = Result { try objects.map { try $0.record() } }
      parsed.portions.withLock { $0[number] = records }
    }
  }
}
