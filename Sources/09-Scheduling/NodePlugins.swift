import Objects
import Pods
import Volumes

// What one node alone says to a pod. The sentences are Kubernetes'.

struct NodeUnschedulable: FilterPlugin {
  private static let taint = Taint("node.kubernetes.io/unschedulable", .noSchedule)
  let name = "NodeUnschedulable"

  func rejection(of shape: PodShape, on node: NodeState) -> Rejection? {
    guard node.node.spec.unschedulable == true, !shape.pod.tolerates(Self.taint) else { return nil }
    return Rejection("node(s) were unschedulable")
  }
}

struct TaintToleration: FilterPlugin, ScorePlugin {
  let name = "TaintToleration"
  let normalization: Normalization? = .largestIsWorst

  func rejection(of shape: PodShape, on node: NodeState) -> Rejection? {
    guard let taint = shape.pod.untoleratedTaint(on: node.node) else { return nil }
    return Rejection("node(s) had untolerated taint {\(taint.key ?? ""): \(taint.value ?? "")}")
  }

  func score(_ shape: PodShape, on node: NodeState) -> Int {
    node.node.spec.taints.count { $0.effect == .preferNoSchedule && !shape.pod.tolerates($0) }
  }
}

/// A pod's node selector, its node affinity, and terms that a profile adds for all of its pods.
struct NodeAffinityPlugin: FilterPlugin, ScorePlugin {
  let name = "NodeAffinity"
  let normalization: Normalization? = .largestIsBest
  var added: NodeAffinity?

  func rejection(of shape: PodShape, on node: NodeState) -> Rejection? {
    if added?.requiredDuringSchedulingIgnoredDuringExecution?.matches(node.node) == false {
      return Rejection("node(s) didn't match scheduler-enforced node affinity")
    }
    return shape.pod.matchesNodeAffinity(node.node)
      ? nil : Rejection("node(s) didn't match Pod's node affinity/selector")
  }

  func concerns(_ shape: PodShape) -> Bool { !preferences(of: shape).isEmpty }

  func score(_ shape: PodShape, on node: NodeState) -> Int {
    preferences(of: shape).reduce(0) { sum, preferred in
      sum + (preferred.preference.matches(node.node) ? preferred.weight ?? 0 : 0)
    }
  }

  private func preferences(of shape: PodShape) -> [PreferredSchedulingTerm] {
    (added?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
      + (shape.pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
  }
}

extension NodeSelectorTerm {
  fileprivate func matches(_ node: Node) -> Bool {
    NodeSelector { $0.nodeSelectorTerms = [self] }.matches(node)
  }
}

struct NodePorts: FilterPlugin {
  let name = "NodePorts"

  func rejection(of shape: PodShape, on node: NodeState) -> Rejection? {
    let isTaken = shape.hostPorts.contains { wanted in node.hostPorts.contains { $0.collides(with: wanted) } }
    guard isTaken else { return nil }
    return Rejection("node(s) didn't have free ports for the requested pod ports", endsWithOthers: true)
  }
}
