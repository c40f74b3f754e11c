public import Objects
public import Store

/// The life of an object, from the wish to the write: what every creation, update and deletion passes, whoever asks.
///
/// Each function is pure. It looks at the stored object and the wish, and returns the write that the store should make,
/// or throws why there will be none. Specified by the Kubernetes API reference ("API conventions", ObjectMeta).
public struct Registry: Sendable {
  public let scheme: Scheme
  let admission: [AdmissionStep]

  public init(scheme: Scheme, admission: [AdmissionStep] = []) {
    self.scheme = scheme
    self.admission = admission
  }

  /// Who may write what: the object without its status, or the status.
  public enum Scope: Sendable {
    case main
    case status
    /// What clients may write to the status: labels and annotations too, except where a CustomResourceDefinition
    /// brought the kind.
    case remarkedStatus
  }

  /// A new object: named, identified, defaulted, admitted, checked.
  /// - Parameter names: where unique names and identifiers come from.
  public func create(
    _ value: Value, of kind: Kind, in view: View, at now: Time, names: inout some RandomNumberGenerator
  ) throws(StatusError) -> Write {
    var object = Object(json: value)
    object.apiVersion = kind.storedAPIVersion
    object.kindName = kind.name
    try checkVersionIsAbsent(object, kind)
    if kind.hasStatus { object.json["status"] = nil }
    object.metadata = newMetadata(object.metadata, of: kind, at: now, names: &names)
    kind.prepareForCreate(&object.json)
    complete(&object.json, kind)
    let key = Key(resource: kind.groupResource, namespace: object.namespace, name: object.name)
    try admit(.create, &object.json, old: nil, kind, key, nil, view, now)
    try check(object.json, replacing: nil, kind)
    return Write(key, .put(object.json), expecting: .absent)
  }

  /// A changed object, based on what the store holds. Taking the last finalizer from an object whose time has come
  /// removes it.
  /// - Parameter value: carries the resourceVersion it is based on; without one, whatever is stored is replaced.
  public func update(
    _ value: Value, of kind: Kind, scope: Scope = .main, in view: View, at now: Time
  ) throws(StatusError) -> Write {
    var object = Object(json: value)
    let key = Key(resource: kind.groupResource, namespace: object.namespace, name: object.name)
    guard let record = view.snapshot.record(key) else { throw .notFound(key) }
    let old = Object(json: kind.reading(record.value))
    let version = object.metadata.resourceVersion ?? ""
    if !version.isEmpty, version != old.metadata.resourceVersion { throw .conflict(key) }
    if let uid = object.metadata.uid, !uid.isEmpty, uid != old.uid {
      throw .conflict(key, "Precondition failed: UID in precondition: \(uid), UID in object meta: \(old.uid)")
    }
    object.kindName = kind.name
    switch scope {
    case .main:
      if kind.hasStatus { object.json["status"] = old.json["status"] }
      object.metadata = updatedMetadata(object.metadata, from: old.metadata)
      kind.prepareForUpdate(&object.json, old.json)
      complete(&object.json, kind)
      if kind.countsGenerations, desiredState(of: object.json, kind) != desiredState(of: old.json, kind) {
        object.metadata.generation = (old.metadata.generation ?? 0) + 1
      }
    case .status, .remarkedStatus:
      let wanted = object
      object = old
      object.json["status"] = wanted.json["status"]
      if kind.schema != nil {
        complete(&object.json, kind)
      } else if scope == .remarkedStatus {
        object.metadata.labels = wanted.metadata.labels
        object.metadata.annotations = wanted.metadata.annotations
      }
    }
    object.apiVersion = kind.storedAPIVersion
    try admit(.update, &object.json, old: old.json, kind, key, scope == .main ? nil : "status", view, now)
    try check(object.json, replacing: old.json, kind)
    return write(object, key, of: kind, replacing: record)
  }

  /// The object after `body` has been written to one of its subresources.
  public func write(
    _ body: Value, to subresource: String, of key: Key, in view: View, at now: Time
  ) throws(StatusError) -> Write {
    guard let record = view.snapshot.record(key), let kind = view.scheme.kind(resource: key.resource),
      let door = kind.subresources.first(where: { $0.name == subresource }), let change = door.change
    else { throw .notFound(key) }
    var object = Object(json: record.value)
    if let refusal = change(&object.json, body, now) {
      throw .conflict(
        Key(resource: "\(key.resource)/\(subresource)", namespace: key.namespace, name: key.name), refusal)
    }
    try admit(.update, &object.json, old: record.value, kind, key, subresource, view, now)
    guard door.deletes else { return write(object, key, of: kind, replacing: record) }
    let options = DeleteOptions(DeletionOptions(json: body["deleteOptions"] ?? .emptyObject))
    return try deletion(of: object, key, options, of: kind, replacing: record, in: view, at: now)
  }

