import Objects
import Pods

/// A term of a pod's affinity, read once: which pods it means, and what near means.
struct NeighbourTerm: Sendable, Hashable {
  let topologyKey: String
  let namespaces: Set<String>
  let namespaceSelector: LabelQuery?
  let query: LabelQuery

  init(_ term: PodAffinityTerm, of pod: Pod) {
    topologyKey = term.topologyKey ?? ""
    let isOwn = term.namespaces.isEmpty && term.namespaceSelector == nil
    namespaces = Set(isOwn ? [pod.namespace] : term.namespaces)
    namespaceSelector = term.namespaceSelector.map { LabelQuery($0) }
    query = LabelQuery(term.labelSelector)
  }

  func means(_ shape: PodShape, _ namespaceLabels: [String: Mapping<String>]) -> Bool {
    guard query.matches(shape.labels) else { return false }
    if namespaces.contains(shape.namespace) { return true }
    return namespaceSelector?.matches(namespaceLabels[shape.namespace] ?? [:]) ?? false
  }
}

/// Everything that a pod says of its neighbours.
struct NeighbourWishes: Sendable {
  /// It needs all of these.
  var near: [NeighbourTerm] = []
  /// It bears none of these.
  var away: [NeighbourTerm] = []
  /// What it would like, weighed; what it dislikes has a negative weight.
  var liked: [(weight: Int, term: NeighbourTerm)] = []

  init(of pod: Pod) {
    guard let affinity = pod.spec.affinity else { return }
    if let wishes = affinity.podAffinity {
      near = wishes.requiredDuringSchedulingIgnoredDuringExecution.map { NeighbourTerm($0, of: pod) }
      liked = wishes.preferredDuringSchedulingIgnoredDuringExecution.map {
        ($0.weight ?? 0, NeighbourTerm($0.podAffinityTerm, of: pod))
      }
    }
    if let wishes = affinity.podAntiAffinity {
      away = wishes.requiredDuringSchedulingIgnoredDuringExecution.map { NeighbourTerm($0, of: pod) }
      liked += wishes.preferredDuringSchedulingIgnoredDuringExecution.map {
        (-($0.weight ?? 0), NeighbourTerm($0.podAffinityTerm, of: pod))
      }
    }
  }
}
