import ControlLoop
import Objects
import ReplicaSets

// How far a roll-out is, and whether it still moves.

extension Rollout {
  /// Writes the status when it differs, and asks to be woken when the progress deadline passes.
  func status() -> Plan {
    var status = deployment.status
    let total = sets.reduce(0) { $0 + ($1.status.replicas ?? 0) }
    let available = sets.totalAvailable
    status.observedGeneration = deployment.metadata.generation
    status.replicas = total
    status.updatedReplicas = newSet?.status.replicas ?? 0
    status.readyReplicas = sets.reduce(0) { $0 + ($1.status.readyReplicas ?? 0) }
    status.availableReplicas = available
    status.unavailableReplicas = max(0, sets.totalReplicas - available)
    status.terminatingReplicas = sets.reduce(0) { $0 + ($1.status.terminatingReplicas ?? 0) }
    set(availability(available), in: &status)
    if let progress = progress(towards: status) { set(progress, in: &status) }
    status.conditions.removeAll { $0.type == "ReplicaFailure" }
    if let failure = sets.flatMap(\.status.conditions).first(where: { $0.type == "ReplicaFailure" }) {
      set(
        condition("ReplicaFailure", failure.status ?? "True", failure.reason ?? "", failure.message ?? ""), in: &status)
    }
    var changed = deployment
    changed.status = status
    var plan = Plan()
    if status != deployment.status { plan.updateStatus(changed) }
    plan.wake(at: deadline(for: status))
    return plan
  }

  private func availability(_ available: Int) -> DeploymentCondition {
    available >= deployment.replicas - deployment.maxUnavailable
      ? condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
      : condition("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
  }

  /// The Progressing condition as it should be; nil to leave it as it is.
  private func progress(towards status: DeploymentStatus) -> DeploymentCondition? {
    guard deployment.spec.progressDeadlineSeconds != nil else { return nil }
    let current = deployment.condition("Progressing")
    if deployment.spec.paused == true {
      return current?.reason == "DeploymentPaused"
        ? nil : condition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused")
    }
    if current?.reason == "DeploymentPaused" {
      return condition("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed")
    }
    let subject = newSet.map { "ReplicaSet \"\($0.name)\"" } ?? "Deployment \"\(deployment.name)\""
    if deployment.isComplete(status) {
      guard current?.reason != "NewReplicaSetAvailable" else { return nil }
      return condition("Progressing", "True", "NewReplicaSetAvailable", "\(subject) has successfully progressed.")
    }
    if current?.reason == "NewReplicaSetAvailable", status.updatedReplicas == status.replicas { return nil }
    guard let current else {
      return newSet.map {
        condition("Progressing", "True", "NewReplicaSetCreated", "Created new replica set \"\($0.name)\"")
      }
    }
    if hasMoved(to: status) {
      return condition("Progressing", "True", "ReplicaSetUpdated", "\(subject) is progressing.")
    }
    if let deadline = deadline(for: deployment.status), deadline <= now, current.reason != "ProgressDeadlineExceeded" {
      return condition("Progressing", "False", "ProgressDeadlineExceeded", "\(subject) has timed out progressing.")
    }
    return nil
  }

  // More new pods, fewer old ones, or more pods that are ready or available.
  private func hasMoved(to status: DeploymentStatus) -> Bool {
    func numbers(_ status: DeploymentStatus) -> [Int] {
      let (all, new) = (status.replicas ?? 0, status.updatedReplicas ?? 0)
      return [new, new - all, status.readyReplicas ?? 0, status.availableReplicas ?? 0]
    }
    return zip(numbers(status), numbers(deployment.status)).contains { $0 > $1 }
  }

  // When the roll-out counts as stuck if nothing moves until then.
  private func deadline(for status: DeploymentStatus) -> Time? {
    guard let seconds = deployment.spec.progressDeadlineSeconds, deployment.spec.paused != true,
      let progressing = status.conditions.first(where: { $0.type == "Progressing" }),
      progressing.reason != "NewReplicaSetAvailable", progressing.reason != "ProgressDeadlineExceeded",
      let renewed = progressing.lastUpdateTime
    else { return nil }
    return renewed + .seconds(seconds)
  }

  private func condition(_ type: String, _ status: String, _ reason: String, _ message: String) -> DeploymentCondition {
    DeploymentCondition {
      $0.type = type
      $0.status = status
      $0.lastUpdateTime = now
      $0.lastTransitionTime = now
      $0.reason = reason
      $0.message = message
    }
  }

  // A condition that says the same as before keeps its times; one whose status is the same keeps the transition.
  private func set(_ condition: DeploymentCondition, in status: inout DeploymentStatus) {
    var condition = condition
    if let index = status.conditions.firstIndex(where: { $0.type == condition.type }) {
      let current = status.conditions[index]
      if current.status == condition.status {
        condition.lastTransitionTime = current.lastTransitionTime
        if current.reason == condition.reason, condition.type != "Progressing" { return }
      }
      status.conditions[index] = condition
    } else {
      status.conditions.append(condition)
    }
  }
}

extension Deployment {
  func condition(_ type: String) -> DeploymentCondition? { self.status.conditions.first { $0.type == type } }

  /// Whether every pod is made from the current template and available, as far as the status says.
  var isComplete: Bool {
    isComplete(self.status) && self.status.observedGeneration ?? 0 >= metadata.generation ?? 0
  }

  func isComplete(_ status: DeploymentStatus) -> Bool {
    [status.updatedReplicas, status.replicas, status.availableReplicas].allSatisfy { $0 ?? 0 == replicas }
  }
}
