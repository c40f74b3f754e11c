import Objects
import Pods

// How a job counts its pods: each once, although it may crash after every write, and pods may be deleted at any time.
//
// A pod carries a finalizer until it is counted, so it cannot go unseen. Counting takes three steps, each a write of
// its own that finds in the store what the one before has done:
//   1. the pod has ended: its UID goes into status.uncountedTerminatedPods (a successful index into completedIndexes);
//   2. the stored status knows it: the finalizer goes;
//   3. the finalizer is gone: the UID goes, and the number goes up, in one write.

/// What a job has counted, and what it is counting.
struct Ledger {
  private(set) var succeeded: Int
  private(set) var failed: Int
  private(set) var completed: Indexes
  private(set) var failedIndexes: Indexes
  private(set) var uncounted = UncountedTerminatedPods()
  /// How many of them the stored status lists.
  private var listed = (succeeded: 0, failed: 0)
  /// Pods whose finalizer may go.
  private(set) var settled: [Pod] = []
  /// Whether every pod is counted.
  private(set) var isComplete = false

  /// The newest failed pod of each index, where the job limits failures of an index.
  private(set) var lastFailures: [Int: Pod] = [:]

  init(of job: Job, _ pods: [Pod]) {
    let completions = job.spec.completions ?? 0
    let status = job.status
    completed = Indexes(status.completedIndexes, below: completions)
    failedIndexes = Indexes(status.failedIndexes, below: completions)
    succeeded = status.succeeded ?? 0
    failed = status.failed ?? 0
    let known = (completed: completed, failed: failedIndexes)
    let tracked = pods.filter(\.isTracked)
    finishCounting(status.uncountedTerminatedPods, tracked: Set(tracked.map(\.uid)))
    let entered = Set(self.uncounted.succeeded + self.uncounted.failed)
    enter(tracked, of: job)
    if job.spec.backoffLimitPerIndex != nil { failIndexes(pods, of: job) }
    if job.isIndexed { succeeded = completed.count }
    settled = tracked.filter { pod in
      guard pod.status.phase == .succeeded || job.hasFailed(pod) else { return false }
      guard job.isIndexed else { return entered.contains(pod.uid) || job.ignores(pod) }
      guard let index = job.index(of: pod) else { return true }
      if pod.status.phase == .succeeded { return known.completed.contains(index) || entered.contains(pod.uid) }
      guard entered.contains(pod.uid) || job.ignores(pod) else { return false }
      return job.spec.backoffLimitPerIndex == nil || job.ending != nil || known.completed.contains(index)
        || known.failed.contains(index) || isReplaced(pod, index, pods, job)
    }
    isComplete = tracked.isEmpty && self.uncounted.succeeded.isEmpty && self.uncounted.failed.isEmpty
  }

  /// Step 3.
  private mutating func finishCounting(_ stored: UncountedTerminatedPods?, tracked: Set<String>) {
    let stored = stored ?? UncountedTerminatedPods()
    uncounted.succeeded = stored.succeeded.filter(tracked.contains)
    uncounted.failed = stored.failed.filter(tracked.contains)
    listed = (uncounted.succeeded.count, uncounted.failed.count)
    succeeded += stored.succeeded.count - uncounted.succeeded.count
    failed += stored.failed.count - uncounted.failed.count
  }

  /// Step 1. A pod that counts as failed since it was told to end may still succeed: it has been counted.
  private mutating func enter(_ pods: [Pod], of job: Job) {
    var entered = Set(uncounted.succeeded + uncounted.failed)
    var successes: [Int] = []
    for pod in pods where !entered.contains(pod.uid) {
      let index = job.index(of: pod)
      if job.isIndexed, index == nil { continue }
      if pod.status.phase == .succeeded {
        if let index { successes.append(index) } else { uncounted.succeeded.append(pod.uid) }
      } else if job.hasFailed(pod), !job.ignores(pod) {
        uncounted.failed.append(pod.uid)
      }
      entered.insert(pod.uid)
    }
    completed = completed.union(Indexes(successes))
  }

  /// Successes with those that are being counted.
  var allSucceeded: Int { succeeded + uncounted.succeeded.count }
  var allFailed: Int { failed + uncounted.failed.count }
}

// MARK: Failures of an index

extension Ledger {
  // An index fails with the pod that exceeds its limit, or that the policy condemns it for.
  private mutating func failIndexes(_ pods: [Pod], of job: Job) {
    let limit = job.spec.backoffLimitPerIndex ?? 0
    var condemned: [Int] = []
    for pod in pods where job.hasFailed(pod) {
      guard let index = job.index(of: pod), !completed.contains(index) else { continue }
      if lastFailures[index].map({ $0.attempt < pod.attempt }) ?? true { lastFailures[index] = pod }
      let action = job.failureAction(for: pod)?.action
      if action == .failIndex || action != .ignore && pod.indexFailures.counted >= limit { condemned.append(index) }
    }
    failedIndexes = failedIndexes.union(Indexes(condemned))
  }

  // The count of an index lives on in its pods: the last one stays until its successor is there.
  private func isReplaced(_ pod: Pod, _ index: Int, _ pods: [Pod], _ job: Job) -> Bool {
    pods.contains { job.index(of: $0) == index && $0.attempt > pod.attempt }
  }

  /// What the next pod of an index says of those before it.
  func failures(before index: Int, of job: Job) -> (counted: Int, ignored: Int) {
    guard let last = lastFailures[index] else { return (0, 0) }
    var failures = last.indexFailures
    if job.ignores(last) { failures.ignored += 1 } else { failures.counted += 1 }
    return failures
  }
}

extension Pod {
  /// The how-manieth pod of its index this is, from 0 on.
  fileprivate var attempt: Int { indexFailures.counted + indexFailures.ignored }
}

// MARK: Into the status

extension Ledger {
  /// At most this many UIDs are listed: 20 KB of a status that every watcher gets.
  static let mostListed = 500

  func write(to status: inout JobStatus, of job: Job) {
    status.succeeded = succeeded == 0 ? nil : succeeded
    status.failed = failed == 0 ? nil : failed
    status.uncountedTerminatedPods = list
    guard job.isIndexed else { return }
    status.completedIndexes = completed.isEmpty ? nil : completed.description
    if job.spec.backoffLimitPerIndex != nil { status.failedIndexes = failedIndexes.description }
  }

  // What is listed stays; what has no room is listed when others have been counted.
  private var list: UncountedTerminatedPods {
    var room = max(0, Self.mostListed - listed.succeeded - listed.failed)
    return UncountedTerminatedPods {
      $0.succeeded = Array(uncounted.succeeded.prefix(listed.succeeded + room))
      room -= $0.succeeded.count - listed.succeeded
      $0.failed = Array(uncounted.failed.prefix(listed.failed + room))
    }
  }
}
