import ControlLoop
import Objects

// The API in the words of OpenAPI 3: one document for each version of a group, made from the schemas that also check
// and default objects. kubectl explains fields with it, and looks there whether the server checks fields at all.
// Specified by the OpenAPI Specification 3.0 and the Kubernetes documentation, "The Kubernetes API" ("OpenAPI V3").

/// Makes the documents.
struct OpenAPI: Sendable {
  let scheme: Scheme

  func document(of version: Discovery.Version) -> Value {
    var schemas = OpenAPISchemas(scheme: scheme)
    var paths: [(String, Value)] = []
    for kind in version.kinds {
      schemas.add(kind)
      for part in kind.parts where part.type.schema == nil { schemas.add(part.type.type) }
      paths += OpenAPIPaths(of: kind, under: version.path).all
    }
    for type: any Structure.Type in [DeletionOptions.self, Status.self, ListMeta.self] { schemas.add(type) }
    return [
      "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "v1.36.0"],
      "paths": .object(Members(paths.sorted { $0.0 < $1.0 })), "components": ["schemas": schemas.all],
    ]
  }
}

// MARK: - Schemas

/// Schemas by their names, with all that they lead to.
struct OpenAPISchemas {
  let scheme: Scheme
  private var schemas: [String: Value] = [:]
  /// By the name of the structure.
  private let kinds: [String: [Kind]]

  init(scheme: Scheme) {
    self.scheme = scheme
    let parts = scheme.kinds.flatMap { $0.parts.map(\.type) }
    var kinds: [String: [Kind]] = [:]
    for kind in scheme.kinds + parts {
      let known = kinds[kind.type.schemaName, default: []]
      if !known.contains(where: { $0.groupVersionKind == kind.groupVersionKind }) {
        kinds[kind.type.schemaName] = known + [kind]
      }
    }
    self.kinds = kinds
  }

  /// In the order of their names.
  var all: Value { .object(Members(schemas.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })) }

  /// Adds a structure and every structure that its fields lead to.
  mutating func add(_ type: any Structure.Type) {
    let name = Self.name(type.schemaName)
    guard schemas[name] == nil else { return }
    let schema = scheme.schema(of: type)
    schemas[name] = .null
    var properties = Members()
    for field in schema.fields.sorted(by: { $0.name < $1.name }) {
      properties[field.name] = property(field)
    }
    var value: Value = ["type": "object", "description": .string(schema.documentation)]
    let required = schema.fields.filter(\.isListedAsRequired).map(\.name).sorted()
    if !required.isEmpty { value["required"] = .strings(required) }
    value["properties"] = .object(properties)
    if let kinds = kinds[schema.name] {
      value[Extension.groupVersionKind] = .array(kinds.map(\.groupVersionKind))
    } else if let own = Self.commonKinds[schema.name] {
      value[Extension.groupVersionKind] = [["group": "", "version": "v1", "kind": .string(own)]]
    }
    schemas[name] = value
  }

  /// Adds a kind and its list.
  mutating func add(_ kind: Kind) {
    if let schema = kind.schema { add(schema, of: kind) } else { add(kind.type) }
    let reference = Self.reference(to: kind.definition)
    var version = kind
    version.name = kind.listName
    schemas[kind.definition + "List"] = [
      "type": "object", "description": .string("A list of objects of the kind \(kind.name)."),
      "required": ["items"],
      "properties": [
        "apiVersion": ["type": "string", "description": "The group and version in which the list is written."],
        "items": ["type": "array", "description": "The objects.", "items": reference],
        "kind": ["type": "string", "description": "What the list is."],
        "metadata": [
          "allOf": [Self.reference(ListMeta.schemaName)], "description": "The list's version, and how to go on.",
        ],
      ],
      Extension.groupVersionKind: [version.groupVersionKind],
    ]
  }

  // A definition says nothing of what every object begins with.
  private mutating func add(_ schema: any ObjectSchema, of kind: Kind) {
    add(Object.self)
    let common = schemas.removeValue(forKey: Self.name(Object.schemaName))?["properties"]?.members ?? Members()
    var properties = schema.document["properties"]?.members ?? Members()
    for (name, property) in common { properties[name] = property }
    var value = schema.document
    value["properties"] = .object(Members(properties.sorted { $0.name < $1.name }.map { ($0.name, $0.value) }))
    value[Extension.groupVersionKind] = [kind.groupVersionKind]
    schemas[kind.definition] = value
  }

  private static let commonKinds = [DeletionOptions.schemaName: "DeleteOptions", Status.schemaName: "Status"]

  /// The name by which clients know a type: "io.k8s.api.core.v1.Pod".
  static func name(_ schemaName: String) -> String {
    let isCommon = schemaName.hasPrefix("meta.") || schemaName.hasPrefix("api.") || schemaName.hasPrefix("util.")
    guard isCommon else { return "io.k8s.api.\(schemaName)" }
    return "io.k8s.apimachinery.pkg.\(schemaName.hasPrefix("meta.") ? "apis." : "")\(schemaName)"
  }

  static func reference(_ schemaName: String) -> Value { reference(to: name(schemaName)) }

  static func reference(to definition: String) -> Value {
    ["$ref": .string("#/components/schemas/\(definition)")]
  }

  enum Extension {
    static let groupVersionKind = "x-kubernetes-group-version-kind"
  }
}

