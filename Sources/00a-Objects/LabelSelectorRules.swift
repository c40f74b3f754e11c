// What must hold for a label selector in a manifest. Without these rules a typing error would select nothing, or
// everything, and nobody would be told.

extension LabelSelector {
  /// What is wrong with the selector, in Kubernetes' words.
  /// - Parameter path: where the selector stands in the object.
  public func problems(at path: FieldPath) -> [FieldError] {
    self.matchLabels.flatMap { key, value in
      Names.qualifiedNameProblems(key).map { FieldError.invalid(path["matchLabels"], .string(key), $0) }
        + Names.labelValueProblems(value).map { .invalid(path["matchLabels"], .string(value), $0) }
    }
      + self.matchExpressions.enumerated().flatMap { index, requirement in
        requirement.problems(at: path["matchExpressions"][index])
      }
  }
}

extension LabelSelectorRequirement {
  fileprivate func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    switch self.operator {
    case "In", "NotIn":
      if self.values.isEmpty {
        errors.append(.required(path["values"], "must be specified when `operator` is 'In' or 'NotIn'"))
      }
    case "Exists", "DoesNotExist":
      if !self.values.isEmpty {
        errors.append(
          .forbidden(path["values"], "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
      }
    case let other:
      errors.append(.invalid(path["operator"], .string(other ?? ""), "not a valid selector operator"))
    }
    if let key = self.key, !key.isEmpty {
      errors += Names.qualifiedNameProblems(key).map { .invalid(path["key"], .string(key), $0) }
    }
    for (index, value) in self.values.enumerated() {
      errors += Names.labelValueProblems(value).map { .invalid(path["values"][index], .string(value), $0) }
    }
    return errors
  }
}
