import ControlLoop
import Objects
import Pods
import Store

enum JobPromises {
  static let all = [
    everyPodCountsOnce, countedBeforeItGoes, neverTooManyPods, neverTooManySuccesses, finishedMeansFinished,
    forbiddenMeansOne, jobsEnd, finishedJobsGo, pausedJobsHaveNoPods,
  ]

  /// What a history knows of each job: every UID that was ever on its list, and the most that it ever asked for.
  private struct Memory {
    var succeeded: Set<String> = []
    var failed: Set<String> = []
    var parallelism = 0

    mutating func note(_ job: Job) {
      succeeded.formUnion(job.status.uncountedTerminatedPods?.succeeded ?? [])
      failed.formUnion(job.status.uncountedTerminatedPods?.failed ?? [])
      parallelism = max(parallelism, job.parallelism)
    }
  }

  /// A promise about jobs, with a memory of each. `check` is asked about every write of a job or of a pod.
  private static func remembering(
    _ name: String, check: @escaping @Sendable (Event, inout [String: Memory], View) -> String?
  ) -> Invariant {
    Invariant(name, .always) {
      var memories: [String: Memory] = [:]
      return { view, event, _ in
        guard let event else { return nil }
        if let job = Job(in: event) { memories[job.uid, default: Memory()].note(job) }
        return check(event, &memories, view)
      }
    }
  }

  /// What a job reports is the number of the pods that were ever on its list: none twice, none lost.
  static let everyPodCountsOnce = remembering("no pod is counted twice, or forgotten") { event, memories, _ in
    guard let job = Job(in: event), let memory = memories[job.uid] else { return nil }
    let uncounted = job.status.uncountedTerminatedPods ?? UncountedTerminatedPods()
    let failed = (job.status.failed ?? 0) + uncounted.failed.count
    if failed != memory.failed.count { return "\(job.name) reports \(failed) failures of \(memory.failed.count) pods" }
    let succeeded = (job.status.succeeded ?? 0) + uncounted.succeeded.count
    return job.isIndexed || succeeded == memory.succeeded.count
      ? nil : "\(job.name) reports \(succeeded) successes of \(memory.succeeded.count) pods"
  }

  /// A pod that has ended for a job loses the finalizer when the job knows of it.
  static let countedBeforeItGoes = remembering("no pod goes before it is counted") { event, memories, view in
    guard let pod = Pod(in: event), !pod.isTracked || event.type == .deleted, let previous = event.previous else {
      return nil
    }
    let before = Pod(json: previous.value)
    guard before.isTracked, before.isFinished, let owner = pod.controller, owner.kind == Job.kind.name,
      let job = view.object(Job.self, owner.name ?? "", in: pod.namespace), job.uid == owner.uid, job.isOurs,
      !job.isFinished, !job.isBeingDeleted, !job.ignores(before), let memory = memories[job.uid],
      LabelQuery(job.spec.selector).matches(before.metadata.labels)
    else { return nil }
    if memory.succeeded.contains(pod.uid) || memory.failed.contains(pod.uid) { return nil }
    let index = job.index(of: pod)
    let completed = Indexes(job.status.completedIndexes, below: job.spec.completions ?? 0)
    return job.isIndexed && (index.map(completed.contains) ?? true) ? nil : "\(pod.name) ended, and nobody counted it"
  }

  /// Never more pods than the most that the job ever asked for at once.
  static let neverTooManyPods = remembering("no job has more active pods than its parallelism") {
    event, memories, view in
    guard event.type == .added, let owner = Pod(in: event)?.controller, let memory = memories[owner.uid ?? ""] else {
      return nil
    }
    let active = view.all(Pod.self, where: Index.owner.name, is: owner.uid ?? "").count { $0.isActive }
    return active > memory.parallelism ? "\(owner.name ?? "") has \(active) pods of \(memory.parallelism)" : nil
  }

