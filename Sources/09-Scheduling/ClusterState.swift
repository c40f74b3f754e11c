public import ControlLoop
import Objects
public import Pods
import Services
import Store

/// The whole cluster as the scheduler sees it: nodes with the sums of their pods, and what has been worked out from them.
///
/// It is a function of a snapshot, and nothing else. What makes it worth keeping is that two snapshots know what they do
/// not share: the next state is made from this one in as many steps as there were changes.
public struct ClusterState: Sendable {
  /// By name.
  public internal(set) var nodes: [NodeState] = []
  private(set) var namespaces: [String: Mapping<String>] = [:]
  private(set) var topologies = Topologies(of: [])
  /// How many nodes have an image.
  private(set) var images: [String: Int] = [:]
  /// How many pods there are of a priority.
  private(set) var priorities: [Int: Int] = [:]
  var evaluations = Evaluations()
  private(set) var queue = SchedulingQueue()

  private var positions: [String: Int] = [:]
  private var placements: [Key: Placement] = [:]
  /// Placed in this state and not yet in the snapshot.
  private var assumed: Set<Key> = []
  private var shapes: [PodShape.Signature: PodShape] = [:]
  private var nextNumber = 0
  private var snapshot: Snapshot?

  private struct Placement {
    let node: String
    let shape: PodShape
  }

  public init() {}

  public func position(of node: String) -> Int? { positions[node] }

  /// The shape of a pod: the same one for all that are alike.
  public mutating func shape(of pod: Pod) -> PodShape {
    let signature = PodShape.Signature(pod)
    if let known = shapes[signature] { return known }
    let shape = PodShape(pod, number: nextNumber)
    nextNumber += 1
    shapes[signature] = shape
    return shape
  }

  /// The same of a pod that has a place, without comparing it with others.
  mutating func shape(ofPlaced pod: Pod) -> PodShape { placements[pod.key]?.shape ?? shape(of: pod) }
}

// MARK: - From one snapshot to the next

extension ClusterState {
  /// Makes this the state of the view's snapshot, whatever it was before.
  public mutating func update(to view: View) {
    // Shapes of pods that have long gone are forgotten with everything else.
    if shapes.count > 2 * placements.count + 10_000 { self = ClusterState() }
    let now = view.snapshot
    for (key, record) in now.changes(of: Namespace.kind.groupResource, since: snapshot) {
      let labels = record.map { Namespace(json: $0.value).metadata.labels }
      if namespaces[key.name] != labels { evaluations = Evaluations() }
      namespaces[key.name] = labels
    }
    // Pods that say nothing of it are spread with those of their services.
    if !now.changes(of: Service.kind.groupResource, since: snapshot).isEmpty { evaluations = Evaluations() }
    update(
      now.changes(of: Node.kind.groupResource, since: snapshot).map { key, record in
        (key.name, record.map { Node(json: $0.value) })
      }, in: view)
    let pods = now.changes(of: Pod.kind.groupResource, since: snapshot).map { key, record in
      (key: key, pod: record.map { Pod(json: $0.value) })
    }
    queue.update(pods)
    for (key, pod) in pods {
      set(pod, at: key)
      assumed.remove(key)
    }
    for key in assumed { set(now.record(key).map { Pod(json: $0.value) }, at: key) }
    assumed = []
    snapshot = now
  }

  /// Counts a pod on a node as if it were bound to it already. The next update decides what becomes of that.
  public mutating func assume(_ pod: Pod, on node: String) {
    assumed.insert(pod.key)
    place(pod.key, Placement(node: node, shape: shape(of: pod)))
  }

  private mutating func set(_ pod: Pod?, at key: Key) {
    guard let pod, !pod.isFinished, let node = pod.spec.nodeName, !node.isEmpty else { return place(key, nil) }
    place(key, Placement(node: node, shape: shape(of: pod)))
  }

  private mutating func place(_ key: Key, _ new: Placement?) {
    let old = placements[key]
    guard old?.node != new?.node || old?.shape !== new?.shape else { return }
    if let old, let position = positions[old.node] { count(-1, of: old.shape, on: position) }
    placements[key] = new
    if let new, let position = positions[new.node] { count(1, of: new.shape, on: position) }
  }

  mutating func count(_ change: Int, of shape: PodShape, on position: Int) {
    nodes[position].count(change, of: shape)
    let left = (priorities[shape.pod.priority] ?? 0) + change
    priorities[shape.pod.priority] = left == 0 ? nil : left
    evaluations.count(change, of: shape, on: position)
  }

  // New nodes stand at the end, and those that have gone in their places, until all changes have been seen.
  private mutating func update(_ changes: [(name: String, node: Node?)], in view: View) {
    var (isAnother, gone, new) = (false, Set<String>(), [String]())
    for (name, node) in changes {
      if let node, let position = positions[name] {
        let old = nodes[position].node
        nodes[position].update(node)
        isAnother =
          isAnother || old.spec != node.spec || old.metadata.labels != node.metadata.labels
          || old.status.images != node.status.images
        if old.status.allocatable != node.status.allocatable { evaluations.forget(position) }
      } else if let node {
        nodes.append(NodeState(node))
        new.append(name)
      } else {
        for (key, placement) in placements where placement.node == name { place(key, nil) }
        gone.insert(name)
      }
    }
    guard isAnother || !gone.isEmpty || !new.isEmpty else { return }
    if !gone.isEmpty { nodes.removeAll { gone.contains($0.name) } }
    if !new.isEmpty { nodes = nodes.map { ($0.name, $0) }.sorted { $0.0 < $1.0 }.map(\.1) }
    learnNodes()
    // Their pods may have been there before them: nodes that have come back. Without its node none of them was counted.
    let (unknown, uncounted) = (Set(new), placements)
    for (key, placement) in uncounted where unknown.contains(placement.node) { placements[key] = nil }
    for name in new {
      for record in view.snapshot.records(Pod.kind.groupResource, index: Index.activeNodeName.name, equals: name) {
        set(Pod(json: record.value), at: record.key)
      }
    }
  }

  private mutating func learnNodes() {
    positions = Dictionary(nodes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    topologies = Topologies(of: nodes)
    images = [:]
    for image in nodes.flatMap(\.node.status.images).flatMap(\.names) { images[image, default: 0] += 1 }
    evaluations = Evaluations()
  }
}
