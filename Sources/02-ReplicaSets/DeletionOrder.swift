import ControlLoop
public import Objects
public import Pods

/// Which of too many pods goes first: the one that is missed least (Kubernetes: ReplicaSet, "Scaling").
///
/// 1. not yet on a node, 2. Pending before Unknown before Running, 3. not ready, 4. a lower deletion cost, 5. more
/// relatives on its node, 6. ready for a shorter time, 7. more restarts, 8. younger. The two times are compared by
/// magnitude, so that pods of about the same age go in an order that nobody can rely on: here, by UID.
public struct DeletionOrder: Sendable {
  let podsPerNode: [String: Int]
  let now: Time

  public init(podsPerNode: [String: Int], now: Time) {
    self.podsPerNode = podsPerNode
    self.now = now
  }

  /// The pods, the first to go first.
  public func sorted(_ pods: [Pod]) -> [Pod] {
    pods.map { (rank(of: $0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// Smaller goes earlier.
  struct Rank: Comparable {
    var numbers: [Int]
    var uid: String

    static func < (left: Rank, right: Rank) -> Bool {
      left.numbers == right.numbers ? left.uid < right.uid : left.numbers.lexicographicallyPrecedes(right.numbers)
    }
  }

  func rank(of pod: Pod) -> Rank {
    let node = pod.spec.nodeName ?? ""
    return Rank(
      numbers: [
        node.isEmpty ? 0 : 1,
        [.pending: 0, .unknown: 1, .running: 2][pod.status.phase ?? .pending] ?? 0,
        pod.isReady ? 1 : 0,
        deletionCost(of: pod),
        -podsPerNode[node, default: 0],
        pod.readySince.map(magnitude) ?? 0,
        -pod.restartCount,
        pod.metadata.creationTimestamp.map(magnitude) ?? 0,
      ], uid: pod.uid)
  }

  private func deletionCost(of pod: Pod) -> Int {
    pod.metadata.annotations["controller.kubernetes.io/pod-deletion-cost"].flatMap(Int.init) ?? 0
  }

  // The age in powers of two seconds: 1 s and 100 s differ, 100 s and 101 s do not.
  private func magnitude(since time: Time) -> Int {
    let seconds = max(0, (now.microseconds - time.microseconds) / 1_000_000)
    return Int64.bitWidth - seconds.leadingZeroBitCount
  }
}
