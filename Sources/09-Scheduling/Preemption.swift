import ControlLoop
import Objects
import Pods

// Whom a pod that finds no room may drive away: as few as can be, and of all nodes those whose loss matters least.

/// Pods that would have to leave a node, so that another one has room there. Whoever matters most comes first.
struct Victims {
  let node: String
  let pods: [Pod]
  private let highest: Int
  private let sum: Int
  private let earliestStart: Time

  init(node: String, pods: [Pod]) {
    self.node = node
    self.pods = pods
    let highest = pods.first?.priority ?? .min
    self.highest = highest
    // Counted from the lowest priority there is, so that one more victim is never a gain.
    sum = pods.reduce(0) { $0 + $1.priority + 1 << 31 }
    earliestStart = pods.filter { $0.priority == highest }.map(\.start).min() ?? .distantFuture
  }

  /// What looking for victims on one node comes to.
  enum Search {
    case found(Victims)
    /// Nobody's leaving would help. Why, in the words of the filters.
    case hopeless([String])
  }

  /// - Parameters:
  ///   - there: the pods of the node.
  ///   - obstacles: why the pod cannot go to the node if these went; empty when it can.
  static func search(
    for pod: Pod, on node: String, among there: [Pod], obstacles: (_ without: [Pod]) -> [String]
  ) -> Search {
    let lower = there.filter { $0.priority < pod.priority }.sorted { $0.matters(moreThan: $1) }
    guard !lower.isEmpty else { return .hopeless(["No preemption victims found for incoming pod"]) }
    let left = obstacles(lower)
    guard left.isEmpty else { return .hopeless(left) }
    // All of them would be enough. Whoever matters most is the first to be let back in.
    var gone = lower
    for spared in lower {
      let fewer = gone.filter { $0.key != spared.key }
      if obstacles(fewer).isEmpty { gone = fewer }
    }
    return .found(Victims(node: node, pods: gone))
  }

  /// Which loss is the smaller one: first that of the pod that matters most, then the sum, then the number, and at last
  /// that of the pods that have run for a shorter time.
  func matterLess(than other: Victims) -> Bool {
    if highest != other.highest { return highest < other.highest }
    if sum != other.sum { return sum < other.sum }
    if pods.count != other.pods.count { return pods.count < other.pods.count }
    return earliestStart > other.earliestStart
  }
}

extension Pod {
  fileprivate func matters(moreThan other: Pod) -> Bool {
    if priority != other.priority { return priority > other.priority }
    return start == other.start ? key < other.key : start < other.start
  }

  fileprivate var start: Time { self.status.startTime ?? metadata.creationTimestamp ?? .distantPast }

  /// Why this pod may not drive others away now; nil when it may.
  /// - Parameter there: the pods of the node that it is waiting for.
  func preemptionObstacle(with there: [Pod]) -> String? {
    if self.spec.preemptionPolicy == .never { return "not eligible due to preemptionPolicy=Never." }
    let isRoomComing = there.contains { $0.isBeingDeleted && $0.priority < priority && $0.disruption == .preempted }
    return isRoomComing ? "not eligible due to a terminating pod on the nominated node." : nil
  }
}
