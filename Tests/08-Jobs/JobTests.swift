import Configuration
import ControlLoop
import Objects
import Pods
import ReplicaSets
import Simulation
import Testing

@testable import Jobs

@Suite struct JobTests {
  // MARK: To the end

  @Test func aJobRunsOnePodAndIsComplete() throws {
    let world = try World(makeJob())
    world.run(seconds: 2)
    #expect(world.job?.status.active == 1)
    world.run(seconds: 10)
    let job = try #require(world.job)
    #expect(job.isFinished)
    #expect(job.status.succeeded == 1 && job.status.active == nil)
    #expect(job.condition("Complete")?.reason == "CompletionsReached")
    #expect(job.condition("SuccessCriteriaMet")?.message == "Reached expected number of succeeded pods")
    #expect(job.status.completionTime != nil)
    #expect(world.reasons() == ["SuccessfulCreate", "Completed"])
    #expect(world.pods.allSatisfy { !$0.isTracked })
  }

  @Test func parallelismAndCompletionsAreKept() throws {
    let world = try World(
      makeJob {
        $0.spec.parallelism = 2
        $0.spec.completions = 5
      })
    var most = 0
    for _ in 0..<60 {
      world.run(seconds: 1)
      most = max(most, world.activePods.count)
    }
    #expect(most == 2)
    #expect(world.job?.status.succeeded == 5)
    #expect(world.pods.count == 5)
  }

