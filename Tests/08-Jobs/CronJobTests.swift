import ControlLoop
import Objects
import Pods
import ReplicaSets
import Simulation
import Store
import Testing

@testable import Jobs

@Suite struct CronJobTests {
  /// What the controller wants of a cron job as the store holds it.
  private func wanted(
    _ cron: CronJob, jobs: [Job] = [], after seconds: Int, created: Time = World.epoch
  ) throws -> Plan {
    var cron = cron
    cron.metadata.uid = "cron-1"
    cron.metadata.creationTimestamp = created
    scheme.applyDefaults(to: &cron.json, as: CronJob.self)
    let jobs = jobs.map { $0.adopted(by: cron) }
    return try CronJobController().reconcile(cron.key, in: makeView([cron] + jobs), at: created + .seconds(seconds))
  }

  private func scheduled(_ name: String, finished: String? = nil, at second: Int = 0) -> Job {
    var job = makeJob(name)
    job.metadata.uid = "uid-" + name
    job.metadata.annotations[Job.scheduledTime] = "2026-01-01T00:00:00Z"
    job.status.startTime = World.epoch + .seconds(second)
    if let finished {
      job.status.conditions.set(finished, "True", at: World.epoch + .seconds(second))
      job.status.completionTime = World.epoch + .seconds(second + 5)
    }
    return job
  }

  @Test func aJobIsMadeWhenItIsDueAndNamedAfterTheMinute() throws {
    let world = try World(makeCron { $0.spec.jobTemplate.metadata.labels = ["tier": "batch"] })
    world.run(seconds: 59)
    #expect(world.jobs.isEmpty)
    world.run(seconds: 3)
    let job = try #require(world.jobs.first)
    #expect(job.name == "nightly-\(World.epoch.microseconds / 60_000_000 + 1)")
    #expect(job.metadata.annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"] == "2026-01-01T00:01:00Z")
    #expect(job.metadata.labels["tier"] == "batch")
    #expect(job.controller?.kind == "CronJob")
    #expect(world.cron?.status.lastScheduleTime?.rfc3339 == "2026-01-01T00:01:00Z")
    #expect(world.cron?.status.active.map(\.name) == [job.name])
    world.run(seconds: 20)
    #expect(world.cron?.status.active == [])
    #expect(world.cron?.status.lastSuccessfulTime != nil)
    #expect(world.reasons("CronJob") == ["SuccessfulCreate", "SawCompletedJob"])
    let sentence = "Saw completed job: \(job.name), condition: Complete"
    #expect(world.events("CronJob").contains { $0.message == sentence })
  }

  @Test func onlySoManyFinishedJobsStay() throws {
    let world = try World(makeCron())
    world.run(seconds: 600)
    #expect(world.jobs.count { $0.isFinished } == 3)
    #expect(world.jobs.map(\.name).max() == world.jobs.map(\.name).last)
    #expect(world.reasons("CronJob").contains("SuccessfulDelete"))
    let jobs = (0..<4).map { scheduled("job-\($0)", finished: "Failed", at: $0) }
    #expect(try wanted(makeCron(), jobs: jobs, after: 1).deleted == ["job-0", "job-1", "job-2"])
  }

  @Test func forbidLetsTheNextJobWait() throws {
    let world = try World(makeCron(image: "sleep-90") { $0.spec.concurrencyPolicy = .forbid })
    world.run(seconds: 125)
    #expect(world.jobs.count == 1)
    #expect(world.reasons("CronJob").contains("JobAlreadyActive"))
    world.run(seconds: 40)
    #expect(world.jobs.count == 2, "it starts when the first has ended")
    #expect(world.jobs.count { !$0.isFinished } == 1)
  }

  @Test func allowLetsThemRunSideBySide() throws {
    let world = try World(makeCron(image: "pause"))
    world.run(seconds: 185)
    #expect(world.jobs.count { !$0.isFinished } == 3)
    #expect(world.cron?.status.active.count == 3)
  }

  @Test func replaceEndsTheOneThatRuns() throws {
    let world = try World(makeCron(image: "pause") { $0.spec.concurrencyPolicy = .replace })
    world.run(seconds: 65)
    let first = try #require(world.jobs.first)
    world.run(seconds: 60)
    #expect(world.jobs.count == 1 && world.jobs.first?.uid != first.uid)
    #expect(world.reasons("CronJob").isSuperset(of: ["SuccessfulCreate", "SuccessfulDelete"]))
  }

