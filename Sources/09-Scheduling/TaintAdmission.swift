import ControlLoop
import Objects
import Pods

// What happens to nodes and pods on their way into the store because of taints. (Kubernetes: the admission plugins
// DefaultTolerationSeconds and TaintNodesByCondition.)

enum TaintAdmission {
  /// A node that nobody has heard of yet is not ready. And a taint that drives pods away says since when: their patience
  /// is counted from there, by whoever is counting then.
  static let nodes = AdmissionStep("TaintNodesByCondition", resource: "nodes") { request, object in
    guard request.operation != .delete else { return }
    var node = Node(json: object)
    if request.operation == .create, !node.spec.taints.contains(where: { $0.isSame(as: .isNotReady) }) {
      node.spec.taints.append(.isNotReady)
    }
    let old = request.old.map { Node(json: $0).spec.taints } ?? []
    for index in node.spec.taints.indices {
      let taint = node.spec.taints[index]
      guard taint.effect == .noExecute, taint.timeAdded == nil else { continue }
      node.spec.taints[index].timeAdded = old.first { $0.isSame(as: taint) }?.timeAdded ?? request.now
    }
    object = node.json
  }

  /// A node that falls silent may come back: for five minutes its pods stay where they are, unless they say otherwise.
  static let pods = AdmissionStep("DefaultTolerationSeconds", resource: "pods") { request, object in
    guard request.operation == .create else { return }
    var pod = Pod(json: object)
    for key in [TaintKey.notReady, TaintKey.unreachable] {
      let isSettled = pod.spec.tolerations.contains { toleration in
        (toleration.key ?? "").isEmpty || toleration.key == key
          ? toleration.effect ?? .noExecute == .noExecute : false
      }
      if !isSettled { pod.spec.tolerations.append(Toleration(key, effect: .noExecute, seconds: patience)) }
    }
    object = pod.json
  }

  /// How many seconds a pod that says nothing stays on a node that is not ready.
  static let patience: Int64 = 300
}

/// The taints that the cluster itself gives to nodes.
public enum TaintKey {
  public static let notReady = "node.kubernetes.io/not-ready"
  public static let unreachable = "node.kubernetes.io/unreachable"
  public static let memoryPressure = "node.kubernetes.io/memory-pressure"
  public static let diskPressure = "node.kubernetes.io/disk-pressure"
  public static let pidPressure = "node.kubernetes.io/pid-pressure"
  public static let networkUnavailable = "node.kubernetes.io/network-unavailable"
  public static let unschedulable = "node.kubernetes.io/unschedulable"
}

extension Taint {
  static let isNotReady = Taint(TaintKey.notReady, .noSchedule)
}
