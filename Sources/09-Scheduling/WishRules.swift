import Objects
import Pods
import Volumes

// What the schema cannot say of wishes. The sentences are Kubernetes'.

extension PodSpec {
  func wishProblems(at path: FieldPath) -> [FieldError] {
    var errors = self.nodeSelector.flatMap { name, value in
      Names.qualifiedNameProblems(name).map { FieldError.invalid(path["nodeSelector"], .string(name), $0) }
        + Names.labelValueProblems(value).map { .invalid(path["nodeSelector"], .string(value), $0) }
    }
    if let affinity = self.affinity { errors += affinity.problems(at: path["affinity"]) }
    errors += spreadProblems(at: path["topologySpreadConstraints"])
    for (index, gate) in self.schedulingGates.enumerated() {
      let name = gate.name ?? ""
      errors += Names.qualifiedNameProblems(name).map { .invalid(path["schedulingGates"][index], .string(name), $0) }
    }
    if !self.schedulingGates.isEmpty, !(self.nodeName ?? "").isEmpty {
      errors.append(.forbidden(path["nodeName"], "cannot be set until all schedulingGates have been cleared"))
    }
    return errors
  }

  private func spreadProblems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    var seen: Set<String> = []
    for (index, constraint) in self.topologySpreadConstraints.enumerated() {
      errors += constraint.problems(at: path[index])
      let identity = "{\(constraint.topologyKey ?? ""), \(constraint.whenUnsatisfiable?.rawValue ?? "")}"
      if !seen.insert(identity).inserted {
        errors.append(FieldError(.duplicate, path[index]["{topologyKey, whenUnsatisfiable}"], .string(identity)))
      }
    }
    return errors
  }
}

extension Affinity {
  fileprivate func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if let nodes = self.nodeAffinity {
      let place = path["nodeAffinity"]
      if let required = nodes.requiredDuringSchedulingIgnoredDuringExecution {
        let terms = place["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
        for (index, term) in required.nodeSelectorTerms.enumerated() { errors += term.problems(at: terms[index]) }
      }
      for (index, preferred) in nodes.preferredDuringSchedulingIgnoredDuringExecution.enumerated() {
        let place = place["preferredDuringSchedulingIgnoredDuringExecution"][index]
        errors += weightProblems(preferred.weight, at: place) + preferred.preference.problems(at: place["preference"])
      }
    }
    errors += self.podAffinity?.problems(at: path["podAffinity"]) ?? []
    return errors
      + (self.podAntiAffinity.map { PodAffinity(json: $0.json) }?.problems(at: path["podAntiAffinity"]) ?? [])
  }
}

private func weightProblems(_ weight: Int?, at path: FieldPath) -> [FieldError] {
  guard let weight, !(1...100).contains(weight) else { return [] }
  return [.invalid(path["weight"], .integer(Int64(weight)), "must be in the range 1-100")]
}

extension NodeSelectorTerm {
  fileprivate func problems(at path: FieldPath) -> [FieldError] {
    self.matchExpressions.enumerated().flatMap { $1.problems(at: path["matchExpressions"][$0]) }
      + self.matchFields.enumerated().flatMap { $1.fieldProblems(at: path["matchFields"][$0]) }
  }
}

extension NodeSelectorRequirement {
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
    case "Gt", "Lt":
      if self.values.count != 1 {
        errors.append(.required(path["values"], "must be specified single value when `operator` is 'Lt' or 'Gt'"))
      }
    case let other: errors.append(.invalid(path["operator"], .string(other ?? ""), "not a valid selector operator"))
    }
    let key = self.key ?? ""
    errors += Names.qualifiedNameProblems(key).map { .invalid(path["key"], .string(key), $0) }
    for (index, value) in self.values.enumerated() {
      errors += Names.labelValueProblems(value).map { .invalid(path["values"][index], .string(value), $0) }
    }
    return errors
  }

  fileprivate func fieldProblems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if !["In", "NotIn"].contains(self.operator) {
      errors.append(.invalid(path["operator"], .string(self.operator ?? ""), "not a valid selector operator"))
    } else if self.values.count != 1 {
      errors.append(
        .required(
          path["values"], "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
    }
    if self.key != "metadata.name" {
      errors.append(.invalid(path["key"], .string(self.key ?? ""), "not a valid field selector key"))
    }
    return errors
  }
}

