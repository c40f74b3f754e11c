import Objects

/// Whether a node has room for what a pod asks for, and how full it would be. It compares requests with requests: a
/// node whose processors are idle is full when all of them have been asked for.
struct NodeResourcesFit: FilterPlugin, ScorePlugin {
  let name = "NodeResourcesFit"
  var strategy = ScoringStrategy.leastAllocated
  /// The resources that count for the score, with their weights.
  var weights: [(name: String, weight: Int)] = [("cpu", 1), ("memory", 1)]

  func rejection(of shape: PodShape, on node: NodeState) -> Rejection? {
    let lacking = Self.lacking(shape.requests, of: node.allocatable, beside: node.requested)
    let reasons = (node.podCount + 1 > node.maxPods ? ["Too many pods"] : []) + lacking.map { "Insufficient \($0)" }
    guard !reasons.isEmpty else { return nil }
    // What the node does not have at all nobody can give back.
    return Rejection(
      reasons: reasons, endsWithOthers: lacking.allSatisfy { shape.requests[$0] <= node.allocatable[$0] })
  }

  /// Which of the wanted resources are not there in full, when those that are `taken` are set aside. Nobody lacks what
  /// he does not want.
  static func lacking(_ wanted: Amounts, of allocatable: Amounts, beside taken: Amounts) -> [String] {
    wanted.names.filter { wanted[$0] > allocatable[$0] - taken[$0] }
  }

  func score(_ shape: PodShape, on node: NodeState) -> Int {
    var (sum, total) = (0, 0)
    for (name, weight) in weights where node.allocatable[name] > 0 {
      // What nobody but the asked knows of counts only for pods that ask for it.
      if !["cpu", "memory"].contains(name), shape.requests[name] == 0 { continue }
      let used = node.guessed[name] + shape.guessed[name]
      sum += strategy.score(used: used, of: node.allocatable[name]) * weight
      total += weight
    }
    return total == 0 ? 0 : sum / total
  }
}

/// Whether pods are spread over the nodes or packed onto few.
enum ScoringStrategy: Sendable {
  case leastAllocated
  case mostAllocated
  /// Points of a curve from percent used to a score of 0...100, in the order of the percentages.
  case requestedToCapacityRatio([(used: Int, score: Int)])

  func score(used: Int64, of capacity: Int64) -> Int {
    switch self {
    case .leastAllocated: used > capacity ? 0 : Int((capacity - used) * 100 / capacity)
    case .mostAllocated: Int(min(used, capacity) * 100 / capacity)
    case .requestedToCapacityRatio(let points): Self.height(of: points, at: Int(min(used, capacity) * 100 / capacity))
    }
  }

  private static func height(of points: [(used: Int, score: Int)], at percent: Int) -> Int {
    guard let next = points.firstIndex(where: { percent <= $0.used }) else { return points.last?.score ?? 0 }
    guard next > 0 else { return points[0].score }
    let (left, right) = (points[next - 1], points[next])
    return left.score + (right.score - left.score) * (percent - left.used) / (right.used - left.used)
  }
}

/// Prefers nodes on which processors and memory fill up evenly: a node without memory has no use for its processors.
struct NodeResourcesBalancedAllocation: ScorePlugin {
  let name = "NodeResourcesBalancedAllocation"

  func concerns(_ shape: PodShape) -> Bool { shape.requests["cpu"] > 0 || shape.requests["memory"] > 0 }

  func score(_ shape: PodShape, on node: NodeState) -> Int {
    func share(_ name: String) -> Double? {
      guard node.allocatable[name] > 0 else { return nil }
      return min(1, Double(node.requested[name] + shape.requests[name]) / Double(node.allocatable[name]))
    }
    guard let cpu = share("cpu"), let memory = share("memory") else { return 100 }
    // The standard deviation of two numbers is half of what lies between them.
    return Int((1 - abs(cpu - memory) / 2) * 100)
  }
}
