public import ControlLoop
public import Objects
import Pods
public import Store

/// Says by taints what a node's conditions say: the scheduler looks at taints alone, and pods can tolerate them.
///
/// The spec of a node is written by people, and its taints by this controller too; changes of the node wake it.
public struct NodeTaintController: Controller {
  public let name = "node-controller"

  public init() {}

  public var triggers: [Trigger] { [.on(Node.self)] }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var node = view[Node.self, key], !node.isBeingDeleted else { return .nothing }
    let wanted = node.ailments
    let present = node.spec.taints.filter { $0.effect == .noSchedule && Self.keys.contains($0.key ?? "") }
    let (gone, new) = (present.filter { !wanted.contains($0.key ?? "") }, wanted.subtracting(present.compactMap(\.key)))
    guard !gone.isEmpty || !new.isEmpty else { return .nothing }
    node.spec.taints.removeAll { taint in gone.contains { $0.isSame(as: taint) } }
    node.spec.taints += new.sorted().map { Taint($0, .noSchedule, since: now) }
    var plan = Plan()
    plan.update(node)
    for word in Self.news(of: node, gone: gone.compactMap(\.key), new) {
      plan.record(word, "Node \(node.name) status is now: \(word)", about: node)
    }
    return plan
  }

  private static let keys: Set = [
    TaintKey.notReady, TaintKey.unreachable, TaintKey.memoryPressure, TaintKey.diskPressure, TaintKey.pidPressure,
    TaintKey.networkUnavailable, TaintKey.unschedulable,
  ]

  private static func news(of node: Node, gone: [String], _ new: Set<String>) -> [String] {
    var words: [String] = []
    if node.isReady, !Set(gone).isDisjoint(with: [TaintKey.notReady, TaintKey.unreachable]) {
      words.append("NodeReady")
    }
    if new.contains(TaintKey.unschedulable) { words.append("NodeNotSchedulable") }
    if gone.contains(TaintKey.unschedulable) { words.append("NodeSchedulable") }
    return words
  }
}

extension Node {
  /// The keys of the taints that the node's state asks for.
  fileprivate var ailments: Set<String> {
    var keys: Set<String> = self.spec.unschedulable == true ? [TaintKey.unschedulable] : []
    switch self.status.conditions["Ready"]?.status {
    case "True": break
    case "Unknown": keys.insert(TaintKey.unreachable)
    default: keys.insert(TaintKey.notReady)
    }
    for (condition, key) in [
      ("MemoryPressure", TaintKey.memoryPressure), ("DiskPressure", TaintKey.diskPressure),
      ("PIDPressure", TaintKey.pidPressure), ("NetworkUnavailable", TaintKey.networkUnavailable),
    ] where self.status.conditions.isTrue(condition) {
      keys.insert(key)
    }
    return keys
  }
}
