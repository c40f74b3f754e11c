import ControlLoop
import Objects
import Pods
import Volumes

/// One look at a set and its pods, and the next step from there.
struct StatefulSetLook {
  let set: StatefulSet
  /// What the pods below the partition are made from, and those that have not been replaced yet.
  let current: ControllerRevision
  /// What all others are made from.
  let update: ControllerRevision
  let view: View
  let now: Time
  /// By their numbers.
  private(set) var pods: [Int: Pod] = [:]

  /// At most this many pods are made by one plan.
  static let burst = 500

  init(
    at set: StatefulSet, _ pods: [Pod], current: ControllerRevision, update: ControllerRevision, in view: View,
    at now: Time
  ) {
    self.set = set
    self.current = current
    self.update = update
    self.view = view
    self.now = now
    for pod in pods {
      if let ordinal = set.ordinal(of: pod) { self.pods[ordinal] = pod }
    }
  }

  func nextStep() -> Plan {
    var plan = Plan()
    var room = Self.burst
    for ordinal in set.ordinals {
      if let pod = pods[ordinal] {
        plan += tend(pod, ordinal)
      } else if room > 0 {
        plan += create(ordinal)
        room -= 1
      } else {
        break
      }
      // In an order, nothing happens to anybody as long as a pod before is missing or not available.
      if set.isOrdered, !isAvailable(ordinal) { return plan }
    }
    plan += removeSurplus()
    if set.isOrdered, !surplus.isEmpty { return plan }
    plan += replaceOutdated()
    return plan
  }

  /// Runs, is ready, has been so for minReadySeconds, and is to stay.
  func isAvailable(_ ordinal: Int) -> Bool {
    guard let pod = pods[ordinal] else { return false }
    return !pod.isBeingDeleted && pod.isAvailable(after: set.pause, at: now)
  }

  /// The numbers of pods that there should not be, the highest first.
  private var surplus: [Int] { pods.keys.filter { !set.ordinals.contains($0) }.sorted(by: >) }
}

extension StatefulSet {
  /// How long a pod has to be ready to be available.
  var pause: Duration { .seconds(self.spec.minReadySeconds ?? 0) }
}

extension Pod {
  var runsReady: Bool { self.status.phase == .running && isReady }

  func isAvailable(after pause: Duration, at now: Time) -> Bool {
    runsReady && (readySince ?? now) + pause <= now
  }
}

// MARK: The pods that there should be

extension StatefulSetLook {
  /// Makes the pod with this number, after its claims.
  private func create(_ ordinal: Int) -> Plan {
    let revision = set.isRolling && ordinal < set.partition ? current : update
    let pod = set.makePod(ordinal, from: revision)
    var plan = Plan()
    for (_, wanted) in set.claims(ordinal) {
      guard let claim = view[PersistentVolumeClaim.self, wanted.key], set.isGoing(claim, ordinal) else { continue }
      if claim.isBeingDeleted { plan.recordFailure(of: pod, "pvc \(claim.name) is being deleted", set) }
      return plan
    }
    plan += createClaims(of: pod, ordinal)
    plan.create(pod)
    plan.record("SuccessfulCreate", "create Pod \(pod.name) in StatefulSet \(set.name) successful", about: set)
    let names = [pod.name] + set.claims(ordinal).map(\.claim.name)
    if let refusal = view.refusal, refusal.reason != "AlreadyExists", names.contains(refusal.name) {
      plan.recordFailure(of: pod, refusal.message, set)
    }
    return plan
  }

  private func createClaims(of pod: Pod, _ ordinal: Int) -> Plan {
    var plan = Plan()
    for (_, wanted) in set.claims(ordinal) where view[PersistentVolumeClaim.self, wanted.key] == nil {
      var claim = wanted
      if set.spec.persistentVolumeClaimRetentionPolicy.whenDeleted == .delete {
        claim.metadata.ownerReferences = [OwnerReference(controller: set)]
      }
      plan.create(claim)
      let message = "create Claim \(claim.name) Pod \(pod.name) in StatefulSet \(set.name) success"
      plan.record("SuccessfulCreate", message, about: set)
    }
    return plan
  }

  /// Looks after a pod that is there: deletes one that has ended, and makes one what its number says.
  private func tend(_ pod: Pod, _ ordinal: Int) -> Plan {
    if pod.isBeingDeleted { return .nothing }
    if pod.isFinished { return replaceFinished(pod) }
    var plan = pod.status.phase == .pending ? createClaims(of: pod, ordinal) : .nothing
    if set.isOrdered, !isAvailable(ordinal) { return plan }
    plan += set.retainClaims(of: pod, ordinal, in: view)
    let labelled = set.labelled(pod, ordinal)
    guard labelled != pod else { return plan }
    plan.update(labelled)
    plan.record("SuccessfulUpdate", "update Pod \(pod.name) in StatefulSet \(set.name) successful", about: set)
    return plan
  }

