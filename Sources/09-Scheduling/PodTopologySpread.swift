import ControlLoop
import Foundation
import Objects
import Pods
import ReplicaSets
import Services
import Store

/// How evenly pods are spread over places: the node's host, zones, whatever a label names. A pod that says nothing is
/// spread over hosts and zones with the others of its controller and its services, as far as that goes.
struct PodTopologySpread: ClusterPlugin {
  let name = "PodTopologySpread"
  /// What holds for pods without constraints of their own; nil for what Kubernetes takes.
  var defaults: [TopologySpreadConstraint]?

  func prepare(_ shape: PodShape, in state: ClusterState, _ view: View) -> (any Preparation)? {
    let own = shape.pod.spec.topologySpreadConstraints
    let constraints = own.isEmpty ? usual(for: shape, view) : own
    guard !constraints.isEmpty else { return nil }
    var spread = Spread(constraints, isUsual: own.isEmpty && defaults == nil, of: shape, in: state)
    for index in state.nodes.indices {
      for (other, count) in state.nodes[index].population { spread.count(count, of: other, on: index) }
    }
    return spread
  }

  private func usual(for shape: PodShape, _ view: View) -> [TopologySpreadConstraint] {
    guard let selector = view.selector(of: shape.pod) else { return [] }
    return (defaults ?? Self.system).map { constraint in
      var constraint = constraint
      constraint.labelSelector = selector
      return constraint
    }
  }

  private static let system = [("kubernetes.io/hostname", 3), ("topology.kubernetes.io/zone", 5)].map { key, skew in
    TopologySpreadConstraint {
      $0.maxSkew = skew
      $0.topologyKey = key
      $0.whenUnsatisfiable = .scheduleAnyway
    }
  }
}

extension View {
  /// What selects the pods that are like this one: the selectors of its services and of its controller, all at once.
  /// Nil when it has neither.
  fileprivate func selector(of pod: Pod) -> LabelSelector? {
    var selector = LabelSelector()
    for service in all(Service.self, in: pod.namespace) where !service.spec.selector.isEmpty {
      guard service.spec.selector.allSatisfy({ pod.metadata.labels[$0.name] == $0.value }) else { continue }
      selector.matchLabels.merge(service.spec.selector)
    }
    if let owner = pod.controller, let name = owner.name {
      let resource = owner.kind == "StatefulSet" ? "statefulsets.apps" : ReplicaSet.kind.groupResource
      let record = snapshot.record(Key(resource: resource, namespace: pod.namespace, name: name))
      if let own = record?.value.at(["spec", "selector"]).flatMap(LabelSelector.init) {
        selector.matchLabels.merge(own.matchLabels)
        selector.matchExpressions += own.matchExpressions
      }
    }
    return selector.json.members?.isEmpty == false ? selector : nil
  }
}

/// For each constraint, how many of the pods that it counts are in each place.
private struct Spread: Preparation {
  private struct Rule {
    let maxSkew: Int
    let minDomains: Int
    let isHard: Bool
    let query: LabelQuery
    /// Whether the pod itself will be one of those who are counted.
    let countsItself: Bool
    let isHost: Bool
    /// Nodes whose pods count.
    let isEligible: [Bool]
    var counter: Counter
    /// Places with a node whose pods count, and the smallest count among them; nil after a change.
    let places: [Int]
    var least: Int?
  }

  private let namespace: String
  private var rules: [Rule]
  /// Nodes that are in no place of some rule.
  private let isOutside: [Bool]
  private var effects: [Int: [Int]] = [:]

  init(_ constraints: [TopologySpreadConstraint], isUsual: Bool, of shape: PodShape, in state: ClusterState) {
    namespace = shape.namespace
    var topologies = state.topologies
    let all = constraints.map { topologies[$0.topologyKey ?? ""] }
    let outside = { (index: Int) in !isUsual && all.contains { $0.places[index] < 0 } }
    isOutside = state.nodes.indices.map(outside)
    rules = zip(constraints, all).map { constraint, topology in
      let query = LabelQuery(constraint.labelSelector)
      let isEligible = state.nodes.indices.map { index in
        let node = state.nodes[index].node
        return !outside(index)
          && (constraint.nodeAffinityPolicy == .ignore || shape.pod.matchesNodeAffinity(node))
          && (constraint.nodeTaintsPolicy != .honor || shape.pod.untoleratedTaint(on: node) == nil)
      }
      let places = Set(
        state.nodes.indices.filter { isEligible[$0] && topology.places[$0] >= 0 }.map { topology.places[$0] })
      return Rule(
        maxSkew: constraint.maxSkew ?? 1, minDomains: constraint.minDomains ?? 1,
        isHard: constraint.whenUnsatisfiable == .doNotSchedule, query: query,
        countsItself: query.matches(shape.labels), isHost: constraint.topologyKey == "kubernetes.io/hostname",
        isEligible: isEligible, counter: Counter(topology), places: places.sorted())
    }
  }

  mutating func count(_ change: Int, of other: PodShape, on node: Int) {
    for index in effects[other.number] ?? learn(other) where rules[index].isEligible[node] {
      rules[index].counter.add(change, at: node)
      rules[index].least = nil
    }
  }

  // Pods that are on their way out do not count.
  private mutating func learn(_ other: PodShape) -> [Int] {
    let counts = other.namespace == namespace && !other.isLeaving
    let found = rules.indices.filter { counts && rules[$0].query.matches(other.labels) }
    effects[other.number] = found
    return found
  }

  private static let isNowhere = Rejection(
    "node(s) didn't match pod topology spread constraints (missing required label)")
  private static let isUneven = Rejection("node(s) didn't match pod topology spread constraints", endsWithOthers: true)

  mutating func rejection(on node: Int) -> Rejection? {
    for index in rules.indices where rules[index].isHard {
      guard let here = rules[index].counter(node) else {
        return Self.isNowhere
      }
      if here + (rules[index].countsItself ? 1 : 0) - least(index) > rules[index].maxSkew {
        return Self.isUneven
      }
    }
    return nil
  }

  private mutating func least(_ index: Int) -> Int {
    if let known = rules[index].least { return known }
    let (rule, counts) = (rules[index], rules[index].counter.counts)
    let least = rule.places.count < rule.minDomains ? 0 : rule.places.lazy.map { counts[$0] }.min() ?? 0
    rules[index].least = least
    return least
  }

  /// Fewer neighbours are better; a kind of place of which there are many counts more, because evenness is harder there.
  mutating func scores(of nodes: [Int]) -> [Int]? {
    let soft = rules.filter { !$0.isHard }
    guard !soft.isEmpty else { return nil }
    let inside = nodes.filter { !isOutside[$0] }
    var sums = [Double](repeating: 0, count: nodes.count)
    for rule in soft {
      let places =
        rule.isHost ? inside.count : Set(inside.map { rule.counter.topology.places[$0] }).subtracting([-1]).count
      let weight = log(Double(places + 2))
      for (index, node) in nodes.enumerated() {
        guard let here = rule.counter(node) else { continue }
        sums[index] += Double(here) * weight + Double(rule.maxSkew - 1)
      }
    }
    let rounded = sums.map { Int($0.rounded()) }
    let known = zip(nodes, rounded).filter { !isOutside[$0.0] }.map(\.1)
    let (least, most) = (known.min() ?? 0, known.max() ?? 0)
    return zip(nodes, rounded).map { node, sum in
      if isOutside[node] { return 0 }
      return most == 0 ? Normalization.highest : (most + least - sum) * Normalization.highest / most
    }
  }
}
