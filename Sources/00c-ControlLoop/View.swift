public import Objects
public import Store

// `@inlinable` lets the compiler put a copy of a function where it is called. There it knows which kind T is, and reads
// the two words that make the resource's name; here it would have to copy the whole Kind.

/// What a controller sees: one snapshot of the store, read as typed objects. It never changes while it is looked at.
public struct View: Sendable {
  public let snapshot: Snapshot
  public let scheme: Scheme
  /// Why the last plan for this key was not carried out in full; nil when it was. A controller may tell people.
  public internal(set) var refusal: StatusError?

  public init(snapshot: Snapshot, scheme: Scheme) {
    self.snapshot = snapshot
    self.scheme = scheme
  }

  /// The object with this key; nil when there is none or when the key is of another resource.
  @inlinable
  public subscript<T: Resource>(_ type: T.Type, _ key: Key) -> T? {
    guard key.resource == T.kind.groupResource else { return nil }
    return snapshot.record(key).map { T(json: $0.value) }
  }

  @inlinable
  public func object<T: Resource>(_ type: T.Type, _ name: String, in namespace: String = "") -> T? {
    self[type, T.key(name, in: namespace)]
  }

  /// All objects of a kind, by namespace and name; those of one namespace if one is given.
  @inlinable
  public func all<T: Resource>(_ type: T.Type, in namespace: String? = nil) -> [T] {
    snapshot.records(T.kind.groupResource, namespace: namespace).map { T(json: $0.value) }
  }

  /// The objects that a layer's index files under a value.
  @inlinable
  public func all<T: Resource>(_ type: T.Type, where index: String, is value: String) -> [T] {
    snapshot.records(T.kind.groupResource, index: index, equals: value).map { T(json: $0.value) }
  }

  /// The objects of a namespace that a query selects.
  @inlinable
  public func all<T: Resource>(_ type: T.Type, in namespace: String, matching query: LabelQuery) -> [T] {
    guard let (name, value) = query.equality else {
      return all(type, in: namespace).filter { query.matches($0.metadata.labels) }
    }
    return snapshot.records(
      T.kind.groupResource, index: Index.label.name, equals: "\(name)=\(value)", namespace: namespace
    )
    .map { T(json: $0.value) }
    .filter { query.matches($0.metadata.labels) }
  }

  /// The objects that name this one as their controller.
  @inlinable
  public func all<T: Resource>(_ type: T.Type, controlledBy owner: some APIObject) -> [T] {
    let uid = owner.uid
    return all(type, where: Index.owner.name, is: uid).filter { $0.controller?.uid == uid }
  }
}

extension View {
  /// Random names for what `owner` needs to have made: the same for the same snapshot, so that a plan can be repeated.
  public func names(for owner: some APIObject) -> SeededGenerator {
    // FNV-1a: Swift's own hash differs from process to process.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in owner.uid.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return SeededGenerator(seed: hash ^ UInt64(bitPattern: snapshot.revision))
  }
}

extension Resource {
  @inlinable
  public static func key(_ name: String, in namespace: String = "") -> Key {
    Key(resource: kind.groupResource, namespace: namespace, name: name)
  }

  /// Where the store keeps this object.
  @inlinable
  public var key: Key { Self.key(name, in: namespace) }
}