  @Test func ofManyMissedTimesTheLastOneIsMadeUpFor() throws {
    let plan = try wanted(makeCron(), after: 3 * 60 + 30)
    #expect(plan.jobs.map(\.name) == ["nightly-\(World.epoch.microseconds / 60_000_000 + 3)"])
    #expect(plan.wakeAt == World.epoch + .seconds(240))
    let many = try wanted(makeCron(), after: 200 * 60)
    #expect(many.jobs.count == 1)
    #expect(
      many.notes.first?.message
        == "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew")
    #expect(many.notes.map(\.reason) == ["TooManyMissedTimes", "SuccessfulCreate"])
    let limited = try wanted(makeCron { $0.spec.startingDeadlineSeconds = 600 }, after: 200 * 60)
    #expect(limited.notes.map(\.reason) == ["SuccessfulCreate"], "what is too late anyway is not missed")
  }

  @Test func whatIsTooLateIsNotStarted() throws {
    let cron = makeCron {
      $0.spec.schedule = "0 * * * *"
      $0.spec.startingDeadlineSeconds = 100
    }
    #expect(try wanted(cron, after: 3_700).jobs.count == 1)
    let late = try wanted(cron, after: 3_701)
    #expect(late.jobs.isEmpty)
    #expect(late.notes.map(\.reason) == ["MissSchedule"])
    #expect(
      late.notes.first?.message == "Missed scheduled time to start a job: Thu, 01 Jan 2026 01:00:00 +0000")
  }

  @Test func aSuspendedCronJobMakesNoJobs() throws {
    let plan = try wanted(
      makeCron { $0.spec.suspend = true }, jobs: [scheduled("old", finished: "Complete")], after: 300)
    #expect(plan.jobs.isEmpty && plan.wakeAt == nil)
  }

  @Test func aScheduleMeansTheClocksOfItsTimeZone() throws {
    let cron = makeCron {
      $0.spec.schedule = "30 9 * * *"
      $0.spec.timeZone = "Asia/Tokyo"
    }
    let plan = try wanted(cron, after: 31 * 60)
    let job = try #require(plan.jobs.first)
    #expect(job.metadata.annotations[Job.scheduledTime] == "2026-01-01T09:30:00+09:00")
    let broken = try wanted(makeCron { $0.spec.timeZone = "Mars/Olympus" }, after: 60)
    #expect(broken.notes.map(\.message) == ["invalid timeZone: \"Mars/Olympus\": unknown time zone Mars/Olympus"])
  }

  @Test func aScheduleThatCannotBeReadIsTold() throws {
    let plan = try wanted(makeCron { $0.spec.schedule = "* *" }, after: 60)
    #expect(plan.notes.map(\.reason) == ["UnparseableSchedule"])
    #expect(plan.notes.first?.message == "unparseable schedule: \"* *\" : expected exactly 5 fields, found 2: [* *]")
    let never = try wanted(makeCron { $0.spec.schedule = "0 0 31 2 *" }, after: 60)
    #expect(never.notes.map(\.reason) == ["InvalidSchedule"])
  }

  @Test func aJobMadeByHandIsNoJobOfTheSchedule() throws {
    var manual = makeJob("by-hand")
    manual.metadata.uid = "uid-by-hand"
    manual.metadata.annotations["cronjob.kubernetes.io/instantiate"] = "manual"
    let plan = try wanted(makeCron { $0.spec.concurrencyPolicy = .forbid }, jobs: [manual], after: 60)
    #expect(plan.jobs.count == 1, "it does not stand in the way of one that is due")
    #expect(
      plan.notes.first?.message == "Saw a job that the controller did not create or forgot: by-hand")
  }

  /// After a crash between the job and the status, the job's name says that its time has been served.
  @Test func noTimeIsServedTwice() throws {
    let minute = World.epoch.microseconds / 60_000_000 + 1
    let made = scheduled("nightly-\(minute)")
    let plan = try wanted(everyMinute(.allow), jobs: [made], after: 70)
    #expect(plan.jobs.isEmpty, "the name says that the time has been served")
    #expect(plan.cron?.status.lastScheduleTime == World.epoch + .seconds(60))
    #expect(plan.cron?.status.active.map(\.name) == [made.name])
  }

  private func everyMinute(_ policy: ConcurrencyPolicy) -> CronJob {
    makeCron {
      $0.spec.schedule = "@every 1m"
      $0.spec.concurrencyPolicy = policy
    }
  }

  @Test func thePolicySaysWhetherAnotherMayRun() throws {
    let other = scheduled("other")
    let allowed = try wanted(everyMinute(.allow), jobs: [other], after: 70)
    #expect(allowed.jobs.count == 1 && allowed.deleted == [])
    let forbidden = try wanted(everyMinute(.forbid), jobs: [other], after: 70)
    #expect(forbidden.jobs.isEmpty, "what counts is the job that runs, not the status that may have missed it")
    #expect(forbidden.cron?.status.lastScheduleTime == nil, "the time has not been served")
    let replaced = try wanted(everyMinute(.replace), jobs: [other], after: 70)
    #expect(replaced.deleted == ["other"] && replaced.jobs.count == 1)
  }

  @Test func aTimeThatIsServedIsWrittenDown() throws {
    let plan = try wanted(everyMinute(.allow), after: 70)
    #expect(plan.jobs.map(\.name) == ["nightly-\(World.epoch.microseconds / 60_000_000 + 1)"])
    #expect(plan.cron?.status.lastScheduleTime == World.epoch + .seconds(60))
    #expect(plan.notes.map(\.reason) == ["SuccessfulCreate"])
  }

  @Test func aJobThatIsGoneIsMissed() throws {
    var cron = makeCron()
    cron.status.active = [ObjectReference { $0.name = "lost" }]
    let plan = try wanted(cron, after: 1)
    #expect(plan.notes.map(\.message) == ["Active job went missing: lost"])
    #expect(plan.cron?.status.active == [])
  }
}

extension Plan {
  fileprivate var jobs: [Job] {
    intents.compactMap { if case .create(let job) = $0 { Job(json: job) } else { nil } }
  }

  fileprivate var cron: CronJob? {
    intents.lazy.compactMap { if case .updateStatus(let cron) = $0 { CronJob(json: cron) } else { nil } }.first
  }
}
