import ControlLoop
import Objects
import Pods
import Simulation
import Store

// Who may be driven away, and when. A controller may act on what was true a moment ago, so these promises remember what
// nodes looked like before.

enum EvictionPromises {
  static let all = [
    nobodyGoesBeforeTheirTime, nobodyIsDrivenAwayTwice, silenceOfAllDrivesNobodyAway, victimsMatterLess,
    taintsFollowTheNodes, nobodyStaysBeyondTheirTime, roomIsMade,
  ]

  static let nobodyGoesBeforeTheirTime = Invariant("no pod is evicted by a taint before its time", .always) {
    var looks: [String: [Node]] = [:]
    return { _, event, now in
      if let node = event?.after(Node.self) { looks[node.name] = (looks[node.name] ?? []).suffix(40) + [node] }
      guard let (_, pod) = event?.disrupted(.tainted) else { return nil }
      let times = (looks[pod.spec.nodeName ?? ""] ?? []).compactMap { pod.timeToLeave($0) }
      return times.contains { $0 <= now } ? nil : "\(pod.key) had to leave \(pod.spec.nodeName ?? "")"
    }
  }

  static let nobodyIsDrivenAwayTwice = Invariant.always("at most one decision drives a pod away") { _, event, _ in
    guard let event, let old = event.before(Pod.self), let new = event.after(Pod.self), old.uid == new.uid,
      let first = old.disruption, let second = new.disruption
    else { return nil }
    return first == second ? nil : "\(new.key): \(first), then \(second)"
  }

  /// When nobody can be heard, it is the listener that is deaf.
  static let silenceOfAllDrivesNobodyAway = Invariant(
    "no pods are driven away while no node can be heard", .always
  ) {
    var silentSince: Time?
    var last = Time.distantPast
    return { view, event, now in
      // After a leap of the clock nobody has had time to notice anything.
      defer { last = now }
      let isSilent = !view.all(Node.self).contains(where: \.isReady)
      silentSince = isSilent ? (now - last > .seconds(30) ? now : silentSince ?? now) : nil
      guard let since = silentSince, now - since > .seconds(60), let old = event?.before(Node.self),
        let new = event?.after(Node.self)
      else { return nil }
      let added = new.spec.taints.filter { taint in
        taint.effect == .noExecute && taint.key?.hasPrefix("node.kubernetes.io/") == true
          && !old.spec.taints.contains { $0.isSame(as: taint) }
      }
      return added.isEmpty ? nil : "\(new.name) got \(added.map { $0.key ?? "" })"
    }
  }

  static let victimsMatterLess = Invariant("a victim matters less than the pod that takes its place", .always) {
    var highest: [String: Int] = [:]
    return { _, event, _ in
      if let pod = event?.after(Pod.self), let node = pod.status.nominatedNodeName, !node.isEmpty {
        highest[node] = max(highest[node] ?? .min, pod.priority)
      }
      guard let (_, victim) = event?.disrupted(.preempted) else { return nil }
      let preemptor = highest[victim.spec.nodeName ?? ""] ?? .min
      return victim.priority < preemptor ? nil : "\(victim.key) had to leave \(victim.spec.nodeName ?? "")"
    }
  }

  static let taintsFollowTheNodes = Invariant.eventually(
    "a node that is well has no taint that says otherwise", within: .seconds(300)
  ) { view, _ in
    for node in view.all(Node.self) where node.isReady && !node.isBeingDeleted {
      for taint in node.spec.taints where [TaintKey.notReady, TaintKey.unreachable].contains(taint.key) {
        return "\(node.name) has \(taint.json.encodedString)"
      }
      let isCordoned = node.spec.taints.contains { $0.key == TaintKey.unschedulable }
      if isCordoned != (node.spec.unschedulable == true) { return "\(node.name) is not cordoned as its taints say" }
    }
    return nil
  }

  static let nobodyStaysBeyondTheirTime = Invariant.eventually(
    "a pod whose time on a node is over goes", within: .seconds(300)
  ) { view, now in
    for pod in view.all(Pod.self) where !pod.isBeingDeleted {
      guard let node = view.object(Node.self, pod.spec.nodeName ?? ""), let leave = pod.timeToLeave(node) else {
        continue
      }
      if leave < now { return "\(pod.key) is still on \(node.name)" }
    }
    return nil
  }

