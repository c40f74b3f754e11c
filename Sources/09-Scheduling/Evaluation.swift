import ControlLoop
import Objects

/// Where pods of one shape can go, and how well they would do there. Worked out once, and then mended where something
/// has changed: for the next pod of the shape, one node is looked at again instead of all.
struct Evaluation: Sendable {
  let shape: PodShape
  /// The name of the profile.
  let profile: String
  private let filters: [any FilterPlugin]
  /// Plugins whose scores are added up as they are, and those whose scores depend on the largest one.
  private let absolute: [(plugin: any ScorePlugin, weight: Int)]
  private let relative: [(plugin: any ScorePlugin, weight: Int)]
  private var preparations: [(work: any Preparation, filters: Bool, weight: Int)] = []
  private var rejections: [Rejection?]
  /// Nodes that the filters do not reject; nil after a change.
  private var fitting: [Int]?
  /// What the absolute ones say of each node together, and each of the relative ones.
  private var sums: [Int]
  private var opinions: [[Int]]
  /// Nodes that have to be looked at again.
  private var stale: [Int]
  private var failure: Diagnosis?
  /// Why no room can be made either; nil as long as nobody has looked for it.
  var noRoom: String?

  init(of shape: PodShape, by profile: SchedulerProfile, in state: ClusterState, _ view: View) {
    self.shape = shape
    self.profile = profile.schedulerName
    filters = profile.filters
    let scorers = profile.scorers.filter { $0.plugin.concerns(shape) }
    absolute = scorers.filter { $0.plugin.normalization == nil }
    relative = scorers.filter { $0.plugin.normalization != nil }
    rejections = Array(repeating: nil, count: state.nodes.count)
    sums = Array(repeating: 0, count: state.nodes.count)
    opinions = relative.map { [sums] _ in sums }
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
    noRoom = nil
  }

  /// The best node; of equals the first.
  mutating func choose(among nodes: [NodeState]) -> Choice {
    if let failure { return .nowhere(failure) }
    refresh(nodes)
    var left = fitting ?? rejections.indices.filter { rejections[$0] == nil }
    fitting = left
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
      let rejection = filters.lazy.compactMap { [shape] in $0.rejection(of: shape, on: nodes[node]) }.first
      if (rejection == nil) != (rejections[node] == nil) { fitting = nil }
      rejections[node] = rejection
      guard rejection == nil else { continue }
      sums[node] = absolute.reduce(0) { $0 + $1.plugin.score(shape, on: nodes[node]) * $1.weight }
      for index in relative.indices { opinions[index][node] = relative[index].plugin.score(shape, on: nodes[node]) }
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

  // What all plugins say together, weighed.
  private mutating func totals(of nodes: [Int]) -> [Int] {
    var totals = nodes.map { [sums] in sums[$0] }
    for ((plugin, weight), opinion) in zip(relative, opinions) {
      // Where nobody has a point, normalization makes all nodes equal.
      guard let normalization = plugin.normalization, let largest = nodes.lazy.map({ opinion[$0] }).max(), largest > 0
      else { continue }
      for (index, node) in nodes.enumerated() {
        totals[index] += normalization.scaled(opinion[node], largest: largest) * weight
      }
    }
    for index in preparations.indices where preparations[index].weight > 0 {
      guard let scores = preparations[index].work.scores(of: nodes) else { continue }
      let weight = preparations[index].weight
      for index in totals.indices { totals[index] += scores[index] * weight }
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
