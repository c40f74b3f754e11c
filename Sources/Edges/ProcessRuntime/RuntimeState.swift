// What the process runtime knows, as a table that never acts: a request changes it and answers with the work that
// follows, an observation changes it and says whose pod now looks different. The same request again finds its work
// under way or done, and changes nothing.

import Objects
import Pods

struct RuntimeState {
  private struct Pod {
    var observed: ObservedPod
    /// Whether it is made or being made.
    var hasSandbox = true
    var containers: [Container] = []

    var report: ObservedPod {
      var report = observed
      report.containers = containers.map(\.observed)
      return report
    }
  }

  struct Container {
    /// Containers of a pod are reported in the order in which they were asked for.
    var order: Int
    var observed: ObservedContainer
    /// The shortest grace period of a stop so far, in seconds.
    var gracePeriod: Int?
  }

  /// What is left to do for a request.
  enum Work: Sendable {
    case makeSandbox(PodIdentity, usesHostNetwork: Bool)
    case launch(ContainerConfiguration, runtimeID: String, order: Int, at: Time)
    case stop(ContainerID, gracePeriod: Int)
    case delete(ContainerID)
    case deleteSandbox(podUID: String)
  }

  private var podsByUID: [String: Pod] = [:]
  private var sorted: [ObservedPod]?
  /// The pods that have changed since this was last taken.
  private var changed: [String] = []

  /// Sorted by namespace, name and UID.
  mutating func pods() -> [ObservedPod] {
    if let sorted { return sorted }
    let pods = podsByUID.values.map(\.report)
      .sorted {
        let (left, right) = ($0.identity, $1.identity)
        return (left.namespace, left.name, left.uid) < (right.namespace, right.name, right.uid)
      }
    sorted = pods
    return pods
  }

  func pod(_ uid: String) -> ObservedPod? { podsByUID[uid]?.report }

  mutating func takeChanged() -> [String] {
    defer { changed = [] }
    return changed
  }

  func container(_ id: ContainerID) -> Container? {
    podsByUID[id.podUID]?.containers.first { $0.observed.id == id }
  }

  // MARK: Requests

  mutating func accept(_ action: RuntimeAction, at now: Time, runtimeID: () -> String) -> [Work] {
    switch action {
    case .startSandbox(let identity, let extensions):
      return startSandbox(identity, usesHostNetwork: extensions["hostNetwork"]?.bool == true)
    case .start(let configuration):
      let id = configuration.id
      // A container whose pod nobody has announced brings it along.
      var work = podsByUID[id.podUID] == nil ? startSandbox(configuration.pod, usesHostNetwork: false) : []
      guard container(id) == nil else { return work }
      let order = (podsByUID[id.podUID]?.containers.last?.order ?? 0) + 1
      let observed = ObservedContainer(
        id: id, runtimeID: "process://" + runtimeID(), image: configuration.image, imageID: "", state: .creating)
      change(id.podUID) { $0.containers.append(Container(order: order, observed: observed)) }
      work.append(.launch(configuration, runtimeID: observed.runtimeID, order: order, at: now))
      return work
    case .stop(let id, let gracePeriod):
      let gracePeriod = max(0, gracePeriod)
      guard let container = container(id), !container.observed.state.isFinal,
        gracePeriod < container.gracePeriod ?? .max
      else { return [] }
      update(id) {
        $0.gracePeriod = gracePeriod
        $0.observed.isStopping = true
      }
      return [.stop(id, gracePeriod: gracePeriod)]
    case .remove(let id):
      guard let container = container(id), container.observed.state.isFinal else { return [] }
      change(id.podUID) { pod in pod.containers.removeAll { $0.observed.id == id } }
      return [.delete(id)]
    case .removeSandbox(let identity):
      guard let pod = podsByUID[identity.uid], pod.containers.allSatisfy({ $0.observed.state.isFinal })
      else { return [] }
      podsByUID[identity.uid] = nil
      markChanged(identity.uid)
      return [.deleteSandbox(podUID: identity.uid)]
    }
  }

  private mutating func startSandbox(_ identity: PodIdentity, usesHostNetwork: Bool) -> [Work] {
    var pod = podsByUID[identity.uid] ?? Pod(observed: ObservedPod(identity: identity), hasSandbox: false)
    if pod.hasSandbox && pod.observed.sandboxFailure == nil { return [] }
    pod.hasSandbox = true
    pod.observed.sandboxFailure = nil
    podsByUID[identity.uid] = pod
    markChanged(identity.uid)
    return [.makeSandbox(identity, usesHostNetwork: usesHostNetwork)]
  }

  /// Something outside the runtime belongs to this pod, and is to be seen by whoever cleans up.
  mutating func announce(_ identity: PodIdentity) {
    if podsByUID[identity.uid] == nil {
      podsByUID[identity.uid] = Pod(observed: ObservedPod(identity: identity), hasSandbox: false)
    }
    markChanged(identity.uid)
  }

  /// Something outside the runtime is to be looked at, whether or not the runtime holds anything of the pod yet.
  mutating func noteChange(_ podUID: String) { markChanged(podUID) }

  /// The addresses of all pods.
  var addresses: Set<String> { Set(podsByUID.values.flatMap(\.observed.addresses)) }

  // MARK: Observations

  mutating func sandbox(_ podUID: String, addresses: [String], failure: String? = nil) {
    change(podUID) {
      $0.observed.addresses = addresses
      $0.observed.sandboxFailure = failure
    }
  }

  mutating func observe(_ id: ContainerID, imageID: String) {
    update(id) { $0.observed.imageID = imageID }
  }

  mutating func observe(_ id: ContainerID, state: ObservedContainer.State) {
    guard container(id)?.observed.state != state else { return }
    update(id) {
      $0.observed.state = state
      if state.isFinal { $0.observed.isStopping = false }
    }
  }

  /// What has been found on disk.
  mutating func restore(_ identity: PodIdentity, addresses: [String], failure: String?, containers: [Container]) {
    let pod = ObservedPod(identity: identity, addresses: addresses, sandboxFailure: failure)
    podsByUID[identity.uid] = Pod(observed: pod, containers: containers.sorted { $0.order < $1.order })
    sorted = nil
  }

  private mutating func update(_ id: ContainerID, _ body: (inout Container) -> Void) {
    change(id.podUID) { pod in
      guard let position = pod.containers.firstIndex(where: { $0.observed.id == id }) else { return }
      body(&pod.containers[position])
    }
  }

  private mutating func change(_ podUID: String, _ body: (inout Pod) -> Void) {
    guard let position = podsByUID.index(forKey: podUID) else { return }
    body(&podsByUID.values[position])
    markChanged(podUID)
  }

  private mutating func markChanged(_ podUID: String) {
    sorted = nil
    if !changed.contains(podUID) { changed.append(podUID) }
  }
}

extension ObservedContainer.State {
  /// Whether a container in this state stays in it.
  var isFinal: Bool {
    switch self {
    case .creating, .running: false
    case .exited, .failedToStart: true
    }
  }
}
