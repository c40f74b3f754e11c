/// A kind of object that the API serves: what it is called, where it lives, what can be done with it.
///
/// Specified by the Kubernetes API reference; discovery, tables and the paths of the API are made from it.
public struct Kind: Sendable {
  /// "" for the core group.
  public var group: String
  public var version: String
  /// "Deployment".
  public var name: String
  /// As in paths: "deployments".
  public var resource: String
  public var singular: String
  public var shortNames: [String]
  /// The kind of its lists: "DeploymentList".
  public var listName: String
  /// Names for groups of kinds: `kubectl get all`.
  public var categories: [String]
  public var isNamespaced: Bool
  /// The view of its objects, and so its schema.
  public var type: any APIObject.Type
  /// What holds for its objects where no Swift type says it; nil for the kinds of the layers.
  public var schema: (any ObjectSchema)?
  /// The version in which its objects are stored, for kinds that are served in several.
  public var storageVersion: String
  /// Whether status is written by controllers only, through a subresource of its own.
  public var hasStatus: Bool
  /// What everybody who uses it is told: that its time is over, and what to use instead.
  public var deprecationWarning: String?
  /// Where its replicas stand, if it can be scaled.
  public var scale: ScalePaths?
  /// What can be done with its objects, as discovery names it.
  public var verbs: [String]
  /// Other subresources, such as "log" or "binding", with their verbs.
  public var subresources: [Subresource]
  /// Beside the name, which comes first unless one of these is called Name. None: the age.
  public var columns: [Column]
  /// What field selectors can ask for, beside metadata.name and metadata.namespace.
  public var selectableFields: [SelectableField]
  /// Called with the new object before defaults; the server's own fields are set already.
  public var prepareForCreate: @Sendable (inout Value) -> Void
  /// Called with the new and the old object: what an update may not touch is put back.
  public var prepareForUpdate: @Sendable (_ new: inout Value, _ old: Value) -> Void
  /// What the schema cannot say. `old` is nil at creation.
  public var validate: @Sendable (_ new: Value, _ old: Value?) -> [FieldError]
  /// Whether the kind puts up with what the rules of its parts find wrong, because it completes a part before its use.
  public var forgives: @Sendable (FieldError, Value) -> Bool
  /// How an object's name is checked; the sentences of what is wrong.
  public var validateName: @Sendable (String) -> [String]
  /// How long a deleted object may take to end, in seconds; nil removes it at once.
  public var gracePeriod: @Sendable (Value) -> Int64?
  /// Whether a deleted object stays for a reason of its kind's own, as its finalizers would keep it.
  public var blocksRemoval: @Sendable (Value) -> Bool
  /// Whether a change of the object (status and metadata aside) counts its generation up.
  public var countsGenerations: Bool

  public init<T: APIObject>(
    _ type: T.Type, group: String = "", version: String = "v1", name: String, resource: String,
    shortNames: [String] = [], categories: [String] = [], isNamespaced: Bool = true
  ) {
    self.type = type
    self.group = group
    self.version = version
    storageVersion = version
    self.name = name
    self.resource = resource
    self.singular = name.lowercased()
    listName = name + "List"
    self.shortNames = shortNames
    self.categories = categories
    self.isNamespaced = isNamespaced
    hasStatus = false
    verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
    subresources = []
    columns = []
    selectableFields = []
    prepareForCreate = { _ in }
    prepareForUpdate = { _, _ in }
    validate = { _, _ in [] }
    forgives = { _, _ in false }
    validateName = Names.subdomainProblems
    gracePeriod = { _ in nil }
    blocksRemoval = { _ in false }
    countsGenerations = false
  }

  /// Group and version as objects carry them: "apps/v1", "v1".
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The same as stored objects carry it.
  public var storedAPIVersion: String { group.isEmpty ? storageVersion : "\(group)/\(storageVersion)" }

  /// The resource with its group: "deployments.apps", "pods". The store's tables are named so.
  public var groupResource: String { group.isEmpty ? resource : "\(resource).\(group)" }

  /// A copy with changes: kinds are declared in one expression.
  public func with(_ change: (inout Kind) -> Void) -> Kind {
    var kind = self
    change(&kind)
    return kind
  }
}

/// Where a kind keeps what the scale subresource shows.
public struct ScalePaths: Sendable {
  public var replicas: [String]
  public var statusReplicas: [String]
  /// A label selector, as an object or a string.
  public var selector: [String]

  public init(
    replicas: [String] = ["spec", "replicas"], statusReplicas: [String] = ["status", "replicas"],
    selector: [String] = ["spec", "selector"]
  ) {
    self.replicas = replicas
    self.statusReplicas = statusReplicas
    self.selector = selector
  }
}

/// A side door to an object: pods/log shows something else of it, pods/binding changes one thing in it.
public struct Subresource: Sendable {
  public var name: String
  public var verbs: [String]
  /// The kind of what is written to it, where that is not the object's own.
  public var body: Kind?
  /// Makes of the stored object what a body that is written to the subresource says.
  /// Returns why not (a conflict, then), or nil. Nil itself when nothing is written through it.
  public var change: (@Sendable (_ object: inout Value, _ body: Value, _ now: Time) -> String?)?
  /// Whether the changed object is then deleted, as the body's deleteOptions say: pods/eviction.
  public var deletes: Bool

  public init(
    _ name: String, verbs: [String], body: Kind? = nil, deletes: Bool = false,
    change: (@Sendable (_ object: inout Value, _ body: Value, _ now: Time) -> String?)? = nil
  ) {
    self.name = name
    self.verbs = verbs
    self.body = body
    self.deletes = deletes
    self.change = change
  }
}

/// A field that field selectors can ask for: its path, and its value as text.
public struct SelectableField: Sendable {
  /// "spec.nodeName".
  public var path: String
  public var text: @Sendable (Value) -> String

  public init(_ path: String, text: @escaping @Sendable (Value) -> String) {
    self.path = path
    self.text = text
  }

  /// A field that holds a string.
  public init(_ path: String) {
    let names = path.split(separator: ".").map(String.init)
    self.init(path) { $0.at(names)?.string ?? "" }
  }
}

extension Value {
  /// The value reached by following member names.
  public func at(_ names: [String]) -> Value? {
    var value = self
    for name in names {
      guard let next = value[name] else { return nil }
      value = next
    }
    return value
  }
}
