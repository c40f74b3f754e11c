import ControlLoop
import Objects
public import Pods
import ReplicaSets
import Scheduling
public import StatefulSets
import Volumes

// What a pod of a daemon set has that its template does not say, and what it may be on a node.

extension DaemonSet: RevisionOwner {
  public static let hashLabel = "controller-revision-hash"

  public var template: PodTemplateSpec { self.spec.template }
  public var collisionCount: Int? { self.status.collisionCount }
  public var revisionHistoryLimit: Int { self.spec.revisionHistoryLimit ?? 10 }
}

/// What becomes of a daemon set's pod on a node.
public enum Fate: Sendable {
  /// The node is to have one.
  case runs
  /// The node gets none, but keeps the one that it has.
  case stays
  /// The node is to have none.
  case goes
}

extension DaemonSet {
  /// A pod of the set as far as it is the same for all nodes.
  var examplePod: Pod {
    Pod(name: name, namespace: namespace) {
      $0.metadata.labels = self.spec.template.metadata.labels
      $0.spec = self.spec.template.spec
      $0.spec.tolerations += Self.tolerations(usingHostNetwork: $0.spec.hostNetwork == true)
        .filter { !self.spec.template.spec.tolerations.contains($0) }
    }
  }

  /// A node that is in trouble, or closed to others, needs its daemons all the more.
  static func tolerations(usingHostNetwork: Bool) -> [Toleration] {
    [
      Toleration(TaintKey.notReady, effect: .noExecute),
      Toleration(TaintKey.unreachable, effect: .noExecute),
      Toleration(TaintKey.diskPressure, effect: .noSchedule),
      Toleration(TaintKey.memoryPressure, effect: .noSchedule),
      Toleration(TaintKey.pidPressure, effect: .noSchedule),
      Toleration(TaintKey.unschedulable, effect: .noSchedule),
    ] + (usingHostNetwork ? [Toleration(TaintKey.networkUnavailable, effect: .noSchedule)] : [])
  }

  /// What becomes of the set's pod on this node, by the node's name, labels and taints.
  public func fate(on node: Node) -> Fate { examplePod.fate(on: node) }
}

extension Pod {
  func fate(on node: Node) -> Fate {
    let chosen = self.spec.nodeName ?? ""
    guard chosen.isEmpty || chosen == node.name, matchesNodeAffinity(node) else { return .goes }
    if untoleratedTaint(on: node) == nil { return .runs }
    return untoleratedTaint(on: node, effects: [.noExecute]) == nil ? .stays : .goes
  }
}

// MARK: One pod for one node

extension DaemonSet {
  /// A pod that no other node suits. It has no node yet: the scheduler counts whether there is room, as for every pod.
  func makePod(for node: String, revision: String, names: inout SeededGenerator) -> Pod {
    var pod = Pod(from: self.spec.template, for: self, names: &names)
    pod.metadata.labels[Self.hashLabel] = revision
    pod.spec.tolerations = examplePod.spec.tolerations
    // The set has looked at the template's own condition already: this one replaces it.
    let here = NodeSelectorRequirement {
      $0.key = "metadata.name"
      $0.operator = "In"
      $0.values = [node]
    }
    var affinity = pod.spec.affinity ?? Affinity(json: .emptyObject)
    var wishes = affinity.nodeAffinity ?? NodeAffinity(json: .emptyObject)
    wishes.requiredDuringSchedulingIgnoredDuringExecution = NodeSelector {
      $0.nodeSelectorTerms = [NodeSelectorTerm { $0.matchFields = [here] }]
    }
    affinity.nodeAffinity = wishes
    pod.spec.affinity = affinity
    return pod
  }
}

extension Pod {
  /// The node that the pod is on or, before it is on any, the one that it was made for.
  public var daemonNode: String? {
    if let node = self.spec.nodeName, !node.isEmpty { return node }
    let terms = self.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
    return terms?.lazy.flatMap(\.matchFields).first { $0.key == "metadata.name" }?.values.first
  }

  /// How many pods on this node failed before this one, each soon after the other.
  var failures: Int {
    get { metadata.annotations[Self.failuresAnnotation].flatMap(Int.init) ?? 0 }
    set { metadata.annotations[Self.failuresAnnotation] = newValue > 0 ? String(newValue) : nil }
  }

  private static let failuresAnnotation = "daemonset.swiftlet/failures"
}

/// How long a failed pod stands before it is replaced: the pod itself keeps how many failed before it and, as the moment
/// of its creation, when the last one was replaced.
enum DaemonBackOff {
  static let longest = Duration.seconds(900)

  /// When the pod may be replaced: at once for the first that fails, then 1, 2, 4 … seconds after it was made.
  static func due(for pod: Pod) -> Time {
    let pause = pod.failures == 0 ? .zero : min(.seconds(1 << min(pod.failures - 1, 10)), longest)
    return (pod.metadata.creationTimestamp ?? .distantPast) + pause
  }

  /// What its successor has behind it. Whoever ran for long begins anew.
  static func failures(after pod: Pod, at now: Time) -> Int {
    let age = now - (pod.metadata.creationTimestamp ?? now)
    return age > longest * 2 ? 1 : pod.failures + 1
  }
}
