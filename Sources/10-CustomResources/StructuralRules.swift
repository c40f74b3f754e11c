import Objects

/// What makes a schema structural: it says of every place which type it has, in one way, so that a server can prune,
/// default and explain with it. The words are Kubernetes'.
///
/// Specified by the Kubernetes documentation, "Extend the Kubernetes API with CustomResourceDefinitions" ("Specifying a
/// structural schema").
enum StructuralRules {
  static func problems(_ schema: Value, at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if let type = schema["type"]?.string, !type.isEmpty, type != "object" {
      errors.append(.invalid(path["type"], .string(type), "must be object at the root"))
    }
    if schema["nullable"] == true {
      errors.append(.forbidden(path["nullable"], "nullable cannot be true at the root"))
    }
    errors += metadata(schema["properties"]?["metadata"], path["properties"][key: "metadata"])
    structure(schema, at: path, "must not be empty at the root", &errors)
    return errors.isEmpty ? RuleChecks(schema, at: path).errors : errors
  }

  // The server knows what metadata is; a schema may only narrow the name.
  private static func metadata(_ schema: Value?, _ path: FieldPath) -> [FieldError] {
    guard let schema else { return [] }
    let message = "must not specify anything other than name and generateName, but metadata is implicitly specified"
    let members = schema.members?.names.filter { !["type", "description", "properties"].contains($0) } ?? []
    let named = schema["properties"]?.members?.names.filter { !["name", "generateName"].contains($0) } ?? []
    return members.isEmpty && named.isEmpty ? [] : [.forbidden(path, message)]
  }

  private static let types = ["array", "boolean", "integer", "number", "object", "string"]

  /// A place of the object.
  private static func structure(
    _ schema: Value, at path: FieldPath, _ whenEmpty: String, _ errors: inout [FieldError]
  ) {
    let type = schema["type"]?.string ?? ""
    let isIntOrString = schema["x-kubernetes-int-or-string"] == true
    let keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"] == true
    if type.isEmpty {
      if !isIntOrString, !keepsUnknown { errors.append(.required(path["type"], whenEmpty)) }
    } else if !types.contains(type) {
      errors.append(.notSupported(path["type"], .string(type), supported: types))
    } else if isIntOrString {
      let message = "must be empty if x-kubernetes-int-or-string is true"
      errors.append(.invalid(path["type"], .string(type), message))
    }
    unsupported(schema, at: path, &errors)
    if schema["x-kubernetes-preserve-unknown-fields"] == false {
      errors.append(.invalid(path["x-kubernetes-preserve-unknown-fields"], false, "must be true or undefined"))
    }
    embedded(schema, type, keepsUnknown, at: path, &errors)
    list(schema, type, at: path, &errors)
    bounds(schema, at: path, &errors)
    for (name, member) in schema["properties"]?.members ?? Members() {
      structure(member, at: path["properties"][key: name], "must not be empty for specified object fields", &errors)
    }
    if let rest = schema["additionalProperties"], rest.members != nil {
      let path = path["additionalProperties"]
      structure(rest, at: path, "must not be empty for specified object fields", &errors)
    }
    if let items = schema["items"] {
      structure(items, at: path["items"], "must not be empty for specified array items", &errors)
    } else if type == "array" {
      errors.append(.required(path["items"], "must be specified"))
    }
    for (keyword, schemas) in conditions(of: schema) {
      for (index, condition) in schemas.enumerated() {
        let path = keyword == "not" ? path[keyword] : path[keyword][index]
        self.condition(condition, beside: schema, at: path, &errors)
      }
    }
    defaults(schema, at: path, &errors)
  }

  static func conditions(of schema: Value) -> [(keyword: String, schemas: [Value])] {
    ["allOf", "anyOf", "oneOf"].map { ($0, schema[$0]?.array ?? []) } + [("not", schema["not"].map { [$0] } ?? [])]
  }

  /// What is said about a place that the structure has: it may restrict the value, and add nothing to it.
  private static func condition(
    _ schema: Value, beside structure: Value?, at path: FieldPath, _ errors: inout [FieldError]
  ) {
    let isIntOrString = structure?["x-kubernetes-int-or-string"] == true
    let forbidden = [
      "description", "type", "default", "title", "nullable", "additionalProperties",
      "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string",
      "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-validations",
    ]
    for keyword in forbidden where schema[keyword] != nil {
      // The usual way to say again that the value is an integer or a string.
      if keyword == "type", isIntOrString, ["integer", "string"].contains(schema[keyword]?.string) { continue }
      errors.append(.forbidden(path[keyword], "must be undefined to be structural"))
    }
    unsupported(schema, at: path, &errors)
    bounds(schema, at: path, &errors)
    for (name, member) in schema["properties"]?.members ?? Members() {
      let place = structure?["properties"]?[name] ?? structure?["additionalProperties"]
      let path = path["properties"][key: name]
      if place?.members == nil {
        errors.append(.required(structural(path), "because it is defined in \(path)"))
      }
      condition(member, beside: place, at: path, &errors)
    }
    if let items = schema["items"] {
      let path = path["items"]
      if structure?["items"] == nil { errors.append(.required(structural(path), "because it is defined in \(path)")) }
      condition(items, beside: structure?["items"], at: path, &errors)
    }
    for (keyword, schemas) in conditions(of: schema) {
      for (index, inner) in schemas.enumerated() {
        condition(inner, beside: structure, at: keyword == "not" ? path[keyword] : path[keyword][index], &errors)
      }
    }
  }

