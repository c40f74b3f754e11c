import Foundation
import GRDB
import Objects
public import Store
import Synchronization

/// The store's contents in one SQLite file.
///
/// Two tables: `current` has every object, `log` has for each of the latest changes what was there *before* it. Read
/// backwards from the present, that gives every event whole, so the log can be cut anywhere and never needs a base.
///
/// The file is in WAL mode with `synchronous=FULL`: an append is one transaction and one fsync. One process at a
/// time has it open, by SQLite's own exclusive lock, which ends with the process however it ends. Space that
/// forgotten events leave is used again, so the file stays about as large as the objects and the history need.
///
/// Each row carries a checksum, because SQLite finds a torn page only when it is part of its own structure.
public final class SQLiteStorage: Storage {
  private let path: String
  private let queue: DatabaseQueue
  /// Events up to here have been removed from the log.
  private let trimmed: Mutex<Revision>

  /// Opens the file, or makes it when there is none. Its directory must exist.
  ///
  /// Throws a `SQLiteStorageError` when another process has it open, when it is not a store's file, and when it is
  /// damaged where that can be seen without reading all of it; `load` sees the rest.
  public init(path: String) throws {
    let (queue, oldest) = try SQLiteStorageError.explain(path) {
      if !FileManager.default.fileExists(atPath: path) { try Self.create(path) }
      let queue = try Self.open(path)
      return (queue, try queue.read { try Revision.fetchOne($0, sql: "SELECT min(revision) FROM log") })
    }
    self.path = path
    self.queue = queue
    trimmed = Mutex((oldest ?? 2) - 1)
  }

  public func load() throws -> StorageContents {
    try SQLiteStorageError.explain(path) {
      try queue.read { database in
        try Self.checkStructure(database)
        return try Contents.read(database)
      }
    }
  }

  /// Reads something, after what is being written has been: throws, or does not return, when the file cannot be used.
  public func check() throws {
    try SQLiteStorageError.explain(path) {
      _ = try queue.read { try Revision.fetchOne($0, sql: "SELECT max(revision) FROM log") }
    }
  }

  public func append(_ events: [Event], forgetting: Revision) throws {
    try SQLiteStorageError.explain(path) {
      let trimmed = trimmed.withLock { $0 }
      // A few more than come in: the log gets no longer, and no append has to remove thousands at once.
      let through = min(forgetting, trimmed + Revision(4 * events.count))
      try queue.inTransaction(.immediate) { database in
        for event in events { try Self.write(event, to: database) }
        if through > trimmed {
          try database.cachedStatement(sql: "DELETE FROM log WHERE revision <= ?").execute(arguments: [through])
        }
        return .commit
      }
      self.trimmed.withLock { $0 = max(trimmed, through) }
    }
  }

  private static func write(_ event: Event, to database: Database) throws {
    let key = event.record.key
    let before = event.previous.map { StoredObject(key: key, bytes: $0.bytes) }
    try database
      .cachedStatement(sql: "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)")
      .execute(arguments: [
        event.record.revision, key.resource, key.namespace, key.name, before?.data, before?.checksum,
      ])
    if event.type == .deleted {
      try database
        .cachedStatement(sql: "DELETE FROM current WHERE resource = ? AND namespace = ? AND name = ?")
        .execute(arguments: [key.resource, key.namespace, key.name])
    } else {
      let now = StoredObject(key: key, bytes: event.record.bytes)
      try database
        .cachedStatement(
          sql: """
            INSERT INTO current VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET object = excluded.object, checksum = excluded.checksum
            """
        )
        .execute(arguments: [key.resource, key.namespace, key.name, now.data, now.checksum])
    }
  }
}

// MARK: The file

extension SQLiteStorage {
  /// "swft" in ASCII; SQLite keeps it in the file's header for programs to know their own files.
  private static let applicationID: Int32 = 0x7377_6674
  private static let format: Int32 = 1

  /// Makes the file under another name first: an empty file of the right name is then always a damaged one.
  private static func create(_ path: String) throws {
    let unfinished = path + ".new"
    try? FileManager.default.removeItem(atPath: unfinished)
    let queue = try DatabaseQueue(path: unfinished)
    try queue.write { database in
      try database.execute(
        sql: """
          PRAGMA application_id = \(applicationID);
          PRAGMA user_version = \(format);
          CREATE TABLE current (
            resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
            object BLOB NOT NULL, checksum INTEGER NOT NULL,
            PRIMARY KEY (resource, namespace, name)
          );
          -- previous: the object before the change, NULL when it was added
          CREATE TABLE log (
            revision INTEGER PRIMARY KEY, resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
            previous BLOB, checksum INTEGER
          );
          """)
    }
    try queue.close()
    try FileManager.default.moveItem(atPath: unfinished, toPath: path)
  }

  private static func open(_ path: String) throws -> DatabaseQueue {
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    if size == 0 { throw SQLiteStorageError.damaged(path, "it is empty") }
    var configuration = Configuration()
    configuration.label = "store"
    configuration.prepareDatabase { database in
      // Exclusive before WAL: the lock is then held until the end, and no memory is shared with other processes.
      try database.execute(
        sql: """
          PRAGMA locking_mode = EXCLUSIVE;
          PRAGMA journal_mode = WAL;
          PRAGMA synchronous = FULL;
          PRAGMA journal_size_limit = 16777216;
          """)
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.write { database in
      let id = try Int32.fetchOne(database, sql: "PRAGMA application_id")
      let version = try Int32.fetchOne(database, sql: "PRAGMA user_version")
      guard id == applicationID else { throw SQLiteStorageError.foreign(path) }
      guard version == format else { throw SQLiteStorageError.otherFormat(path, version.map(Int.init) ?? 0) }
    }
    return queue
  }

  private static func checkStructure(_ database: Database) throws {
    if let problem = try String.fetchOne(database, sql: "PRAGMA quick_check(1)"), problem != "ok" {
      throw Damage(reason: problem)
    }
  }
}
