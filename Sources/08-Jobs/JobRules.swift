import Objects
import Pods

// What the schema cannot say of a job. The rules of its spec stand with the spec, so that they hold in a CronJob's
// template too. The sentences are Kubernetes'.

extension JobSpec {
  func problems(at path: FieldPath) -> [FieldError] {
    completionProblems(at: path)
      + (self.podFailurePolicy.map { policyProblems($0, at: path["podFailurePolicy"]) } ?? [])
      + (self.successPolicy.map { successProblems($0, at: path["successPolicy"]) } ?? [])
      + managerProblems(at: path["managedBy"]) + templateProblems(at: path["template"])
      + replacementProblems(at: path["podReplacementPolicy"])
  }

  private func completionProblems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if self.maxFailedIndexes != nil, self.backoffLimitPerIndex == nil {
      errors.append(.required(path["backoffLimitPerIndex"], "when maxFailedIndexes is specified"))
    }
    guard self.completionMode == .indexed else {
      for (name, value) in [
        ("backoffLimitPerIndex", self.backoffLimitPerIndex), ("maxFailedIndexes", self.maxFailedIndexes),
      ] {
        if let value { errors.append(.invalid(path[name], value.asValue, "requires indexed completion mode")) }
      }
      if let policy = self.successPolicy {
        errors.append(.invalid(path["successPolicy"], policy.json, "requires indexed completion mode"))
      }
      return errors
    }
    guard let completions = self.completions else {
      return errors + [.required(path["completions"], "when completion mode is Indexed")]
    }
    func limit(_ name: String, _ value: Int?, _ limit: Int, _ detail: String) {
      if let value, value > limit { errors.append(.invalid(path[name], value.asValue, detail)) }
    }
    let most = "must be less than or equal to"
    limit("parallelism", self.parallelism, 100_000, "\(most) 100000 when completion mode is Indexed")
    limit("maxFailedIndexes", self.maxFailedIndexes, completions, "\(most) completions")
    limit("maxFailedIndexes", self.maxFailedIndexes, 100_000, "\(most) 100000")
    if completions > 100_000, self.backoffLimitPerIndex != nil {
      let reason = "\(most) 10000 when completions are above 100000 and used with backoff limit per index"
      if self.maxFailedIndexes == nil {
        errors.append(.required(path["maxFailedIndexes"], "must be specified when completions is above 100000"))
      }
      limit("parallelism", self.parallelism, 10_000, reason)
      limit("maxFailedIndexes", self.maxFailedIndexes, 10_000, reason)
    }
    return errors
  }

  private func templateProblems(at path: FieldPath) -> [FieldError] {
    guard self.template.json["spec"] != nil else { return [.required(path["spec"]["containers"])] }
    let place = path["spec"]["restartPolicy"]
    let policy = self.template.spec.lacks("restartPolicy") ? .always : self.template.spec.restartPolicy
    if policy == .always { return [.required(place, "valid values: \"OnFailure\", \"Never\"")] }
    guard self.podFailurePolicy != nil, let policy, policy != .never else { return [] }
    return [.invalid(place, policy.asValue, "only \"Never\" is supported when podFailurePolicy is specified")]
  }

  private func replacementProblems(at path: FieldPath) -> [FieldError] {
    guard self.podFailurePolicy != nil, self.podReplacementPolicy == .terminatingOrFailed else { return [] }
    return [.notSupported(path, "TerminatingOrFailed", supported: ["Failed"])]
  }

  private func managerProblems(at path: FieldPath) -> [FieldError] {
    guard let manager = self.managedBy else { return [] }
    let parts = manager.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    var errors: [FieldError] = []
    if parts.count != 2 || parts.contains("") || !Names.subdomainProblems(parts[0]).isEmpty {
      errors.append(.invalid(path, .string(manager), "must be a domain-prefixed path (such as \"acme.io/foo\")"))
    }
    if manager.utf8.count > 63 { errors.append(FieldError(.tooLong, path, nil, "may not be more than 63 bytes")) }
    return errors
  }
}

