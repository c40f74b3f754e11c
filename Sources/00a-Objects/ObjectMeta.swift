/// A whole object of the API: it says what it is, and carries metadata.
public protocol APIObject: Structure {}

extension APIObject {
  /// Group and version: "apps/v1"; the core group has no name: "v1".
  public var apiVersion: String {
    get { json["apiVersion"]?.string ?? "" }
    set { json["apiVersion"] = .string(newValue) }
  }

  /// The kind's name: "Deployment".
  public var kindName: String {
    get { json["kind"]?.string ?? "" }
    set { json["kind"] = .string(newValue) }
  }

  public var metadata: ObjectMeta {
    get { ObjectMeta(json: json["metadata"] ?? .emptyObject) }
    set { json["metadata"] = newValue.json }
  }

  public var name: String { metadata.name ?? "" }
  public var namespace: String { metadata.namespace ?? "" }
  public var uid: String { metadata.uid ?? "" }
  public var isBeingDeleted: Bool { metadata.deletionTimestamp != nil }

  /// The owner that manages this object: at most one owner says `controller: true`.
  public var controller: OwnerReference? { metadata.ownerReferences.first { $0.controller == true } }
}

/// Any object, of whatever kind.
public struct Object: APIObject {
  public static let schemaName = "meta.v1.PartialObjectMetadata"
  public static let documentation = "An object of which only the metadata is known."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()
  }
}

/// An object of a kind that a chapter defines.
public protocol Resource: APIObject {
  static var kind: Kind { get }
}

extension Resource {
  /// A new object with its kind and a name.
  public init(name: String, namespace: String = "", _ change: (inout Self) -> Void = { _ in }) {
    self.init(json: ["apiVersion": .string(Self.kind.apiVersion), "kind": .string(Self.kind.name)])
    metadata.name = name
    if !namespace.isEmpty { metadata.namespace = namespace }
    change(&self)
  }
}

/// What every object carries, whatever its kind.
public struct ObjectMeta: Structure {
  public static let schemaName = "meta.v1.ObjectMeta"
  public static let documentation = "What every stored object carries: its name, its labels, its history."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "Unique in its namespace, among the objects of its resource. Cannot change.")
    public let generateName = Field<String>(2, "A prefix from which the server makes a unique name when name is empty.")
    public let namespace = Field<String>(3, "The space in which the name is unique. Empty for cluster-scoped objects.")
    public let selfLink = Field<String>(4, "No longer filled in; kept so that old clients can read it.")
    public let uid = Field<String>(5, "Tells this object from all others of the same name, in the past and to come.")
    public let resourceVersion = Field<String>(
      6, "Changes with every write; an update may name the version it is based on.")
    public let generation = Field<Int64>(7, "Counts the changes of the desired state.")
    public let creationTimestamp = Field<Time>(8, "When the server created the object.")
    public let deletionTimestamp = Field<Time>(9, "When the object will be gone. Set by a deletion that has to wait.")
    public let deletionGracePeriodSeconds = Field<Int64>(10, "How long the object may take to end by itself.")
    public let labels = Map<String>(11, "Names and values by which selectors find the object.")
    public let annotations = Map<String>(12, "Names and values for tools; no selector sees them.")
    public let ownerReferences = List<OwnerReference>(
      13, "The objects that this one depends on; when all are gone, it is collected.",
      .keyed(by: ["uid"]), .merge(by: "uid"))
    public let finalizers = List<String>(
      14, "Who has to finish something before the object may be removed.", .set, .merge(by: nil))
    public let managedFields = List<ManagedFieldsEntry>(17, "Which writer set which fields.", .atomic)
  }
}

/// Names the object that another one depends on, in the same namespace or cluster-scoped.
public struct OwnerReference: Structure {
  public static let schemaName = "meta.v1.OwnerReference"
  public static let documentation = "Names an object that this one depends on."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let apiVersion = Field<String>(5, "The owner's group and version.", .required)
    public let kind = Field<String>(1, "The owner's kind.", .required)
    public let name = Field<String>(3, "The owner's name.", .required)
    public let uid = Field<String>(4, "The owner's unique identifier.", .required)
    public let controller = Field<Bool>(6, "Whether this owner manages the object. At most one does.")
    public let blockOwnerDeletion = Field<Bool>(
      7, "Whether the owner, deleted in the foreground, waits until this object is gone.")
  }
}

extension OwnerReference {
  /// A reference by which `owner` manages an object.
  public init(controller owner: some Resource) {
    self.init {
      $0.apiVersion = type(of: owner).kind.apiVersion
      $0.kind = type(of: owner).kind.name
      $0.name = owner.name
      $0.uid = owner.uid
      $0.controller = true
      $0.blockOwnerDeletion = true
    }
  }
}

/// Which fields one writer set, and when.
public struct ManagedFieldsEntry: Structure {
  public static let schemaName = "meta.v1.ManagedFieldsEntry"
  public static let documentation = "Which fields one writer set, and when."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let manager = Field<String>(1, "The writer's name.")
    public let operation = Field<String>(2, "Apply or Update.")
    public let apiVersion = Field<String>(3, "The version in which the fields are named.")
    public let time = Field<Time>(4, "When the entry last changed.")
    public let fieldsType = Field<String>(6, "The format of fieldsV1; always FieldsV1.")
    public let fieldsV1 = Field<Value>(7, "The set of fields, as a tree of their names.")
    public let subresource = Field<String>(8, "The subresource through which the writer wrote, if any.")
  }
}

/// Selects objects by their labels.
public struct LabelSelector: Structure {
  public static let schemaName = "meta.v1.LabelSelector"
  public static let documentation =
    "Selects objects by their labels; an empty selector selects all, none selects nothing."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let matchLabels = Map<String>(1, "Labels that an object must have, with these values.")
    public let matchExpressions = List<LabelSelectorRequirement>(2, "Conditions that must all hold.", .atomic)
  }
}

/// One condition of a label selector.
public struct LabelSelectorRequirement: Structure {
  public static let schemaName = "meta.v1.LabelSelectorRequirement"
  public static let documentation = "A label, an operator and the values it is compared with."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let key = Field<String>(1, "The label's name.", .required)
    public let `operator` = Field<String>(2, "In, NotIn, Exists or DoesNotExist.", .required)
    public let values = List<String>(3, "For In and NotIn: what the label's value is compared with.", .atomic)
  }
}

/// One aspect of an object's state.
public struct Condition: Structure {
  public static let schemaName = "meta.v1.Condition"
  public static let documentation = "One aspect of an object's state, and since when it holds."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<String>(1, "What is said.", .required)
    public let status = Field<String>(2, "True, False or Unknown.", .required)
    public let observedGeneration = Field<Int64>(3, "The generation of the object that this was said about.")
    public let lastTransitionTime = Field<Time>(4, "When the status last changed.", .required)
    public let reason = Field<String>(5, "One word for programs: why.", .required)
    public let message = Field<String>(6, "A sentence for people: why.", .listedAsRequired)
  }
}
