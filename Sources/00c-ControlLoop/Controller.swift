public import Objects
public import Store

/// A small function that looks at the cluster and says what should change.
///
/// `reconcile` is pure and synchronous: it sees one snapshot and a time, and returns a plan. It may be called at any
/// moment, twice for one change or once for many, after a crash that left half of its last plan undone; what it says
/// may depend on nothing but its arguments.
public protocol Controller: Sendable {
  /// As events name their source: "replicaset-controller".
  var name: String { get }

  /// Which changes call it, and for which keys.
  var triggers: [Trigger] { get }

  /// Throws to be called again later, with growing patience.
  func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan
}

/// Turns a change of some object into the keys to reconcile.
public struct Trigger: Sendable {
  /// The resource whose changes count; nil for all.
  public let resource: String?
  public let keys: @Sendable (Event, View) -> [Key]

  public init(resource: String?, keys: @escaping @Sendable (Event, View) -> [Key]) {
    self.resource = resource
    self.keys = keys
  }

  /// A change of an object reconciles that object.
  public static func on<T: Resource>(_ type: T.Type) -> Trigger {
    Trigger(resource: T.kind.groupResource) { event, _ in [event.record.key] }
  }

  /// A change of an object reconciles the keys that `keys` names.
  public static func on<T: Resource>(_ type: T.Type, keys: @escaping @Sendable (T, View) -> [Key]) -> Trigger {
    Trigger(resource: T.kind.groupResource) { event, view in keys(T(json: event.record.value), view) }
  }

  /// A change of an object reconciles the owner that controls it, now or until this change.
  public static func on<T: Resource, Owner: Resource>(_ type: T.Type, controlledBy owner: Owner.Type) -> Trigger {
    Trigger(resource: T.kind.groupResource) { event, _ in
      let owners = [event.record, event.previous].compactMap { record in
        record.flatMap { Owner.controllerKey(of: T(json: $0.value)) }
      }
      return owners.first == owners.last ? Array(owners.prefix(1)) : owners
    }
  }
}

extension Resource {
  // The key of the object of this kind that controls another one, or nil.
  static func controllerKey(of object: some APIObject) -> Key? {
    let kind = kind
    guard let reference = object.controller, reference.kind == kind.name,
      reference.apiVersion.flatMap({ $0.split(separator: "/").dropLast().first }).map(String.init) ?? "" == kind.group
    else { return nil }
    return Key(
      resource: kind.groupResource, namespace: kind.isNamespaced ? object.namespace : "", name: reference.name ?? "")
  }
}
