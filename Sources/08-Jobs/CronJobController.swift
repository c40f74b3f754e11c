public import ControlLoop
public import Objects
import Pods
public import Store

/// Makes a job when one is due, keeps the list of those that run, and deletes old ones.
///
/// A job's name is made from its time, so that no time has two. Specified by the Kubernetes API reference (CronJob v1
/// batch) and its documentation ("CronJob").
public struct CronJobController: Controller {
  public let name = "cronjob-controller"

  /// More times than these are not missed one by one: something is wrong with a clock, or with the schedule.
  static let mostMissed: Int64 = 100

  public init() {}

  public var triggers: [Trigger] { [.on(CronJob.self), .on(Job.self, controlledBy: CronJob.self)] }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var cron = view[CronJob.self, key] else { return .nothing }
    let stored = cron.status
    let jobs = view.all(Job.self, controlledBy: cron)
    var plan = cron.follow(jobs)
    var work = Plan()
    if !cron.isBeingDeleted {
      work += forgetOldJobs(jobs, of: cron)
      if cron.spec.suspend != true { work += schedule(&cron, jobs, in: view, at: now) }
    }
    plan += work
    if cron.status != stored { plan.updateStatus(cron) }
    return plan
  }
}

// MARK: The jobs there are

extension CronJob {
  // The status says which jobs of the schedule have not finished. A job that somebody made from the template by hand
  // is the object's own, and none of these.
  fileprivate mutating func follow(_ jobs: [Job]) -> Plan {
    var plan = Plan()
    let listed = Set(self.status.active.compactMap(\.uid))
    for job in jobs.filter(\.isFinished) {
      if job.status.conditions.isTrue("Complete"), let time = job.status.completionTime {
        self.status.lastSuccessfulTime = max(self.status.lastSuccessfulTime ?? time, time)
      }
      guard listed.contains(job.uid) else { continue }
      let end = job.status.conditions.isTrue("Complete") ? "Complete" : "Failed"
      plan.record("SawCompletedJob", "Saw completed job: \(job.name), condition: \(end)", about: self)
    }
    for missing in self.status.active where !jobs.contains(where: { $0.uid == missing.uid }) {
      plan.record("MissingJob", "Active job went missing: \(missing.name ?? "")", about: self)
    }
    for job in jobs where !job.isFinished && !job.isScheduled {
      plan.record(
        .warning, "UnexpectedJob", "Saw a job that the controller did not create or forgot: \(job.name)", about: self)
    }
    self.status.active = jobs.filter(\.isScheduledAndActive).map { job in
      ObjectReference {
        $0.kind = Job.kind.name
        $0.namespace = job.namespace
        $0.name = job.name
        $0.uid = job.uid
        $0.apiVersion = Job.kind.apiVersion
      }
    }
    return plan
  }
}

extension Job {
  static let scheduledTime = "batch.kubernetes.io/cronjob-scheduled-timestamp"

  var isScheduled: Bool { metadata.annotations[Job.scheduledTime] != nil }

  var isScheduledAndActive: Bool { isScheduled && !isFinished }
}

extension CronJobController {
  private func forgetOldJobs(_ jobs: [Job], of cron: CronJob) -> Plan {
    var plan = Plan()
    for (end, limit) in [
      ("Complete", cron.spec.successfulJobsHistoryLimit), ("Failed", cron.spec.failedJobsHistoryLimit),
    ] {
      let ended = jobs.filter { $0.status.conditions.isTrue(end) && !$0.isBeingDeleted }
      let oldestFirst = ended.sorted {
        ($0.status.startTime ?? .distantFuture, $0.name) < ($1.status.startTime ?? .distantFuture, $1.name)
      }
      for job in oldestFirst.dropLast(limit ?? ended.count) { plan += delete(job, of: cron) }
    }
    return plan
  }

  private func delete(_ job: Job, of cron: CronJob) -> Plan {
    var plan = Plan()
    plan.delete(job, DeleteOptions(propagationPolicy: .background))
    plan.record("SuccessfulDelete", "Deleted job \(job.name)", about: cron)
    return plan
  }
}

// MARK: The next job

