public import ControlLoop
public import Pods

/// Where a pod goes.
public enum Choice: Sendable {
  /// The node's place in the cluster state.
  case node(Int)
  case nowhere(Diagnosis)
}

/// Why no node will do.
public struct Diagnosis: Sendable, Hashable {
  public let nodeCount: Int
  /// How many nodes said what.
  public let reasons: [String: Int]
  /// Nodes that would do if some pods went. (For preemption.)
  public let helpedByOthers: [String]
  /// What is wrong with the pod, wherever it went.
  public let obstacle: String?

  init(_ rejections: [(node: String, rejection: Rejection?)]) {
    nodeCount = rejections.count
    reasons = rejections.reduce(into: [:]) { counts, entry in
      for reason in entry.rejection?.reasons ?? [] { counts[reason, default: 0] += 1 }
    }
    helpedByOthers = rejections.filter { $0.rejection?.endsWithOthers == true }.map(\.node)
    obstacle = nil
  }

  init(obstacle: String, nodeCount: Int) {
    self.nodeCount = nodeCount
    self.obstacle = obstacle
    reasons = [:]
    helpedByOthers = []
  }

  /// "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable."
  public var message: String {
    guard nodeCount > 0 else { return "no nodes available to schedule pods" }
    return Self.sentence(nodeCount, obstacle.map { [$0] } ?? reasons.map { "\($0.value) \($0.key)" }.sorted())
  }

  /// - Parameter counts: "2 Preemption is not helpful for scheduling".
  public static func sentence(_ nodeCount: Int, _ counts: [String]) -> String {
    "0/\(nodeCount) nodes are available: \(counts.joined(separator: ", "))."
  }
}

extension ClusterState {
  /// Finds the best node for a pod. The heart of the scheduler, and a function of the state.
  public mutating func choose(for pod: Pod, by profile: SchedulerProfile, _ view: View) -> Choice {
    if !nodes.isEmpty, let obstacle = profile.obstacle(to: pod, view) {
      return .nowhere(Diagnosis(obstacle: obstacle, nodeCount: nodes.count))
    }
    return withEvaluation(of: shape(of: pod), by: profile, view) { evaluation, nodes in
      evaluation.choose(among: nodes)
    }
  }

  /// Whether a pod could go to a node if these pods, which are there, went. Nil when it could.
  public mutating func rejection(
    of pod: Pod, on node: String, without others: [Pod] = [], by profile: SchedulerProfile, _ view: View
  ) -> Rejection? {
    rejection(of: shape(of: pod), on: node, without: others, by: profile, view)
  }

  mutating func rejection(
    of shape: PodShape, on node: String, without others: [Pod], by profile: SchedulerProfile, _ view: View
  ) -> Rejection? {
    guard let position = position(of: node) else { return Rejection("node(s) didn't match the requested node name") }
    let shapes = others.map { self.shape(ofPlaced: $0) }
    return withEvaluation(of: shape, by: profile, view) { evaluation, nodes in
      evaluation.rejection(on: position, nodes[position], without: shapes)
    }
  }

  mutating func withEvaluation<Answer>(
    of shape: PodShape, by profile: SchedulerProfile, _ view: View, _ ask: (inout Evaluation, [NodeState]) -> Answer
  ) -> Answer {
    var evaluation =
      evaluations.take(shape, profile.schedulerName) ?? Evaluation(of: shape, by: profile, in: self, view)
    defer { if !shape.hasClaims { evaluations.keep(evaluation) } }
    return ask(&evaluation, nodes)
  }
}
