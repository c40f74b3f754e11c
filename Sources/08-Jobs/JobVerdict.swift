import Objects
import Pods

// When a job ends, and why. The end comes in two steps: first a condition says that it is decided (SuccessCriteriaMet,
// FailureTarget), and the pods that are left are stopped; when all have ended and are counted, Complete or Failed.

/// A job's end.
struct Verdict {
  var isSuccess = false
  /// One word for programs.
  var reason: String
  /// A sentence for people.
  var message: String

  static func failure(_ reason: String, _ message: String) -> Verdict { Verdict(reason: reason, message: message) }

  static func success(_ reason: String, _ message: String) -> Verdict {
    Verdict(isSuccess: true, reason: reason, message: message)
  }

  var decided: String { isSuccess ? "SuccessCriteriaMet" : "FailureTarget" }
  var final: String { isSuccess ? "Complete" : "Failed" }
}

extension Job {
  /// What was decided earlier.
  var ending: Verdict? {
    for type in ["SuccessCriteriaMet", "FailureTarget"] where self.status.conditions.isTrue(type) {
      let condition = self.status.conditions[type]
      return Verdict(
        isSuccess: type == "SuccessCriteriaMet", reason: condition?.reason ?? "", message: condition?.message ?? "")
    }
    return nil
  }

  /// The end that the pods and the time call for; nil when the job goes on.
  /// - Parameter active: those of the pods that wait or run.
  func verdict(_ pods: [Pod], active: [Pod], _ ledger: Ledger, at now: Time) -> Verdict? {
    if let ending { return ending }
    if let sentence = pods.lazy.filter({ $0.isTracked }).compactMap(jobFailure).first {
      return .failure("PodFailurePolicy", sentence)
    }
    if ledger.allFailed > self.spec.backoffLimit ?? 6 || hasTooManyRestarts(active) {
      return .failure("BackoffLimitExceeded", "Job has reached the specified backoff limit")
    }
    if let deadline, deadline <= now {
      return .failure("DeadlineExceeded", "Job was active longer than specified deadline")
    }
    if let most = self.spec.maxFailedIndexes, ledger.failedIndexes.count > most {
      return .failure("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes")
    }
    if let rule = rule(metBy: ledger.completed) { return .success("SuccessPolicy", "Matched rules at index \(rule)") }
    return active.isEmpty ? completion(ledger) : nil
  }

  private func completion(_ ledger: Ledger) -> Verdict? {
    let complete = Verdict.success("CompletionsReached", "Reached expected number of succeeded pods")
    guard let completions = self.spec.completions else { return ledger.allSucceeded > 0 ? complete : nil }
    if ledger.allSucceeded >= completions { return complete }
    let hasAnswers = ledger.allSucceeded + ledger.failedIndexes.count >= completions
    return hasAnswers ? .failure("FailedIndexes", "Job has failed indexes") : nil
  }

  /// When the job's time is up.
  var deadline: Time? {
    guard !isSuspended, let start = self.status.startTime else { return nil }
    return self.spec.activeDeadlineSeconds.map { start + .seconds($0) }
  }

  // Containers that are started again in their pod fail without the pod failing.
  private func hasTooManyRestarts(_ active: [Pod]) -> Bool {
    guard self.spec.template.spec.restartPolicy == .onFailure else { return false }
    let restarts = active.reduce(0) { sum, pod in
      sum + (pod.status.initContainerStatuses + pod.status.containerStatuses).reduce(0) { $0 + ($1.restartCount ?? 0) }
    }
    return restarts > 0 && restarts >= self.spec.backoffLimit ?? 6
  }
}

// MARK: The policy for success

extension Job {
  // The first rule that is met.
  private func rule(metBy completed: Indexes) -> Int? {
    self.spec.successPolicy?.rules.firstIndex { rule in
      guard let text = rule.succeededIndexes else {
        return rule.succeededCount.map { completed.count >= $0 } ?? false
      }
      let wanted = Indexes(text, below: self.spec.completions ?? 0)
      return !wanted.isEmpty && completed.countShared(with: wanted) >= min(rule.succeededCount ?? .max, wanted.count)
    }
  }
}

// MARK: The policy for failure

extension Job {
  /// What the policy says of a failed pod; nil when no rule is about it.
  func failureAction(for pod: Pod) -> (action: PodFailureAction, sentence: String)? {
    let rules = self.spec.podFailurePolicy?.rules ?? []
    for (position, rule) in rules.enumerated() {
      guard let action = rule.action, let what = rule.match(pod) else { continue }
      return (action, "\(what) matching \(action.rawValue) rule at index \(position)")
    }
    return nil
  }

  /// Whether a failed pod is replaced without being counted.
  func ignores(_ pod: Pod) -> Bool { hasFailed(pod) && failureAction(for: pod)?.action == .ignore }

  private func jobFailure(_ pod: Pod) -> String? {
    guard hasFailed(pod), let verdict = failureAction(for: pod), verdict.action == .failJob else { return nil }
    return verdict.sentence
  }
}

extension PodFailurePolicyRule {
  // What about the pod matches, as the beginning of a sentence.
  fileprivate func match(_ pod: Pod) -> String? {
    if let codes = self.onExitCodes {
      for status in pod.status.containerStatuses + pod.status.initContainerStatuses {
        guard let code = status.state.terminated?.exitCode, code != 0, let name = status.name,
          codes.containerName ?? name == name, codes.values.contains(code) == (codes.operator == .in)
        else { continue }
        return "Container \(name) for pod \(pod.namespace)/\(pod.name) failed with exit code \(code)"
      }
      return nil
    }
    let match = pod.status.conditions.first { condition in
      self.onPodConditions.contains { $0.type == condition.type && $0.status == condition.status }
    }
    return match.map { "Pod \(pod.namespace)/\(pod.name) has condition \($0.type ?? "")" }
  }
}
