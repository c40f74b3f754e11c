public import Objects

// The whole cluster at one revision. A snapshot is a few pointers into trees that never change: copying it costs
// nothing, holding it disturbs nobody, and two questions asked of the same one never contradict each other.

/// A second order of the objects: which have this value? Layers declare the ones that their controllers ask for.
public struct Index: Sendable {
  public let name: String
  /// The only resource whose objects are indexed; nil: all.
  public let resource: String?
  /// Whether no two objects may have a value in common. The writer sees to it.
  public let isUnique: Bool
  /// Under which values an object is found. Pure: the same object, the same values.
  public let values: @Sendable (Value) -> [String]

  public init(
    name: String, resource: String? = nil, isUnique: Bool = false, values: @escaping @Sendable (Value) -> [String]
  ) {
    self.name = name
    self.resource = resource
    self.isUnique = isUnique
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
  private var tables: OrderedTree<String, Table>

  /// The resources that have objects, in order.
  public var resources: [String] { tables.map(\.key) }

  /// The object of this name, or nil.
  public func record(_ key: Key) -> Record? { tables[key.resource]?.records[key] }

  /// All objects of a resource, or those in one namespace, ordered by namespace and name.
  /// - Parameter first: the name to begin with, in a namespace.
  public func records(_ resource: String, namespace: String? = nil, from first: String = "") -> Records {
    Records(tables[resource], nil, Section(resource: resource, namespace: namespace, from: first))
  }

  /// How many objects a resource has, in all or in one namespace. Takes no walk over them.
  public func count(_ resource: String, namespace: String? = nil) -> Int {
    records(resource, namespace: namespace).count
  }

  /// The objects of a resource which an index has under a value, in all or in one namespace, in the same order. None
  /// for an index that nobody declared.
  public func records(_ resource: String, index: String, equals value: String, namespace: String? = nil) -> Records {
    let section = Section(resource: resource, namespace: namespace)
    return Records(tables[resource], Table.Bucket(index: index, value: value), section)
  }

  /// The same through all resources, in their order. The index "namespace" is always there: it is how the records
  /// are ordered anyway.
  public func records(index: String, equals value: String) -> [Record] {
    resources.flatMap { resource in
      index == "namespace"
        ? records(resource, namespace: value) : records(resource, index: index, equals: value)
    }
  }

  /// What is different in a resource since another snapshot, by namespace and name: the objects as they are now, nil for
  /// those that are gone. Takes a few steps for each difference, however many objects there are.
  public func changes(of resource: String, since other: Snapshot?) -> [(key: Key, record: Record?)] {
    let (before, after) = (other?.tables[resource]?.records, tables[resource]?.records)
    return (after ?? OrderedTree()).differences(from: before ?? OrderedTree()) { $0 === $1 }.map { ($0.key, $0.after) }
  }

  /// Part of a list: up to `limit` objects that match, beginning after a name. With an index, only of those that it
  /// has under a value.
  ///
  /// `next` is the name after which the next page begins, nil on the last one. `remaining` says how many are still
  /// to come; it is unknown when a filter would have to be tried on each of them.
  public func page(
    _ resource: String, namespace: String? = nil, index: (name: String, value: String)? = nil,
    after: (namespace: String, name: String)? = nil, limit: Int, where matches: ((Record) -> Bool)? = nil
  ) -> (records: [Record], next: (namespace: String, name: String)?, remaining: Int?) {
    var section = Section(resource: resource, namespace: namespace)
    if let after { section.skip(through: Key(resource: resource, namespace: after.namespace, name: after.name)) }
    let bucket = index.map { Table.Bucket(index: $0.name, value: $0.value) }
    var rest = Records(tables[resource], bucket, section).makeIterator()
    var page: [Record] = []
    while let record = rest.next() {
      guard matches?(record) ?? true else { continue }
      if page.count >= limit, let last = page.last?.key {
        return (page, (last.namespace, last.name), matches == nil ? rest.remaining + 1 : nil)
      }
      page.append(record)
    }
    return (page, nil, matches == nil ? 0 : nil)
  }
}

/// Neighbours in a table: all of it, a namespace, or what comes after a name. Nothing fits between a string and the
/// same string with a zero after it, so that is where the next one begins.
private struct Section {
  private(set) var start: Key?
  private(set) var end: Key?

  init(resource: String, namespace: String?, from first: String = "") {
    guard let namespace else { return }
    start = Key(resource: resource, namespace: namespace, name: first)
    end = Key(resource: resource, namespace: namespace + "\0", name: "")
  }

