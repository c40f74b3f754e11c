public import ControlLoop
public import Objects
import Pods
public import Store

/// Drives pods away from nodes with a NoExecute taint: at once, or when the time for which they tolerate it is over.
///
/// Its clock is in the objects: a taint says since when it is there, a pod says since when it is placed. So a restart
/// changes nothing, and a taint that goes in time leaves the pods where they are.
public struct TaintEvictionController: Controller {
  public let name = "taint-eviction-controller"

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(Pod.self) { pod, _ in (pod.spec.nodeName ?? "").isEmpty ? [] : [pod.key] },
      .onNodes { $0.spec.taints.filter { $0.effect == .noExecute }.map(\.json) },
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var pod = view[Pod.self, key], !pod.isBeingDeleted,
      let node = view.object(Node.self, pod.spec.nodeName ?? ""), let leave = pod.timeToLeave(node)
    else { return .nothing }
    var plan = Plan()
    guard leave <= now else {
      plan.wake(at: leave)
      return plan
    }
    pod.disrupt(.tainted, at: now)
    plan.updateStatus(pod)
    plan.delete(pod)
    plan.record("TaintManagerEviction", "Marking for deletion Pod \(pod.namespace)/\(pod.name)", about: pod)
    return plan
  }
}

extension Pod {
  /// When the node's taints drive the pod away; nil when they do not.
  func timeToLeave(_ node: Node) -> Time? {
    let placed =
      self.status.conditions["PodScheduled"]?.lastTransitionTime ?? metadata.creationTimestamp ?? .distantPast
    return node.spec.taints.filter { $0.effect == .noExecute }.compactMap { taint -> Time? in
      let since = max(taint.timeAdded ?? .distantPast, placed)
      guard let toleration = self.spec.tolerations.first(where: { $0.tolerates(taint) }) else { return since }
      return toleration.tolerationSeconds.map { since + .seconds(max(0, $0)) }
    }.min()
  }
}

/// Says of pods whose node is silent that they are not ready, because nobody else can: services then send nothing there.
public struct UnreadyPodsController: Controller {
  public let name = "node-controller"

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(Pod.self) { pod, _ in pod.isReady ? [pod.key] : [] },
      .onNodes { [.string($0.status.conditions["Ready"]?.status ?? "")] },
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var pod = view[Pod.self, key], pod.isReady,
      let node = view.object(Node.self, pod.spec.nodeName ?? ""),
      let condition = node.status.conditions["Ready"], condition.status != "True"
    else { return .nothing }
    pod.status.conditions.set("Ready", "False", at: now)
    var plan = Plan()
    plan.updateStatus(pod)
    plan.record(.warning, "NodeNotReady", "Node is not ready", about: pod)
    return plan
  }
}

extension Trigger {
  /// The pods of a node, whenever `aspect` of it has changed.
  fileprivate static func onNodes(_ aspect: @escaping @Sendable (Node) -> [Value]) -> Trigger {
    Trigger(resource: Node.kind.groupResource) { event, view in
      let node = Node(json: event.record.value)
      if event.type == .modified, let previous = event.previous, aspect(Node(json: previous.value)) == aspect(node) {
        return []
      }
      return view.all(Pod.self, where: Index.nodeName.name, is: node.name).map(\.key)
    }
  }
}