// MARK: Policies

extension JobSpec {
  private func policyProblems(_ policy: PodFailurePolicy, at path: FieldPath) -> [FieldError] {
    let spec = self.template.spec
    let containers = Set((spec.containers + spec.initContainers).compactMap(\.name))
    var errors = Self.tooMany(policy.rules.count, 20, path["rules"])
    for (index, rule) in policy.rules.enumerated() {
      let place = path["rules"][index]
      if rule.lacks("action") {
        errors.append(.required(place["action"], "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]"))
      } else if rule.action == .failIndex, self.backoffLimitPerIndex == nil {
        errors.append(.invalid(place["action"], "FailIndex", "requires the backoffLimitPerIndex to be set"))
      }
      if let codes = rule.onExitCodes { errors += codes.problems(containers, at: place["onExitCodes"]) }
      errors += Self.tooMany(rule.onPodConditions.count, 20, place["onPodConditions"])
      for (position, pattern) in rule.onPodConditions.enumerated() {
        errors += pattern.problems(at: place["onPodConditions"][position])
      }
      switch (rule.onExitCodes != nil, !rule.onPodConditions.isEmpty) {
      case (true, true):
        let detail = "specifying both OnExitCodes and OnPodConditions is not supported"
        errors.append(FieldError(.invalid, place, nil, detail))
      case (false, false):
        let detail = "specifying one of OnExitCodes and OnPodConditions is required"
        errors.append(FieldError(.invalid, place, nil, detail))
      default: break
      }
    }
    return errors
  }

  private func successProblems(_ policy: SuccessPolicy, at path: FieldPath) -> [FieldError] {
    guard self.completionMode == .indexed, let completions = self.completions else { return [] }
    if policy.rules.isEmpty {
      return [.required(path["rules"], "at least one rules must be specified when the successPolicy is specified")]
    }
    var errors = Self.tooMany(policy.rules.count, 20, path["rules"])
    for (index, rule) in policy.rules.enumerated() {
      let place = path["rules"][index]
      var limit = (completions, "the number of specified completions")
      if let text = rule.succeededIndexes {
        do {
          let indexes = try Indexes(parsing: text, below: completions)
          limit = (indexes.count, "the number of indexes in the specified succeededIndexes field")
        } catch {
          let detail = "error parsing succeededIndexes: \(error.description)"
          errors.append(.invalid(place["succeededIndexes"], .string(text), detail))
        }
      } else if rule.succeededCount == nil {
        errors.append(.required(place, "at least one of succeededCount or succeededIndexes must be specified"))
      }
      if let count = rule.succeededCount, count > limit.0 {
        let detail = "must be less than or equal to \(limit.0) (\(limit.1))"
        errors.append(.invalid(place["succeededCount"], count.asValue, detail))
      }
    }
    return errors
  }

  fileprivate static func tooMany(_ count: Int, _ most: Int, _ path: FieldPath) -> [FieldError] {
    count > most ? [FieldError(.tooMany, path, nil, "\(count): must have at most \(most) items")] : []
  }
}

extension PodFailurePolicyOnExitCodesRequirement {
  fileprivate func problems(_ containers: Set<String>, at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if lacks("operator") {
      errors.append(.required(path["operator"], "valid values: [\"In\" \"NotIn\"]"))
    }
    if let name = self.containerName, !containers.contains(name) {
      let detail = "must be one of the container or initContainer names in the pod template"
      errors.append(.invalid(path["containerName"], .string(name), detail))
    }
    let values = self.values
    if values.isEmpty { errors.append(.invalid(path["values"], [], "at least one value is required")) }
    errors += JobSpec.tooMany(values.count, 255, path["values"])
    if self.operator == .in, let index = values.firstIndex(of: 0) {
      errors.append(.invalid(path["values"][index], 0, "must not be 0 for the In operator"))
    }
    if values != values.sorted() {
      errors.append(.invalid(path["values"], .array(values.map(\.asValue)), "must be ordered"))
    }
    return errors
  }
}

