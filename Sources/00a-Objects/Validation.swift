extension Scheme {
  /// Everything that is wrong with a value, as the schema and the facets' own rules see it.
  /// - Parameter old: the value it replaces; nil at creation. Some fields may not change. A field that has not changed
  ///   was checked when it did and is not checked again.
  public func validate(_ value: Value, replacing old: Value? = nil, as type: any Structure.Type) -> [FieldError] {
    guard case .object = value else { return [.init(.typeInvalid, FieldPath(), value, "must be an object")] }
    let schema = schema(of: type)
    var errors: [FieldError] = []
    // Most fields of most objects are absent: their schemas are not copied. And most fields are right: paths are spelled
    // on the way out, for errors only.
    for index in schema.fields.indices where schema.fields[index].concerns(value) {
      let field = schema.fields[index]
      let found = validate(value[field.name], replacing: old?[field.name], field)
      errors += found.map { $0.below(FieldPath(field.name)) }
    }
    // A facet's rules may rely on the types that the schema has just checked.
    guard !errors.contains(where: { $0.reason == .typeInvalid }) else { return errors }
    return errors + schema.facets.flatMap { $0.validate(value, at: FieldPath()) }
  }

  private func validate(_ value: Value?, replacing old: Value?, _ field: FieldSchema) -> [FieldError] {
    if let old {
      if old == value { return [] }
      if field.isImmutable { return [.invalid(FieldPath(), value ?? .null, "field is immutable")] }
    }
    guard let value, value != .null, !(field.isRequired && value.isEmpty) else {
      return field.isRequired ? [.required(FieldPath())] : []
    }
    if case .integer(let integer) = value {
      if let minimum = field.minimum, field.maximum == nil, integer < minimum {
        return [.invalid(FieldPath(), value, "must be greater than or equal to \(minimum)")]
      }
      if let minimum = field.minimum, let maximum = field.maximum, !(minimum...maximum).contains(integer) {
        return [.invalid(FieldPath(), value, "must be between \(minimum) and \(maximum), inclusive")]
      }
    }
    return validate(value, replacing: old, as: field.type) + duplicates(in: value, field)
  }

  private func validate(_ value: Value, replacing old: Value?, as type: FieldType) -> [FieldError] {
    switch (type, value) {
    case (.structure(let structure), _):
      return validate(value, replacing: old, as: structure)
    case (.array(let element), .array(let elements)):
      return elements.indices.flatMap { index in
        validate(elements[index], replacing: nil, as: element).map { $0.below(FieldPath()[index]) }
      }
    case (.map(let element), .object(let members)):
      return members.flatMap { name, member in
        validate(member, replacing: old?[name], as: element).map { $0.below(FieldPath()[key: name]) }
      }
    case (.enumeration(let words), .string(let word)):
      return words.contains(word) || word.isEmpty ? [] : [.notSupported(FieldPath(), value, supported: words)]
    default:
      return type.accepts(value) ? [] : [.init(.typeInvalid, FieldPath(), value, "must be \(type.noun)")]
    }
  }

  // Two elements of a keyed list may not agree in all keys; two elements of a set may not be equal.
  private func duplicates(in value: Value, _ field: FieldSchema) -> [FieldError] {
    guard field.isUnique, case .array(let elements) = value else { return [] }
    var seen: Set<Value> = []
    switch field.listType {
    case .set:
      return elements.indices.filter { !seen.insert(elements[$0]).inserted }.map {
        FieldError(.duplicate, FieldPath()[$0], elements[$0])
      }
    case .map(let keys):
      return elements.indices.compactMap { index in
        let identity = keys.map { elements[index][$0] ?? .null }
        guard identity.contains(where: { $0 != .null }), !seen.insert(.array(identity)).inserted else { return nil }
        return keys.count == 1
          ? FieldError(.duplicate, FieldPath()[index][keys[0]], identity[0])
          : FieldError(.duplicate, FieldPath()[index], elements[index])
      }
    case .atomic, nil:
      return []
    }
  }

  /// The paths of members that no field declares: `unknown field "spec.replica"` of strict field validation.
  public func unknownFields(in value: Value, as type: any Structure.Type, at path: FieldPath = FieldPath())
    -> [FieldPath]
  {
    guard case .object(let members) = value else { return [] }
    let schema = schema(of: type)
    return members.flatMap { name, member in
      guard let type = schema.type(of: name) else { return [path[name]] }
      return type.structure == nil ? [] : unknownFields(in: member, as: type, at: path[name])
    }
  }

  private func unknownFields(in value: Value, as type: FieldType, at path: FieldPath) -> [FieldPath] {
    switch (type, value) {
    case (.structure(let structure), _):
      unknownFields(in: value, as: structure, at: path)
    case (.array(let element), .array(let elements)) where element.structure != nil:
      elements.indices.flatMap { unknownFields(in: elements[$0], as: element, at: path[$0]) }
    case (.map(let element), .object(let members)) where element.structure != nil:
      members.flatMap { unknownFields(in: $0.value, as: element, at: path[key: $0.name]) }
    default: []
    }
  }

  /// What the server keeps of an object: only members that some field declares, and each quantity in its canonical form.
  public func pruned(_ value: Value, as type: any Structure.Type) -> Value {
    guard case .object(let members) = value else { return value }
    let schema = schema(of: type)
    var kept = Members()
    for (name, member) in members where member != .null {
      guard let type = schema.type(of: name) else { continue }
      kept.append(new: name, pruned(member, as: type))
    }
    return .object(kept)
  }

  private func pruned(_ value: Value, as type: FieldType) -> Value {
    switch (type, value) {
    case (.structure(let structure), _):
      pruned(value, as: structure)
    case (.quantity, _):
      Quantity(value)?.asValue ?? value
    case (.array(let element), .array(let elements)) where element.isPrunable:
      .array(elements.map { pruned($0, as: element) })
    case (.map(let element), .object(let members)) where element.isPrunable:
      .object(Members(members.map { ($0.name, pruned($0.value, as: element)) }))
    default: value
    }
  }
}

