/// The type of a field. Structures are named by their Swift type; a ``Scheme`` knows what later chapters add to them.
public indirect enum FieldType: Sendable {
  case boolean
  case int32
  case int64
  case double
  case string
  /// Base64 in JSON, bytes in protobuf.
  case bytes
  /// One of these words.
  case enumeration([String])
  /// RFC 3339 in whole seconds.
  case time
  /// RFC 3339 with six digits of a second.
  case microTime
  case quantity
  case intOrString
  /// Any JSON; protobuf carries it as text.
  case any
  case structure(any Structure.Type)
  case array(FieldType)
  case map(FieldType)
}

/// What a schema knows of one field: plain data, read by defaulting, validation, patches, OpenAPI, protobuf and
/// `kubectl explain` alike.
public struct FieldSchema: Sendable {
  public var name = ""
  /// In protobuf; 0 when the field has none.
  public var number: Int
  public var type: FieldType
  public var documentation: String
  public var isRequired = false
  /// Part of the schema that clients see, without being enforced by it: `required` of Kubernetes' OpenAPI for fields
  /// whose empty value is a value.
  public var isListedAsRequired = false
  public var isImmutable = false
  public var defaultValue: Value?
  public var minimum: Int64?
  public var maximum: Int64?
  /// How the elements of a list are told apart when two writers change it (Kubernetes: x-kubernetes-list-type).
  public var listType: ListType?
  /// Whether two elements that cannot be told apart are an error.
  public var isUnique = true
  /// How a strategic merge patch treats the field; the merge key, if it merges by one.
  public var patchStrategies: [PatchStrategy] = []
  public var mergeKey: String?
  /// The structure is replaced as a whole (Kubernetes: x-kubernetes-map-type).
  public var isAtomicMap = false
  /// Protobuf wraps these fields in a message of its own although JSON does not: the message's field number, and the
  /// field's number in it.
  public var inlined: Int?

  public init(number: Int, type: FieldType, documentation: String, rules: [FieldRule]) {
    self.number = number
    self.type = type
    self.documentation = documentation
    for rule in rules { apply(rule) }
  }
}

public enum ListType: Sendable, Hashable {
  case atomic
  case set
  /// A list of structures, each identified by the values of these fields.
  case map(keys: [String])
}

public enum PatchStrategy: String, Sendable {
  case merge
  case replace
  case retainKeys
}

/// Something that holds for a field, beside its type.
public enum FieldRule: Sendable {
  /// An absent or empty value is an error.
  case required
  /// Clients are told that it is required, but its empty value is fine.
  case listedAsRequired
  case `default`(Value)
  case atLeast(Int64)
  case range(ClosedRange<Int64>)
  /// May not change once the object exists.
  case immutable
  case atomic
  case set
  /// A list of structures identified by these fields; two elements may not agree in all of them. (Kubernetes lets some
  /// lists pass that have two elements of one identity: `unique: false`.)
  case keyed(by: [String], unique: Bool = true)
  /// A strategic merge patch merges the list's elements: by this key, or as a set when nil.
  case merge(by: String?)
  case retainKeys
  case atomicMap
  /// In protobuf the field stands in the message with this number.
  case inlined(in: Int)
  /// What JSON calls the field, where Swift cannot: `$ref`.
  case named(String)
}

extension FieldSchema {
  private mutating func apply(_ rule: FieldRule) {
    switch rule {
    case .required: (isRequired, isListedAsRequired) = (true, true)
    case .listedAsRequired: isListedAsRequired = true
    case .default(let value): defaultValue = value
    case .atLeast(let bound): minimum = bound
    case .range(let range): (minimum, maximum) = (range.lowerBound, range.upperBound)
    case .immutable: isImmutable = true
    case .atomic: listType = .atomic
    case .set: listType = .set
    case .keyed(let keys, let unique): (listType, isUnique) = (.map(keys: keys), unique)
    case .merge(let key): (patchStrategies, mergeKey) = (patchStrategies + [.merge], key)
    case .retainKeys: patchStrategies.append(.retainKeys)
    case .atomicMap: isAtomicMap = true
    case .inlined(let number): inlined = number
    case .named(let name): self.name = name
    }
  }
}
