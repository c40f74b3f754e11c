public import ControlLoop
import Objects
import Store

// What the node agent promises, as code: for tests of the agent alone, and for simulated worlds.

extension NodeAgent {
  /// What holds for every pod after every write.
  public static let invariants: [Invariant] =
    promises.map { name, breaks in
      Invariant.always(name) { _, event, _ in
        guard let record = event?.record, let previous = event?.previous, record.key.resource == Pod.kind.groupResource
        else { return nil }
        let (old, new) = (Pod(json: previous.value), Pod(json: record.value))
        return old.uid == new.uid ? breaks(old, new).map { "\(record.key): \($0)" } : nil
      }
    }

  /// Each says how a change of a pod breaks it, or nil.
  static let promises: [(name: String, breaks: @Sendable (_ old: Pod, _ new: Pod) -> String?)] = [
    (
      "a pod never leaves a final phase",
      { old, new in
        guard let phase = old.status.phase, phase.isTerminal, new.status.phase != phase else { return nil }
        return "\(phase.rawValue), then \(new.status.phase?.rawValue ?? "nothing")"
      }
    ),
    (
      "a pod with a final phase runs nothing, as long as its node is there",
      { _, new in
        guard new.status.phase?.isTerminal == true, new.status.conditions["DisruptionTarget"] == nil else { return nil }
        return new.status.all.first { $0.state.running != nil }.map { "\($0.name ?? "") runs" }
      }
    ),
    (
      "containers start again only as the restart policy allows",
      { old, new in
        new.status.all.first { after in
          guard let before = old.status.all.first(where: { $0.name == after.name }) else { return false }
          return after.restartCount ?? 0 < before.restartCount ?? 0
            || (after.restartCount != before.restartCount && before.image == after.image
              && new.forbidsRestart(of: after, ended: after.lastState.terminated))
        }.map { "\($0.name ?? "") was started again" }
      }
    ),
    (
      "a container starts when the init containers before it have succeeded",
      { _, new in
        let initial = new.spec.initContainers.filter { !$0.isSidecar }.map(\.name)
        let hasStarted = new.status.containerStatuses.contains { $0.containerID != nil }
        return new.status.initContainerStatuses.first {
          hasStarted && initial.contains($0.name) && $0.state.terminated?.exitCode != 0
        }.map { "not so \($0.name ?? "")" }
      }
    ),
    (
      "a pod is ready only while its containers are",
      { _, new in
        guard new.status.conditions.isTrue("Ready") else { return nil }
        return new.status.containerStatuses.first { $0.ready != true }.map { "\($0.name ?? "") is not" }
      }
    ),
  ]
}

extension PodStatus {
  var all: [ContainerStatus] { self.initContainerStatuses + self.containerStatuses }
}

extension Pod {
  fileprivate func forbidsRestart(of status: ContainerStatus, ended: ContainerStateTerminated?) -> Bool {
    guard !self.spec.initContainers.contains(where: { $0.name == status.name && $0.isSidecar }) else { return false }
    return self.spec.restartPolicy == .never || (self.spec.restartPolicy == .onFailure && ended?.exitCode == 0)
  }
}