  static let roomIsMade = Invariant.eventually(
    "no pod waits for one that matters less", within: .seconds(900)
  ) { view, now in
    var state = ClusterState()
    state.update(to: view)
    for pod in view.all(Pod.self, where: Index.activeNodeName.name, is: "") {
      guard !pod.isBeingDeleted, !pod.isGated, pod.spec.schedulerName == "default-scheduler", !pod.hasClaims,
        case .nowhere(let diagnosis) = state.choose(for: pod, by: SchedulerProfile(), view)
      else { continue }
      let room = DefaultPreemption().makeRoom(
        for: pod, after: diagnosis, in: &state, by: SchedulerProfile(), view, at: now)
      if let node = room.node { return "there could be room for \(pod.key) on \(node)" }
    }
    return nil
  }
}

extension Event {
  fileprivate func after<T: Resource>(_ type: T.Type) -> T? {
    record.key.resource == T.kind.groupResource ? T(json: record.value) : nil
  }

  fileprivate func before<T: Resource>(_ type: T.Type) -> T? {
    record.key.resource == T.kind.groupResource ? previous.map { T(json: $0.value) } : nil
  }

  /// The pod for which somebody has just given this reason to go.
  fileprivate func disrupted(_ disruption: Disruption) -> (old: Pod, new: Pod)? {
    guard let old = before(Pod.self), let new = after(Pod.self), old.disruption == nil, new.disruption == disruption
    else { return nil }
    return (old, new)
  }
}

// MARK: What users do, for the simulation

extension UserAction {
  static let taints = [
    UserAction("taint or untaint a node") { view, random, _ in
      // One node takes everybody, so that what has to be placed can be.
      guard var node = view.all(Node.self).dropLast().randomElement(using: &random) else { return [] }
      let effect = TaintEffect.allCases.randomElement(using: &random) ?? .noSchedule
      let taint = Taint("example.com/lab", effect, value: Bool.random(using: &random) ? "7" : nil)
      let present = node.spec.taints.count
      node.spec.taints.removeAll { $0.isSame(as: taint) }
      if node.spec.taints.count == present { node.spec.taints.append(taint) }
      return [.update(node.json)]
    },
    UserAction("create a pod that tolerates taints") { _, random, _ in
      let pod = Pod(name: "tolerant-\(Int.random(in: 0..<10, using: &random))", namespace: "default") {
        $0.spec.containers = [
          Container {
            $0.name = "main"
            $0.image = "pause"
          }
        ]
        let seconds: Int64? = [nil, 0, 20, 60].randomElement(using: &random) ?? nil
        $0.spec.tolerations = [Toleration("example.com/lab", effect: seconds.map { _ in .noExecute }, seconds: seconds)]
        if Bool.random(using: &random) {
          $0.spec.tolerations.append(Toleration(TaintKey.unreachable, effect: .noExecute, seconds: 5))
        }
      }
      return [.create(pod.json)]
    },
    UserAction("create a pod that matters more or less") { view, random, _ in
      let value = [-5, 10, 1_000].randomElement(using: &random) ?? 0
      let pod = Pod(name: "rank-\(Int.random(in: 0..<20, using: &random))", namespace: "default") {
        $0.spec.priorityClassName = "rank\(value)"
        $0.spec.containers = [
          Container {
            $0.name = "main"
            $0.image = "pause"
            $0.resources.requests = ["cpu": Quantity(Int.random(in: 2...5, using: &random))]
          }
        ]
      }
      let rank = PriorityClass(name: "rank\(value)") {
        $0.value = value
        if value == 10 { $0.preemptionPolicy = .never }
      }
      return (view.object(PriorityClass.self, rank.name) == nil ? [.create(rank.json)] : []) + [.create(pod.json)]
    },
    UserAction("evict a pod") { view, random, _ in
      view.all(Pod.self).randomElement(using: &random).map { pod in
        [.writeSubresource(pod.key, "eviction", Eviction(name: pod.name, namespace: pod.namespace).json)]
      } ?? []
    },
    UserAction("delete a node") { view, random, _ in
      view.all(Node.self).randomElement(using: &random).map { [.delete($0.key, DeleteOptions())] } ?? []
    },
  ]
}
