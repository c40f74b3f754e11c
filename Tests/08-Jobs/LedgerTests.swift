import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing

@testable import Jobs

/// How pods are counted, one plan at a time.
@Suite struct LedgerTests {
  private func uncounted(succeeded: [String] = [], failed: [String] = []) -> UncountedTerminatedPods {
    UncountedTerminatedPods {
      $0.succeeded = succeeded
      $0.failed = failed
    }
  }

  @Test func aPodThatHasEndedIsListedBeforeItLosesItsFinalizer() throws {
    let job = storedJob { $0.spec.completions = 3 }
    let pods = [makePod("a", of: job, .succeeded), makePod("b", of: job, .failed), makePod("c", of: job)]
    let plan = try plan(for: job, seeing: pods)
    #expect(plan.status?.uncountedTerminatedPods == uncounted(succeeded: ["uid-a"], failed: ["uid-b"]))
    #expect(plan.status?.succeeded == nil && plan.status?.failed == nil)
    #expect(plan.released == [], "the list is not in the store yet")
  }

  @Test func theListIsNeverLongerThanFiveHundred() throws {
    var job = storedJob {
      $0.spec.completions = 600
      $0.spec.parallelism = 600
    }
    job.status.uncountedTerminatedPods = uncounted(failed: ["uid-599"])
    var pods = (0..<599).map { makePod("\($0)", of: job, .succeeded) } + [makePod("599", of: job, .failed)]
    let first = try plan(for: job, seeing: pods)
    let list = try #require(first.status?.uncountedTerminatedPods)
    #expect(list.succeeded.count == 499 && list.failed == ["uid-599"], "what is listed stays")
    #expect(first.released == ["599"])
    #expect(first.created.count <= 1, "those without room on the list have succeeded all the same")
    job.status = try #require(first.status)
    let second = try plan(for: job, seeing: pods)
    #expect(second.released.count == 500)
    pods = pods.map { second.released.contains($0.name) ? $0.untracked : $0 }
    let third = try plan(for: job, seeing: pods).status
    #expect(third?.succeeded == 499 && third?.failed == 1)
    #expect(third?.uncountedTerminatedPods?.succeeded.count == 100)
  }

  @Test func aPodThatIsListedLosesItsFinalizer() throws {
    var job = storedJob { $0.spec.completions = 3 }
    job.status.uncountedTerminatedPods = uncounted(succeeded: ["uid-a"])
    let plan = try plan(for: job, seeing: [makePod("a", of: job, .succeeded), makePod("c", of: job)])
    #expect(plan.released == ["a"])
    #expect(plan.status?.uncountedTerminatedPods == uncounted(succeeded: ["uid-a"]))
  }

  @Test(arguments: [true, false])
  func aPodThatHasLostItsFinalizerIsCounted(isStillThere: Bool) throws {
    var job = storedJob { $0.spec.completions = 3 }
    job.status.uncountedTerminatedPods = uncounted(succeeded: ["uid-a"], failed: ["uid-b"])
    job.status.failed = 4
    let pods = [makePod("a", of: job, .succeeded).untracked, makePod("b", of: job, .failed).untracked]
    let plan = try plan(for: job, seeing: isStillThere ? pods : [])
    #expect(plan.status?.succeeded == 1)
    #expect(plan.status?.failed == 5)
    #expect(plan.status?.uncountedTerminatedPods == uncounted())
  }