  @Test func withoutCompletionsOneSuccessStopsTheMakingOfPods() throws {
    let job = storedJob { $0.spec.parallelism = 3 }
    let plan = try plan(for: job, seeing: [makePod("a", of: job, .succeeded), makePod("b", of: job)])
    #expect(plan.created.isEmpty, "the others finish, and no new ones are made")
    #expect(plan.deleted == [])
    #expect(plan.status?.conditions == [])
    #expect(
      try wanted(job, [makePod("a", of: job, .succeeded)]).status?.conditions.isTrue("SuccessCriteriaMet") == true)
  }

  private func wanted(_ job: Job, _ pods: [Pod]) throws -> Plan { try plan(for: job, seeing: pods) }

  @Test func aJobOfNothingIsComplete() throws {
    let world = try World(makeJob { $0.spec.completions = 0 })
    world.run(seconds: 1)
    #expect(world.job?.isFinished == true && world.pods.isEmpty)
  }

  // MARK: Failure

  @Test func aFailedPodIsReplacedAfterAPauseThatDoubles() throws {
    let world = try World(makeJob(image: "exit-7") { $0.spec.backoffLimit = 3 })
    var births: [Int] = []
    for second in 0..<120 {
      if world.pods.count > births.count { births.append(second) }
      world.run(seconds: 1)
    }
    #expect(births.count == 4)
    #expect(zip(births, births.dropFirst()).map { $1 - $0 }.map { ($0 + 5) / 10 * 10 } == [10, 20, 40])
    let job = try #require(world.job)
    #expect(job.condition("Failed")?.reason == "BackoffLimitExceeded")
    #expect(job.condition("Failed")?.message == "Job has reached the specified backoff limit")
    #expect(job.condition("FailureTarget")?.reason == "BackoffLimitExceeded")
    #expect(job.status.failed == 4 && job.status.completionTime == nil)
    #expect(world.reasons().isSuperset(of: ["SuccessfulCreate", "BackoffLimitExceeded"]))
  }

  @Test func thePauseGrowsToTenMinutes() {
    let pauses = [0, 1, 2, 3, 6, 7, 100].map { BackOff.pause(afterFailures: $0) }
    #expect(
      pauses == [0, 10, 20, 40, 320, 600, 600].map { Duration.seconds($0) }, "the pause doubles with each failure")
  }

  @Test func onlyFailuresSinceTheLastSuccessMakeThePauseLonger() {
    let job = storedJob { $0.spec.completions = 5 }
    func pod(_ name: String, _ phase: PodPhase, _ second: Int) -> Pod {
      var pod = makePod(name, of: job, phase, exitCode: 1)
      pod.status.containerStatuses[0].state.terminated?.finishedAt = now + .seconds(second)
      return pod
    }
    let failures = [pod("a", .failed, 0), pod("b", .failed, 10)]
    #expect(BackOff.end(after: failures, of: job) == now + .seconds(30))
    #expect(BackOff.end(after: failures + [pod("c", .succeeded, 5)], of: job) == now + .seconds(20))
    #expect(BackOff.end(after: failures + [pod("c", .succeeded, 10)], of: job) == .distantPast)
  }

  @Test func restartsInThePodCountTowardsTheLimit() throws {
    let world = try World(
      makeJob(image: "exit-7") {
        $0.spec.template.spec.restartPolicy = .onFailure
        $0.spec.backoffLimit = 2
      })
    world.run(seconds: 120)
    #expect(world.job?.condition("Failed")?.reason == "BackoffLimitExceeded")
    #expect(world.pods.isEmpty, "the pod is deleted with its containers")
  }

  @Test func aJobThatTakesTooLongFails() throws {
    let world = try World(makeJob(image: "pause") { $0.spec.activeDeadlineSeconds = 20 })
    world.run(seconds: 19)
    #expect(world.job?.isFinished == false)
    world.run(seconds: 10)
    #expect(world.job?.condition("Failed")?.reason == "DeadlineExceeded")
    #expect(world.reasons() == ["SuccessfulCreate", "SuccessfulDelete", "DeadlineExceeded"])
    #expect(world.job?.status.failed == 1)
  }

  @Test func theEndIsDecidedBeforeItIsFinal() throws {
    var job = storedJob { $0.spec.parallelism = 2 }
    job.spec.backoffLimit = 0
    let pods = [makePod("a", of: job, .failed), makePod("b", of: job)]
    let first = try plan(for: job, seeing: pods)
    #expect(first.status?.conditions.isTrue("FailureTarget") == true)
    #expect(first.status?.conditions.isTrue("Failed") == false)
    #expect(first.deleted == ["b"])
  }

  // MARK: Policies

  private func policy(_ action: PodFailureAction, codes: [Int]) -> PodFailurePolicy {
    PodFailurePolicy {
      $0.rules = [
        PodFailurePolicyRule {
          $0.action = action
          $0.onExitCodes = PodFailurePolicyOnExitCodesRequirement {
            $0.operator = .in
            $0.values = codes
          }
        }
      ]
    }
  }

  @Test func aRuleMayEndTheJobAtOnce() throws {
    let world = try World(makeJob(image: "exit-7") { $0.spec.podFailurePolicy = policy(.failJob, codes: [7]) })
    world.run(seconds: 5)
    let name = try #require(world.pods.first?.name)
    #expect(world.job?.condition("Failed")?.reason == "PodFailurePolicy")
    #expect(
      world.job?.condition("Failed")?.message
        == "Container main for pod default/\(name) failed with exit code 7 matching FailJob rule at index 0")
  }

  @Test func anIgnoredPodIsReplacedAndNotCounted() throws {
    let job = storedJob {
      $0.spec.podFailurePolicy = policy(.ignore, codes: [7])
      $0.spec.backoffLimit = 0
    }
    let pod = makePod("a", of: job, .failed, exitCode: 7)
    let plan = try plan(for: job, seeing: [pod])
    #expect(plan.released == ["a"])
    #expect(plan.status?.uncountedTerminatedPods?.failed == [])
    #expect(plan.status?.conditions == [])
    #expect(plan.wakeAt == now + .seconds(10))
    #expect(
      try JobController().reconcile(job.key, in: makeView([job, pod.untracked]), at: now + .seconds(10)).created.count
        == 1)
  }

  @Test func aRuleMayMatchAConditionOfThePod() throws {
    let rule = PodFailurePolicyRule {
      $0.action = .failJob
      $0.onPodConditions = [
        PodFailurePolicyOnPodConditionsPattern {
          $0.type = "DisruptionTarget"
          $0.status = "True"
        }
      ]
    }
    let job = storedJob { $0.spec.podFailurePolicy = PodFailurePolicy { $0.rules = [rule] } }
    func sentence(_ status: String) -> String? {
      job.failureAction(
        for: makePod("a", of: job, .failed) { $0.status.conditions.set("DisruptionTarget", status, at: now) })?
        .sentence
    }
    #expect(sentence("True") == "Pod default/a has condition DisruptionTarget matching FailJob rule at index 0")
    #expect(sentence("False") == nil)
  }

  @Test func exitCodesAreMatchedInOrOut() {
    func matches(_ operation: ExitCodeOperator, _ code: Int, container: String? = nil) -> Bool {
      let job = storedJob {
        $0.spec.podFailurePolicy = policy(.count, codes: [3, 7])
        $0.spec.podFailurePolicy?.rules[0].onExitCodes?.operator = operation
        $0.spec.podFailurePolicy?.rules[0].onExitCodes?.containerName = container
      }
      return job.failureAction(for: makePod("a", of: job, .failed, exitCode: code)) != nil
    }
    #expect(matches(.in, 7) && !matches(.in, 5))
    #expect(!matches(.notIn, 7) && matches(.notIn, 5))
    #expect(!matches(.notIn, 0), "code 0 is no failure")
    #expect(matches(.in, 7, container: "main") && !matches(.in, 7, container: "other"))
  }

  // MARK: Indexes

  @Test func aPodOfAnIndexedJobKnowsItsIndex() throws {
    let world = try World(makeIndexedJob(3))
    world.run(seconds: 2)
    let pods = world.pods
    #expect(Set(pods.map { $0.metadata.labels["batch.kubernetes.io/job-completion-index"] }) == ["0", "1", "2"])
    let pod = try #require(pods.first { $0.metadata.annotations["batch.kubernetes.io/job-completion-index"] == "2" })
    #expect(pod.name.hasPrefix("sums-2-") && pod.name.count == "sums-2-".count + 5)
    #expect(pod.spec.hostname == "sums-2")
    let variable = try #require(pod.spec.containers[0].env.first { $0.name == "JOB_COMPLETION_INDEX" })
    #expect(variable.valueFrom?.fieldRef?.fieldPath == "metadata.labels['batch.kubernetes.io/job-completion-index']")
    world.run(seconds: 10)
    #expect(world.job?.status.completedIndexes == "0-2")
    #expect(world.job?.isFinished == true)
  }

  @Test func theLowestOpenIndexesComeFirst() throws {
    var job = storedJob {
      $0.spec.completionMode = .indexed
      $0.spec.completions = 6
      $0.spec.parallelism = 3
    }
    job.status.completedIndexes = "0,2"
    job.status.succeeded = 2
    let made = try plan(for: job, seeing: [makePod("a", of: job, index: 1)]).created
    #expect(made.compactMap(job.index) == [3, 4])
  }

  @Test func twoPodsOfOneIndexAreOneTooMany() throws {
    let job = storedJob {
      $0.spec.completionMode = .indexed
      $0.spec.completions = 6
      $0.spec.parallelism = 3
    }
    let plan = try plan(for: job, seeing: [makePod("a", of: job, index: 1), makePod("b", of: job, index: 1)])
    #expect(plan.deleted.count == 1 && plan.created.isEmpty)
  }

  @Test func eachIndexHasALimitOfItsOwn() throws {
    let world = try World(
      makeIndexedJob(2, image: "exit-7") {
        $0.spec.backoffLimitPerIndex = 1
      })
    world.run(seconds: 60)
    let job = try #require(world.job)
    #expect(job.status.failedIndexes == "0,1")
    #expect(job.status.failed == 4)
    #expect(job.condition("Failed")?.reason == "FailedIndexes")
    #expect(job.condition("Failed")?.message == "Job has failed indexes")
    #expect(
      Set(world.pods.compactMap { $0.metadata.annotations["batch.kubernetes.io/job-index-failure-count"] }) == [
        "0", "1",
      ])
  }

  @Test func tooManyFailedIndexesEndTheJob() throws {
    var job = storedJob {
      $0.spec.completionMode = .indexed
      $0.spec.completions = 5
      $0.spec.parallelism = 5
      $0.spec.backoffLimitPerIndex = 0
      $0.spec.maxFailedIndexes = 1
    }
    let failed = (0..<2).map { (index: Int) in
      makePod("pod-\(index)", of: job, .failed, index: index, exitCode: 1)
    }
    #expect(try wanted(job, [failed[0]]).status?.conditions == [])
    let plan = try plan(for: job, seeing: failed)
    #expect(plan.status?.conditions["FailureTarget"]?.reason == "MaxFailedIndexesExceeded")
    #expect(plan.status?.failedIndexes == "0,1")
    job.spec.maxFailedIndexes = nil
    #expect(try wanted(job, failed).status?.conditions == [])
  }

  @Test func someIndexesMayBeEnough() throws {
    func reason(_ change: (inout SuccessPolicyRule) -> Void) throws -> String? {
      var job = storedJob {
        $0.spec.completionMode = .indexed
        $0.spec.completions = 5
        $0.spec.successPolicy = SuccessPolicy { $0.rules = [SuccessPolicyRule(change)] }
      }
      job.status.completedIndexes = "1,3"
      return try plan(for: job).status?.conditions["SuccessCriteriaMet"]?.message
    }
    let met = "Matched rules at index 0"
    #expect(try reason { $0.succeededIndexes = "1,3" } == met)
    #expect(try reason { $0.succeededIndexes = "1-3" } == nil)
    #expect(try reason { $0.succeededCount = 2 } == met)
    #expect(try reason { $0.succeededCount = 3 } == nil)
    #expect(
      try reason {
        $0.succeededIndexes = "0-3"
        $0.succeededCount = 2
      } == met)
    #expect(
      try reason {
        $0.succeededIndexes = "2-4"
        $0.succeededCount = 2
      } == nil)
  }

  // MARK: Pause, and other hands

  @Test func aSuspendedJobHasNoPodsAndLosesNone() throws {
    let world = try World(makeJob(image: "sleep-20") { $0.spec.suspend = true })
    world.run(seconds: 5)
    #expect(world.pods.isEmpty && world.job?.status.startTime == nil)
    #expect(world.job?.condition("Suspended")?.reason == "JobSuspended")
    world.change { $0.spec.suspend = false }
    world.run(seconds: 5)
    let started = try #require(world.job?.status.startTime)
    #expect(world.activePods.count == 1 && world.job?.condition("Suspended")?.status == "False")
    world.change { $0.spec.suspend = true }
    world.run(seconds: 5)
    #expect(world.activePods.isEmpty)
    #expect(world.job?.status.failed == nil, "a pod that the job itself stopped has not failed")
    world.change { $0.spec.suspend = false }
    world.run(seconds: 40)
    #expect(try #require(world.job?.status.startTime) > started)
    #expect(world.job?.isFinished == true)
    #expect(
      world.reasons() == ["Suspended", "Resumed", "SuccessfulCreate", "SuccessfulDelete", "Completed"])
  }

  @Test func fewerPodsAreAWishAndNoFailure() throws {
    let world = try World(makeJob(image: "pause") { $0.spec.parallelism = 3 })
    world.run(seconds: 3)
    world.change { $0.spec.parallelism = 1 }
    world.run(seconds: 10)
    #expect(world.activePods.count == 1)
    #expect(world.job?.status.failed == nil)
  }

  @Test func aDeletedPodFailsAndIsReplaced() throws {
    let world = try World(makeJob(image: "pause"))
    world.run(seconds: 3)
    let pod = try #require(world.pods.first)
    world.perform([.delete(pod.key, DeleteOptions())])
    world.run(seconds: 20)
    #expect(world.job?.status.failed == 1)
    #expect(world.activePods.count == 1 && world.activePods.first?.uid != pod.uid)
  }

  @Test func aJobOfAnotherControllerIsLeftAlone() throws {
    let world = try World(makeJob { $0.spec.managedBy = "acme.io/batch" })
    world.run(seconds: 5)
    #expect(world.pods.isEmpty && world.job?.status.startTime == nil)
  }

  @Test func aPodThatFitsIsTakenInAndOneThatDoesNotIsLetGo() throws {
    let job = storedJob {
      $0.spec.manualSelector = true
      $0.spec.selector = LabelSelector { $0.matchLabels = ["app": "sums"] }
      $0.spec.template.metadata.labels = ["app": "sums"]
    }
    let orphan = makePod("orphan", of: job).released(by: job).untracked
    let plan = try plan(for: job, seeing: [orphan])
    #expect(plan.updated.map(\.isTracked) == [true])
    #expect(plan.updated.first?.controller?.uid == job.uid)
    let stray = makePod("stray", of: job) { $0.metadata.labels = [:] }
    let other = try wanted(job, [stray])
    #expect(other.updated.first?.isTracked == false && other.updated.first?.controller == nil)
  }

  // MARK: Afterwards

  @Test func aFinishedJobGoesWhenItsTimeIsOver() throws {
    let world = try World(makeJob(image: "exit-0") { $0.spec.ttlSecondsAfterFinished = 30 })
    world.run(seconds: 20)
    #expect(world.job?.isFinished == true)
    world.run(seconds: 20)
    #expect(world.job == nil && world.pods.isEmpty)
  }

  @Test(arguments: PropagationPolicy.allCases)
  func aDeletedJobDoesNotHoldItsPods(policy: PropagationPolicy) throws {
    let world = try World(makeJob(image: "pause"))
    world.run(seconds: 3)
    world.perform([.delete(Job.key("sums", in: "default"), DeleteOptions(propagationPolicy: policy))])
    world.run(seconds: 60)
    #expect(world.job == nil)
    #expect(world.pods.count == (policy == .orphan ? 1 : 0))
    #expect(world.pods.allSatisfy { !$0.isTracked })
  }
}
