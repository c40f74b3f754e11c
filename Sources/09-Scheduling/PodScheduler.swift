public import ControlLoop
public import Objects
import Pods
public import Store
import Synchronization

/// Gives every pod the best node there is for it, in the order of their priority.
///
/// Like its predecessor it looks at all waiting pods at once, because each pod that it places takes room from the next.
/// It says where, and starts nothing.
public struct PodScheduler: Controller {
  public let name = "default-scheduler"
  public let profiles: [SchedulerProfile]
  private let memo = Memo()

  /// At most this many pods are placed by one plan, and this many are told why not.
  static let burst = 500
  static let explanations = 100

  public init(profiles: [SchedulerProfile]) { self.profiles = profiles }

  /// The state of the latest snapshot that was looked at. A memory that nobody can notice: the state is a function of
  /// the snapshot, and is only made faster from the one before.
  private final class Memo: Sendable {
    let state = Mutex(ClusterState())
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    // When nobody waits there is no need to know.
    let waiting = view.snapshot.records(Pod.kind.groupResource, index: Index.activeNodeName.name, equals: "")
    guard !waiting.isEmpty else { return .nothing }
    return memo.state.withLock { state in
      state.update(to: view)
      return plan(&state, view, at: now)
    }
  }

  private func plan(_ state: inout ClusterState, _ view: View, at now: Time) -> Plan {
    var plan = Plan()
    var explanations = 0
    for pod in state.queue.entries.lazy.map(\.pod) {
      guard let profile = profiles.first(where: { $0.schedulerName == pod.spec.schedulerName ?? name }) else {
        continue
      }
      guard plan.intents.count < Self.burst else {
        plan.wake(at: now)
        break
      }
      switch state.choose(for: pod, by: profile, view) {
      case .node(let position):
        let node = state.nodes[position].node
        state.assume(pod, on: node.name)
        plan += profile.preparation(of: pod, for: node, view) ?? bind(pod, to: node.name)
      case .nowhere(let diagnosis):
        let room =
          diagnosis.nodeCount == 0
          ? nil : profile.postFilter?.makeRoom(for: pod, after: diagnosis, in: &state, by: profile, view, at: now)
        // Room that is being made for it is nobody else's.
        if let node = room?.node { state.assume(pod, on: node) }
        var waiting = pod
        waiting.status.nominatedNodeName = room?.node
        let message = [diagnosis.message, room?.message].compactMap(\.self).joined(separator: " ")
        let isNews = waiting != pod || pod.status.conditions["PodScheduled"]?.message != message
        if isNews, explanations >= Self.explanations {
          plan.wake(at: now + .seconds(1))
          continue
        }
        if isNews {
          explanations += 1
          plan += explain(why: message, to: waiting, at: now)
        }
        plan += room?.plan ?? .nothing
      }
    }
    return plan
  }

  private func bind(_ pod: Pod, to node: String) -> Plan {
    var plan = Plan()
    plan.write(Binding(pod, to: node), to: "binding", of: pod)
    plan.record("Scheduled", "Successfully assigned \(pod.namespace)/\(pod.name) to \(node)", about: pod)
    return plan
  }

  // Once, and again when the reason is another one.
  private func explain(why message: String, to pod: Pod, at now: Time) -> Plan {
    var changed = pod
    changed.status.conditions.set("PodScheduled", "False", reason: "Unschedulable", message: message, at: now)
    var plan = Plan()
    plan.updateStatus(changed)
    plan.record(.warning, "FailedScheduling", message, about: pod)
    return plan
  }
}

// MARK: - What may help a pod that waits

extension PodScheduler {
  // Most changes help nobody: a pod that runs now has taken no room and left none. (Kubernetes: QueueingHints.)
  public var triggers: [Trigger] {
    [
      Trigger(resource: Pod.kind.groupResource) { event, _ in
        Pod.mayHelp(from: event.previous.map { Pod(json: $0.value) }, to: Pod(json: event.record.value))
          || event.type == .deleted ? [FirstNodeScheduler.key] : []
      },
      Trigger(resource: Node.kind.groupResource) { event, _ in
        Node.mayHelp(from: event.previous.map { Node(json: $0.value) }, to: Node(json: event.record.value))
          ? [FirstNodeScheduler.key] : []
      },
    ] + profiles.flatMap(\.rules).flatMap(\.triggers)
  }
}

extension Pod {
  fileprivate static func mayHelp(from old: Pod?, to new: Pod) -> Bool {
    guard let old else { return true }
    return old.spec != new.spec || old.metadata.labels != new.metadata.labels || old.isFinished != new.isFinished
      || old.isBeingDeleted != new.isBeingDeleted
  }
}

extension Node {
  fileprivate static func mayHelp(from old: Node?, to new: Node) -> Bool {
    guard let old else { return true }
    return old.spec != new.spec || old.metadata.labels != new.metadata.labels
      || old.status.allocatable != new.status.allocatable
  }
}