  // Its name is free again when it is gone, and not before.
  private func replaceFinished(_ pod: Pod) -> Plan {
    let title = "StatefulSet \(set.namespace)/\(set.name)"
    var plan = Plan()
    if pod.status.phase == .failed {
      plan.record(.warning, "RecreatingFailedPod", "\(title) is recreating failed Pod \(pod.name)", about: set)
    } else {
      plan.record("RecreatingTerminatedPod", "\(title) is recreating terminated Pod \(pod.name)", about: set)
    }
    plan.delete(pod, of: set)
    return plan
  }
}

extension Plan {
  fileprivate mutating func delete(_ pod: Pod, of set: StatefulSet) {
    delete(pod)
    record("SuccessfulDelete", "delete Pod \(pod.name) in StatefulSet \(set.name) successful", about: set)
  }

  fileprivate mutating func recordFailure(of pod: Pod, _ error: String, _ set: StatefulSet) {
    let message = "create Pod \(pod.name) in StatefulSet \(set.name) failed error: \(error)"
    record(.warning, "FailedCreate", message, about: set)
  }
}

// MARK: The pods that there should not be, and those from an old template

extension StatefulSetLook {
  /// Deletes pods whose numbers are out of range: all of them, or in an order the highest, when the one before it has
  /// gone.
  func removeSurplus() -> Plan {
    var plan = Plan()
    for ordinal in surplus {
      guard let pod = pods[ordinal] else { continue }
      plan += set.retainClaims(of: pod, ordinal, in: view)
    }
    for ordinal in set.isOrdered ? surplus.prefix(1) : surplus[...] {
      guard let pod = pods[ordinal], !pod.isBeingDeleted else { continue }
      // In an order, a pod that is not available goes when it is the only one that is not.
      let isHeld = set.isOrdered && !isAvailable(ordinal) && !surplus.dropFirst().allSatisfy(isAvailable)
      if !isHeld { plan.delete(pod, of: set) }
    }
    return plan
  }

  /// Deletes pods that are not as they would be made now, the highest first, as far as maxUnavailable allows. Those that
  /// are not available cost nothing: nobody misses them.
  func replaceOutdated() -> Plan {
    guard set.isRolling else { return .nothing }
    let ordinals = pods.keys.filter { set.ordinals.contains($0) }.sorted(by: >)
    let outdated = ordinals.filter { $0 >= set.partition && isOutdated($0) }
    let missing = set.ordinals.count - ordinals.count(where: isAvailable)
    let allowed = max(0, set.maxUnavailable - missing)
    let chosen = outdated.filter { !isAvailable($0) } + outdated.filter(isAvailable).prefix(allowed)
    var plan = Plan()
    for pod in chosen.compactMap({ pods[$0] }) { plan.delete(pod, of: set) }
    return plan
  }

  private func isOutdated(_ ordinal: Int) -> Bool {
    guard let pod = pods[ordinal] else { return false }
    return pod.isActive && (pod.revision != update.name || !set.hasClaims(pod, ordinal))
  }
}

// MARK: What there is

extension StatefulSetLook {
  /// Writes the status when it differs. A roll-out is over when every pod is made from the update revision and ready.
  func status(collisionCount: Int) -> Plan {
    let staying = pods.values.filter { !$0.isBeingDeleted }
    var changed = set
    changed.status.observedGeneration = set.metadata.generation
    changed.status.replicas = pods.count
    changed.status.readyReplicas = pods.values.count(where: \.runsReady)
    changed.status.availableReplicas = pods.values.count { $0.isAvailable(after: set.pause, at: now) }
    changed.status.currentReplicas = staying.count { $0.revision == current.name }
    changed.status.updatedReplicas = staying.count { $0.revision == update.name }
    changed.status.currentRevision = current.name
    changed.status.updateRevision = update.name
    changed.status.collisionCount = collisionCount
    let counts = [changed.status.updatedReplicas, changed.status.readyReplicas, changed.status.replicas]
    if set.isRolling, counts.allSatisfy({ $0 == set.ordinals.count }) {
      changed.status.currentReplicas = changed.status.updatedReplicas
      changed.status.currentRevision = update.name
    }
    var plan = Plan()
    if changed.status != set.status { plan.updateStatus(changed) }
    // A ready pod becomes available although nothing happens to it.
    for moment in pods.values.compactMap(\.readySince) where moment + set.pause > now {
      plan.wake(at: moment + set.pause)
    }
    return plan
  }
}
