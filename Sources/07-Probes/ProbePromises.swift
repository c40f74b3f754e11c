import ControlLoop
import Objects
import Pods
import Store

// What the probes of simulated containers lead to. How such a container answers follows from its image's name alone, so
// what its status may say follows from its status' own times.

enum ProbePromises {
  static let all = [readyOnlyAfterAnswers, killedOnlyAfterFailures, readinessFollowsTheAnswers]

  /// A container with a readiness probe becomes ready only while it answers.
  static let readyOnlyAfterAnswers = Invariant.always("a container becomes ready only after it has answered") {
    _, event, now in
    pods(in: event) { old, new in
      for (container, status) in new.probed where container.readinessProbe != nil && status.ready == true {
        guard let start = status.state.running?.startedAt,
          old.containerStatus(container)?.containerID != status.containerID
            || old.containerStatus(container)?.ready != true
        else { continue }
        let ages = [now - start, now - start - .seconds(1)]
        if !ages.contains(where: SimulatedContainer(image: status.image ?? "").answers) {
          return "\(new.name) is ready and has not answered"
        }
      }
      return nil
    }
  }

  /// What never ends by itself and is started again was ended by a probe: then enough questions had been put to it.
  static let killedOnlyAfterFailures = Invariant.always(
    "a probe ends a container only after failureThreshold failures in a row"
  ) { _, event, _ in
    pods(in: event) { old, new in
      for (container, status) in new.probed {
        guard let before = old.containerStatus(container), before.containerID != status.containerID,
          before.image == status.image, let ended = status.lastState.terminated,
          ended.reason != "ContainerStatusUnknown", container.lifecycle?.postStart == nil,
          let start = ended.startedAt, let end = ended.finishedAt, SimulatedContainer.isLasting(status.image)
        else { continue }
        let patience = [container.livenessProbe, container.startupProbe].compactMap { $0?.patience }.min()
        guard let patience else { return "\(new.name) was started again, and no probe asked for it" }
        if end - start + .seconds(1) < patience { return "\(new.name) was ended after \(end - start)" }
      }
      return nil
    }
  }

  /// Left alone, a container that has answered for long is ready, and one that has not for long is not.
  static let readinessFollowsTheAnswers = Invariant.eventually(
    "readiness follows the answers", within: .seconds(300)
  ) { view, now in
    for pod in view.all(Pod.self) where pod.isActive && pod.isOnReadyNode(in: view) {
      for (container, status) in pod.probed {
        guard let start = status.state.running?.startedAt, let probe = container.readinessProbe else { continue }
        let age = now - start
        let isWell = SimulatedContainer(image: status.image ?? "").answers(after: age)
        let times = container.startupProbe.map { [$0, probe] } ?? [probe]
        let patience = times.reduce(Duration.seconds(20)) { $0 + $1.longestVerdict }
        guard age > patience,
          SimulatedContainer(image: status.image ?? "").answers(after: age - patience) == isWell
        else { continue }
        if status.ready != isWell { return "\(pod.name) is \(isWell ? "not " : "")ready" }
      }
    }
    return nil
  }

  private static func pods(in event: Event?, _ check: (_ old: Pod, _ new: Pod) -> String?) -> String? {
    guard let record = event?.record, let previous = event?.previous, record.key.resource == Pod.kind.groupResource
    else { return nil }
    let (old, new) = (Pod(json: previous.value), Pod(json: record.value))
    return old.uid == new.uid ? check(old, new) : nil
  }
}

extension Pod {
  /// The containers that have probes, with their status.
  fileprivate var probed: [(Container, ContainerStatus)] {
    self.spec.containers.compactMap { container in
      guard container.livenessProbe != nil || container.readinessProbe != nil || container.startupProbe != nil else {
        return nil
      }
      return containerStatus(container).map { (container, $0) }
    }
  }

  fileprivate func containerStatus(_ container: Container) -> ContainerStatus? {
    self.status.containerStatuses.first { $0.name == container.name }
  }

  fileprivate func isOnReadyNode(in view: View) -> Bool {
    view.object(Node.self, self.spec.nodeName ?? "")?.isReady == true
  }
}

extension Probe {
  /// How long it takes at least from a start to the failure that ends the container.
  fileprivate var patience: Duration {
    let checks = max(1, self.failureThreshold ?? 3)
    return .seconds((self.initialDelaySeconds ?? 0) + (checks - 1) * (self.periodSeconds ?? 10))
  }

  /// How long it takes at most until a change of the answers is a change of the verdict.
  fileprivate var longestVerdict: Duration {
    let checks = max(self.failureThreshold ?? 3, self.successThreshold ?? 1) + 1
    return .seconds((self.initialDelaySeconds ?? 0) + checks * (self.periodSeconds ?? 10))
  }
}

extension SimulatedContainer {
  /// Whether a container of this image runs until it is stopped.
  fileprivate static func isLasting(_ image: String?) -> Bool {
    ["waking", "sick", "deaf", "pause"].contains(image?.prefix { $0 != "-" } ?? "")
  }
}
