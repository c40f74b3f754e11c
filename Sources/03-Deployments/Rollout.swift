import ControlLoop
import Objects
import Pods
import ReplicaSets
import Store

/// One look at a deployment and its sets, and the next step from there.
struct Rollout {
  let deployment: Deployment
  let view: View
  let now: Time
  /// All sets of the deployment, as they will be when the plan has been carried out.
  var sets: [ReplicaSet]
  /// The set for the current template; nil until it has been made.
  var newSet: ReplicaSet?

  init(of deployment: Deployment, sets: [ReplicaSet], in view: View, at now: Time) {
    self.deployment = deployment
    self.sets = sets
    self.view = view
    self.now = now
    newSet = deployment.newSet(among: sets)
  }

  var oldSets: [ReplicaSet] { sets.filter { $0.uid != newSet?.uid } }

  mutating func nextStep() -> Plan {
    if deployment.spec.paused == true || isBeingScaled {
      return isPausedOrScaledStep()
    }
    var plan = Plan()
    if deployment.isRolling {
      plan += prepareNewSet(size: newSize())
      if plan.intents.isEmpty { plan += growNewSet() }
      if plan.intents.isEmpty { plan += shrinkOldSets() }
    } else {
      plan += shrink(oldSets, by: .max)
      if plan.intents.isEmpty, !hasRunningOldPods {
        plan += prepareNewSet(size: deployment.replicas)
        if plan.intents.isEmpty { plan += growNewSet() }
      }
    }
    if plan.intents.isEmpty, deployment.isComplete { plan += trimHistory() }
    return plan
  }

  private mutating func isPausedOrScaledStep() -> Plan {
    var plan = Plan()
    if newSet != nil { plan += prepareNewSet(size: 0) }
    if plan.intents.isEmpty { plan += scaleProportionally() }
    if plan.intents.isEmpty, deployment.spec.paused == true { plan += trimHistory() }
    return plan
  }

  // The deployment's size is not the one that its sets were last scaled for.
  private var isBeingScaled: Bool {
    sets.contains { $0.replicas > 0 && ($0.desiredReplicas ?? deployment.replicas) != deployment.replicas }
  }
}

// MARK: The new set

extension Rollout {
  /// Makes the set for the current template, or brings it up to date as the current one.
  private mutating func prepareNewSet(size: Int) -> Plan {
    let revision = (oldSets.map(\.revision).max() ?? 0) + 1
    var plan = Plan()
    if let set = newSet {
      let current = set.current(of: deployment, revision: revision)
      if current != set { plan += replace(current) }
      plan += note(revision: current.revision)
      return plan
    }
    let set = deployment.makeSet(size: size, revision: revision)
    if view.object(ReplicaSet.self, set.name, in: set.namespace) != nil { return nameIsTaken() }
    plan.create(set)
    plan += note(revision: revision)
    newSet = set
    sets.append(set)
    if size > 0 {
      plan.record("ScalingReplicaSet", "Scaled up replica set \(set.name) from 0 to \(size)", about: deployment)
    }
    return plan
  }

  // Another template has the same hash, or somebody else's set the name: count, so that the next hash differs.
  private func nameIsTaken() -> Plan {
    var changed = deployment
    changed.status.collisionCount = (deployment.status.collisionCount ?? 0) + 1
    var plan = Plan()
    plan.updateStatus(changed)
    return plan
  }

  private func note(revision: Int) -> Plan {
    let text = String(revision)
    guard deployment.metadata.annotations[Annotations.revision] != text else { return .nothing }
    var changed = deployment
    changed.metadata.annotations[Annotations.revision] = text
    var plan = Plan()
    plan.update(changed)
    return plan
  }

  /// As large as the surge allows.
  private func newSize() -> Int {
    let size = newSet?.replicas ?? 0
    let room = deployment.replicas + deployment.maxSurge - sets.totalReplicas
    return room > 0 ? size + min(room, deployment.replicas - size) : size
  }

  private mutating func growNewSet() -> Plan {
    guard let set = newSet, set.replicas != deployment.replicas else { return .nothing }
    if set.replicas > deployment.replicas { return scale(set, to: deployment.replicas) }
    return scale(set, to: deployment.isRolling ? newSize() : deployment.replicas)
  }
}

// MARK: The old sets

