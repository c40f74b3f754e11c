import ControlLoop
import Objects
import Pods
import Store
import Volumes

/// The node's own word: its agent refuses a pod that does not fit. The scheduler may not have known of all others, and
/// whoever writes a node's name into a pod has not asked it at all.
///
/// What the node has taken stays. Those that have just come are counted in the order in which they were made, so that it
/// does not matter which of them the agent looks at first. (Kubernetes: the kubelet's pod admission.)
struct NodeAdmission: AgentStage {
  let name = "admission"

  func refusal(_ context: inout StageContext) -> Refusal? {
    let pod = context.pod
    // A node that has not yet said what it has cannot say that it is full.
    guard let node = context.view.object(Node.self, pod.spec.nodeName ?? ""), !node.status.allocatable.isEmpty else {
      return nil
    }
    let running = Set((context.observation.array ?? []).compactMap(\.string))
    var (inside, before): ([Pod], [Pod]) = ([], [])
    for other in context.view.all(Pod.self, where: Index.activeNodeName.name, is: node.name) {
      if other.status.startTime != nil || running.contains(other.uid) {
        inside.append(other)
      } else if other.isActive, other.wasMade(before: pod) {
        before.append(other)
      }
    }
    var room = Room(on: node, isMeasured: ([pod] + before).contains(where: \.needsMoreThanAPlace))
    for other in inside { room.take(other) }
    for other in before.sorted(by: { $0.wasMade(before: $1) }) where room.refusal(of: other) == nil { room.take(other) }
    return room.refusal(of: pod)
  }

  // What has started counts, even if the API could not be told of it yet.
  func observe(_ pod: PodIdentity, on runtime: any ContainerRuntime) -> Value {
    runtime.pod(pod.uid) == nil ? .array(runtime.pods().map { .string($0.identity.uid) }) : .null
  }
}

extension Pod {
  fileprivate var needsMoreThanAPlace: Bool { !Amounts(requests).names.isEmpty || !hostPorts.isEmpty }

  fileprivate func wasMade(before other: Pod) -> Bool {
    let (mine, theirs) = (metadata.creationTimestamp, other.metadata.creationTimestamp)
    guard let mine, let theirs, mine != theirs else { return key < other.key }
    return mine < theirs
  }
}

/// A node, and what its pods have taken of it.
private struct Room {
  let node: Node
  /// Whether more than the number of pods counts, for those that come.
  let isMeasured: Bool
  private var taken = Amounts()
  private var ports: [HostPort] = []
  private var pods = 0

  init(on node: Node, isMeasured: Bool) { (self.node, self.isMeasured) = (node, isMeasured) }

  mutating func take(_ pod: Pod) {
    pods += 1
    guard isMeasured else { return }
    taken.add(Amounts(pod.requests), times: 1)
    ports += pod.hostPorts
  }

  /// Why a pod cannot come as well. The sentences are Kubernetes'.
  func refusal(of pod: Pod) -> Refusal? {
    let allocatable = Amounts(node.status.allocatable)
    let most = node.status.allocatable["pods"]?.value ?? 110
    if pods + 1 > most { return Refusal(lackOf: "pods", requested: 1, used: Int64(pods), capacity: most) }
    let wanted = Amounts(pod.requests.counted(on: node))
    if let name = NodeResourcesFit.lacking(wanted, of: allocatable, beside: taken).first {
      return Refusal(lackOf: name, requested: wanted[name], used: taken[name], capacity: allocatable[name])
    }
    if !pod.matchesNodeAffinity(node) {
      return Refusal("NodeAffinity", "node(s) didn't match Pod's node affinity/selector")
    }
    if pod.hostPorts.contains(where: { port in ports.contains { $0.collides(with: port) } }) {
      return Refusal("NodePorts", "node(s) didn't have free ports for the requested pod ports")
    }
    if pod.untoleratedTaint(on: node, effects: [.noExecute]) != nil {
      return Refusal("TaintToleration", "node(s) had taints that the pod didn't tolerate")
    }
    return nil
  }
}

extension Refusal {
  fileprivate init(lackOf resource: String, requested: Int64, used: Int64, capacity: Int64) {
    self.init(
      reason: "OutOf\(resource)",
      message: "Node didn't have enough resource: \(resource), requested: \(requested), used: \(used), "
        + "capacity: \(capacity)")
  }

  fileprivate init(_ predicate: String, _ description: String) {
    self.init(reason: predicate, message: "Predicate \(predicate) failed: \(description)")
  }
}

extension Resources {
  // What nobody has counted on the node belongs to the cluster, and the node cannot know whether there is enough.
  fileprivate func counted(on node: Node) -> Resources {
    var resources = self
    for (name, _) in self where ResourceName.isExtended(name) && node.status.allocatable[name] == nil {
      resources[name] = nil
    }
    return resources
  }
}
