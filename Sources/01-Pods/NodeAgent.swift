import ControlLoop
public import Objects
import Store
import Synchronization

/// What an agent reports of its node.
public struct NodeDescription: Sendable {
  public var name: String
  public var addresses: [String]
  public var cpu: Quantity
  public var memory: Quantity
  /// How many pods may run at once.
  public var pods = 110
  /// Beside those that every node has.
  public var labels: Mapping<String> = [:]
  public var operatingSystem = "linux"
  public var architecture = "amd64"
  public var osImage = ""
  public var kernelVersion = ""
  /// Names the installed system.
  public var machineID = ""
  public var kubeletVersion = "v1.36.0+swiftlet"

  public init(name: String, addresses: [String], cpu: Quantity, memory: Quantity) {
    self.name = name
    self.addresses = addresses
    self.cpu = cpu
    self.memory = memory
  }
}

/// One node's agent: asks ``PodSync`` about one pod after the other and carries out what it says.
///
/// It remembers nothing that it cannot find again: which pods are its own is in the store, what runs is in the runtime.
public final class NodeAgent {
  public let node: NodeDescription
  public let runtime: any ContainerRuntime
  var statusDue = Time.distantPast
  private var keys: [String: Key] = [:]
  private var memories: [String: PodMemory] = [:]
  private let reports = Reports()

  /// Which pods, by UID, the runtime has news of.
  private final class Reports: Sendable {
    let uids = Mutex<Set<String>>([])
    let listeners = Mutex<[@Sendable () -> Void]>([])
  }

  public init(node: NodeDescription, runtime: any ContainerRuntime) {
    self.node = node
    self.runtime = runtime
    runtime.onChange { [reports] uid in
      reports.uids.withLock { _ = $0.insert(uid) }
      for wake in reports.listeners.withLock({ $0 }) { wake() }
    }
  }

  /// Has a function called, from any thread, when `takeReports` has something to give.
  func onReport(_ wake: @escaping @Sendable () -> Void) { reports.listeners.withLock { $0.append(wake) } }

  /// Begins again with an empty memory.
  /// - Returns: the UIDs of all pods to look at, in order.
  func restart(in view: View) -> [String] {
    statusDue = .distantPast
    keys = [:]
    memories = [:]
    for pod in view.all(Pod.self, where: "nodeName", is: node.name) { keys[pod.uid] = pod.key }
    return Set(keys.keys).union(runtime.pods().map(\.identity.uid)).sorted()
  }

  /// Takes in which pod of its own has changed.
  func follow(_ pod: Pod) { keys[pod.uid] = pod.key }

  /// The pods that the runtime has had news of since the last call.
  func takeReports() -> [String] {
    reports.uids.withLock { uids in
      defer { uids = [] }
      return uids.sorted()
    }
  }

  /// Looks at a pod and acts, until nothing more happens at once.
  func sync(_ uid: String, stages: [any AgentStage], in view: View, at now: Time) -> (pod: Pod?, step: PodStep) {
    let pod = keys[uid].flatMap { view[Pod.self, $0] }.flatMap { $0.uid == uid ? $0 : nil }
    let sync = PodSync(stages: stages, hostAddresses: node.addresses)
    var step = PodStep(memory: memories[uid] ?? PodMemory())
    var notes: [Note] = []
    for _ in 0..<Self.looksAtOnce {
      _ = reports.uids.withLock { $0.remove(uid) }
      let observed = runtime.pod(uid)
      let identity = observed?.identity ?? PodIdentity(namespace: pod?.namespace ?? "", name: pod?.name ?? "", uid: uid)
      let observations = stages.map { ($0.name, $0.observe(identity, on: runtime)) }
      step = sync.next(
        for: pod, observed: observed, observations: Dictionary(observations) { first, _ in first }, memory: step.memory,
        in: view, at: now)
      notes += step.notes
      for action in step.actions { runtime.perform(action, at: now) }
      for (name, body) in step.requests {
        stages.first { $0.name == name }?.perform(body, for: identity, on: runtime, at: now)
      }
      if runtime.pod(uid) == observed { break }
    }
    step.notes = notes
    memories[uid] = step.isGone ? nil : step.memory
    if step.isGone { keys[uid] = nil }
    return (pod, step)
  }

  private static let looksAtOnce = 8
}
