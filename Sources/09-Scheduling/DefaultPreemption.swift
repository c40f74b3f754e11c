import ControlLoop
import Objects
import Pods
import Store

/// Makes room for a pod that finds none by driving away pods that matter less. (Kubernetes: the plugin
/// DefaultPreemption.)
///
/// The pod is not bound to the node then: it is nominated for it, and waits until those who have to leave have left.
/// Until then its room is kept from pods that do not matter more.
struct DefaultPreemption: PostFilterPlugin {
  let name = "DefaultPreemption"

  func makeRoom(
    for pod: Pod, after diagnosis: Diagnosis, in state: inout ClusterState, by profile: SchedulerProfile, _ view: View,
    at now: Time
  ) -> RoomSearch {
    let nominated = pod.status.nominatedNodeName.flatMap { $0.isEmpty ? nil : $0 }
    if let obstacle = pod.preemptionObstacle(with: nominated.map { view.pods(on: $0) } ?? []) {
      return RoomSearch(node: nominated, message: "preemption: \(obstacle)")
    }
    let shape = state.shape(of: pod)
    if let known = state.withEvaluation(of: shape, by: profile, view, { evaluation, _ in evaluation.noRoom }) {
      return RoomSearch(message: known)
    }
    var counts: [String: Int] = [:]
    var best: Victims?
    var found = 0
    for node in diagnosis.helpedByOthers where found < Self.enough(of: diagnosis.nodeCount) {
      let there = state.hasPods(below: pod.priority, on: node) ? view.pods(on: node) : []
      let search = Victims.search(for: pod, on: node, among: there) { without in
        state.rejection(of: shape, on: node, without: without, by: profile, view)?.reasons ?? []
      }
      switch search {
      case .hopeless(let reasons): for reason in reasons { counts[reason, default: 0] += 1 }
      case .found(let victims):
        found += 1
        if best.map({ victims.matterLess(than: $0) }) ?? true { best = victims }
      }
    }
    if let best { return RoomSearch(node: best.node, plan: drivingAway(best, for: pod, at: now)) }
    let helpless = diagnosis.nodeCount - diagnosis.helpedByOthers.count
    if helpless > 0 { counts["Preemption is not helpful for scheduling", default: 0] += helpless }
    let words = counts.map { "\($0.value) \($0.key)" }.sorted()
    let message = "preemption: \(Diagnosis.sentence(diagnosis.nodeCount, words))"
    // What is wrong with the pod itself may end without a change of the state.
    if diagnosis.obstacle == nil {
      state.withEvaluation(of: shape, by: profile, view) { evaluation, _ in evaluation.noRoom = message }
    }
    return RoomSearch(message: message)
  }

  /// More candidates than these are not looked for.
  private static func enough(of nodes: Int) -> Int { max(100, nodes / 10) }

  private func drivingAway(_ victims: Victims, for pod: Pod, at now: Time) -> Plan {
    var plan = Plan()
    for var victim in victims.pods where !victim.isBeingDeleted {
      victim.disrupt(.preempted, at: now)
      plan.updateStatus(victim)
      plan.delete(victim)
      plan.record("Preempted", "Preempted by pod \(pod.uid) on node \(victims.node)", about: victim)
    }
    return plan
  }
}

extension View {
  /// The pods that take up room on a node.
  fileprivate func pods(on node: String) -> [Pod] { all(Pod.self, where: Index.activeNodeName.name, is: node) }
}

extension ClusterState {
  /// Asked of thousands of nodes for every pod that waits, so the whole cluster answers first.
  fileprivate func hasPods(below priority: Int, on node: String) -> Bool {
    guard let lowest = priorities.keys.min(), lowest < priority else { return false }
    return position(of: node).map { nodes[$0].population.contains { $0.shape.pod.priority < priority } } ?? false
  }
}

extension Kind {
  /// A pod that has a node is not waiting for one.
  @Sendable static func endNominations(_ kind: inout Kind) {
    for index in kind.subresources.indices where kind.subresources[index].name == "binding" {
      guard let bind = kind.subresources[index].change else { continue }
      kind.subresources[index].change = { value, body, now in
        var bound = value
        if let refusal = bind(&bound, body, now) { return refusal }
        var pod = Pod(json: bound)
        pod.status.nominatedNodeName = nil
        value = pod.json
        return nil
      }
    }
  }
}
