import ControlLoop
import Objects
import Pods
import Store

/// Makes room for a pod that finds none, by driving away pods that matter less. (Kubernetes: the plugin
/// DefaultPreemption.)
///
/// It takes as little as it can: on a node no pod goes that could stay, and of all nodes it chooses the one whose loss
/// matters least.
struct Preemption {
  let pod: Pod
  /// Why the pod could not go to this node, if these of its pods were not there; empty when it could.
  let obstacles: (_ node: String, _ without: Set<Key>) -> [String]

  /// A node, and who has to leave it: whoever matters most comes first.
  struct Candidate {
    let node: String
    let victims: [Pod]
  }

  /// Who would have to leave a node; nil when nobody's leaving would help, and then the reasons say why.
  func candidate(on node: String, with pods: [Pod], _ reasons: inout [String]) -> Candidate? {
    let lower = pods.filter { $0.priority < pod.priority }.sorted { $0.matters(moreThan: $1) }
    guard !lower.isEmpty else {
      reasons.append("No preemption victims found for incoming pod")
      return nil
    }
    var gone = Set(lower.map(\.key))
    let left = obstacles(node, gone)
    guard left.isEmpty else {
      reasons += left
      return nil
    }
    // Whoever matters most is the first to be let back in.
    for spared in lower {
      gone.remove(spared.key)
      if !obstacles(node, gone).isEmpty { gone.insert(spared.key) }
    }
    return Candidate(node: node, victims: lower.filter { gone.contains($0.key) })
  }

  /// More than so many candidates are not looked for among so many nodes.
  static func enough(of nodes: Int) -> Int { max(100, nodes / 10) }
}

extension Preemption.Candidate {
  /// Which loss is the smaller one: first that of the pod that matters most, then the sum, then the number, and at last
  /// that of pods that have run for a shorter time.
  func isSmallerLoss(than other: Preemption.Candidate) -> Bool {
    if highest != other.highest { return highest < other.highest }
    if sum != other.sum { return sum < other.sum }
    if victims.count != other.victims.count { return victims.count < other.victims.count }
    return earliestStart > other.earliestStart
  }

  private var highest: Int { victims.first?.priority ?? .min }

  // Counted from the lowest priority there is, so that one more victim is never a gain.
  private var sum: Int { victims.reduce(0) { $0 + $1.priority + 1 << 31 } }

  private var earliestStart: Time {
    victims.filter { $0.priority == highest }.map(\.start).min() ?? .distantFuture
  }
}

extension Sequence<Preemption.Candidate> {
  /// The first of those whose loss is smallest.
  func smallestLoss() -> Preemption.Candidate? { self.min { $0.isSmallerLoss(than: $1) } }
}

extension Pod {
  fileprivate func matters(moreThan other: Pod) -> Bool {
    if priority != other.priority { return priority > other.priority }
    return start == other.start ? key < other.key : start < other.start
  }

  fileprivate var start: Time { self.status.startTime ?? metadata.creationTimestamp ?? .distantPast }

  /// Why this pod may not drive others away now; nil when it may.
  /// - Parameter there: the pods on the node that it is waiting for.
  func preemptionObstacle(with there: [Pod]) -> String? {
    if self.spec.preemptionPolicy == .never { return "not eligible due to preemptionPolicy=Never." }
    let isRoomComing = there.contains { $0.isBeingDeleted && $0.priority < priority && $0.disruption == .preempted }
    return isRoomComing ? "not eligible due to a terminating pod on the nominated node." : nil
  }
}