extension Kind {
  /// The name by which clients know its schema: "io.k8s.api.core.v1.Pod", "com.example.v1.CronTab".
  var definition: String {
    if schema == nil { return OpenAPISchemas.name(type.schemaName) }
    return (group.split(separator: ".").reversed().map(String.init) + [version, name]).joined(separator: ".")
  }
}

extension OpenAPISchemas {
  private mutating func property(_ field: FieldSchema) -> Value {
    var property = schema(of: field.type)
    // Nothing may stand beside a reference.
    if property["$ref"] != nil { property = ["allOf": [property]] }
    property["description"] = .string(field.documentation)
    property["default"] = field.defaultValue
    switch field.listType {
    case .atomic: property["x-kubernetes-list-type"] = "atomic"
    case .set: property["x-kubernetes-list-type"] = "set"
    case .map(let keys):
      property["x-kubernetes-list-type"] = "map"
      property["x-kubernetes-list-map-keys"] = .strings(keys)
    case nil: break
    }
    if field.isAtomicMap { property["x-kubernetes-map-type"] = "atomic" }
    if !field.patchStrategies.isEmpty {
      property["x-kubernetes-patch-strategy"] = .string(
        field.patchStrategies.map(\.rawValue).joined(separator: ","))
    }
    property["x-kubernetes-patch-merge-key"] = field.mergeKey.map(Value.string)
    return property
  }

  private mutating func schema(of type: FieldType) -> Value {
    switch type {
    case .boolean: return ["type": "boolean"]
    case .int32: return ["type": "integer", "format": "int32"]
    case .int64: return ["type": "integer", "format": "int64"]
    case .double: return ["type": "number", "format": "double"]
    case .string: return ["type": "string"]
    case .bytes: return ["type": "string", "format": "byte"]
    case .enumeration(let words): return ["type": "string", "enum": .strings(words)]
    case .any: return ["type": "object"]
    case .time: return leaf("meta.v1.Time", Self.moment("A moment, in whole seconds: RFC 3339."))
    case .microTime: return leaf("meta.v1.MicroTime", Self.moment("A moment, with microseconds: RFC 3339."))
    case .quantity: return leaf("api.resource.Quantity", Self.quantity)
    case .intOrString: return leaf("util.intstr.IntOrString", Self.intOrString)
    case .structure(let type):
      add(type)
      return Self.reference(type.schemaName)
    case .array(let element): return ["type": "array", "items": schema(of: element)]
    case .map(let element): return ["type": "object", "additionalProperties": schema(of: element)]
    }
  }

  private mutating func leaf(_ schemaName: String, _ schema: Value) -> Value {
    schemas[Self.name(schemaName)] = schema
    return Self.reference(schemaName)
  }

  private static func moment(_ description: String) -> Value {
    ["type": "string", "format": "date-time", "description": .string(description)]
  }

  private static let quantity: Value = [
    "description": "An amount of something, exact: \"500m\" is a half, \"64Mi\" is 64 times 2 to the 20th.",
    "oneOf": [["type": "string"], ["type": "number"]],
  ]

  private static let intOrString: Value = [
    "description": "A number, or a word that stands for one: a port's name, a percentage.",
    "format": "int-or-string", "oneOf": [["type": "integer"], ["type": "string"]],
  ]
}