  @Test func aPodThatWasToldToEndFailsOnceEvenIfItSucceeds() throws {
    var job = storedJob { $0.spec.completions = 3 }
    let ending = makePod("a", of: job).ending
    #expect(try plan(for: job, seeing: [ending]).status?.uncountedTerminatedPods == uncounted(failed: ["uid-a"]))
    job.status.uncountedTerminatedPods = uncounted(failed: ["uid-a"])
    var ended = ending
    ended.status.phase = .succeeded
    #expect(
      try plan(for: job, seeing: [ended]).status?.uncountedTerminatedPods == uncounted(failed: ["uid-a"]),
      "a pod that is on the list is counted, whatever becomes of it")
  }

  @Test func anIndexThatSucceedsGoesIntoTheSet() {
    let job = storedJob {
      $0.spec.completionMode = .indexed
      $0.spec.completions = 5
    }
    let ledger = Ledger(
      of: job, [makePod("a", of: job, .succeeded, index: 3), makePod("b", of: job, .failed, index: 4)])
    #expect(ledger.completed == Indexes([3]), "a success of an index is in the set, and nowhere else")
    #expect(ledger.uncounted.failed == ["uid-b"] && ledger.uncounted.succeeded == [])
  }

  @Test func whereOnlyFailedPodsAreReplacedAPodIsCountedWhenItHasEnded() throws {
    let job = storedJob { $0.spec.podReplacementPolicy = .failed }
    let waiting = try plan(for: job, seeing: [makePod("a", of: job).ending])
    #expect(waiting.status?.uncountedTerminatedPods == uncounted())
    #expect(waiting.created.isEmpty)
    #expect(waiting.status?.terminating == 1)
    let homeless = makePod("a", of: job, .pending) { $0.spec.nodeName = nil }.ending
    #expect(try plan(for: job, seeing: [homeless]).status?.uncountedTerminatedPods == uncounted(failed: ["uid-a"]))
  }

  @Test func ofOneIndexOneSuccessCounts() throws {
    var job = storedJob {
      $0.spec.completionMode = .indexed
      $0.spec.completions = 5
      $0.spec.parallelism = 5
    }
    let pods = [
      makePod("a", of: job, .succeeded, index: 3), makePod("b", of: job, .succeeded, index: 3),
      makePod("c", of: job, .succeeded, index: 4), makePod("d", of: job, .succeeded, index: 9),
    ]
    let first = try plan(for: job, seeing: pods)
    #expect(first.status?.completedIndexes == "3,4")
    #expect(first.status?.succeeded == 2)
    #expect(first.released == ["d"], "no job needs index 9")
    job.status.completedIndexes = "3,4"
    job.status.succeeded = 2
    #expect(try plan(for: job, seeing: pods).released == ["a", "b", "c", "d"])
  }

  @Test func theLastFailureOfAnIndexStaysUntilItsSuccessorIsThere() throws {
    var job = storedJob {
      $0.spec.completionMode = .indexed
      $0.spec.completions = 2
      $0.spec.backoffLimitPerIndex = 2
    }
    job.status.uncountedTerminatedPods = uncounted(failed: ["uid-a"])
    let failed = makePod("a", of: job, .failed, index: 0)
    #expect(try plan(for: job, seeing: [failed]).released == [])
    let successor = makePod("b", of: job, index: 0) { $0.metadata.annotations[Pod.failureCountName] = "1" }
    #expect(try plan(for: job, seeing: [failed, successor]).released == ["a"])
  }

  /// Whatever happens between two writes, and in whatever order: all pods are counted, and each once.
  @Test func everyOrderOfEventsCountsEveryPodOnce() throws {
    for seed in UInt64(1)...25 {
      var random = SeededGenerator(seed: seed)
      var job = storedJob { $0.spec.completions = 9 }
      var pods = (0..<4).map { makePod("pod-\($0)", of: job, random.next() % 2 == 0 ? .succeeded : .failed) }
      let wanted = (pods.count { $0.status.phase == .succeeded }, pods.count { $0.status.phase == .failed })
      for _ in 0..<40 {
        let plan = try plan(for: job, seeing: pods)
        // The process may crash before any of its writes.
        let survivors = Int(random.next() % 4)
        var writes = 0
        for intent in plan.intents where writes < survivors {
          writes += 1
          if case .updateStatus(let value) = intent { job.status = Job(json: value).status }
          if case .update(let value) = intent {
            pods = pods.map { $0.uid == Pod(json: value).uid ? Pod(json: value) : $0 }
          }
        }
        // Whoever may go, goes at some time.
        if random.next() % 3 == 0 { pods.removeAll { !$0.isTracked } }
      }
      #expect((job.status.succeeded ?? 0, job.status.failed ?? 0) == wanted, "seed \(seed)")
      #expect(job.status.uncountedTerminatedPods == uncounted(), "seed \(seed)")
    }
  }

  // MARK: Letting go

  @Test func podsWithoutAJobAreLetGo() throws {
    let job = storedJob()
    let pod = makePod("a", of: job)
    func isReleased(_ objects: [any Resource]) throws -> Bool {
      try PodReleaseController().reconcile(pod.key, in: makeView([pod] + objects), at: now).released == ["a"]
    }
    #expect(try !isReleased([job]))
    #expect(try isReleased([]))
    var (finished, deleted, other) = (job, job, job)
    finished.status.conditions.set("Failed", "True", at: now)
    deleted.metadata.deletionTimestamp = now
    other.metadata.uid = "job-2"
    #expect(try isReleased([finished]) && isReleased([deleted]) && isReleased([other]))
  }
}
