import ControlLoop
import Objects
import Pods

// How old pods give way to new ones, and what is reported. Here every node has what it should: at most one active pod,
// or an old and a new one where a surge is under way.

extension DaemonRound {
  private var wanted: [Site] { sites.filter { $0.fate == .runs } }

  /// A step of a rolling update: within its bounds, and no further.
  mutating func rollOut() -> Plan {
    let sites = wanted
    let old = sites.filter { $0.active.count == 1 && !$0.active.contains(where: isNew) }
    // Nobody misses a pod that does not work: these do not count. A template that never worked is mended this way.
    let useless = old.filter { !$0.active.contains(where: isAvailable) }
    let useful = old.filter { $0.active.contains(where: isAvailable) }
    if set.surges {
      let underWay = sites.count { $0.active.count > 1 }
      let chosen = useless + useful.prefix(max(0, set.maxSurge(of: sites.count) - underWay))
      return write(deleting: [], filling: chosen.map { Vacancy(node: $0.node.name) })
    }
    let unavailable = sites.count { !$0.active.contains(where: isAvailable) }
    let chosen = useless + useful.prefix(max(0, set.maxUnavailable(of: sites.count) - unavailable))
    return write(deleting: chosen.flatMap(\.active), filling: [])
  }

  /// Writes the status when it differs, and asks to be woken when a ready pod becomes available.
  func status(collisionCount: Int) -> Plan {
    let sites = wanted
    // With a surge the old pod is the one that is relied on, until it goes.
    let pods = sites.compactMap(\.active.first)
    var changed = set
    changed.status.desiredNumberScheduled = sites.count
    changed.status.currentNumberScheduled = sites.count { !$0.pods.isEmpty }
    changed.status.numberMisscheduled = self.sites.count { $0.fate != .runs && !$0.pods.isEmpty }
    changed.status.numberReady = pods.count(where: \.isReady)
    changed.status.numberAvailable = pods.count(where: isAvailable)
    changed.status.numberUnavailable = sites.count - pods.count(where: isAvailable)
    changed.status.updatedNumberScheduled = pods.count(where: isNew)
    changed.status.observedGeneration = set.metadata.generation
    changed.status.collisionCount = collisionCount > 0 ? collisionCount : nil
    var plan = Plan()
    if changed.status != set.status { plan.updateStatus(changed) }
    for moment in sites.flatMap(\.active).compactMap(availableAt) where moment > now { plan.wake(at: moment) }
    return plan
  }
}
