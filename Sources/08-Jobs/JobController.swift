public import ControlLoop
public import Objects
import Pods
import ReplicaSets
public import Store

/// Counts the pods of a job that have ended, makes those that are missing, and says when the job is over.
///
/// It remembers nothing. Specified by the Kubernetes API reference (Job v1 batch) and its documentation ("Jobs").
public struct JobController: Controller {
  public let name = "job-controller"

  /// At most this many pods are made or deleted by one plan.
  static let burst = 500

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(Job.self),
      .on(Pod.self, controlledBy: Job.self),
      .on(Pod.self, keys: jobsThatMightAdopt),
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var job = view[Job.self, key], job.isOurs, !job.isFinished, !job.isBeingDeleted else { return .nothing }
    let stored = job.status
    let (claims, pods) = claim(podsFor: job, in: view)
    let active = pods.filter(\.isActive)
    let ledger = Ledger(of: job, pods)
    ledger.write(to: &job.status, of: job)
    job.status.count(pods)
    if job.status.startTime == nil, !job.isSuspended { job.status.startTime = now }
    var work = Plan()
    for pod in ledger.settled.prefix(Self.burst) { work.update(pod.untracked) }
    if let verdict = job.verdict(pods, active: active, ledger, at: now) {
      work += delete(active, of: job)
      work += job.end(verdict, hasPods: !(ledger.isComplete && pods.allSatisfy(\.isFinished)), at: now)
    } else {
      work += job.notePause(at: now)
      work += populate(job, pods, active: active, ledger, in: view, at: now)
      work.wake(at: job.deadline)
    }
    var plan = Plan()
    if job.status != stored { plan.updateStatus(job) }
    plan += claims
    plan += work
    return plan
  }

  // A pod that nobody controls concerns every job that selects it.
  private func jobsThatMightAdopt(_ pod: Pod, in view: View) -> [Key] {
    guard pod.controller == nil, !pod.isBeingDeleted else { return [] }
    return view.all(Job.self, in: pod.namespace).filter { LabelQuery($0.spec.selector).matches(pod.metadata.labels) }
      .map(\.key)
  }
}

// MARK: Which pods are the job's

extension JobController {
  // As a ReplicaSet claims its pods.
  private func claim(podsFor job: Job, in view: View) -> (Plan, [Pod]) {
    let selector = LabelQuery(job.spec.selector)
    var plan = Plan()
    var claimed: [Pod] = []
    for pod in view.all(Pod.self, controlledBy: job) {
      guard selector.matches(pod.metadata.labels) else {
        plan.update(pod.untracked.released(by: job))
        continue
      }
      claimed.append(pod)
    }
    for pod in view.all(Pod.self, in: job.namespace, matching: selector) where pod.controller == nil && pod.isActive {
      let adopted = pod.tracked.adopted(by: job)
      plan.update(adopted)
      claimed.append(adopted)
    }
    return (plan, claimed)
  }
}

extension JobStatus {
  fileprivate mutating func count(_ pods: [Pod]) {
    let active = pods.filter(\.isActive)
    self.active = active.isEmpty ? nil : active.count
    self.ready = active.count(where: \.isReady)
    self.terminating = pods.count { $0.isBeingDeleted && !$0.isFinished }
  }
}

// MARK: Too few, too many

extension JobController {
  private func populate(
    _ job: Job, _ pods: [Pod], active: [Pod], _ ledger: Ledger, in view: View, at now: Time
  ) -> Plan {
    let wanted = job.wantedPods(active: active.count, ledger)
    if active.count > wanted { return remove(active.count - wanted, of: active, for: job, ledger, at: now) }
    let surplus = job.surplus(active, ledger)
    if !surplus.isEmpty { return remove(surplus.count, of: active, for: job, ledger, at: now) }
    var plan = Plan()
    // A removal that was broken off may have left a pod without its finalizer.
    for pod in active where !pod.isTracked { plan.update(pod.tracked) }
    let waitsForEnds = job.spec.podReplacementPolicy == .failed
    let ending = waitsForEnds ? pods.filter { $0.isBeingDeleted && !$0.isFinished } : []
    let missing = min(wanted - active.count - ending.count, Self.burst)
    guard missing > 0 else { return plan }
    plan +=
      job.isIndexed
      ? create(missing, beside: active + ending, for: job, pods, ledger, in: view, at: now)
      : create(missing, for: job, pods, in: view, at: now)
    return plan
  }

  private func create(_ count: Int, for job: Job, _ pods: [Pod], in view: View, at now: Time) -> Plan {
    var names = view.names(for: job)
    let pause = BackOff.end(after: pods, of: job)
    return pause > now
      ? .wake(at: pause) : create((0..<count).map { _ in job.makePod(names: &names) }, for: job, in: view)
  }