  /// What a deletion comes to: the object goes at once, or it is marked and waits for its grace period and its
  /// finalizers. Nil when the deletion changes nothing because it is under way.
  public func delete(
    _ key: Key, _ options: DeleteOptions, of kind: Kind, in view: View, at now: Time
  ) throws(StatusError) -> Write? {
    guard let record = view.snapshot.record(key) else { throw .notFound(key) }
    let write = try deletion(
      of: Object(json: record.value), key, options, of: kind, replacing: record, in: view, at: now)
    if case .put(record.value) = write.change { return nil }
    return write
  }

  private func deletion(
    of object: Object, _ key: Key, _ options: DeleteOptions, of kind: Kind, replacing record: Record, in view: View,
    at now: Time
  ) throws(StatusError) -> Write {
    var object = object
    try checkPreconditions(options, object, key)
    try admit(.delete, &object.json, old: object.json, kind, key, nil, view, now)
    let expectation = Write.Expectation.revision(record.revision)
    var metadata = object.metadata
    metadata.finalizers = finalizers(of: metadata, options.propagationPolicy)
    let grace = gracePeriod(of: object, options, kind)
    if grace == 0, metadata.finalizers.isEmpty, !kind.blocksRemoval(object.json) {
      return Write(key, .delete, expecting: expectation)
    }
    if let current = metadata.deletionGracePeriodSeconds, metadata.deletionTimestamp != nil {
      // Under way: the period may only get shorter.
      if grace < current {
        metadata.deletionGracePeriodSeconds = grace
        metadata.deletionTimestamp = min(now + .seconds(grace), metadata.deletionTimestamp ?? now)
      }
    } else {
      metadata.deletionTimestamp = now + .seconds(grace)
      metadata.deletionGracePeriodSeconds = grace
      if kind.countsGenerations { metadata.generation = (metadata.generation ?? 0) + 1 }
    }
    object.metadata = metadata
    return Write(key, .put(object.json), expecting: expectation)
  }
}

extension Registry {
  /// The write that an intent comes to. Nil when there is nothing to do: a deletion is under way, or what was to be
  /// deleted has gone.
  public func write(
    for intent: Intent, in view: View, at now: Time, names: inout some RandomNumberGenerator
  ) throws(StatusError) -> Write? {
    switch intent {
    case .create(let value):
      return try create(value, of: kind(of: value, in: view), in: view, at: now, names: &names)
    case .update(let value):
      return try update(value, of: kind(of: value, in: view), in: view, at: now)
    case .updateStatus(let value):
      return try update(value, of: kind(of: value, in: view), scope: .status, in: view, at: now)
    case .writeSubresource(let key, let subresource, let body):
      return try write(body, to: subresource, of: key, in: view, at: now)
    case .delete(let key, let options):
      guard view.snapshot.record(key) != nil, let kind = view.scheme.kind(resource: key.resource) else { return nil }
      return try delete(key, options, of: kind, in: view, at: now)
    }
  }

  private func kind(of value: Value, in view: View) throws(StatusError) -> Kind {
    let object = Object(json: value)
    guard let kind = view.scheme.kind(apiVersion: object.apiVersion, name: object.kindName) else {
      throw .badRequest("no kind \"\(object.kindName)\" is registered for version \"\(object.apiVersion)\"")
    }
    return kind
  }
}

extension Registry {
  // What controllers write is complete where a Swift type wrote it. Where none did, nothing gets past the schema.
  private func complete(_ value: inout Value, _ kind: Kind) {
    if kind.schema != nil { value = scheme.pruned(value, of: kind) }
    scheme.applyDefaults(to: &value, of: kind)
  }

  // An object whose time has come is removed by the write that takes away the last thing that kept it.
  private func write(_ object: Object, _ key: Key, of kind: Kind, replacing record: Record) -> Write {
    let isFree =
      object.isBeingDeleted && object.metadata.finalizers.isEmpty
      && (object.metadata.deletionGracePeriodSeconds ?? 0) == 0 && !kind.blocksRemoval(object.json)
    return Write(key, isFree ? .delete : .put(object.json), expecting: .revision(record.revision))
  }

