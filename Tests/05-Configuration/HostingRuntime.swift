import Configuration
import Objects
import Pods
import Synchronization

/// A simulated runtime with volumes that are values.
final class HostingRuntime: ContainerRuntime, VolumeHost {
  private let containers: SimulatedRuntime
  private let state: Mutex<State>

  private struct State {
    var pods: [String: (identity: PodIdentity, volumes: [String: (state: VolumeState, files: [VolumeFile])])] = [:]
    var started: [ContainerConfiguration] = []
    var layouts = 0
    var failure: String?
    var handlers: [@Sendable (String) -> Void] = []
  }

  /// Keeps what is started, so that tests can look at it.
  private final class Log: Sendable {
    let started = Mutex<[ContainerConfiguration]>([])
  }

  private let log: Log

  init(subnet: String) {
    let log = Log()
    self.log = log
    containers = SimulatedRuntime(subnet: subnet) { configuration in
      log.started.withLock { $0.append(configuration) }
      return SimulatedBehavior(of: configuration)
    }
    state = Mutex(State())
  }

  /// In the order in which they were started.
  var started: [ContainerConfiguration] { log.started.withLock { $0 } }

  /// How often files have been laid out.
  var layouts: Int { state.withLock { $0.layouts } }

  /// Why laying out comes to nothing from now on; nil when it works.
  func fail(_ message: String?) { state.withLock { $0.failure = message } }

  func files(of volume: String, inPod uid: String) -> [VolumeFile]? {
    state.withLock { $0.pods[uid]?.volumes[volume]?.files }
  }

  // MARK: Volumes

  func path(of volume: String, in pod: PodIdentity) -> String { "/pods/\(pod.uid)/\(volume)" }

  func volumes(of pod: PodIdentity) -> [String: VolumeState] {
    state.withLock { $0.pods[pod.uid]?.volumes.mapValues(\.state) ?? [:] }
  }

  func layOut(_ files: [VolumeFile], version: String, as volume: String, in pod: PodIdentity) {
    change(pod) { state in
      state.layouts += 1
      let old = state.pods[pod.uid]?.volumes[volume]
      let new: (VolumeState, [VolumeFile]) =
        state.failure.map { (.failed($0), old?.files ?? []) } ?? (.ready(version: version), files)
      state.pods[pod.uid, default: (pod, [:])].volumes[volume] = new
    }
  }

  func makeDirectory(_ volume: String, inMemory: Bool, sizeLimit: Int64?, in pod: PodIdentity) {
    change(pod) { $0.pods[pod.uid, default: (pod, [:])].volumes[volume] = (.ready(version: ""), []) }
  }

  func measure(_ volume: String, in pod: PodIdentity) {}
  func usage(of pod: PodIdentity) -> [String: Int64] { [:] }

  func removeVolumes(of pod: PodIdentity) {
    change(pod) { $0.pods[pod.uid] = nil }
  }

  private func change(_ pod: PodIdentity, _ body: (inout State) -> Void) {
    let handlers = state.withLock { state in
      body(&state)
      return state.handlers
    }
    for handler in handlers { handler(pod.uid) }
  }

  // MARK: Containers

  var name: String { containers.name }
  var version: String { containers.version }

  func pods() -> [ObservedPod] {
    let known = containers.pods()
    let others = state.withLock { $0.pods.values.map(\.identity) }.filter { pod in
      !known.contains { $0.identity.uid == pod.uid }
    }
    return known + others.sorted { $0.uid < $1.uid }.map { ObservedPod(identity: $0) }
  }

  func pod(_ uid: String) -> ObservedPod? {
    containers.pod(uid) ?? state.withLock { $0.pods[uid]?.identity }.map { ObservedPod(identity: $0) }
  }

  func advance(to now: Time) -> Time? { containers.advance(to: now) }
  func perform(_ action: RuntimeAction, at now: Time) { containers.perform(action, at: now) }

  func onChange(_ notify: @escaping @Sendable (String) -> Void) {
    state.withLock { $0.handlers.append(notify) }
    containers.onChange(notify)
  }

  func logs(of container: ContainerID, from offset: Int) throws -> LogChunk {
    try containers.logs(of: container, from: offset)
  }
}