  // The same place without the conditions on the way.
  private static func structural(_ path: FieldPath) -> FieldPath {
    FieldPath(path.description.replacing(/\.(?:allOf\[[0-9]+\]|anyOf\[[0-9]+\]|oneOf\[[0-9]+\]|not)/, with: ""))
  }
}

// MARK: - Single keywords

extension StructuralRules {
  private static func unsupported(_ schema: Value, at path: FieldPath, _ errors: inout [FieldError]) {
    for keyword in ["$ref", "definitions", "dependencies", "patternProperties", "additionalItems", "id", "$schema"]
    where schema[keyword] != nil && schema[keyword] != .emptyObject {
      errors.append(.forbidden(path[keyword], "\(keyword) is not supported"))
    }
    if schema["uniqueItems"] == true {
      let message = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
      errors.append(.forbidden(path["uniqueItems"], message))
    }
    if schema["additionalProperties"] == false {
      errors.append(.forbidden(path["additionalProperties"], "additionalProperties cannot be set to false"))
    } else if schema["additionalProperties"] != nil, schema["properties"]?.members?.isEmpty == false {
      let message = "additionalProperties and properties are mutual exclusive"
      errors.append(.forbidden(path["additionalProperties"], message))
    }
  }

  private static func bounds(_ schema: Value, at path: FieldPath, _ errors: inout [FieldError]) {
    guard let pattern = schema["pattern"]?.string else { return }
    do {
      _ = try Pattern(pattern)
    } catch {
      let message = "must be a valid regular expression, but isn't: \(error)"
      errors.append(.invalid(path["pattern"], .string(pattern), message))
    }
  }

  private static func embedded(
    _ schema: Value, _ type: String, _ keepsUnknown: Bool, at path: FieldPath, _ errors: inout [FieldError]
  ) {
    guard schema["x-kubernetes-embedded-resource"] == true else { return }
    if type != "object" {
      let message = "must be object if x-kubernetes-embedded-resource is true"
      errors.append(type.isEmpty ? .required(path["type"], message) : .invalid(path["type"], .string(type), message))
    }
    if !keepsUnknown, schema["properties"]?.members?.isEmpty != false {
      let message =
        "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"
      errors.append(.required(path["properties"], message))
    }
  }

  private static func list(_ schema: Value, _ type: String, at path: FieldPath, _ errors: inout [FieldError]) {
    let listType = schema["x-kubernetes-list-type"]?.string
    let keys = schema["x-kubernetes-list-map-keys"]?.array?.compactMap(\.string) ?? []
    if let mapType = schema["x-kubernetes-map-type"]?.string, !["atomic", "granular"].contains(mapType) {
      errors.append(
        .notSupported(path["x-kubernetes-map-type"], .string(mapType), supported: ["atomic", "granular"]))
    }
    if let listType {
      if type != "array" {
        errors.append(.invalid(path["type"], .string(type), "must be array if x-kubernetes-list-type is specified"))
      }
      if !["atomic", "map", "set"].contains(listType) {
        let path = path["x-kubernetes-list-type"]
        errors.append(.notSupported(path, .string(listType), supported: ["atomic", "map", "set"]))
      }
    }
    if !keys.isEmpty, listType != "map" {
      let message = "must be map if x-kubernetes-list-map-keys is non-empty"
      errors.append(.invalid(path["x-kubernetes-list-type"], .string(listType ?? ""), message))
    }
    guard listType == "map" else { return }
    if keys.isEmpty {
      let message = "must not be empty if x-kubernetes-list-type is map"
      errors.append(.required(path["x-kubernetes-list-map-keys"], message))
    }
    let items = schema["items"] ?? .emptyObject
    let required = items["required"]?.array ?? []
    for key in keys {
      let path = path["items"]["properties"][key: key]
      guard let property = items["properties"]?[key] else {
        let names = (items["properties"]?.members?.names ?? []).sorted()
        errors.append(.notSupported(path, .string(key), supported: names))
        continue
      }
      if !required.contains(.string(key)), property["default"] == nil {
        let message =
          "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
        errors.append(.required(path["default"], message))
      }
    }
  }

  // A default has to be what a user could have written.
  private static func defaults(_ schema: Value, at path: FieldPath, _ errors: inout [FieldError]) {
    guard let value = schema["default"] else { return }
    let path = path["default"]
    let node = SchemaNode(schema)
    var unknown: [FieldPath]? = []
    _ = node.pruned(value, at: FieldPath(), &unknown)
    if unknown?.isEmpty == false { errors.append(.invalid(path, value, "must not have unknown fields")) }
    var found: [FieldError] = []
    node.validate(value, replacing: nil, at: path, &found)
    errors += found
  }
}
