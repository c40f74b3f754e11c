public import ControlLoop
public import Objects
public import Store

/// Says so when a node's agent has fallen silent: nobody else can.
///
/// An agent renews its lease every ten seconds. When it has not for forty, what it said last about its node is worth
/// nothing any more. The pods there stay: they may well be running. (Chapter 9 gives up on them after a while.)
public struct NodeLifecycleController: Controller {
  public let name = "node-controller"

  /// How long an agent may be silent.
  static let gracePeriod = Duration.seconds(40)
  /// How long a new node's agent may take for its first word.
  static let startupPeriod = Duration.seconds(60)

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(Node.self),
      .on(Lease.self) { lease, _ in lease.namespace == Node.leaseNamespace ? [Node.key(lease.name)] : [] },
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var node = view[Node.self, key], !node.isBeingDeleted else { return .nothing }
    let renewed = view.object(Lease.self, node.name, in: Node.leaseNamespace)?.spec.renewTime?.time
    let reported = node.status.conditions["Ready"]?.lastHeartbeatTime
    let lastWord = [renewed, reported].compactMap { $0 }.max()
    let limit = lastWord.map { $0 + Self.gracePeriod } ?? (node.metadata.creationTimestamp ?? now) + Self.startupPeriod
    var plan = Plan()
    if now <= limit {
      plan.wake(at: limit + .microseconds(1))
    } else if node.status.conditions["Ready"]?.status != "Unknown" {
      node.loseTouch(hasReported: lastWord != nil, at: now)
      plan.updateStatus(node)
      plan.record("NodeNotReady", "Node \(node.name) status is now: NodeNotReady", about: node)
    }
    return plan
  }
}

extension Node {
  /// Where the nodes' leases are.
  public static let leaseNamespace = "kube-node-lease"

  fileprivate mutating func loseTouch(hasReported: Bool, at now: Time) {
    for type in ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] {
      self.status.conditions.set(
        type, "Unknown", reason: hasReported ? "NodeStatusUnknown" : "NodeStatusNeverUpdated",
        message: hasReported ? "Kubelet stopped posting node status." : "Kubelet never posted node status.", at: now)
    }
  }
}

/// Deletes the pods of nodes that no longer exist, and those that are to go before they have got a node: no agent will
/// ever report their end.
///
/// A node may come back under its name, so they get forty seconds; the pod itself keeps the time, in its condition
/// DisruptionTarget.
public struct PodGarbageCollector: Controller {
  public let name = "pod-garbage-collector-controller"

  static let quarantine = Duration.seconds(40)

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(Pod.self),
      .on(Node.self) { node, view in view.all(Pod.self, where: Index.nodeName.name, is: node.name).map(\.key) },
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var pod = view[Pod.self, key] else { return .nothing }
    guard let node = pod.spec.nodeName, !node.isEmpty else { return pod.isBeingDeleted ? end(pod) : .nothing }
    var plan = Plan()
    let mark = pod.status.conditions["DisruptionTarget"].flatMap { $0.reason == Self.reason ? $0 : nil }
    if view.object(Node.self, node) != nil {
      guard mark != nil else { return .nothing }
      pod.status.conditions.removeAll { $0.type == "DisruptionTarget" }
      plan.updateStatus(pod)
    } else if let since = mark?.lastTransitionTime {
      guard since + Self.quarantine <= now else {
        plan.wake(at: since + Self.quarantine)
        return plan
      }
      return end(pod)
    } else {
      pod.status.conditions.set(
        "DisruptionTarget", "True", reason: Self.reason, message: "PodGC: node no longer exists", at: now)
      plan.updateStatus(pod)
    }
    return plan
  }

  // Whoever counts ends, as jobs do, has to see one.
  private func end(_ pod: Pod) -> Plan {
    var (pod, plan) = (pod, Plan())
    if !pod.isFinished {
      pod.status.phase = .failed
      plan.updateStatus(pod)
    }
    plan.delete(pod, DeleteOptions(gracePeriodSeconds: 0))
    return plan
  }

  private static let reason = "DeletionByPodGC"
}