  private func create(
    _ count: Int, beside others: [Pod], for job: Job, _ pods: [Pod], _ ledger: Ledger, in view: View, at now: Time
  ) -> Plan {
    let taken = Indexes(others.compactMap(job.index))
    let open = (0..<(job.spec.completions ?? 0)).lazy.filter {
      !ledger.completed.contains($0) && !ledger.failedIndexes.contains($0) && !taken.contains($0)
    }
    let isLimited = job.spec.backoffLimitPerIndex != nil
    let common = isLimited ? .distantPast : BackOff.end(after: pods, of: job)
    var plan = Plan()
    var made: [Pod] = []
    var names = view.names(for: job)
    for index in open {
      let pause = isLimited ? BackOff.end(after: ledger.lastFailures[index]) : common
      if pause > now {
        plan.wake(at: pause)
        continue
      }
      if made.count == count { break }
      made.append(
        job.makePod(index: index, failures: isLimited ? ledger.failures(before: index, of: job) : nil, names: &names))
    }
    plan += create(made, for: job, in: view)
    return plan
  }

  private func create(_ pods: [Pod], for job: Job, in view: View) -> Plan {
    var plan = Plan()
    for pod in pods {
      plan.create(pod)
      plan.record("SuccessfulCreate", "Created pod: \(pod.name)", about: job)
    }
    if let refusal = view.refusal, !pods.isEmpty {
      plan.record(.warning, "FailedCreate", "Error creating: \(refusal.message)", about: job)
    }
    return plan
  }

  // The controller's own wish to have fewer pods is no failure of theirs: they lose the finalizer first.
  private func remove(_ count: Int, of active: [Pod], for job: Job, _ ledger: Ledger, at now: Time) -> Plan {
    let surplus = job.surplus(active, ledger)
    let others = active.filter { pod in !surplus.contains { $0.uid == pod.uid } }
    let ranked = surplus + DeletionOrder(podsPerNode: [:], now: now).sorted(others)
    var plan = Plan()
    let chosen = ranked.prefix(min(count, Self.burst))
    for pod in chosen where pod.isTracked { plan.update(pod.untracked) }
    plan += delete(Array(chosen), of: job)
    return plan
  }

  private func delete(_ pods: [Pod], of job: Job) -> Plan {
    var plan = Plan()
    for pod in pods {
      plan.delete(pod)
      plan.record("SuccessfulDelete", "Deleted pod: \(pod.name)", about: job)
    }
    return plan
  }
}

extension Plan {
  fileprivate static func wake(at time: Time) -> Plan {
    var plan = Plan()
    plan.wake(at: time)
    return plan
  }
}

extension Job {
  // How many pods may be active now.
  fileprivate func wantedPods(active: Int, _ ledger: Ledger) -> Int {
    if isSuspended { return 0 }
    guard let completions = self.spec.completions else { return ledger.allSucceeded > 0 ? active : parallelism }
    return max(0, min(completions - ledger.allSucceeded - ledger.failedIndexes.count, parallelism))
  }

  // Pods whose index another one has, or nobody needs any more.
  fileprivate func surplus(_ active: [Pod], _ ledger: Ledger) -> [Pod] {
    guard isIndexed else { return [] }
    var seen: Set<Int> = []
    return active.filter { pod in
      guard let index = index(of: pod) else { return true }
      return ledger.completed.contains(index) || ledger.failedIndexes.contains(index) || !seen.insert(index).inserted
    }
  }
}

// MARK: The end, and the pause

extension Job {
  // Decided first; final when no pod is left that could still do or count for something.
  fileprivate mutating func end(_ verdict: Verdict, hasPods: Bool, at now: Time) -> Plan {
    var plan = Plan()
    self.status.conditions.set(
      verdict.decided, "True", reason: verdict.reason, message: verdict.message, at: now)
    guard !hasPods else { return plan }
    self.status.conditions.set(verdict.final, "True", reason: verdict.reason, message: verdict.message, at: now)
    if verdict.isSuccess {
      self.status.completionTime = now
      plan.record("Completed", "Job completed", about: self)
    } else {
      plan.record(.warning, verdict.reason, verdict.message, about: self)
    }
    return plan
  }

  // A job that goes on after a pause has its whole time again.
  fileprivate mutating func notePause(at now: Time) -> Plan {
    var plan = Plan()
    if isSuspended, !self.status.conditions.isTrue("Suspended") {
      self.status.conditions.set("Suspended", "True", reason: "JobSuspended", message: "Job suspended", at: now)
      plan.record("Suspended", "Job suspended", about: self)
    } else if !isSuspended, self.status.conditions.isTrue("Suspended") {
      self.status.conditions.set("Suspended", "False", reason: "JobResumed", message: "Job resumed", at: now)
      self.status.startTime = now
      plan.record("Resumed", "Job resumed", about: self)
    }
    return plan
  }
}
