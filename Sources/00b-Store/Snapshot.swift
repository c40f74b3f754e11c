public import Objects

// The whole cluster at one revision. A snapshot is a few pointers into trees that never change: copying it costs
// nothing, holding it disturbs nobody, and two questions asked of the same one never contradict each other.

/// A second order of the objects: which have this value? Layers declare the ones that their controllers ask for.
public struct Index: Sendable {
  public let name: String
  /// The only resource whose objects are indexed; nil: all.
  public let resource: String?
  /// Under which values an object is found. Pure: the same object, the same values.
  public let values: @Sendable (Value) -> [String]

  public init(name: String, resource: String? = nil, values: @escaping @Sendable (Value) -> [String]) {
    self.name = name
    self.resource = resource
    self.values = values
  }

  /// Every object under each of its labels: "app=web".
  public static let label = Index(name: "label") { object in
    object["metadata"]?["labels"]?.members?.compactMap { name, value in value.string.map { "\(name)=\($0)" } } ?? []
  }

  /// Every object under the uid of each of its owners.
  public static let owner = Index(name: "owner") { object in
    object["metadata"]?["ownerReferences"]?.array?.compactMap { $0["uid"]?.string } ?? []
  }
}

/// The cluster at one revision.
public struct Snapshot: Sendable {
  public internal(set) var revision: Revision
  var tables: OrderedTree<String, Table>

  /// The object of this name, or nil.
  public func record(_ key: Key) -> Record? {
    tables[key.resource]?.records[key]
  }

  /// All objects of a resource, or those in one namespace, ordered by namespace and name.
  public func records(_ resource: String, namespace: String? = nil) -> Records {
    Records(tables[resource]?.records, of: resource, in: namespace)
  }

  /// The objects of a resource which an index has under a value, ordered by namespace and name. None for an index
  /// that nobody declared.
  public func records(_ resource: String, index: String, equals value: String, namespace: String? = nil) -> Records {
    let bucket = tables[resource]?.indexes[Table.Bucket(index: index, value: value)]
    return Records(bucket, of: resource, in: namespace)
  }

  /// The same through all resources, in their order. The index "namespace" is always there: it is how the records
  /// are ordered anyway.
  public func records(index: String, equals value: String) -> [Record] {
    tables.flatMap { resource, _ in
      index == "namespace"
        ? Array(records(resource, namespace: value))
        : Array(records(resource, index: index, equals: value))
    }
  }

  /// How many objects a resource has, in all or in one namespace. Takes no walk over them.
  public func count(_ resource: String, namespace: String? = nil) -> Int {
    records(resource, namespace: namespace).count
  }

  /// The resources that have objects, in order.
  public var resources: [String] { tables.map(\.key) }

  /// Part of a list: up to `limit` objects that match, beginning after a name.
  ///
  /// `next` is the name after which the next page begins, nil on the last one. `remaining` says how many are still
  /// to come; it is unknown when a filter would have to be tried on each of them.
  public func page(
    _ resource: String, namespace: String? = nil, after: (namespace: String, name: String)? = nil, limit: Int,
    where matches: ((Record) -> Bool)? = nil
  ) -> (records: [Record], next: (namespace: String, name: String)?, remaining: Int?) {
    let all = records(resource, namespace: namespace)
    var page: [Record] = []
    var rest = all.makeIterator(after: after.map { Key(resource: resource, namespace: $0.namespace, name: $0.name) })
    while let record = rest.next() {
      guard matches?(record) ?? true else { continue }
      if page.count >= limit, let last = page.last {
        return (page, (last.key.namespace, last.key.name), matches == nil ? rest.remaining + 1 : nil)
      }
      page.append(record)
    }
    return (page, nil, matches == nil ? 0 : nil)
  }
}

/// Records in the order of their namespaces and names, read from a tree as they are asked for.
public struct Records: Sequence, Sendable {
  private let tree: OrderedTree<Key, Record>
  private let start: Key?
  public let count: Int

  init(_ tree: OrderedTree<Key, Record>?, of resource: String, in namespace: String?) {
    self.tree = tree ?? OrderedTree()
    if let namespace {
      let start = Key(resource: resource, namespace: namespace, name: "")
      // The smallest string that is larger: nothing fits between a name and the same name with a zero after it.
      let end = Key(resource: resource, namespace: namespace + "\0", name: "")
      self.start = start
      count = self.tree.rank(of: end) - self.tree.rank(of: start)
    } else {
      start = nil
      count = self.tree.count
    }
  }

  public var isEmpty: Bool { count == 0 }
  public var underestimatedCount: Int { count }

