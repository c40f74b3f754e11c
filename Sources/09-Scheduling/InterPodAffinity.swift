import ControlLoop
import Objects

/// Near whom a pod must be, near whom it must not, and near whom it had better be or not. What the pods that are there
/// have to say about the new one counts as much as what it says about them.
struct InterPodAffinity: ClusterPlugin {
  let name = "InterPodAffinity"
  /// How much it counts for the score that a pod which is there needs to be near pods like the new one.
  var hardPodAffinityWeight = 1

  func prepare(_ shape: PodShape, in state: ClusterState, _ view: View) -> (any Preparation)? {
    var neighbours = Neighbours(of: shape, in: state, hardPodAffinityWeight)
    for index in state.nodes.indices {
      for (other, count) in state.nodes[index].population { neighbours.count(count, of: other, on: index) }
    }
    return neighbours
  }
}

/// Counts, for one shape of pods, of those that matter to it, place by place.
private struct Neighbours: Preparation {
  /// What a counter counts: pods that are wanted, by term; pods that are not; pods that do not want this one; likings.
  enum Role: Hashable { case near(Int), away(Int), unwelcome(String), liking(String) }

  private let shape: PodShape
  private let namespaces: [String: Mapping<String>]
  private let hardWeight: Int
  private var topologies: Topologies
  private var counters: [Counter] = []
  private var roles: [Role: Int] = [:]
  private var unwelcome: [Int] = []
  private var likings: [Int] = []
  /// What one pod of another shape adds to which counters, by the shape's number.
  private var effects: [Int: [(counter: Int, amount: Int)]] = [:]
  /// Pods anywhere that meet all wishes.
  private var nearCount = 0
  private let needsItself: Bool

  init(of shape: PodShape, in state: ClusterState, _ hardWeight: Int) {
    self.shape = shape
    self.hardWeight = hardWeight
    namespaces = state.namespaces
    topologies = state.topologies
    let wishes = shape.neighbours
    needsItself = wishes.near.allSatisfy { [namespaces] in $0.means(shape, namespaces) }
    // In this order: the first counters are those of its own wishes.
    for (index, term) in wishes.near.enumerated() { _ = counter(.near(index), term.topologyKey) }
    for (index, term) in wishes.away.enumerated() { _ = counter(.away(index), term.topologyKey) }
  }

  private mutating func counter(_ role: Role, _ key: String) -> Int {
    if let known = roles[role] { return known }
    let index = counters.count
    counters.append(Counter(topologies[key]))
    roles[role] = index
    if case .unwelcome = role { unwelcome.append(index) }
    if case .liking = role { likings.append(index) }
    return index
  }

  mutating func count(_ change: Int, of other: PodShape, on node: Int) {
    let effects = effects[other.number] ?? learn(other)
    for (counter, amount) in effects { counters[counter].add(amount * change, at: node) }
    if effects.contains(where: { $0.counter == 0 }), !shape.neighbours.near.isEmpty { nearCount += change }
  }

  private mutating func learn(_ other: PodShape) -> [(counter: Int, amount: Int)] {
    let (mine, theirs) = (shape.neighbours, other.neighbours)
    var found: [(Int, Int)] = []
    if !mine.near.isEmpty, mine.near.allSatisfy({ $0.means(other, namespaces) }) {
      for (index, term) in mine.near.enumerated() { found.append((counter(.near(index), term.topologyKey), 1)) }
    }
    for (index, term) in mine.away.enumerated() where term.means(other, namespaces) {
      found.append((counter(.away(index), term.topologyKey), 1))
    }
    for term in theirs.away where term.means(shape, namespaces) {
      found.append((counter(.unwelcome(term.topologyKey), term.topologyKey), 1))
    }
    let likings =
      mine.liked.filter { $0.term.means(other, namespaces) } + theirs.liked.filter { $0.term.means(shape, namespaces) }
      + theirs.near.filter { $0.means(shape, namespaces) }.map { (weight: hardWeight, term: $0) }
    for (weight, term) in likings where weight != 0 {
      found.append((counter(.liking(term.topologyKey), term.topologyKey), weight))
    }
    effects[other.number] = found
    return found
  }

  private static let isLonely = Rejection("node(s) didn't match pod affinity rules")
  private static let isBothered = Rejection("node(s) didn't match pod anti-affinity rules", endsWithOthers: true)
  private static let bothers = Rejection(
    "node(s) didn't satisfy existing pods anti-affinity rules", endsWithOthers: true)

  mutating func rejection(on node: Int) -> Rejection? {
    let (near, away) = (shape.neighbours.near.count, shape.neighbours.away.count)
    // The first of a group that wants to be together has nobody to join: it may go wherever there is a place.
    let isFirst = nearCount == 0 && needsItself
    for index in 0..<near {
      guard let here = counters[index](node), isFirst || here > 0 else { return Self.isLonely }
    }
    for index in near..<(near + away) where counters[index](node) ?? 0 > 0 { return Self.isBothered }
    for index in unwelcome where counters[index](node) ?? 0 > 0 { return Self.bothers }
    return nil
  }

  mutating func filter(_ nodes: inout [Int]) {
    // Most pods do not care for neighbours, nor their neighbours for them.
    if shape.neighbours.near.isEmpty, shape.neighbours.away.isEmpty, unwelcome.isEmpty { return }
    nodes.removeAll { rejection(on: $0) != nil }
  }

  mutating func scores(of nodes: [Int]) -> [Int]? {
    guard !likings.isEmpty else { return nil }
    var sums = nodes.map { node in likings.reduce(0) { $0 + (counters[$1](node) ?? 0) } }
    guard let least = sums.min(), let most = sums.max(), least < most else { return nil }
    for index in sums.indices { sums[index] = (sums[index] - least) * Normalization.highest / (most - least) }
    return sums
  }
}
