import GRDB
import Store

/// Why the file cannot be used, as a sentence that says what to do about it.
public struct SQLiteStorageError: Error, CustomStringConvertible {
  public let description: String

  static func damaged(_ path: String, _ reason: String) -> Self {
    Self(
      description: """
        \(path) is damaged: \(reason). Put a copy in its place, or move it and the files whose names begin like it \
        away to start with an empty cluster.
        """)
  }

  static func foreign(_ path: String) -> Self {
    Self(description: "\(path) is not a file of this program. Choose another data directory or move the file away.")
  }

  static func otherFormat(_ path: String, _ version: Int) -> Self {
    Self(
      description: """
        \(path) has format \(version), which this version does not read. Use the version that wrote it, or choose \
        another data directory.
        """)
  }

  /// Turns what SQLite reports into a sentence.
  static func explain<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let damage as Damage {
      throw damaged(path, damage.reason)
    } catch let error as DatabaseError {
      throw explanation(of: error, path)
    }
  }

  private static func explanation(of error: DatabaseError, _ path: String) -> Self {
    let reason = error.message ?? "error \(error.resultCode.rawValue)"
    return switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      Self(description: "\(path) is in use by another process. Stop it, or choose another data directory.")
    case .SQLITE_NOTADB:
      foreign(path)
    case .SQLITE_CORRUPT, .SQLITE_ERROR:
      damaged(path, reason)
    case .SQLITE_FULL:
      Self(description: "\(path) cannot grow: the disk is full. Make room; nothing that was acknowledged is lost.")
    case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      Self(description: "\(path) cannot be written: \(reason). Check the directory and its permissions.")
    default:
      Self(description: "\(path): \(reason)")
    }
  }
}