extension FieldType {
  /// Whether `pruned` may change values of this type.
  fileprivate var isPrunable: Bool {
    if case .quantity = self { true } else { structure != nil }
  }
}

extension FieldSchema {
  /// Whether there is something to check in an object: the field is there, or has to be.
  fileprivate func concerns(_ value: Value) -> Bool { isRequired || isImmutable || value[name] != nil }
}

extension Value {
  /// What Kubernetes takes for "not given": an empty string, list or map.
  var isEmpty: Bool {
    switch self {
    case .null: true
    case .string(let string): string.isEmpty
    case .array(let elements): elements.isEmpty
    default: false
    }
  }
}

extension FieldType {
  func accepts(_ value: Value) -> Bool {
    switch (self, value) {
    case (.boolean, .bool), (.int64, .integer), (.double, .integer), (.double, .double), (.string, .string),
      (.bytes, .string), (.any, _), (.intOrString, .integer), (.intOrString, .string):
      true
    case (.int32, .integer(let integer)): Int32(exactly: integer) != nil
    case (.time, .string), (.microTime, .string): Time(value) != nil
    case (.quantity, _): Quantity(value) != nil
    default: false
    }
  }

  /// "a string", for messages.
  var noun: String {
    switch self {
    case .boolean: "a boolean"
    case .int32: "a 32-bit integer"
    case .int64: "a 64-bit integer"
    case .double: "a number"
    case .string, .enumeration, .bytes: "a string"
    case .time, .microTime: "a time such as 2006-01-02T15:04:05Z"
    case .quantity: "a quantity such as 500m or 1Gi"
    case .intOrString: "an integer or a string"
    case .any: "any value"
    case .structure, .map: "an object"
    case .array: "an array"
    }
  }
}
