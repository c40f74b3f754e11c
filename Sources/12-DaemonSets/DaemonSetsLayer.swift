public import ControlLoop
import Objects
import Pods
import Scheduling
import Simulation
import StatefulSets
import Store

extension Layer {
  /// Chapter 12.
  public static let daemonSets = Layer(chapter: 12, name: "DaemonSets") {
    $0.kinds = [DaemonSet.kind]
    $0.controllers = [DaemonSetController()]
    $0.invariants = [.oneDaemonPerNode, .daemonsWhereTheyBelong, .daemonSetsFinish]
    $0.contributions = UserAction.daemonSets
  }
}

extension Invariant {
  /// Without a surge a pod is made when its predecessor has ended, and not before.
  static let oneDaemonPerNode = Invariant("no node gets a second pod of a daemon set, but for a surge", .always) {
    var surging: Set<String> = []
    return { view, event, _ in
      guard let event, event.type != .deleted else { return nil }
      if event.record.key.resource == DaemonSet.kind.groupResource {
        let set = DaemonSet(json: event.record.value)
        if set.surges { surging.insert(set.uid) }
      }
      guard let (pod, owner) = Pod.daemon(addedBy: event) else { return nil }
      let others = view.all(Pod.self, where: Index.owner.name, is: owner).filter {
        $0.uid != pod.uid && $0.daemonNode == pod.daemonNode && !$0.isFinished
      }
      let allowed = surging.contains(owner) ? others.count { $0.isBeingDeleted } + 1 : 0
      return others.count > allowed ? "\(pod.name) was made beside \(others.map(\.name))" : nil
    }
  }

  /// A look may be late, so a node may have changed since; but none gets a pod that was never to have one.
  static let daemonsWhereTheyBelong = Invariant("no pod of a daemon set is made for a node it never suited", .always) {
    var suited: Set<[String]> = []
    return { view, event, _ in
      guard let event, event.type != .deleted else { return nil }
      switch event.record.key.resource {
      case DaemonSet.kind.groupResource:
        let set = DaemonSet(json: event.record.value)
        for node in view.all(Node.self) where set.fate(on: node) == .runs { suited.insert([set.uid, node.name]) }
      case Node.kind.groupResource:
        let node = Node(json: event.record.value)
        for set in view.all(DaemonSet.self) where set.fate(on: node) == .runs { suited.insert([set.uid, node.name]) }
      default: break
      }
      guard let (pod, owner) = Pod.daemon(addedBy: event) else { return nil }
      return suited.contains([owner, pod.daemonNode ?? ""])
        ? nil : "\(pod.name) was made for \(pod.daemonNode ?? "no node")"
    }
  }

  /// Left alone, every set ends up with one ready pod of its template on each of its nodes, and none elsewhere.
  static let daemonSetsFinish = Invariant.eventually(
    "every node has the daemons that it should have", within: .seconds(1_800)
  ) { view, _ in
    for set in view.all(DaemonSet.self) where !set.isBeingDeleted {
      var history = RevisionHistory(of: set, in: view)
      let hash = history.update(in: view).hash
      let pods = view.all(Pod.self, controlledBy: set).filter(\.isActive)
      for node in view.all(Node.self) {
        let here = pods.filter { $0.daemonNode == node.name }
        let fate = set.fate(on: node)
        if fate == .goes, !here.isEmpty { return "\(set.name) is still on \(node.name)" }
        guard fate == .runs else { continue }
        if here.count != 1 { return "\(set.name) has \(here.count) pods on \(node.name)" }
        guard let pod = here.first else { continue }
        if set.isRolling, pod.metadata.labels[DaemonSet.hashLabel] != hash { return "\(pod.name) is old" }
        if node.isReady, !pod.isReady, pod.status.conditions.isTrue("PodScheduled") {
          return "\(pod.name) is not ready"
        }
      }
      if set.status.observedGeneration != set.metadata.generation { return "\(set.name) has not been looked at" }
      let desired = view.all(Node.self).count { set.fate(on: $0) == .runs }
      if set.status.desiredNumberScheduled != desired { return "\(set.name) does not count \(desired) nodes" }
    }
    return nil
  }
}

extension Pod {
  // A pod that has just been made for a daemon set, and the set's identifier.
  fileprivate static func daemon(addedBy event: Event) -> (pod: Pod, owner: String)? {
    guard event.type == .added, event.record.key.resource == kind.groupResource else { return nil }
    let pod = Pod(json: event.record.value)
    guard let owner = pod.controller, owner.kind == DaemonSet.kind.name, let uid = owner.uid else { return nil }
    return (pod, uid)
  }
}
