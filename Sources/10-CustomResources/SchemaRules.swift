import Objects

/// A rule of a schema, read and checked: all that is left to do is to evaluate it.
struct CheckedRule: Sendable {
  let rule: ValidationRule
  let expression: CELExpression
  let messageExpression: CELExpression?
  /// Whether it is about a change: it looks at the value before.
  let isTransition: Bool
  let type: CELType

  /// Throws why the rule is no rule.
  init(_ rule: ValidationRule, about type: CELType) throws(CELCompilationError) {
    var variables = ["self": type]
    variables["oldSelf"] = rule.optionalOldSelf == true ? .optional(of: type) : type
    self.rule = rule
    self.type = type
    expression = try CELExpression(rule.rule ?? "", variables: variables)
    let message = rule.messageExpression ?? ""
    messageExpression = message.isEmpty ? nil : try CELExpression(message, variables: variables)
    isTransition = expression.uses("oldSelf")
  }
}

extension SchemaNode {
  /// What expressions know of values of this node.
  /// - Parameter name: of the type, which has to be unique: the way to the node.
  func type(_ name: String = "self") -> CELType {
    if isIntOrString { return .dyn }
    switch kind {
    case .boolean: return .bool
    case .integer: return .int
    case .number: return .double
    case .string:
      switch format {
      case "date-time", "datetime", "date": return .timestamp
      case "duration": return .duration
      case "byte": return .bytes
      default: return .string(maxLength: bounds.length.most.map { Int($0) } ?? longestChoice)
      }
    case .array: return .list(of: items?.type(name + ".@") ?? .dyn, maxItems: bounds.count.most.map { Int($0) })
    case .object:
      let most = bounds.members.most.map { Int($0) }
      if let others { return .map(values: others.type(name + ".*"), maxProperties: most) }
      return .object(name: name, fields: fields(name), required: Set(required.compactMap(CELNames.escaped)))
    case nil: return .dyn
    }
  }

  private func fields(_ name: String) -> [String: CELType] {
    var fields: [String: CELType] = [:]
    for (member, node) in properties {
      if let escaped = CELNames.escaped(member) { fields[escaped] = node.type("\(name).\(member)") }
    }
    guard isResource else { return fields }
    fields["apiVersion"] = .string
    fields["kind"] = .string
    fields["metadata"] = .object(
      name: "\(name).metadata", fields: ["name": .string(maxLength: 253), "generateName": .string(maxLength: 253)])
    return fields
  }

  private var longestChoice: Int? { choices?.map { $0.string?.unicodeScalars.count ?? 0 }.max() }

  /// Adds what the rules of this node and of those below it have to say.
  /// - Parameters:
  ///   - old: the value before; nil where there was none, or where nobody can say which it was.
  ///   - budget: what evaluating may still cost.
  func evaluateRules(
    _ value: Value, replacing old: Value?, at path: FieldPath, budget: inout Int, _ errors: inout [FieldError]
  ) {
    guard hasRules, budget >= 0, value != .null, old != value else { return }
    for rule in rules where budget >= 0 { errors += evaluate(rule, value, old, path, &budget) }
    switch value {
    case .object(let members):
      for (name, member) in members {
        guard let node = properties[name] ?? others else { continue }
        node.evaluateRules(member, replacing: old?[name], at: path[name], budget: &budget, &errors)
      }
    case .array(let elements):
      for (index, element) in elements.enumerated() {
        let before = self.old(element, in: old)
        items?.evaluateRules(element, replacing: before, at: path[index], budget: &budget, &errors)
      }
    default: break
    }
  }

  private func evaluate(
    _ checked: CheckedRule, _ value: Value, _ old: Value?, _ path: FieldPath, _ budget: inout Int
  ) -> [FieldError] {
    let shown = Value.string(kind?.rawValue ?? "")
    var variables = ["self": CELValue(value, as: checked.type)]
    if checked.isTransition {
      let before = old.map { CELValue($0, as: checked.type) }
      if checked.rule.optionalOldSelf == true {
        variables["oldSelf"] = .optional(before)
      } else {
        guard let before else { return [] }
        variables["oldSelf"] = before
      }
    }
    do {
      if case .bool(true) = try checked.expression.evaluate(variables, budget: &budget) { return [] }
    } catch CELFailure.exhausted {
      budget = -1
      let end = "validation failed due to running out of cost budget, no further validation rules will be run"
      return [.invalid(path, shown, end)]
    } catch {
      return [.invalid(path, shown, "\(error) evaluating rule: \(checked.text)")]
    }
    return [checked.failure(at: path, shown, variables, &budget)]
  }
}

extension CheckedRule {
  /// How people know the rule.
  fileprivate var text: String {
    let message = rule.message ?? ""
    return message.isEmpty ? (rule.rule ?? "").trimmed : message
  }

  fileprivate func failure(
    at path: FieldPath, _ shown: Value, _ variables: [String: CELValue], _ budget: inout Int
  ) -> FieldError {
    var message = rule.message ?? ""
    if message.isEmpty { message = "failed rule: \((rule.rule ?? "").trimmed)" }
    if let messageExpression, case .string(let made)? = try? messageExpression.evaluate(variables, budget: &budget),
      !made.trimmed.isEmpty, !made.contains("\n")
    {
      message = made
    }
    let names = FieldRoute(rule.fieldPath ?? "")?.names ?? []
    let place = names.reduce(path) { $0[$1] }
    switch rule.reason {
    case "FieldValueForbidden": return .forbidden(place, message)
    case "FieldValueRequired": return .required(place, message)
    case "FieldValueDuplicate": return FieldError(.duplicate, place, shown)
    default: return .invalid(place, shown, message)
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
