public import ControlLoop
public import Objects
import Pods
public import Store

// What happens after a job: it goes by itself if it said so, and its pods are let go.

/// Deletes a finished job when its time is over, with its pods.
public struct TTLController: Controller {
  public let name = "ttl-after-finished-controller"

  public init() {}

  public var triggers: [Trigger] { [.on(Job.self)] }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let job = view[Job.self, key], !job.isBeingDeleted, let seconds = job.spec.ttlSecondsAfterFinished,
      let finished = job.finishTime
    else { return .nothing }
    var plan = Plan()
    let end = finished + .seconds(seconds)
    if end <= now {
      plan.delete(job, DeleteOptions(propagationPolicy: .foreground))
    } else {
      plan.wake(at: end)
    }
    return plan
  }
}

extension Job {
  /// When the job ended for good.
  var finishTime: Time? {
    ["Complete", "Failed"].first(where: self.status.conditions.isTrue).flatMap {
      self.status.conditions[$0]?.lastTransitionTime
    }
  }
}

/// Takes the finalizer off pods that no job will count any more: their job is gone, going, or finished.
public struct PodReleaseController: Controller {
  public let name = "job-pod-release-controller"

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(Pod.self),
      Trigger(resource: Job.kind.groupResource) { event, view in
        let job = Job(json: event.record.value)
        guard event.type == .deleted || job.isFinished || job.isBeingDeleted else { return [] }
        return view.all(Pod.self, where: Index.owner.name, is: job.uid).map(\.key)
      },
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let pod = view[Pod.self, key], pod.isTracked, !isAwaited(pod, in: view) else { return .nothing }
    var plan = Plan()
    plan.update(pod.untracked)
    return plan
  }

  private func isAwaited(_ pod: Pod, in view: View) -> Bool {
    guard let owner = pod.controller, owner.kind == Job.kind.name,
      let job = view.object(Job.self, owner.name ?? "", in: pod.namespace), job.uid == owner.uid
    else { return false }
    return !job.isFinished && !job.isBeingDeleted
  }
}
