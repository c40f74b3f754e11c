import Objects
public import Pods
import Volumes

// What changes for pods as a kind: gates are shown and hold the pod, and while they do its wishes may become narrower.

extension Kind {
  /// Makes chapter 1's pods chapter 9's.
  @Sendable static func schedulePods(_ kind: inout Kind) {
    let (prepare, validate) = (kind.prepareForCreate, kind.validate)
    kind.prepareForCreate = { value in
      prepare(&value)
      var pod = Pod(json: value)
      pod.spec = pod.spec.withMatchedLabelKeys(of: pod.metadata.labels)
      if pod.isGated {
        pod.status.conditions.set(
          "PodScheduled", "False", reason: "SchedulingGated",
          message: "Scheduling is blocked due to non-empty scheduling gates",
          at: pod.metadata.creationTimestamp ?? .distantPast)
      }
      value = pod.json
    }
    kind.prepareForUpdate = { [before = kind.prepareForUpdate] new, old in
      before(&new, old)
      new = Pod(json: new).ungated(from: Pod(json: old)).json
    }
    kind.validate = { new, old in
      guard let old, new["spec"] != old["spec"] else { return validate(new, old) }
      let update = WishUpdate(from: Pod(json: old).spec, to: Pod(json: new).spec)
      var settled = Pod(json: new)
      settled.spec = update.settled
      return validate(settled.json, old) + update.problems(at: FieldPath("spec"))
    }
    for index in kind.subresources.indices where kind.subresources[index].name == "binding" {
      guard let bind = kind.subresources[index].change else { continue }
      kind.subresources[index].change = { value, body, now in
        let pod = Pod(json: value)
        return pod.isGated ? "pod \(pod.name) has non-empty .spec.schedulingGates" : bind(&value, body, now)
      }
    }
  }
}

extension Pod {
  /// Whether somebody holds the pod back.
  public var isGated: Bool { !self.spec.schedulingGates.isEmpty }

  // The last gate takes its condition with it.
  fileprivate func ungated(from old: Pod) -> Pod {
    guard old.isGated, !isGated else { return self }
    var pod = self
    pod.status.conditions.removeAll { $0.type == "PodScheduled" && $0.reason == "SchedulingGated" }
    return pod
  }
}

extension PodSpec {
  /// The same, where the labels that are to be matched stand in the selectors: nobody else needs to know of
  /// matchLabelKeys.
  fileprivate func withMatchedLabelKeys(of labels: Mapping<String>) -> PodSpec {
    var spec = self
    spec.topologySpreadConstraints = self.topologySpreadConstraints.map { constraint in
      var constraint = constraint
      constraint.labelSelector = constraint.labelSelector?.with(constraint.matchLabelKeys, "In", of: labels)
      return constraint
    }
    func matched(_ term: PodAffinityTerm) -> PodAffinityTerm {
      var term = term
      term.labelSelector = term.labelSelector?.with(term.matchLabelKeys, "In", of: labels)
        .with(term.mismatchLabelKeys, "NotIn", of: labels)
      return term
    }
    func matched(_ affinity: PodAffinity) -> PodAffinity {
      var affinity = affinity
      affinity.requiredDuringSchedulingIgnoredDuringExecution =
        affinity.requiredDuringSchedulingIgnoredDuringExecution.map(matched)
      affinity.preferredDuringSchedulingIgnoredDuringExecution =
        affinity.preferredDuringSchedulingIgnoredDuringExecution.map { weighted in
          var weighted = weighted
          weighted.podAffinityTerm = matched(weighted.podAffinityTerm)
          return weighted
        }
      return affinity
    }
    if var affinity = self.affinity {
      affinity.podAffinity = affinity.podAffinity.map(matched)
      affinity.podAntiAffinity = affinity.podAntiAffinity.map {
        PodAntiAffinity(json: matched(PodAffinity(json: $0.json)).json)
      }
      spec.affinity = affinity
    }
    return spec
  }
}

extension LabelSelector {
  fileprivate func with(_ keys: [String], _ operator: String, of labels: Mapping<String>) -> LabelSelector {
    var selector = self
    for key in keys {
      guard let value = labels[key] else { continue }
      selector.matchExpressions.append(
        LabelSelectorRequirement {
          $0.key = key
          $0.operator = `operator`
          $0.values = [value]
        })
    }
    return selector
  }
}

// MARK: - Updates

/// A change of a pod's wishes. Gates may go and not come; while there are some, the choice of nodes may get smaller.
private struct WishUpdate {
  let old: PodSpec
  let new: PodSpec

  init(from old: PodSpec, to new: PodSpec) {
    self.old = old
    self.new = new
  }

  /// The new spec with the old values of what these rules judge, for the rule that nothing else may change.
  var settled: PodSpec {
    var spec = new
    spec.schedulingGates = old.schedulingGates
    guard !old.schedulingGates.isEmpty else { return spec }
    spec.nodeSelector = old.nodeSelector
    var affinity = new.affinity ?? Affinity()
    affinity.nodeAffinity = old.affinity?.nodeAffinity
    spec.affinity = affinity.json.members?.isEmpty == true ? old.affinity : affinity
    return spec
  }

  func problems(at path: FieldPath) -> [FieldError] {
    let gates = old.schedulingGates.map(\.name)
    var errors = new.schedulingGates.filter { !gates.contains($0.name) }.map { gate in
      FieldError.forbidden(
        path["schedulingGates"], "only deletion is allowed, but found new scheduling gate '\(gate.name ?? "")'")
    }
    guard !gates.isEmpty else { return errors }
    if !old.nodeSelector.allSatisfy({ new.nodeSelector[$0.name] == $0.value }) {
      errors.append(
        .invalid(
          path["nodeSelector"], .object(new.nodeSelector.members),
          "only additions to spec.nodeSelector are allowed (no mutations or deletions)"))
    }
    return errors + affinityProblems(at: path["affinity"]["nodeAffinity"])
  }

  // Terms are alternatives: one more term would be a wider choice, one more condition in a term is a smaller one.
  private func affinityProblems(at path: FieldPath) -> [FieldError] {
    let name = "requiredDuringSchedulingIgnoredDuringExecution"
    let before = old.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
    let after = new.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
    guard !before.isEmpty else { return [] }
    let place = path[name]["nodeSelectorTerms"]
    guard before.count == after.count else {
      return [
        .invalid(
          place, .array(after.map(\.json)), "no additions/deletions to non-empty NodeSelectorTerms list are allowed")
      ]
    }
    return before.indices.filter { !after[$0].isAtLeast(before[$0]) }.map {
      .invalid(place[$0], after[$0].json, "only additions are allowed (no mutations or deletions)")
    }
  }
}

extension NodeSelectorTerm {
  fileprivate func isAtLeast(_ other: NodeSelectorTerm) -> Bool {
    self.matchExpressions.starts(with: other.matchExpressions) && self.matchFields.starts(with: other.matchFields)
  }
}