  public func makeIterator() -> Iterator { makeIterator(after: nil) }

  func makeIterator(after key: Key?) -> Iterator {
    guard let key, key >= start ?? key else {
      return Iterator(entries: start.map(tree.entries(from:)) ?? tree.makeIterator(), remaining: count)
    }
    var next = key
    next.name += "\0"
    let skipped = tree.rank(of: next) - (start.map(tree.rank(of:)) ?? 0)
    return Iterator(entries: tree.entries(from: next), remaining: count - skipped)
  }

  public struct Iterator: IteratorProtocol {
    fileprivate var entries: OrderedTree<Key, Record>.Iterator
    fileprivate(set) var remaining: Int

    public mutating func next() -> Record? {
      guard remaining > 0 else { return nil }
      remaining -= 1
      return entries.next()?.value
    }
  }
}

/// One resource's objects, and the same objects under the values of each index.
struct Table: Sendable {
  /// A value of an index.
  struct Bucket: Hashable, Comparable, Sendable {
    var index: String
    var value: String

    static func < (left: Bucket, right: Bucket) -> Bool {
      left.index != right.index ? left.index < right.index : left.value < right.value
    }
  }

  private(set) var records = OrderedTree<Key, Record>()
  private(set) var indexes = OrderedTree<Bucket, OrderedTree<Key, Record>>()

  init() {}

  /// All at once, from records in the order of their keys.
  init(sorted records: [Record], indexes: [Index]) {
    self.records = OrderedTree(sorted: records.map { ($0.key, $0) })
    var buckets: [Bucket: [Record]] = [:]
    for record in records {
      for bucket in Self.buckets(of: record, indexes) { buckets[bucket, default: []].append(record) }
    }
    self.indexes = OrderedTree(
      sorted: buckets.sorted { $0.key < $1.key }.map { bucket, members in
        (bucket, OrderedTree(sorted: members.map { ($0.key, $0) }))
      })
  }

  /// Puts one version of an object in the place of another; nil stands for no object.
  mutating func replace(_ old: Record?, with new: Record?, at key: Key, indexes declared: [Index]) {
    records[key] = new
    let buckets = new.map { Self.buckets(of: $0, declared) } ?? []
    for bucket in old.map({ Self.buckets(of: $0, declared) }) ?? [] where !buckets.contains(bucket) {
      var members = indexes[bucket] ?? OrderedTree()
      members[key] = nil
      indexes[bucket] = members.count == 0 ? nil : members
    }
    for bucket in buckets {
      var members = indexes[bucket] ?? OrderedTree()
      members[key] = new
      indexes[bucket] = members
    }
  }

  /// Without duplicates: an object that names an owner twice is under it once.
  private static func buckets(of record: Record, _ indexes: [Index]) -> [Bucket] {
    var buckets: [Bucket] = []
    for index in indexes where index.resource == nil || index.resource == record.key.resource {
      for value in index.values(record.value) {
        let bucket = Bucket(index: index.name, value: value)
        if !buckets.contains(bucket) { buckets.append(bucket) }
      }
    }
    return buckets
  }
}

extension Snapshot {
  /// The state that a storage has kept.
  init(revision: Revision, records: [Record], indexes: [Index]) {
    var sorted = records.sorted { $0.key < $1.key }[...]
    var tables: [(key: String, value: Table)] = []
    while let resource = sorted.first?.key.resource {
      let part = sorted.prefix { $0.key.resource == resource }
      tables.append((resource, Table(sorted: Array(part), indexes: indexes)))
      sorted = sorted.dropFirst(part.count)
    }
    self.init(revision: revision, tables: OrderedTree(sorted: tables))
  }

  /// Puts one version of an object in the place of another; nil stands for no object.
  mutating func replace(_ old: Record?, with new: Record?, at key: Key, indexes: [Index]) {
    var table = tables[key.resource] ?? Table()
    table.replace(old, with: new, at: key, indexes: indexes)
    tables[key.resource] = table.records.count == 0 ? nil : table
  }

  /// Goes back to before these events, the newest of which is last. Those after this snapshot are not in it.
  mutating func undo(_ events: [Event], indexes: [Index]) {
    for event in events.reversed() where event.revision <= revision {
      replace(event.remaining, with: event.previous, at: event.record.key, indexes: indexes)
    }
  }

  /// The same with the objects of one resource alone.
  func only(_ resource: String) -> Snapshot {
    var alone = Snapshot(revision: revision, tables: OrderedTree())
    alone.tables[resource] = tables[resource]
    return alone
  }
}