extension Rollout {
  /// Takes away from old sets what the deployment can do without: first pods that are not available anyway, then as
  /// many available ones as leave enough.
  private mutating func shrinkOldSets() -> Plan {
    let needed = deployment.replicas - deployment.maxUnavailable
    let newUnavailable = max(0, (newSet?.replicas ?? 0) - (newSet?.status.availableReplicas ?? 0))
    var spare = sets.totalReplicas - needed - newUnavailable
    var plan = Plan()
    for set in oldSets.byAge {
      let count = min(spare, set.replicas - (set.status.availableReplicas ?? 0))
      guard count > 0 else { continue }
      plan += scale(set, to: set.replicas - count)
      spare -= count
    }
    plan += shrink(oldSets, by: min(spare, sets.totalAvailable - needed))
    return plan
  }

  private mutating func shrink(_ sets: [ReplicaSet], by count: Int) -> Plan {
    var plan = Plan()
    var left = count
    for set in sets.byAge where left > 0 && set.replicas > 0 {
      let taken = min(left, set.replicas)
      plan += scale(set, to: set.replicas - taken)
      left -= taken
    }
    return plan
  }

  // Old pods that still run, also while they are being deleted.
  private var hasRunningOldPods: Bool {
    oldSets.contains { set in view.all(Pod.self, controlledBy: set).contains { !$0.isFinished } }
  }

  /// Old sets beyond the history's limit go, the oldest revisions first.
  private func trimHistory() -> Plan {
    let unused = oldSets.filter {
      !$0.isBeingDeleted && $0.replicas == 0 && ($0.status.replicas ?? 0) == 0
        && $0.metadata.generation ?? 0 <= $0.status.observedGeneration ?? 0
    }
    let excess = max(0, oldSets.count { !$0.isBeingDeleted } - (deployment.spec.revisionHistoryLimit ?? 10))
    var plan = Plan()
    for set in unused.byAge.sorted(by: { $0.revision < $1.revision }).prefix(excess) { plan.delete(set) }
    return plan
  }
}

// MARK: Scaling

extension Rollout {
  /// A deployment that is scaled in the middle of a roll-out keeps the proportions of its sets, so that the risk of the
  /// new template does not grow with the size.
  private mutating func scaleProportionally() -> Plan {
    let active = sets.filter { $0.replicas > 0 }
    if active.count <= 1 {
      return (active.first ?? newSet ?? sets.byAge.last).map { scale($0, to: deployment.replicas) } ?? .nothing
    }
    if let set = newSet, set.isSaturated(for: deployment) { return shrink(oldSets, by: .max) }
    guard deployment.isRolling else { return .nothing }
    let allowed = deployment.replicas > 0 ? deployment.replicas + deployment.maxSurge : 0
    let change = allowed - active.totalReplicas
    // Of equal sets the newer one grows first, and the older one shrinks first.
    let ordered = (change > 0 ? active.byAge.reversed() : active.byAge).sorted { $0.replicas > $1.replicas }
    var sizes = ordered.map(\.replicas)
    var left = change
    for index in ordered.indices where left != 0 {
      let share = ordered[index].share(of: deployment)
      let part = change > 0 ? min(max(share, 0), left) : max(min(share, 0), left)
      sizes[index] += part
      left -= part
    }
    if let first = sizes.first { sizes[0] = max(0, first + left) }
    var plan = Plan()
    for (set, size) in zip(ordered, sizes) { plan += scale(set, to: size) }
    return plan
  }

  /// Gives a set another size, and notes what size of the deployment this was for.
  private mutating func scale(_ set: ReplicaSet, to size: Int) -> Plan {
    let scaled = set.scaled(to: size, of: deployment)
    guard scaled != set else { return .nothing }
    var plan = replace(scaled)
    if size != set.replicas {
      plan.record(
        "ScalingReplicaSet",
        "Scaled \(size > set.replicas ? "up" : "down") replica set \(set.name) from \(set.replicas) to \(size)",
        about: deployment)
    }
    return plan
  }

  private mutating func replace(_ set: ReplicaSet) -> Plan {
    sets = sets.map { $0.uid == set.uid ? set : $0 }
    if newSet?.uid == set.uid { newSet = set }
    var plan = Plan()
    plan.update(set)
    return plan
  }
}

extension ReplicaSet {
  /// Has everything that the deployment asks for.
  fileprivate func isSaturated(for deployment: Deployment) -> Bool {
    replicas == deployment.replicas && desiredReplicas == deployment.replicas
      && self.status.availableReplicas ?? 0 == deployment.replicas
  }

  /// How much the set should grow or shrink to be the same part of the deployment as before.
  fileprivate func share(of deployment: Deployment) -> Int {
    guard deployment.replicas > 0 else { return -replicas }
    guard let before = maxReplicas ?? deployment.status.replicas, before > 0 else { return 0 }
    let after = deployment.replicas + deployment.maxSurge
    // Rounded to the nearest, halves up, in whole numbers.
    return (2 * replicas * after + before) / (2 * before) - replicas
  }
}
