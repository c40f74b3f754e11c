import ControlLoop
import Objects
import Pods
import ReplicaSets
import Store

/// One look at a set, at its nodes and at its pods there, and what to do next.
struct DaemonRound {
  let set: DaemonSet
  /// The hash of the current template's revision.
  let revision: String
  let now: Time
  /// Every node there is, by name.
  let sites: [Site]
  /// Pods that wait for a node that has gone.
  let strays: [Pod]
  private let refusal: StatusError?
  private var names: SeededGenerator

  /// At most this many pods are made and this many deleted by one plan.
  static let burst = 250

  init(of set: DaemonSet, _ pods: [Pod], revision: String, in view: View, at now: Time) {
    self.set = set
    self.revision = revision
    self.now = now
    refusal = view.refusal
    names = view.names(for: set)
    let example = set.examplePod
    let podsByNode = Dictionary(grouping: pods) { $0.daemonNode ?? "" }
    sites = view.all(Node.self).map { node in
      Site(node: node, fate: example.fate(on: node), pods: (podsByNode[node.name] ?? []).oldestFirst)
    }
    strays = pods.filter { pod in
      guard (pod.spec.nodeName ?? "").isEmpty, !pod.isBeingDeleted, let node = pod.daemonNode else { return false }
      return view.object(Node.self, node) == nil
    }
  }

  /// First every node gets the pod that it lacks and loses what it should not have. Only when all have what they
  /// should, old pods are replaced.
  mutating func work() -> Plan {
    var plan = tend()
    if plan.intents.isEmpty, set.isRolling { plan += rollOut() }
    return plan
  }
}

/// A node, and the set's pods there.
struct Site {
  let node: Node
  let fate: Fate
  /// All of them, also those that are ending or have ended; the oldest first.
  let pods: [Pod]

  var active: [Pod] { pods.filter(\.isActive) }
}

extension [Pod] {
  // Whoever is on the node comes before whoever waits to get there.
  fileprivate var oldestFirst: [Pod] {
    func rank(_ pod: Pod) -> (Int, Int64, String) {
      ((pod.spec.nodeName ?? "").isEmpty ? 1 : 0, pod.metadata.creationTimestamp?.microseconds ?? .max, pod.name)
    }
    return sorted { rank($0) < rank($1) }
  }
}

// MARK: What each node should have

extension DaemonRound {
  private mutating func tend() -> Plan {
    var plan = Plan()
    var surplus = strays
    var vacancies: [Vacancy] = []
    for site in sites {
      guard site.fate != .goes else {
        surplus += site.pods.filter { !$0.isBeingDeleted }
        continue
      }
      let failed = replaceableFailures(at: site, &plan)
      surplus += failed + excess(at: site)
      // Without a surge even a pod that is still ending holds the place.
      let holds = site.pods.contains { pod in
        !(set.surges && pod.isBeingDeleted) && !failed.contains { $0.uid == pod.uid }
      }
      if site.fate == .runs, !holds {
        let failures = failed.map { DaemonBackOff.failures(after: $0, at: now) }.max() ?? 0
        vacancies.append(Vacancy(node: site.node.name, failures: failures))
      }
    }
    plan += write(deleting: surplus, filling: vacancies)
    return plan
  }

  /// A node that should have a pod and has none.
  struct Vacancy {
    var node: String
    var failures = 0
  }

  /// Pods that have ended although they should not, and have stood long enough.
  private func replaceableFailures(at site: Site, _ plan: inout Plan) -> [Pod] {
    var replaceable: [Pod] = []
    for pod in site.pods where pod.isFinished && !pod.isBeingDeleted {
      let due = DaemonBackOff.due(for: pod)
      guard due <= now else {
        plan.wake(at: due)
        continue
      }
      replaceable.append(pod)
      let place = "daemon pod \(pod.namespace)/\(pod.name) on node \(site.node.name)"
      if pod.status.phase == .failed {
        plan.record(.warning, "FailedDaemonPod", "Found failed \(place), will try to kill it", about: set)
      } else {
        plan.record("SucceededDaemonPod", "Found succeeded \(place), will try to delete it", about: set)
      }
    }
    return replaceable
  }

  /// The active pods that the node has too many: all but the oldest. With a surge, all but the oldest new one and the
  /// oldest old one, and of these the old one once it is of no use any more.
  func excess(at site: Site) -> [Pod] {
    guard set.surges else { return Array(site.active.dropFirst()) }
    let (new, old) = (site.active.filter(isNew), site.active.filter { !isNew($0) })
    let isReplaced = new.first.map { isAvailable($0) || old.first?.isReady == false } ?? false
    return Array(new.dropFirst() + old.dropFirst(isReplaced ? 0 : 1))
  }

  func isNew(_ pod: Pod) -> Bool { pod.metadata.labels[DaemonSet.hashLabel] == revision }

  /// Whether the pod has been ready for as long as it must be to be relied on.
  func isAvailable(_ pod: Pod) -> Bool { availableAt(pod).map { $0 <= now } ?? false }

  func availableAt(_ pod: Pod) -> Time? { pod.readySince.map { $0 + .seconds(set.spec.minReadySeconds ?? 0) } }

  mutating func write(deleting pods: [Pod], filling vacancies: [Vacancy]) -> Plan {
    var plan = Plan()
    for pod in pods.prefix(Self.burst) {
      // As it was seen: one that has become ready in the meantime is worth another look.
      var options = DeleteOptions()
      options.resourceVersion = pod.metadata.resourceVersion
      plan.delete(pod, options)
      plan.record("SuccessfulDelete", "Deleted pod: \(pod.name)", about: set)
    }
    for vacancy in vacancies.prefix(Self.burst) {
      var pod = set.makePod(for: vacancy.node, revision: revision, names: &names)
      pod.failures = vacancy.failures
      plan.create(pod)
      plan.record("SuccessfulCreate", "Created pod: \(pod.name)", about: set)
    }
    if let refusal, !vacancies.isEmpty {
      plan.record(.warning, "FailedCreate", "Error creating: \(refusal.message)", about: set)
    }
    return plan
  }
}