extension PodAffinity {
  fileprivate func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    for (index, term) in self.requiredDuringSchedulingIgnoredDuringExecution.enumerated() {
      errors += term.problems(at: path["requiredDuringSchedulingIgnoredDuringExecution"][index])
    }
    for (index, term) in self.preferredDuringSchedulingIgnoredDuringExecution.enumerated() {
      let place = path["preferredDuringSchedulingIgnoredDuringExecution"][index]
      errors += weightProblems(term.weight, at: place) + term.podAffinityTerm.problems(at: place["podAffinityTerm"])
    }
    return errors
  }
}

extension PodAffinityTerm {
  fileprivate func problems(at path: FieldPath) -> [FieldError] {
    var errors = self.labelSelector?.problems(at: path["labelSelector"]) ?? []
    errors += self.namespaceSelector?.problems(at: path["namespaceSelector"]) ?? []
    for namespace in self.namespaces {
      errors += Names.labelProblems(namespace).map { .invalid(path["namespace"], .string(namespace), $0) }
    }
    let keys = [("matchLabelKeys", self.matchLabelKeys), ("mismatchLabelKeys", self.mismatchLabelKeys)]
    for (name, keys) in keys { errors += labelKeyProblems(keys, beside: self.labelSelector, at: path[name]) }
    for (index, key) in self.matchLabelKeys.enumerated() where self.mismatchLabelKeys.contains(key) {
      errors.append(
        .invalid(path["matchLabelKeys"][index], .string(key), "exists in both matchLabelKeys and mismatchLabelKeys"))
    }
    return errors + topologyKeyProblems(self.topologyKey, at: path["topologyKey"])
  }
}

private func topologyKeyProblems(_ key: String?, at path: FieldPath) -> [FieldError] {
  guard let key, !key.isEmpty else { return [.required(path, "can not be empty")] }
  return Names.qualifiedNameProblems(key).map { .invalid(path, .string(key), $0) }
}

private func labelKeyProblems(_ keys: [String], beside selector: LabelSelector?, at path: FieldPath) -> [FieldError] {
  guard !keys.isEmpty else { return [] }
  guard selector != nil else { return [.forbidden(path, "must not be specified when labelSelector is not set")] }
  return keys.enumerated().flatMap { index, key in
    Names.qualifiedNameProblems(key).map { .invalid(path[index], .string(key), $0) }
  }
}

extension TopologySpreadConstraint {
  fileprivate func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if self.maxSkew ?? 0 <= 0 {
      errors.append(.invalid(path["maxSkew"], .integer(Int64(self.maxSkew ?? 0)), "must be greater than zero"))
    }
    errors += topologyKeyProblems(self.topologyKey, at: path["topologyKey"])
    if lacks("whenUnsatisfiable") {
      errors.append(
        .notSupported(path["whenUnsatisfiable"], "", supported: WhenUnsatisfiable.allCases.map(\.rawValue)))
    }
    if let count = self.minDomains {
      let place = path["minDomains"]
      if count <= 0 { errors.append(.invalid(place, .integer(Int64(count)), "must be greater than zero")) }
      if self.whenUnsatisfiable == .scheduleAnyway {
        errors.append(
          .invalid(
            place, .integer(Int64(count)),
            "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway"))
      }
    }
    errors += labelKeyProblems(self.matchLabelKeys, beside: self.labelSelector, at: path["matchLabelKeys"])
    return errors + (self.labelSelector?.problems(at: path["labelSelector"]) ?? [])
  }
}
