import ControlLoop
import Objects
import Pods
import Store

// What scheduler and nodes promise. The checks use nothing of what these work with: they count pods one by one.

enum PlacingPromises {
  static let all: [Invariant] = [
    nothingIsGivenTwice,
    .always("no node's pods have more than it has") { view, event, _ in
      guard let (pod, node) = start(event, view) else { return nil }
      return pod.excess(among: view.pods(on: node).filter { $0.status.startTime != nil }, on: node)
    },
    wishesAreMet, podsArePlaced,
  ]

  /// Of what others have put on a node, the scheduler may not have known.
  private static let nothingIsGivenTwice = Invariant("the scheduler gives away no more than there is", .always) {
    var placed: Set<String> = []
    return { view, event, _ in
      guard let (pod, node) = binding(event, view) else { return nil }
      placed.insert(pod.uid)
      return pod.excess(among: view.pods(on: node).filter { placed.contains($0.uid) }, on: node)
    }
  }

  /// A pod goes where it wanted to go, as far as the scheduler could see: its view may be a few changes late.
  private static let wishesAreMet = Invariant("a pod is bound to a node that it wanted", .always) {
    var recent: [View] = []
    return { view, event, _ in
      defer { if recent.last?.snapshot.revision != view.snapshot.revision { recent = recent.suffix(40) + [view] } }
      guard let (pod, node) = binding(event, view) else { return nil }
      let complaints = (recent + [view]).map { $0.complaint(of: pod, on: node.name) }
      return complaints.contains(nil) ? nil : "\(pod.name) on \(node.name): \(complaints.last.flatMap(\.self) ?? "")"
    }
  }

  /// Whoever asks a scheduler without memories gets the same answer: nobody waits who could go.
  private static let podsArePlaced = Invariant.eventually(
    "a pod that fits somewhere is bound", within: .seconds(900)
  ) { view, _ in
    var state = ClusterState()
    state.update(to: view)
    for pod in view.all(Pod.self, where: Index.activeNodeName.name, is: "") {
      guard !pod.isBeingDeleted, !pod.isGated, pod.spec.schedulerName ?? "" == "default-scheduler", !pod.hasClaims,
        case .node(let position) = state.choose(for: pod, by: SchedulerProfile(), view)
      else { continue }
      return "\(pod.name) could go to \(state.nodes[position].name)"
    }
    return nil
  }

  // The pod and the node of an event that brought them together.
  private static func binding(_ event: Event?, _ view: View) -> (Pod, Node)? {
    guard let (old, pod, node) = change(event, view), old.spec.nodeName ?? "" == "" else { return nil }
    return (pod, node)
  }

  // The same of an event by which the node has taken the pod.
  private static func start(_ event: Event?, _ view: View) -> (Pod, Node)? {
    guard let (old, pod, node) = change(event, view), old.status.startTime == nil, pod.status.startTime != nil,
      !pod.isFinished
    else { return nil }
    return (pod, node)
  }

  private static func change(_ event: Event?, _ view: View) -> (old: Pod, new: Pod, node: Node)? {
    guard let event, event.type == .modified, event.record.key.resource == Pod.kind.groupResource,
      let old = event.previous.map({ Pod(json: $0.value) }), case let new = Pod(json: event.record.value),
      let node = view.object(Node.self, new.spec.nodeName ?? "")
    else { return nil }
    return (old, new, node)
  }
}

extension Pod {
  /// What this pod and others have together of a node beyond what there is.
  fileprivate func excess(among pods: [Pod], on node: Node) -> String? {
    let sum = pods.reduce(into: Resources()) { $0.add($1.requests) }
    for (name, wanted) in requests where wanted > .zero {
      guard let there = node.status.allocatable[name], let asked = sum[name], asked > there else { continue }
      return "\(node.name) has \(there) \(name), and \(asked) were asked for"
    }
    let ports = pods.filter { $0.uid != uid }.flatMap(\.hostPorts)
    return hostPorts.first { port in ports.contains { $0.collides(with: port) } }.map {
      "port \($0.number) of \(node.name) was given twice"
    }
  }
}

extension View {
  fileprivate func pods(on node: Node) -> [Pod] { all(Pod.self, where: Index.activeNodeName.name, is: node.name) }

  /// Which wish a node would not meet; nil when it meets all, or has gone.
  fileprivate func complaint(of pod: Pod, on name: String) -> String? {
    guard let node = object(Node.self, name) else { return nil }
    if !pod.matchesNodeAffinity(node) { return "node affinity" }
    if let taint = pod.untoleratedTaint(on: node) { return "taint \(taint.key ?? "")" }
    let others = all(Pod.self).filter { $0.uid != pod.uid && !$0.isFinished }
    let places = Dictionary(
      all(Node.self).map { ($0.name, $0.metadata.labels) }, uniquingKeysWith: { first, _ in first })
    func near(_ key: String, _ other: Pod) -> Bool {
      guard let here = node.metadata.labels[key] else { return false }
      return places[other.spec.nodeName ?? ""]?[key] == here
    }
    let labels = all(Namespace.self).reduce(into: [:]) { $0[$1.name] = $1.metadata.labels }
    let shape = PodShape(pod, number: 0)
    for other in others {
      let theirs = PodShape(other, number: 1)
      if shape.neighbours.away.contains(where: { $0.means(theirs, labels) && near($0.topologyKey, other) }) {
        return "\(other.name) is near"
      }
      if theirs.neighbours.away.contains(where: { $0.means(shape, labels) && near($0.topologyKey, other) }) {
        return "\(other.name) wants to be alone"
      }
    }
    for constraint in pod.spec.topologySpreadConstraints where constraint.whenUnsatisfiable == .doNotSchedule {
      let (key, query) = (constraint.topologyKey ?? "", LabelQuery(constraint.labelSelector))
      let counted = others.filter {
        $0.namespace == pod.namespace && !$0.isBeingDeleted && query.matches($0.metadata.labels)
      }
      let counts = all(Node.self).filter(pod.matchesNodeAffinity).compactMap { $0.metadata.labels[key] }.map { value in
        counted.count { places[$0.spec.nodeName ?? ""]?[key] == value }
      }
      let here = counted.count { near(key, $0) } + (query.matches(pod.metadata.labels) ? 1 : 0)
      if here - (counts.min() ?? 0) > constraint.maxSkew ?? 1 { return "\(here) are in one place" }
    }
    return nil
  }
}
