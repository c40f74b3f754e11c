import Objects

/// Whether the rules of a schema are rules, and not too dear. The words are Kubernetes'.
struct RuleChecks {
  private(set) var errors: [FieldError] = []
  private var total = 0

  init(_ schema: Value, at path: FieldPath) {
    check(schema, SchemaNode(schema, isResource: true), "self", 1, isCorrelated: true, at: path)
    if total > CELCost.perDefinition {
      let name = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema"
      errors.append(.forbidden(path, CELCost.excess(name, total, over: CELCost.perDefinition)))
    }
  }

  /// - Parameters:
  ///   - places: how often an object may have the node.
  ///   - isCorrelated: whether a value there can be compared with the one before.
  private mutating func check(
    _ schema: Value, _ node: SchemaNode, _ name: String, _ places: Int, isCorrelated: Bool, at path: FieldPath
  ) {
    guard node.hasRules else { return }
    let type = node.type(name)
    for (index, rule) in (schema["x-kubernetes-validations"]?.array ?? []).enumerated() {
      check(
        ValidationRule(json: rule), type, places, isCorrelated: isCorrelated,
        at: path["x-kubernetes-validations"][index])
    }
    for (property, member) in schema["properties"]?.members ?? Members() {
      guard let inner = node.properties[property] else { continue }
      let path = path["properties"][key: property]
      check(member, inner, "\(name).\(property)", places, isCorrelated: isCorrelated, at: path)
    }
    let count = places.saturatingTimes(type.largestSize)
    if let others = node.others, let schema = schema["additionalProperties"] {
      check(schema, others, name + ".*", count, isCorrelated: isCorrelated, at: path["additionalProperties"])
    }
    if let items = node.items, let schema = schema["items"] {
      var isMap = false
      if case .map = node.listKind { isMap = true }
      check(schema, items, name + ".@", count, isCorrelated: isCorrelated && isMap, at: path["items"])
    }
  }

  private mutating func check(
    _ rule: ValidationRule, _ type: CELType, _ places: Int, isCorrelated: Bool, at path: FieldPath
  ) {
    if rule.message?.contains("\n") == true {
      errors.append(.invalid(path["message"], .string(rule.message ?? ""), "message must not contain line breaks"))
    }
    let reasons = ["FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate"]
    if let reason = rule.reason, !reasons.contains(reason) {
      errors.append(.notSupported(path["reason"], .string(reason), supported: reasons))
    }
    do {
      let checked = try CheckedRule(rule, about: type)
      if checked.expression.type != .bool, checked.expression.type != .dyn {
        errors.append(.invalid(path["rule"], rule.json, "cel expression must evaluate to a bool"))
      }
      if let message = checked.messageExpression, message.type != .string, message.type != .dyn {
        let words = "messageExpression must evaluate to a string"
        errors.append(.invalid(path["messageExpression"], rule.json, words))
      }
      if checked.isTransition, !isCorrelated {
        let words = "oldSelf cannot be used on the uncorrelatable portion of the schema"
        errors.append(.invalid(path["rule"], rule.json, words))
      }
      price("estimated rule cost", checked.expression, places, at: path["rule"])
      if let message = checked.messageExpression {
        price("estimated messageExpression cost", message, 1, at: path["messageExpression"])
      }
    } catch {
      errors.append(.invalid(path["rule"], rule.json, error.description))
    }
  }

  private mutating func price(_ name: String, _ expression: CELExpression, _ places: Int, at path: FieldPath) {
    let price = expression.estimatedCost.saturatingTimes(places)
    if price > CELCost.perExpression {
      errors.append(.forbidden(path, CELCost.excess(name, price, over: CELCost.perExpression)))
    }
    total = total.saturatingPlus(price)
  }
}
