import Objects

/// What the agent remembers of one pod. It is lost when the agent restarts, so nothing in it decides what is right: it
/// only says how long to wait.
public struct PodMemory: Sendable, Hashable {
  var containers: [String: ContainerMemory] = [:]
  /// When the last of a pod that ends is to be killed, if the pod itself does not say.
  var stopBy: Time?
  /// When to try the sandbox again after a failure.
  var sandboxRetry: Time?
  /// What the stages remember, by their names.
  var stages: [String: Value] = [:]

  public init() {}

  subscript(container: String) -> ContainerMemory {
    get { containers[container] ?? ContainerMemory() }
    set { containers[container] = newValue }
  }
}

struct ContainerMemory: Sendable, Hashable {
  /// The newest attempt that the runtime was asked for.
  var requested = -1
  /// By when the container was asked to end.
  var stopBy: Time?
  /// The attempt that ended only to make room for a new definition.
  var replaced: Int?
  var restarts = BackOff()
  var pulls = BackOff()
  /// Why the newest start came to nothing.
  var failure: StartFailure?
}

struct StartFailure: Sendable, Hashable {
  var reason: String
  var message: String
  var image: String
  var at: Time
}

/// A pause that grows with every use: none at first, then 10 s, doubling to 5 min; none again after 10 quiet minutes.
/// (Kubernetes: "Container restart policy", CrashLoopBackOff and ImagePullBackOff.)
struct BackOff: Sendable, Hashable {
  private var length = Duration.zero
  private var lastUse: Time?

  /// How long to wait after something that ended at `end`.
  func pause(after end: Time) -> Duration { isOver(at: end) ? .zero : length }

  mutating func use(after end: Time, at now: Time) {
    length = next(after: end)
    lastUse = now
  }

  private func next(after end: Time) -> Duration {
    isOver(at: end) ? .seconds(10) : min(length * 2, .seconds(300))
  }

  private func isOver(at end: Time) -> Bool { lastUse.map { end - $0 > .seconds(600) } ?? true }
}
