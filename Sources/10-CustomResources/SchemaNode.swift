import Objects
import Synchronization

/// A schema as it is used: one node for every place of an object, read from the definition once.
final class SchemaNode: Sendable {
  enum Kind: String {
    case object, array, string, integer, number, boolean
  }

  enum ListKind {
    case set
    case map(keys: [String])
  }

  let kind: Kind?
  let format: String?
  let isNullable: Bool
  let isIntOrString: Bool
  /// An object of the API by itself: its kind and its metadata are understood.
  let isResource: Bool
  let keepsUnknown: Bool
  let defaultValue: Value?
  let choices: [Value]?

  let properties: [String: SchemaNode]
  /// In an order that is the same in every process.
  let defaulted: [(name: String, node: SchemaNode)]
  /// Of members without a node of their own.
  let others: SchemaNode?
  let items: SchemaNode?
  let required: [String]
  let listKind: ListKind?

  let bounds: Bounds
  let pattern: Pattern?
  let allOf, anyOf, oneOf: [SchemaNode]
  let not: SchemaNode?
  private let ruleSources: [ValidationRule]
  private let checkedRules = Mutex<[CheckedRule]?>(nil)
  /// Whether there are rules here or below.
  let hasRules: Bool

  init(_ schema: Value, isResource: Bool = false) {
    func nodes(_ keyword: String) -> [SchemaNode] { schema[keyword]?.array?.map { SchemaNode($0) } ?? [] }
    func isSet(_ keyword: String) -> Bool { schema[keyword] == true }
    kind = schema["type"]?.string.flatMap(Kind.init)
    format = schema["format"]?.string
    isNullable = isSet("nullable")
    isIntOrString = isSet("x-kubernetes-int-or-string")
    self.isResource = isResource || isSet("x-kubernetes-embedded-resource")
    defaultValue = schema["default"]
    choices = schema["enum"]?.array
    var properties: [String: SchemaNode] = [:]
    for (name, member) in schema["properties"]?.members ?? Members() { properties[name] = SchemaNode(member) }
    self.properties = properties
    defaulted = properties.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }.filter { $0.node.mayDefault }
    let others = schema["additionalProperties"]
    self.others = others?.members == nil ? nil : others.map { SchemaNode($0) }
    keepsUnknown = isSet("x-kubernetes-preserve-unknown-fields") || others == true
    items = schema["items"].map { SchemaNode($0) }
    required = schema["required"]?.array?.compactMap(\.string) ?? []
    switch schema["x-kubernetes-list-type"]?.string {
    case "set": listKind = .set
    case "map": listKind = .map(keys: schema["x-kubernetes-list-map-keys"]?.array?.compactMap(\.string) ?? [])
    default: listKind = nil
    }
    bounds = Bounds(schema)
    pattern = schema["pattern"]?.string.flatMap { try? Pattern($0) }
    allOf = nodes("allOf")
    anyOf = nodes("anyOf")
    oneOf = nodes("oneOf")
    not = schema["not"].map { SchemaNode($0) }
    ruleSources = schema["x-kubernetes-validations"]?.array?.compactMap(ValidationRule.init) ?? []
    let below = properties.values.map { $0 } + [self.others, items].compactMap(\.self)
    hasRules = !ruleSources.isEmpty || below.contains { $0.hasRules }
  }

  /// Checked when the first value needs them, since they have to know all that is below.
  var rules: [CheckedRule] {
    if ruleSources.isEmpty { return [] }
    return checkedRules.withLock { rules in
      if let rules { return rules }
      let type = type()
      let made = ruleSources.compactMap { try? CheckedRule($0, about: type) }
      rules = made
      return made
    }
  }

  /// Whether anything can be filled in here or below.
  var mayDefault: Bool {
    defaultValue != nil || !defaulted.isEmpty || others?.mayDefault == true || items?.mayDefault == true
  }
}

/// How much, how long, how many.
struct Bounds: Sendable {
  var minimum, maximum, multipleOf: Double?
  var excludesMinimum, excludesMaximum: Bool
  var length, count, members: (least: Int64?, most: Int64?)

  init(_ schema: Value) {
    func number(_ keyword: String) -> Double? { schema[keyword].flatMap(Double.init) }
    func range(_ least: String, _ most: String) -> (least: Int64?, most: Int64?) {
      (schema[least].flatMap(Int64.init), schema[most].flatMap(Int64.init))
    }
    (minimum, maximum, multipleOf) = (number("minimum"), number("maximum"), number("multipleOf"))
    excludesMinimum = schema["exclusiveMinimum"] == true
    excludesMaximum = schema["exclusiveMaximum"] == true
    length = range("minLength", "maxLength")
    count = range("minItems", "maxItems")
    members = range("minProperties", "maxProperties")
  }
}

/// A regular expression that is looked for anywhere in a string.
struct Pattern: Sendable {
  let text: String
  private let expression: RegularExpression

  /// Throws what is wrong with it.
  init(_ text: String) throws(PatternError) {
    self.text = text
    expression = try RegularExpression(text)
  }

  func matches(_ string: String) -> Bool { expression.matches(string) }
}