extension CronJobController {
  private func schedule(_ cron: inout CronJob, _ jobs: [Job], in view: View, at now: Time) -> Plan {
    var plan = Plan()
    let text = cron.spec.schedule ?? ""
    guard let clock = cron.clock else {
      let zone = cron.spec.timeZone ?? ""
      plan.record(
        .warning, "UnknownTimeZone", "invalid timeZone: \"\(zone)\": unknown time zone \(zone)", about: cron)
      return plan
    }
    let schedule: CronSchedule
    do {
      schedule = try CronSchedule(text)
    } catch {
      plan.record(.warning, "UnparseableSchedule", "unparseable schedule: \"\(text)\" : \(error)", about: cron)
      return plan
    }
    let start = cron.status.lastScheduleTime ?? cron.metadata.creationTimestamp ?? now
    guard schedule.next(after: start, on: clock) != nil else {
      let why = "time difference between two schedules is less than 1 second"
      plan.record(.warning, "InvalidSchedule", "invalid schedule: \(text) : \(why)", about: cron)
      return plan
    }
    let due = schedule.latest(after: start, upTo: now, on: clock)
    plan.wake(at: schedule.next(after: due ?? start, on: clock))
    guard let due else { return plan }
    if let limit = cron.spec.startingDeadlineSeconds, due + .seconds(limit) < now {
      plan.record(.warning, "MissSchedule", "Missed scheduled time to start a job: \(due.rfc1123)", about: cron)
      return plan
    }
    if schedule.missed(after: max(start, cron.earliestStart(at: now)), upTo: now, on: clock) > Self.mostMissed {
      plan.record(
        .warning, "TooManyMissedTimes",
        "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew", about: cron)
    }
    plan += run(&cron, for: due, beside: jobs.filter(\.isScheduledAndActive), clock, in: view)
    return plan
  }

  private func run(
    _ cron: inout CronJob, for due: Time, beside active: [Job], _ clock: Clock, in view: View
  ) -> Plan {
    var plan = Plan()
    let job = cron.makeJob(for: due, clock)
    if let other = view[Job.self, job.key] {
      // Made before, by us; or by somebody else, who has taken the name.
      if other.controller?.uid == cron.uid { cron.status.lastScheduleTime = due }
      return plan
    }
    switch cron.spec.concurrencyPolicy {
    case .forbid where !active.isEmpty:
      plan.record(
        "JobAlreadyActive",
        "Not starting job because prior execution is running and concurrency policy is Forbid", about: cron)
      return plan
    case .replace:
      for job in active { plan += delete(job, of: cron) }
      cron.status.active = []
    default: break
    }
    plan.create(job)
    plan.record("SuccessfulCreate", "Created job \(job.name)", about: cron)
    if let refusal = view.refusal {
      plan.record(.warning, "FailedCreate", "Error creating job: \(refusal.message)", about: cron)
    }
    cron.status.lastScheduleTime = due
    return plan
  }
}

extension CronSchedule {
  /// About how many times were due: as if all were as far apart as the first two.
  fileprivate func missed(after start: Time, upTo end: Time, on clock: Clock) -> Int64 {
    guard let first = next(after: start, on: clock), first <= end else { return 0 }
    guard let second = next(after: first, on: clock) else { return 1 }
    return (end - first).components.seconds / max(1, (second - first).components.seconds) + 1
  }
}

extension CronJob {
  fileprivate var clock: Clock? { self.spec.timeZone.map { Clock(zone: $0) } ?? Clock() }

  fileprivate func earliestStart(at now: Time) -> Time {
    self.spec.startingDeadlineSeconds.map { now - .seconds($0) } ?? .distantPast
  }

  /// The job of one time. Its name tells the time, in minutes since 1970.
  func makeJob(for due: Time, _ clock: Clock) -> Job {
    let template = self.spec.jobTemplate
    return Job(name: "\(name)-\(due.microseconds / 60_000_000)", namespace: namespace) {
      $0.metadata.labels = template.metadata.labels
      $0.metadata.annotations = template.metadata.annotations
      $0.metadata.annotations[Job.scheduledTime] = due.rfc3339(on: clock)
      $0.metadata.ownerReferences = [OwnerReference(controller: self)]
      $0.spec = template.spec
    }
  }
}
