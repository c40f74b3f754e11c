import ControlLoop
import Objects

/// Where pods of one shape can go, and how well they would do there. Worked out once, and then mended where something
/// has changed: for the next pod of the shape, one node is looked at again instead of all.
struct Evaluation: Sendable {
  let shape: PodShape
  /// The name of the profile.
  let profile: String
  private let filters: [any FilterPlugin]
  private let scorers: [(plugin: any ScorePlugin, weight: Int)]
  private var preparations: [(work: any Preparation, filters: Bool, weight: Int)] = []
  private var rejections: [Rejection?]
  /// What each scorer says of each node.
  private var opinions: [[Int]]
  /// Nodes that have to be looked at again.
  private var stale: [Int]
  private var failure: Diagnosis?

  init(of shape: PodShape, by profile: SchedulerProfile, in state: ClusterState, _ view: View) {
    self.shape = shape
    self.profile = profile.schedulerName
    filters = profile.filters
    scorers = profile.scorers.filter { $0.plugin.concerns(shape) }
    rejections = Array(repeating: nil, count: state.nodes.count)
    opinions = scorers.map { _ in Array(repeating: 0, count: state.nodes.count) }
    stale = Array(state.nodes.indices)
    for (plugin, filters, weight) in profile.clusterPlugins {
      guard let work = plugin.prepare(shape, in: state, view) else { continue }
      preparations.append((work, filters, weight))
    }
  }

  mutating func count(_ change: Int, of other: PodShape, on node: Int) {
    for index in preparations.indices { preparations[index].work.count(change, of: other, on: node) }
    forget(node)
  }

  mutating func forget(_ node: Int) {
    stale.append(node)
    failure = nil
  }

  /// The best node; of equals the first.
  mutating func choose(among nodes: [NodeState]) -> Choice {
    if let failure { return .nowhere(failure) }
    refresh(nodes)
    var left = rejections.indices.filter { rejections[$0] == nil }
    for index in preparations.indices where preparations[index].filters { preparations[index].work.filter(&left) }
    guard !left.isEmpty else {
      let diagnosis = Diagnosis(nodes.indices.map { (nodes[$0].name, rejection(on: $0)) })
      failure = diagnosis
      return .nowhere(diagnosis)
    }
    let totals = totals(of: left)
    var best = 0
    for index in totals.indices where totals[index] > totals[best] { best = index }
    return .node(left[best])
  }

  private mutating func refresh(_ nodes: [NodeState]) {
    for node in stale {
      rejections[node] = filters.lazy.compactMap { [shape] in $0.rejection(of: shape, on: nodes[node]) }.first
      guard rejections[node] == nil else { continue }
      for index in scorers.indices { opinions[index][node] = scorers[index].plugin.score(shape, on: nodes[node]) }
    }
    stale.removeAll(keepingCapacity: true)
  }

  private mutating func rejection(on node: Int) -> Rejection? {
    if let local = rejections[node] { return local }
    for index in preparations.indices where preparations[index].filters {
      if let rejection = preparations[index].work.rejection(on: node) { return rejection }
    }
    return nil
  }

  // What all plugins say together: normalized and weighed.
  private mutating func totals(of nodes: [Int]) -> [Int] {
    var totals = [Int](repeating: 0, count: nodes.count)
    func add(_ scores: [Int], _ weight: Int) {
      for index in totals.indices { totals[index] += scores[index] * weight }
    }
    for (scorer, opinion) in zip(scorers, opinions) {
      var scores = nodes.map { opinion[$0] }
      scorer.plugin.normalize(&scores)
      add(scores, scorer.weight)
    }
    for index in preparations.indices where preparations[index].weight > 0 {
      if let scores = preparations[index].work.scores(of: nodes) { add(scores, preparations[index].weight) }
    }
    return totals
  }

  /// Whether the pod could go to a node if these others were not there.
  mutating func rejection(on node: Int, _ state: NodeState, without others: [PodShape]) -> Rejection? {
    var state = state
    for other in others { state.count(-1, of: other) }
    if let local = filters.lazy.compactMap({ [shape] in $0.rejection(of: shape, on: state) }).first { return local }
    for index in preparations.indices where preparations[index].filters {
      for other in others { preparations[index].work.count(-1, of: other, on: node) }
      let rejection = preparations[index].work.rejection(on: node)
      for other in others { preparations[index].work.count(1, of: other, on: node) }
      if let rejection { return rejection }
    }
    return nil
  }
}

/// What has been worked out, for the latest shapes.
struct Evaluations: Sendable {
  private static let limit = 64
  /// The latest at the end.
  private var kept: [Evaluation] = []

  mutating func count(_ change: Int, of shape: PodShape, on node: Int) {
    for index in kept.indices { kept[index].count(change, of: shape, on: node) }
  }

  mutating func forget(_ node: Int) {
    for index in kept.indices { kept[index].forget(node) }
  }

  /// Takes one out, so that it can be changed in place.
  mutating func take(_ shape: PodShape, _ profile: String) -> Evaluation? {
    kept.lastIndex { $0.shape === shape && $0.profile == profile }.map { kept.remove(at: $0) }
  }

  mutating func keep(_ evaluation: Evaluation) {
    if kept.count == Self.limit { kept.removeFirst() }
    kept.append(evaluation)
  }
}
