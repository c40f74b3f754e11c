public import Objects
public import Store

/// What a controller wants: writes in order, events to record, and when to look again.
///
/// A plan is data. The driver carries it out, and a test, an exercise or a simulation can look at it, drop it, or
/// carry out only half of it.
public struct Plan: Sendable {
  public var intents: [Intent] = []
  public var notes: [Note] = []
  /// When to reconcile the same key again although nothing has changed.
  public var wakeAt: Time?

  public init() {}

  public static let nothing = Plan()

  public static func += (plan: inout Plan, other: Plan) {
    plan.intents += other.intents
    plan.notes += other.notes
    plan.wake(at: other.wakeAt)
  }

  public mutating func create(_ object: some Resource) {
    intents.append(.create(object.json))
  }

  /// Writes everything but the status. Refused when the object has changed since the controller saw it.
  public mutating func update(_ object: some APIObject) {
    intents.append(.update(object.json))
  }

  /// Writes the status only. Refused when the object has changed since the controller saw it.
  public mutating func updateStatus(_ object: some APIObject) {
    intents.append(.updateStatus(object.json))
  }

  /// Writes `body` to a subresource that changes one thing in the object: a binding, for example.
  public mutating func write(_ body: some APIObject, to subresource: String, of object: some Resource) {
    intents.append(.writeSubresource(object.key, subresource, body.json))
  }

  /// Deletes this object, not a later one of the same name.
  public mutating func delete(_ object: some Resource, _ options: DeleteOptions = DeleteOptions()) {
    delete(object.key, uid: object.uid, options)
  }

  public mutating func delete(_ key: Key, uid: String, _ options: DeleteOptions = DeleteOptions()) {
    var options = options
    options.uid = uid
    intents.append(.delete(key, options))
  }

  /// Asks to be called again at this time or earlier.
  public mutating func wake(at time: Time?) {
    guard let time else { return }
    wakeAt = min(time, wakeAt ?? time)
  }

  public mutating func record(_ reason: String, _ message: String, about object: some APIObject) {
    record(.normal, reason, message, about: object)
  }

  public mutating func record(_ type: Note.Kind, _ reason: String, _ message: String, about object: some APIObject) {
    notes.append(Note(type: type, reason: reason, message: message, about: object.json))
  }
}

/// One intended write. Objects carry the resourceVersion that the controller saw.
public enum Intent: Sendable {
  case create(Value)
  case update(Value)
  case updateStatus(Value)
  /// A body, written to this subresource of the object with this key.
  case writeSubresource(Key, String, Value)
  case delete(Key, DeleteOptions)
}

extension Intent {
  /// The object that is written; nil for a creation, which touches no object that exists.
  func key(in scheme: Scheme) -> Key? {
    switch self {
    case .create: return nil
    case .delete(let key, _), .writeSubresource(let key, _, _): return key
    case .update(let value), .updateStatus(let value):
      let object = Object(json: value)
      return scheme.kind(apiVersion: object.apiVersion, name: object.kindName).map {
        Key(resource: $0.groupResource, namespace: object.namespace, name: object.name)
      }
    }
  }

  /// Builds on a later version of the object than the one that the controller saw.
  mutating func rebase(on revision: Revision) {
    switch self {
    case .update(let value): self = .update(value.rebased(on: revision))
    case .updateStatus(let value): self = .updateStatus(value.rebased(on: revision))
    case .create, .writeSubresource, .delete: break
    }
  }
}

extension Value {
  fileprivate func rebased(on revision: Revision) -> Value {
    var object = Object(json: self)
    object.metadata.resourceVersion = String(revision)
    return object.json
  }
}

/// Something worth telling people about an object. Chapter 1 makes Events of notes.
public struct Note: Sendable {
  public enum Kind: String, Sendable {
    case normal = "Normal"
    case warning = "Warning"
  }

  public var type: Kind
  /// One word: "SuccessfulCreate".
  public var reason: String
  public var message: String
  /// The object that it is about.
  public var about: Value
  /// Which part of the object: "spec.containers{web}". Empty for the whole.
  public var fieldPath = ""

  public init(type: Kind, reason: String, message: String, about: Value, fieldPath: String = "") {
    self.type = type
    self.reason = reason
    self.message = message
    self.about = about
    self.fieldPath = fieldPath
  }
}

/// How to delete. Specified by the Kubernetes API reference: DeleteOptions.
public struct DeleteOptions: Sendable, Hashable {
  /// In seconds; nil leaves it to the object.
  public var gracePeriodSeconds: Int64?
  public var propagationPolicy: PropagationPolicy?
  /// Deletes only the object with this identifier.
  public var uid: String?
  /// Deletes only this version of the object.
  public var resourceVersion: String?

  public init(gracePeriodSeconds: Int64? = nil, propagationPolicy: PropagationPolicy? = nil) {
    self.gracePeriodSeconds = gracePeriodSeconds
    self.propagationPolicy = propagationPolicy
  }
}

/// What becomes of the objects that a deleted one owns.
public enum PropagationPolicy: String, Enumeration {
  /// They are deleted after it.
  case background = "Background"
  /// They are deleted before it.
  case foreground = "Foreground"
  /// They stay.
  case orphan = "Orphan"
}