  mutating func skip(through key: Key) {
    let next = Key(resource: key.resource, namespace: key.namespace, name: key.name + "\0")
    start = max(start ?? next, next)
  }
}

/// Records in the order of their namespaces and names, found one by one as they are asked for.
public struct Records: Sequence, Sendable {
  private let iterator: Iterator

  fileprivate init(_ table: Table?, _ bucket: Table.Bucket?, _ section: Section) {
    let records = table?.records ?? OrderedTree()
    if let bucket {
      let members = table?.indexes[bucket] ?? OrderedTree()
      iterator = Iterator(records: records, members: members.entries(from: section.start, to: section.end))
    } else {
      iterator = Iterator(records: records, entries: records.entries(from: section.start, to: section.end))
    }
  }

  public var count: Int { iterator.remaining }
  public var isEmpty: Bool { count == 0 }
  public var underestimatedCount: Int { count }
  public func makeIterator() -> Iterator { iterator }

  /// Goes through the records themselves, or through the names that an index has.
  public struct Iterator: IteratorProtocol, Sendable {
    fileprivate let records: OrderedTree<Key, Record>
    fileprivate var entries: OrderedTree<Key, Record>.Iterator?
    fileprivate var members: OrderedTree<Key, Void>.Iterator?

    var remaining: Int { entries?.remaining ?? members?.remaining ?? 0 }

    public mutating func next() -> Record? {
      entries?.next()?.value ?? members?.next().flatMap { records[$0.key] }
    }
  }
}

/// One resource's objects, and their names under the values of each index.
///
/// An index holds names and not records: most writes change what an object says and not where it is found, and then
/// leave the indexes as they are. A reader pays a search for each name.
private struct Table: Sendable {
  /// A value of an index.
  struct Bucket: Hashable, Comparable, Sendable {
    var index: String
    var value: String

    static func < (left: Bucket, right: Bucket) -> Bool {
      left.index != right.index ? left.index < right.index : left.value < right.value
    }
  }

  private(set) var records = OrderedTree<Key, Record>()
  private(set) var indexes = OrderedTree<Bucket, OrderedTree<Key, Void>>()

  init() {}

  /// All at once, from records in the order of their keys.
  init(sorted records: some Collection<Record>, indexes: [Index]) {
    var buckets: [Bucket: [OrderedTree<Key, Void>.Entry]] = [:]
    for record in records {
      for bucket in Self.buckets(of: record, indexes) {
        buckets[bucket, default: []].append(.init(key: record.key, value: ()))
      }
    }
    self.records = OrderedTree(sorted: records.map { .init(key: $0.key, value: $0) })
    self.indexes = OrderedTree(
      sorted: buckets.sorted { $0.key < $1.key }.map { .init(key: $0, value: OrderedTree(sorted: $1)) })
  }

  mutating func replace(_ old: Record?, with new: Record?, at key: Key, _ indexes: [Index]) {
    records[key] = new
    let before = old.map { Self.buckets(of: $0, indexes) } ?? []
    let after = new.map { Self.buckets(of: $0, indexes) } ?? []
    for bucket in before where !after.contains(bucket) { change(bucket) { $0[key] = nil } }
    for bucket in after where !before.contains(bucket) { change(bucket) { $0[key] = () } }
  }

  private mutating func change(_ bucket: Bucket, _ change: (inout OrderedTree<Key, Void>) -> Void) {
    var members = indexes[bucket] ?? OrderedTree()
    change(&members)
    indexes[bucket] = members.count == 0 ? nil : members
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
    var tables: [OrderedTree<String, Table>.Entry] = []
    while let resource = sorted.first?.key.resource {
      let part = sorted.prefix { $0.key.resource == resource }
      tables.append(.init(key: resource, value: Table(sorted: part, indexes: indexes)))
      sorted = sorted.dropFirst(part.count)
    }
    self.init(revision: revision, tables: OrderedTree(sorted: tables))
  }

  /// Puts one version of an object in the place of another; nil stands for no object.
  mutating func replace(_ old: Record?, with new: Record?, at key: Key, _ indexes: [Index]) {
    var table = tables[key.resource] ?? Table()
    table.replace(old, with: new, at: key, indexes)
    tables[key.resource] = table.records.count == 0 ? nil : table
  }

  /// Goes back to before these events, the newest of which is last. Those after this snapshot are not in it.
  mutating func undo(_ events: [Event], _ indexes: [Index]) {
    for event in events.reversed() where event.revision <= revision {
      replace(event.remaining, with: event.previous, at: event.record.key, indexes)
    }
  }

  /// The same with the objects of one resource alone.
  public func only(_ resource: String) -> Snapshot {
    var alone = Snapshot(revision: revision, tables: OrderedTree())
    alone.tables[resource] = tables[resource]
    return alone
  }
}
