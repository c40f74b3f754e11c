import Configuration
import ControlLoop
import Objects
import Pods

/// Ends a pod that keeps more in an empty directory than its limit allows. (Kubernetes: "Local ephemeral storage", the
/// kubelet's eviction manager.)
///
/// Only directories with a limit are measured, and each at most every ten seconds: the machine has to go through all of
/// their files.
struct SizeLimitStage: AgentStage {
  let name = "size-limits"

  func failure(_ context: inout StageContext) -> PodFailure? {
    let limits = context.pod.sizeLimits
    guard !limits.isEmpty else { return nil }
    for (volume, limit) in limits where Quantity(context.usage(of: volume)) > limit {
      // With a space at its end, as Kubernetes says it.
      let sentence = "Usage of EmptyDir volume \"\(volume)\" exceeds the limit \"\(limit)\". "
      return PodFailure(reason: "Evicted", message: sentence, gracePeriod: .seconds(1))
    }
    var due = Time(context.memory) ?? context.now
    if due <= context.now {
      context.requests += limits.map { .string($0.volume) }
      due = context.now + Self.interval
      context.memory = due.asValue
    }
    context.wake(at: due)
    return nil
  }

  fileprivate static let interval = Duration.seconds(10)
}

// MARK: The world outside

extension SizeLimitStage {
  func observe(_ pod: PodIdentity, on runtime: any ContainerRuntime) -> Value {
    guard let host = runtime.service((any VolumeHost).self) else { return .null }
    return .object(Members(host.usage(of: pod).map { ($0, .integer($1)) }))
  }

  func perform(_ request: Value, for pod: PodIdentity, on runtime: any ContainerRuntime, at now: Time) {
    guard let volume = request.string else { return }
    runtime.service((any VolumeHost).self)?.measure(volume, in: pod)
  }
}

extension StageContext {
  /// What is known to be in a volume, in bytes.
  fileprivate func usage(of volume: String) -> Int64 {
    if observation != .null { return observation[volume]?.integer ?? 0 }
    let old = (observed?.containers ?? []).filter { container in
      container.startedAt.map { $0 + SizeLimitStage.interval <= now } ?? false
    }
    return old.map { Pod.simulatedUsage(of: $0.image) }.max() ?? 0
  }
}

extension ObservedContainer {
  fileprivate var startedAt: Time? {
    switch state {
    case .running(let start): start
    case .exited(let exit): exit.startedAt
    case .creating, .failedToStart: nil
    }
  }
}

extension Pod {
  /// The limits of those of its empty directories that have one.
  var sizeLimits: [(volume: String, limit: Quantity)] {
    self.spec.volumes.compactMap { volume in
      guard let limit = volume.emptyDir?.sizeLimit, limit > .zero else { return nil }
      return (volume.name ?? "", limit)
    }
  }

  /// What a container has written into each of its pod's directories ten seconds after its start, in bytes, where nothing
  /// really runs: the image `fill-3` has written 3Gi.
  static func simulatedUsage(of image: String) -> Int64 {
    guard image.hasPrefix("fill-"), let number = Int64(image.dropFirst(5)) else { return 0 }
    return number << 30
  }
}