  private func checkVersionIsAbsent(_ object: Object, _ kind: Kind) throws(StatusError) {
    guard object.metadata.resourceVersion ?? "" == "" else {
      throw .badRequest("resourceVersion should not be set on objects to be created")
    }
  }

  private func newMetadata(
    _ given: ObjectMeta, of kind: Kind, at now: Time, names: inout some RandomNumberGenerator
  ) -> ObjectMeta {
    var metadata = given
    if metadata.name ?? "" == "", let prefix = metadata.generateName, !prefix.isEmpty {
      metadata.name = Names.unique(prefix: prefix, using: &names)
    }
    if !kind.isNamespaced { metadata.namespace = nil }
    metadata.uid = Names.uid(using: &names)
    metadata.creationTimestamp = now
    metadata.deletionTimestamp = nil
    metadata.deletionGracePeriodSeconds = nil
    metadata.resourceVersion = nil
    metadata.selfLink = nil
    metadata.generation = kind.countsGenerations ? 1 : nil
    return metadata
  }

  // What only the server writes stays as it is.
  private func updatedMetadata(_ wanted: ObjectMeta, from old: ObjectMeta) -> ObjectMeta {
    var metadata = wanted
    metadata.uid = old.uid
    metadata.creationTimestamp = old.creationTimestamp
    metadata.deletionTimestamp = old.deletionTimestamp
    metadata.deletionGracePeriodSeconds = old.deletionGracePeriodSeconds
    metadata.generation = old.generation
    metadata.generateName = metadata.generateName ?? old.generateName
    metadata.resourceVersion = old.resourceVersion
    metadata.selfLink = nil
    if metadata.managedFields.isEmpty { metadata.managedFields = old.managedFields }
    return metadata
  }

  // Everything but metadata and, where others write it, status.
  private func desiredState(of value: Value, _ kind: Kind) -> Value {
    var desired = value
    desired["apiVersion"] = nil
    desired["metadata"] = nil
    if kind.hasStatus { desired["status"] = nil }
    return desired
  }

  private func admit(
    _ operation: AdmissionRequest.Operation, _ object: inout Value, old: Value?, _ kind: Kind, _ key: Key,
    _ subresource: String?, _ view: View, _ now: Time
  ) throws(StatusError) {
    let request = AdmissionRequest(
      operation: operation, kind: kind, key: key, subresource: subresource, old: old, view: view, now: now)
    for step in admission where step.resource == nil || step.resource == kind.groupResource {
      try step.admit(request, &object)
    }
  }

  private func check(_ value: Value, replacing old: Value?, _ kind: Kind) throws(StatusError) {
    let hasSameMetadata = old.map { $0["metadata"] == value["metadata"] } ?? false
    let errors =
      (hasSameMetadata ? [] : MetadataRules.validate(value, of: kind))
      + scheme.validate(value, replacing: old, of: kind).filter { !kind.forgives($0, value) }
      + kind.validate(value, old)
    if !errors.isEmpty { throw .invalid(kind, name: Object(json: value).name, errors) }
  }

  private func checkPreconditions(_ options: DeleteOptions, _ object: Object, _ key: Key) throws(StatusError) {
    if let uid = options.uid, uid != object.uid {
      throw .conflict(
        key,
        "the UID in the precondition (\(uid)) does not match the UID in record (\(object.uid)). "
          + "The object might have been deleted and then recreated")
    }
    if let version = options.resourceVersion, version != object.metadata.resourceVersion {
      throw .conflict(
        key,
        "the ResourceVersion in the precondition (\(version)) does not match the ResourceVersion in record "
          + "(\(object.metadata.resourceVersion ?? "")). The object might have been modified")
    }
  }

  private func gracePeriod(of object: Object, _ options: DeleteOptions, _ kind: Kind) -> Int64 {
    guard let usual = kind.gracePeriod(object.json) else { return 0 }
    return max(0, options.gracePeriodSeconds ?? usual)
  }

  // The propagation policy becomes a finalizer, which the garbage collector takes away when it has done its part.
  private func finalizers(of metadata: ObjectMeta, _ policy: PropagationPolicy?) -> [String] {
    guard let policy else { return metadata.finalizers }
    let others = metadata.finalizers.filter { $0 != Finalizers.orphan && $0 != Finalizers.foreground }
    switch policy {
    case .background: return others
    case .foreground: return others + [Finalizers.foreground]
    case .orphan: return others + [Finalizers.orphan]
    }
  }
}

/// Finalizers of the garbage collector.
public enum Finalizers {
  public static let orphan = "orphan"
  public static let foreground = "foregroundDeletion"
}