  static let neverTooManySuccesses = Invariant.always("no job counts more successes than its completions") {
    _, event, _ in
    guard let job = Job(in: event), let completions = job.spec.completions else { return nil }
    let succeeded = (job.status.succeeded ?? 0) + (job.status.uncountedTerminatedPods?.succeeded.count ?? 0)
    return succeeded > completions ? "\(job.name) counts \(succeeded) successes of \(completions)" : nil
  }

  /// A finished job makes no pods, and stays what it is.
  static let finishedMeansFinished = Invariant.always("a finished job stays finished") { view, event, _ in
    if let job = Job(in: event), let previous = event?.previous, Job(json: previous.value).isFinished {
      return job.status == Job(json: previous.value).status ? nil : "\(job.name) was finished, and has changed"
    }
    guard event?.type == .added, let pod = Pod(in: event), let owner = pod.controller,
      let job = view.object(Job.self, owner.name ?? "", in: pod.namespace), job.uid == owner.uid
    else { return nil }
    return job.isFinished ? "\(job.name) is finished, and has made \(pod.name)" : nil
  }

  static let forbiddenMeansOne = Invariant.always("Forbid never lets two jobs of a schedule run") { view, event, _ in
    guard event?.type == .added, let job = Job(in: event), job.isScheduled, let owner = job.controller,
      let cron = view.object(CronJob.self, owner.name ?? "", in: job.namespace), cron.uid == owner.uid,
      cron.spec.concurrencyPolicy == .forbid
    else { return nil }
    let running = view.all(Job.self, controlledBy: cron).filter(\.isScheduledAndActive)
    return running.count > 1 ? "\(cron.name) runs \(running.map(\.name))" : nil
  }
}

// MARK: Left alone

extension JobPromises {
  /// A job whose pods end by themselves ends, and all its pods are counted.
  static let jobsEnd = Invariant.eventually("every job whose pods end is over", within: .seconds(3_600)) { view, now in
    for job in view.all(Job.self) where job.isOurs && job.endsByItself && !job.isBeingDeleted {
      // A schedule makes new ones as fast as those before them end.
      if job.controller != nil, (job.metadata.creationTimestamp ?? now) + .seconds(1_800) > now { continue }
      let pods = view.all(Pod.self, controlledBy: job)
      // With a pod that no node takes, the job waits.
      if pods.contains(where: { ($0.spec.nodeName ?? "").isEmpty && !$0.isFinished }) { continue }
      if !job.isFinished { return "\(job.name) is not finished" }
      if let pod = pods.first(where: \.isTracked) { return "\(job.name) is finished, and \(pod.name) is not free" }
      if let pod = pods.first(where: { !$0.isFinished }) { return "\(job.name) is finished, and \(pod.name) is not" }
    }
    return nil
  }

  static let finishedJobsGo = Invariant.eventually(
    "a finished job goes when its time is over", within: .seconds(3_600)
  ) { view, now in
    view.all(Job.self).first { job in
      guard let seconds = job.spec.ttlSecondsAfterFinished, let end = job.finishTime else { return false }
      return end + .seconds(seconds) + .seconds(60) < now
    }.map { "\($0.name) is still there" }
  }

  static let pausedJobsHaveNoPods = Invariant.eventually("a suspended job has no pods", within: .seconds(600)) {
    view, _ in
    for job in view.all(Job.self) where job.isSuspended && job.isOurs && !job.isFinished && job.ending == nil {
      if let pod = view.all(Pod.self, controlledBy: job).first(where: \.isActive) {
        return "\(job.name) is suspended, and \(pod.name) is active"
      }
    }
    return nil
  }
}

extension Job {
  // In a simulated world the image says whether a container ends.
  fileprivate var endsByItself: Bool {
    let ending = ["sleep-", "exit-", "crash-", "hello-world"]
    let spec = self.spec.template.spec
    return !isSuspended && parallelism > 0
      && (spec.initContainers + spec.containers).allSatisfy { container in
        ending.contains { container.image?.hasPrefix($0) == true }
      }
  }
}

extension Resource {
  /// The object that an event is about, if it is of this kind.
  fileprivate init?(in event: Event?) {
    guard let event, event.record.key.resource == Self.kind.groupResource else { return nil }
    self.init(json: event.record.value)
  }
}
