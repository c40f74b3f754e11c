public import Objects
public import Pods

/// What holds for every kind that makes pods from a template.
public enum TemplateRules {
  /// A selector that does not match its own template would make pods for ever.
  /// - Parameter kind: as messages name it.
  public static func validate(
    _ selector: LabelSelector?, _ template: PodTemplateSpec, of kind: String = "deployment", at path: FieldPath
  ) -> [FieldError] {
    guard let selector else { return [] }
    var errors = selector.problems(at: path["selector"])
    if selector.matchLabels.isEmpty, selector.matchExpressions.isEmpty {
      errors.append(.invalid(path["selector"], selector.json, "empty selector is invalid for \(kind)"))
    } else if errors.isEmpty, !LabelQuery(selector).matches(template.metadata.labels) {
      errors.append(
        .invalid(
          path["template"]["metadata"]["labels"], template.metadata.json["labels"] ?? .null,
          "`selector` does not match template `labels`"))
    }
    if template.json["spec"] == nil {
      errors.append(.required(path["template"]["spec"]["containers"]))
    }
    let policy = template.spec.restartPolicy ?? .always
    if policy != .always {
      errors.append(
        .notSupported(path["template"]["spec"]["restartPolicy"], .string(policy.rawValue), supported: ["Always"]))
    }
    return errors
  }
}

/// The wide columns of such kinds: names and images of the containers, and the selector.
public enum TemplateColumns {
  public static func columns(
    template: @escaping @Sendable (Value) -> PodTemplateSpec, selector: @escaping @Sendable (Value) -> LabelSelector?
  ) -> [Column] {
    [
      Column("Containers", priority: 1, "The names of the template's containers.") { object, _ in
        .string(template(object).spec.containers.map { $0.name ?? "" }.joined(separator: ","))
      },
      Column("Images", priority: 1, "The images of the template's containers.") { object, _ in
        .string(template(object).spec.containers.map { $0.image ?? "" }.joined(separator: ","))
      },
      Column("Selector", priority: 1, "Which pods belong to it.") { object, _ in
        .string(LabelQuery(selector(object)).description)
      },
    ]
  }
}
