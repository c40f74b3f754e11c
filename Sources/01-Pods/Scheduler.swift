public import ControlLoop
public import Objects
public import Store

/// Gives every pod a node: the first one, by name, that is ready and has room.
///
/// It looks at all waiting pods at once and not at one, because each pod it places takes room from the next. All its
/// calls therefore have one key, and the driver never makes two of them at a time. It does not start anything: it
/// writes a node's name into the pod, and that node's agent does the rest. Chapter 9 replaces it, by naming it in its
/// layer's `replaces`.
public struct FirstNodeScheduler: Controller {
  public let name = "default-scheduler"

  /// At most this many pods are placed by one plan.
  static let burst = 500

  /// The one key: all pods that have no node.
  public static let key = Pod.key("")

  let rules: [any PlacementRule]

  public init(rules: [any PlacementRule] = []) { self.rules = rules }

  // A pod that waits, a pod that leaves room, a node that may have some.
  public var triggers: [Trigger] {
    [
      Trigger(resource: Pod.kind.groupResource) { event, _ in
        let pod = Pod(json: event.record.value)
        return event.type == .deleted || pod.isFinished || pod.spec.nodeName ?? "" == "" ? [Self.key] : []
      },
      .on(Node.self) { _, _ in [Self.key] },
    ] + rules.flatMap(\.triggers)
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    let waiting = view.all(Pod.self, where: Index.activeNodeName.name, is: "").filter {
      $0.spec.schedulerName ?? name == name && !$0.isBeingDeleted
    }
    guard !waiting.isEmpty else { return .nothing }
    let rooms = view.all(Node.self).map { Room(on: $0, in: view) }
    var usable = rooms.filter { $0.obstacle == nil }[...]
    var plan = Plan()
    for pod in waiting.sorted(by: { $0.waitsLonger(than: $1) }) {
      guard plan.intents.count < Self.burst else {
        plan.wake(at: now)
        break
      }
      if !rooms.isEmpty, let obstacle = rules.first(of: { $0.obstacle(to: pod, in: view) }) {
        plan += explain(why: "0/\(rooms.count) nodes are available: \(obstacle).", to: pod, at: now)
      } else if let node = usable.takePlace(where: { obstacle(to: pod, on: $0, in: view) == nil }) {
        plan += rules.first(of: { $0.preparation(of: pod, for: node, in: view) }) ?? bind(pod, to: node.name)
      } else {
        plan += explain(why: Room.summary(rooms) { obstacle(to: pod, on: $0, in: view) }, to: pod, at: now)
      }
    }
    return plan
  }

  private func obstacle(to pod: Pod, on room: Room, in view: View) -> String? {
    rules.first(of: { $0.obstacle(to: pod, on: room.node, in: view) })
  }

  private func bind(_ pod: Pod, to node: String) -> Plan {
    var plan = Plan()
    plan.write(Binding(pod, to: node), to: "binding", of: pod)
    plan.record("Scheduled", "Successfully assigned \(pod.namespace)/\(pod.name) to \(node)", about: pod)
    return plan
  }

  // Once, and again when the reason is another one.
  private func explain(why message: String, to pod: Pod, at now: Time) -> Plan {
    guard pod.status.conditions["PodScheduled"]?.message != message else { return .nothing }
    var changed = pod
    changed.status.conditions.set("PodScheduled", "False", reason: "Unschedulable", message: message, at: now)
    var plan = Plan()
    plan.updateStatus(changed)
    plan.record(.warning, "FailedScheduling", message, about: pod)
    return plan
  }
}

extension ArraySlice<Room> {
  /// Takes a place on the first node that suits, and the node away with its last place. Nil when there is no such node.
  fileprivate mutating func takePlace(where suits: (Room) -> Bool) -> Node? {
    guard let index = firstIndex(where: suits) else { return nil }
    let room = self[index]
    self[index].free -= 1
    if room.free == 1 { remove(at: index) }
    return room.node
  }
}

extension [any PlacementRule] {
  /// The first answer that one of them gives.
  fileprivate func first<Answer>(of ask: (any PlacementRule) -> Answer?) -> Answer? { lazy.compactMap(ask).first }
}

extension Pod {
  fileprivate func waitsLonger(than other: Pod) -> Bool {
    let (mine, theirs) = (self.metadata.creationTimestamp, other.metadata.creationTimestamp)
    guard let mine, let theirs, mine != theirs else { return key < other.key }
    return mine < theirs
  }
}

/// How many more pods a node takes, or why none.
private struct Room {
  let node: Node
  var free: Int
  var obstacle: String?

  init(on node: Node, in view: View) {
    self.node = node
    let capacity = node.status.allocatable["pods"].map { Int($0.value) } ?? 110
    // The index knows how many there are: no pod is looked at.
    free =
      capacity
      - view.snapshot.records(Pod.kind.groupResource, index: Index.activeNodeName.name, equals: node.name).count
    if !node.isReady {
      obstacle = "node(s) were not ready"
    } else if node.spec.unschedulable == true {
      obstacle = "node(s) were unschedulable"
    } else if free <= 0 {
      obstacle = "Too many pods"
    }
  }

  /// "0/3 nodes are available: 1 Too many pods, 2 node(s) were not ready."
  /// - Parameter obstacle: what is in a pod's way on a node that has room.
  static func summary(_ rooms: [Room], obstacle: (Room) -> String?) -> String {
    guard !rooms.isEmpty else { return "no nodes available to schedule pods" }
    let found = rooms.map { $0.obstacle ?? obstacle($0) ?? "Too many pods" }
    let counts = Set(found).map { obstacle in "\(found.count { $0 == obstacle }) \(obstacle)" }
    return "0/\(rooms.count) nodes are available: \(counts.sorted().joined(separator: ", "))."
  }
}

extension Index {
  /// Every pod under its node's name; under "" while it has none.
  public static let nodeName = Index(name: "nodeName", resource: Pod.kind.groupResource) {
    [Pod(json: $0).spec.nodeName ?? ""]
  }

  /// The same without pods that have ended: those that take up room.
  public static let activeNodeName = Index(name: "activeNodeName", resource: Pod.kind.groupResource) {
    let pod = Pod(json: $0)
    return pod.isFinished ? [] : [pod.spec.nodeName ?? ""]
  }
}
