import Objects

// What is wrong with a value, in the words of Kubernetes' validation of custom resources.

extension SchemaNode {
  /// Adds what is wrong.
  /// - Parameter old: the value that it replaces; what has not changed was right once, and is left alone.
  func validate(_ value: Value, replacing old: Value?, at path: FieldPath, _ errors: inout [FieldError]) {
    if let old, old == value { return }
    if value == .null, isNullable { return }
    guard hasType(value) else {
      errors.append(.wrongType(path, value.typeName, expected: isIntOrString ? "integer,string" : kind?.rawValue ?? ""))
      return
    }
    if let choices, !choices.contains(where: { $0.isEqual(to: value) }) {
      let words = choices.map { "\"\($0.string ?? $0.encodedString)\"" }.joined(separator: ", ")
      errors.append(FieldError(.notSupported, path, value, "supported values: \(words)"))
    }
    switch value {
    case .string(let string): validate(string, at: path, &errors)
    case .integer, .double: Double(value).map { bounds.validate($0, value, format, at: path, &errors) }
    case .array(let elements): validate(elements, replacing: old, at: path, &errors)
    case .object(let members): validate(members, replacing: old, at: path, &errors)
    case .null, .bool: break
    }
    validateConditions(value, at: path, &errors)
  }

  private func hasType(_ value: Value) -> Bool {
    switch (kind, value) {
    case (nil, .integer), (nil, .string): true
    case (nil, _): !isIntOrString
    case (.object, .object), (.array, .array), (.string, .string), (.boolean, .bool), (.number, .integer),
      (.number, .double), (.integer, .integer):
      true
    case (.integer, .double(let double)): double == double.rounded()
    default: false
    }
  }

  private func validate(_ string: String, at path: FieldPath, _ errors: inout [FieldError]) {
    let (least, most) = bounds.length
    if let most, string.unicodeScalars.count > most {
      errors.append(FieldError(.tooLong, path, .string(string), "may not be more than \(most) bytes"))
    }
    if let least, string.unicodeScalars.count < least {
      errors.append(.invalid(path, .string(string), "\(path) in body should be at least \(least) chars long"))
    }
    if let pattern, !pattern.matches(string) {
      errors.append(.invalid(path, .string(string), "\(path) in body should match '\(pattern.text)'"))
    }
    if kind == .string, let format, let check = Formats.checks[format], !check(string) {
      errors.append(
        FieldError(.typeInvalid, path, .string(string), "\(path) in body must be of type \(format): \"\(string)\""))
    }
  }

  private func validate(
    _ elements: [Value], replacing old: Value?, at path: FieldPath, _ errors: inout [FieldError]
  ) {
    let (least, most) = bounds.count
    if let most, elements.count > most {
      errors.append(FieldError(.tooMany, path, nil, "\(elements.count): must have at most \(most) items"))
    }
    if let least, elements.count < least {
      errors.append(
        .invalid(path, .integer(Int64(elements.count)), "\(path) in body should have at least \(least) items"))
    }
    for (index, element) in elements.enumerated() {
      items?.validate(element, replacing: self.old(element, in: old), at: path[index], &errors)
    }
    findDuplicates(elements, at: path, &errors)
  }

  /// The element that an element replaces, where the list tells its elements apart.
  func old(_ element: Value, in old: Value?) -> Value? {
    guard let old = old?.array else { return nil }
    switch listKind {
    case .map(let keys): return old.first { candidate in keys.allSatisfy { candidate[$0] == element[$0] } }
    case .set: return old.first { $0 == element }
    case nil: return nil
    }
  }

  private func findDuplicates(_ elements: [Value], at path: FieldPath, _ errors: inout [FieldError]) {
    guard let listKind else { return }
    var seen: Set<Value> = []
    for (index, element) in elements.enumerated() {
      var identity = element
      if case .map(let keys) = listKind {
        identity = .object(Members(keys.compactMap { key in element[key].map { (key, $0) } }))
      }
      if !seen.insert(identity).inserted { errors.append(FieldError(.duplicate, path[index], identity)) }
    }
  }

