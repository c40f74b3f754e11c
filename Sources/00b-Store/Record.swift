public import Objects
import Synchronization

// What the store keeps and what it is asked: names, versions, changes.

/// A moment in the store's history. Every change takes the next one, whatever its resource; an empty store is at 1,
/// because clients read 0 as "any" (Kubernetes API concepts, "Resource versions").
public typealias Revision = Int64

/// The name of one object in the whole cluster.
public struct Key: Hashable, Comparable, Sendable {
  /// Plural with its group: "pods", "deployments.apps".
  public var resource: String
  /// Empty for objects that are in no namespace.
  public var namespace: String
  public var name: String

  public init(resource: String, namespace: String, name: String) {
    self.resource = resource
    self.namespace = namespace
    self.name = name
  }

  public static func < (left: Key, right: Key) -> Bool {
    if left.resource != right.resource { return left.resource < right.resource }
    if left.namespace != right.namespace { return left.namespace < right.namespace }
    return left.name < right.name
  }
}

extension Key: CustomStringConvertible {
  /// "pods/default/web", "nodes/one".
  public var description: String {
    namespace.isEmpty ? "\(resource)/\(name)" : "\(resource)/\(namespace)/\(name)"
  }
}

/// One version of one object. It never changes, so storage, lists and every watcher share it.
///
/// It is a tree for those who look into the object and bytes for those who pass it on. Each is made of the other when it
/// is first asked for. The bytes stay, and the tree stays as long as somebody looks at it now and then.
public final class Record: Sendable {
  public let key: Key
  /// When this version came to be. For a deleted object: when it was deleted.
  public let revision: Revision
  /// About how many bytes the object has as JSON; at least a sixth of the truth.
  let size: Int
  private let content: Mutex<Content>

  fileprivate struct Content {
    var tree: Value?
    var bytes: [UInt8]?
    /// The round of `dropTree` that came by since the tree was last looked at.
    var lastRound: Int?
  }

  /// Stamps the revision into the object.
  public init(key: Key, value: Value, revision: Revision) {
    let tree = value.stamped(with: revision)
    self.key = key
    self.revision = revision
    size = tree.estimatedSize
    content = Mutex(Content(tree: tree))
  }

  /// Reads a version that a storage has kept. Throws when the bytes are not an object with a resource version.
  public init(key: Key, bytes: [UInt8]) throws {
    let tree = try Value(parsing: bytes)
    guard let revision = tree["metadata"]?["resourceVersion"]?.string.flatMap({ Revision($0) }) else {
      throw StoreError.storage("\(key) has no resource version")
    }
    self.key = key
    self.revision = revision
    size = bytes.count
    content = Mutex(Content(tree: tree, bytes: bytes))
  }

  /// The object; its metadata.resourceVersion is `revision` in decimal.
  public var value: Value {
    content.withLock { content in
      content.lastRound = nil
      if let tree = content.tree { return tree }
      // These bytes were written from a tree or have been read as one before: no limit is too small for them.
      let limits = JSONLimits(bytes: .max, depth: .max, members: .max)
      let tree = (try? Value(parsing: content.bytes ?? [], limits: limits)) ?? .null
      content.tree = tree
      return tree
    }
  }

  /// The object as compact JSON.
  public var bytes: [UInt8] {
    content.withLock { $0.encoded }
  }

  /// Lets go of the tree if nobody has looked at it since an earlier round. A record is met more than once in a round:
  /// in a snapshot and in a log.
  /// - Returns: whether the tree went.
  func dropTree(in round: Int) -> Bool {
    content.withLock { content in
      guard content.tree != nil, let last = content.lastRound, last < round else {
        content.lastRound = content.lastRound ?? round
        return false
      }
      _ = content.encoded
      content.tree = nil
      return true
    }
  }
}

extension Record.Content {
  /// Encoded at the first use and then kept.
  var encoded: [UInt8] {
    mutating get {
      if let bytes { return bytes }
      let made = (tree ?? .null).encoded()
      bytes = made
      return made
    }
  }
}

extension Value {
  /// The same object with this resource version.
  func stamped(with revision: Revision) -> Value {
    var metadata = self["metadata"] ?? .emptyObject
    metadata["resourceVersion"] = .string(String(revision))
    var stamped = self
    stamped["metadata"] = metadata
    return stamped
  }

  /// The length as JSON if no character needs an escape and every number has eight digits. An escape makes at most
  /// six bytes of one, so the truth is at most six times as much.
  fileprivate var estimatedSize: Int {
    switch self {
    case .null, .bool: 5
    case .integer, .double: 8
    case .string(let string): string.utf8.count + 2
    case .array(let elements): elements.reduce(2) { $0 + $1.estimatedSize + 1 }
    case .object(let members): members.reduce(2) { $0 + $1.name.utf8.count + $1.value.estimatedSize + 4 }
    }
  }
}

/// One change, as watchers see it.
public struct Event: Sendable {
  public enum Kind: Sendable, Hashable { case added, modified, deleted }

  public let type: Kind
  /// The object after the change; of a deleted one the last state, with the revision of the deletion.
  public let record: Record
  /// The object before the change; nil when it was added. A watcher with a selector needs it: an object that
  /// matched and no longer does is, to that watcher, deleted.
  public let previous: Record?

  public var revision: Revision { record.revision }

  /// The object that is there after the change; nil after a deletion.
  var remaining: Record? { type == .deleted ? nil : record }

  public init(type: Kind, record: Record, previous: Record?) {
    self.type = type
    self.record = record
    self.previous = previous
  }
}

/// One change that somebody wants.
public struct Write: Sendable {
  public enum Change: Sendable {
    case put(Value)
    case delete
  }

  /// What the writer believes about the present; when it is wrong, the write fails and nothing is lost.
  public enum Expectation: Sendable, Hashable {
    case absent
    case revision(Revision)
    /// Put creates or replaces; delete still fails when there is nothing.
    case anything
  }

  public var key: Key
  public var change: Change
  public var expecting: Expectation

  public init(_ key: Key, _ change: Change, expecting: Expectation) {
    self.key = key
    self.change = change
    self.expecting = expecting
  }
}

/// Why the store refused.
public enum StoreError: Error {
  case notFound
  case alreadyExists
  /// The object is not at the revision that the writer saw.
  case conflict(current: Record)
  /// Another object has a value that only one may have.
  case taken(index: String, value: String, by: Key)
  /// The history from there on is gone; `oldest` is the earliest revision from which it is still known.
  case expired(oldest: Revision)
  /// The object has this many bytes as JSON, and `limit` are allowed.
  case tooLarge(bytes: Int, limit: Int)
  /// The storage could not make the write durable, so it did not happen; the sentence says why.
  case storage(String)
}
