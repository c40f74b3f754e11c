public import ControlLoop
public import Objects
import Pods
public import Store

/// Decides when the pods of a silent node have to go: it gives the node a taint that drives them away.
///
/// It is slow on purpose. One node that is silent has failed; many that are silent at the same time may be well, and
/// only the way to them broken. So the nodes of a zone get the taint one after the other, the fewer a minute the more of
/// them are silent, and when nobody can be heard, nobody gets it. When the last node got it, the taints themselves say.
public struct ZoneEvictionController: Controller {
  public let name = "node-lifecycle-controller"

  /// The one key: nodes are judged together.
  public static let key = Node.key("")

  public init() {}

  public var triggers: [Trigger] {
    [
      Trigger(resource: Node.kind.groupResource) { event, _ in
        let nodes = [event.previous, event.record].map { $0.map { Node(json: $0.value) } }
        return event.type == .modified && nodes.first??.vitals == nodes.last??.vitals ? [] : [Self.key]
      }
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    let nodes = view.all(Node.self).filter { !$0.isBeingDeleted }
    let isAnyoneThere = nodes.contains(where: \.isReady)
    var plan = Plan()
    for node in nodes where !node.isSilent || !isAnyoneThere { plan += node.settingEvictionTaint(nil) }
    guard isAnyoneThere else { return plan }
    for (_, zone) in Dictionary(grouping: nodes, by: \.zone).sorted(by: { $0.key < $1.key }) {
      plan += evictions(in: zone, at: now)
    }
    return plan
  }

  private func evictions(in zone: [Node], at now: Time) -> Plan {
    var plan = Plan()
    for node in zone where node.isSilent {
      // From "not ready" to "unreachable" or back: the patience of the pods does not begin anew.
      if let taint = node.evictionTaint { plan += node.settingEvictionTaint(taint.timeAdded ?? now) }
    }
    let waiting = zone.filter { $0.isSilent && $0.evictionTaint == nil }
    guard let pause = Self.pause(silent: zone.count(where: \.isSilent), of: zone.count),
      let next = waiting.min(by: { $0.silence < $1.silence })
    else { return plan }
    let last = zone.compactMap { $0.evictionTaint?.timeAdded }.max() ?? .distantPast
    if last + pause <= now {
      plan += next.settingEvictionTaint(now)
      if waiting.count > 1 { plan.wake(at: now + pause) }
    } else {
      plan.wake(at: last + pause)
    }
    return plan
  }

  /// How much time lies between two nodes of a zone that lose their pods; nil when none does.
  ///
  /// A zone in which nobody can be heard is treated as any other: there are other zones to go to.
  static func pause(silent: Int, of size: Int) -> Duration? {
    guard silent < size, silent > 2, silent * 100 >= size * 55 else { return .seconds(10) }
    return size > 50 ? .seconds(100) : nil
  }
}

extension Node {
  /// The topology that evictions go by.
  fileprivate var zone: String {
    ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"].map { metadata.labels[$0] ?? "" }
      .joined(separator: "/")
  }

  /// Whether the node was heard of once and is not well now.
  fileprivate var isSilent: Bool { self.status.conditions["Ready"].map { $0.status != "True" } ?? false }

  fileprivate var silence: (Time, String) {
    (self.status.conditions["Ready"]?.lastTransitionTime ?? .distantPast, name)
  }

  fileprivate var evictionTaint: Taint? { self.spec.taints.first(where: \.isOfSilence) }

  /// What this controller looks at.
  fileprivate var vitals: [Value] {
    [
      .string(self.status.conditions["Ready"]?.status ?? ""), .string(zone), .bool(isBeingDeleted),
      .array(self.spec.taints.filter(\.isOfSilence).map(\.json)),
    ]
  }

  /// - Parameter time: since when the taint counts; nil takes it away.
  fileprivate func settingEvictionTaint(_ time: Time?) -> Plan {
    var node = self
    node.spec.taints.removeAll(where: \.isOfSilence)
    if let time {
      let isLost = self.status.conditions["Ready"]?.status == "Unknown"
      node.spec.taints.append(Taint(isLost ? TaintKey.unreachable : TaintKey.notReady, .noExecute, since: time))
    }
    var plan = Plan()
    if Set(node.spec.taints) != Set(self.spec.taints) { plan.update(node) }
    return plan
  }
}

extension Taint {
  fileprivate var isOfSilence: Bool {
    self.effect == .noExecute && [TaintKey.notReady, TaintKey.unreachable].contains(self.key)
  }
}