  private func validate(
    _ members: Members, replacing old: Value?, at path: FieldPath, _ errors: inout [FieldError]
  ) {
    let (least, most) = bounds.members
    if let most, members.count > most {
      errors.append(FieldError(.tooMany, path, nil, "\(members.count): must have at most \(most) items"))
    }
    if let least, members.count < least {
      errors.append(
        .invalid(path, .integer(Int64(members.count)), "\(path) in body should have at least \(least) properties"))
    }
    for name in required where members.index(of: name) == nil { errors.append(.required(path[name])) }
    for (name, member) in members {
      guard let node = properties[name] ?? others else { continue }
      // Metadata has rules of its own, which the server knows.
      if isResource, name == "metadata" {
        node.validate(
          .object(Members(member.members?.filter { $0.name == "name" } ?? [])), replacing: nil, at: path[name], &errors)
      } else {
        node.validate(member, replacing: old?[name], at: path[name], &errors)
      }
    }
  }

  private func validateConditions(_ value: Value, at path: FieldPath, _ errors: inout [FieldError]) {
    func problems(_ node: SchemaNode) -> [FieldError] {
      var found: [FieldError] = []
      node.validate(value, replacing: nil, at: path, &found)
      return found
    }
    func fail(_ sentence: String, _ details: [FieldError] = []) {
      errors.append(.invalid(.nowhere, "", "\"\(path)\" \(sentence)"))
      errors += details
    }
    if !allOf.isEmpty {
      let found = allOf.flatMap(problems)
      if !found.isEmpty { fail("must validate all the schemas (allOf)", found) }
    }
    if !anyOf.isEmpty {
      let found = anyOf.map(problems)
      if !found.contains([]) {
        fail("must validate at least one schema (anyOf)", found.min { $0.count < $1.count } ?? [])
      }
    }
    if !oneOf.isEmpty {
      let found = oneOf.map(problems)
      let matches = found.count { $0.isEmpty }
      if matches == 0 {
        let nearest = found.min { $0.count < $1.count } ?? []
        fail("must validate one and only one schema (oneOf). Found none valid", nearest)
      } else if matches > 1 {
        fail("must validate one and only one schema (oneOf). Found \(matches) valid alternatives")
      }
    }
    if let not, problems(not).isEmpty { fail("must not validate the schema (not)") }
  }
}

extension Bounds {
  fileprivate func validate(
    _ number: Double, _ value: Value, _ format: String?, at path: FieldPath, _ errors: inout [FieldError]
  ) {
    if let maximum, number > maximum || excludesMaximum && number == maximum {
      let words = excludesMaximum ? "less than" : "less than or equal to"
      errors.append(.invalid(path, value, "\(path) in body should be \(words) \(maximum.text)"))
    }
    if let minimum, number < minimum || excludesMinimum && number == minimum {
      let words = excludesMinimum ? "greater than" : "greater than or equal to"
      errors.append(.invalid(path, value, "\(path) in body should be \(words) \(minimum.text)"))
    }
    if let multipleOf, multipleOf > 0, (number / multipleOf) != (number / multipleOf).rounded() {
      errors.append(.invalid(path, value, "\(path) in body should be a multiple of \(multipleOf.text)"))
    }
    if format == "int32", Int32(exactly: number) == nil {
      let message = "Checked value must be of type integer with format int32 in \(path)"
      errors.append(.invalid(.nowhere, "", message))
    }
  }
}

extension FieldPath {
  /// Where Kubernetes puts what it says about no field in particular.
  static let nowhere = FieldPath("<nil>")
}

extension FieldError {
  static func wrongType(_ path: FieldPath, _ found: String, expected: String) -> FieldError {
    let place = path.description
    return FieldError(
      .typeInvalid, path, .string(found), "\(place) in body must be of type \(expected): \"\(found)\"")
  }
}

extension Double {
  /// 10 and not 10.0.
  fileprivate var text: String { Int64(exactly: self).map(String.init) ?? String(self) }
}

extension Value {
  /// JSON's word for what it is.
  fileprivate var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .integer: "integer"
    case .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  /// 1 and 1.0 are the same number.
  fileprivate func isEqual(to other: Value) -> Bool {
    if self == other { return true }
    guard case .double = self else { return Double(self) != nil && Double(self) == Double(other) }
    return Double(self) == Double(other)
  }
}
