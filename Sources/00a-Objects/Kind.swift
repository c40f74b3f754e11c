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
  /// Names for groups of kinds: `kubectl get all`.
  public var categories: [String]
  public var isNamespaced: Bool
  /// The view of its objects, and so its schema.
  public var type: any APIObject.Type
  /// Whether status is written by controllers only, through a subresource of its own.
  public var hasStatus: Bool
  /// Where its replicas stand, if it can be scaled.
  public var scale: ScalePaths?
  /// Other subresources, such as "log" or "binding", with their verbs.
  public var subresources: [Subresource]
  /// All but name and age come from here.
  public var columns: [Column]
  /// What field selectors can ask for, beside metadata.name and metadata.namespace.
  public var selectableFields: [SelectableField]
  /// Called with the new object before defaults; the server's own fields are set already.
  public var prepareForCreate: @Sendable (inout Value) -> Void
  /// Called with the new and the old object: what an update may not touch is put back.
  public var prepareForUpdate: @Sendable (_ new: inout Value, _ old: Value) -> Void
  /// What the schema cannot say. `old` is nil at creation.
  public var validate: @Sendable (_ new: Value, _ old: Value?) -> [FieldError]
  /// How an object's name is checked; the sentences of what is wrong.
  public var validateName: @Sendable (String) -> [String]
  /// How long a deleted object may take to end, in seconds; nil removes it at once.
  public var gracePeriod: @Sendable (Value) -> Int64?
  /// Whether a change of the object (status and metadata aside) counts its generation up.
  public var countsGenerations: Bool

  public init<T: APIObject>(
    _ type: T.Type, group: String = "", version: String = "v1", name: String, resource: String,
    shortNames: [String] = [], categories: [String] = [], isNamespaced: Bool = true
  ) {
    self.type = type
    self.group = group
    self.version = version
    self.name = name
    self.resource = resource
    self.singular = name.lowercased()
    self.shortNames = shortNames
    self.categories = categories
    self.isNamespaced = isNamespaced
    hasStatus = false
    subresources = []
    columns = []
    selectableFields = []
    prepareForCreate = { _ in }
    prepareForUpdate = { _, _ in }
    validate = { _, _ in [] }
    validateName = Names.subdomainProblems
    gracePeriod = { _ in nil }
    countsGenerations = false
  }

  /// Group and version as objects carry them: "apps/v1", "v1".
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The resource with its group: "deployments.apps", "pods". The store's tables are named so.
  public var groupResource: String { group.isEmpty ? resource : "\(resource).\(group)" }

  public var listName: String { name + "List" }

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

public struct Subresource: Sendable {
  public var name: String
  public var verbs: [String]
  /// The kind of its body, where that is another one, with its group and version: ("policy", "v1", "Eviction").
  public var body: (group: String, version: String, kind: String)?

  public init(_ name: String, verbs: [String], body: (group: String, version: String, kind: String)? = nil) {
    self.name = name
    self.verbs = verbs
    self.body = body
  }
}

/// A column of the table that `kubectl get` prints.
public struct Column: Sendable {
  public var name: String
  /// "string", "integer", "boolean" or "date".
  public var type: String
  /// Clients show columns above 0 only when asked for more (`-o wide`).
  public var priority: Int
  public var documentation: String
  public var cell: @Sendable (_ object: Value, _ now: Time) -> Value

  public init(
    _ name: String, type: String = "string", priority: Int = 0, _ documentation: String,
    cell: @escaping @Sendable (_ object: Value, _ now: Time) -> Value
  ) {
    self.name = name
    self.type = type
    self.priority = priority
    self.documentation = documentation
    self.cell = cell
  }
}

extension Column {
  /// How long ago the object was created.
  public static let age = Column("Age", "How long ago the object was created.") { object, now in
    .string(Object(json: object).metadata.creationTimestamp.map { HumanDuration.text(now - $0) } ?? "<unknown>")
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