extension PodFailurePolicyOnPodConditionsPattern {
  fileprivate func problems(at path: FieldPath) -> [FieldError] {
    let type = self.type ?? ""
    var errors = Names.qualifiedNameProblems(type).map { FieldError.invalid(path["type"], .string(type), $0) }
    let (status, known) = (self.status ?? "", ["False", "True", "Unknown"])
    if !known.contains(status) { errors.append(.notSupported(path["status"], .string(status), supported: known)) }
    return errors
  }
}

// MARK: The whole job

extension Job {
  var problems: [FieldError] {
    let path = FieldPath("spec")
    guard let selector = self.spec.selector else { return [.required(path["selector"])] }
    let labels = self.spec.template.metadata.labels
    let place = path["template"]["metadata"]["labels"]
    var errors = selector.problems(at: path["selector"])
    errors += labels.flatMap { label in
      Names.labelValueProblems(label.value).map { FieldError.invalid(place, .string(label.value), $0) }
    }
    if self.spec.manualSelector != true {
      errors += generatedLabels.compactMap { name, value in
        guard let given = labels[name] else { return .required(place[key: name], "must be '\(value)'") }
        return given == value ? nil : .invalid(place[key: name], .string(given), "must be '\(value)'")
      }
      let generated = Mapping<String>(members: Members(generatedLabels.map { ($0.name, .string($0.value)) }))
      if !LabelQuery(selector).matches(generated) {
        errors.append(.invalid(path["selector"], selector.json, "`selector` not auto-generated"))
      }
    }
    if !LabelQuery(selector).matches(labels) {
      errors.append(
        .invalid(
          place, self.spec.template.metadata.json["labels"] ?? .null, "`selector` does not match template `labels`"))
    }
    if isIndexed, let completions = self.spec.completions, completions > 0 {
      let longest = "\(name)-\(completions - 1)"
      if !Names.labelProblems(longest).isEmpty {
        errors.append(
          .invalid(
            FieldPath("metadata.name"), .string(name),
            "will not able to create pod with invalid DNS label: \(longest)"))
      }
    }
    return errors
  }

  /// What may not change. The template's place in the cluster may, until the first pod is made; the completions of an
  /// indexed job may, together with its parallelism.
  func updateProblems(replacing old: Job) -> [FieldError] {
    let (path, before, after) = (FieldPath("spec"), old.spec, self.spec)
    var errors: [FieldError] = [
      "selector", "completionMode", "podFailurePolicy", "successPolicy", "backoffLimitPerIndex", "managedBy",
    ].compactMap { name in
      before.json[name] == after.json[name]
        ? nil : .invalid(path[name], after.json[name] ?? .null, "field is immutable")
    }
    if before.completions != after.completions {
      let place = path["completions"]
      let value = after.completions?.asValue ?? .null
      if !isIndexed {
        errors.append(.invalid(place, value, "field is immutable"))
      } else if after.completions != after.parallelism {
        errors.append(.invalid(place, value, "can only be modified in tandem with spec.parallelism"))
      }
    }
    let isUnstarted = before.suspend == true && old.status.startTime == nil
    let template = isUnstarted ? before.template.placed(as: after.template) : before.template
    if template != after.template {
      errors.append(.invalid(path["template"], after.template.json, "field is immutable"))
    }
    return errors
  }
}

extension PodTemplateSpec {
  /// With everything of `other` that says where pods run and what is written on them.
  fileprivate func placed(as other: PodTemplateSpec) -> PodTemplateSpec {
    var template = self
    template.metadata.labels = other.metadata.labels
    template.metadata.annotations = other.metadata.annotations
    for field in ["affinity", "nodeSelector", "tolerations", "schedulingGates"] {
      template.spec.json[field] = other.spec.json[field]
    }
    return template
  }
}
