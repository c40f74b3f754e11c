import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import Jobs

/// What the server fills in, and what it refuses.
@Suite struct JobRuleTests {
  /// Why the server refuses a job; empty when it does not.
  private func refusal(_ change: (inout Job) -> Void) throws -> String {
    let world = try World(layers: layers, seed: 1)
    return world.perform([.create(makeJob("sums", change).json)]).first?.message ?? ""
  }

  private func refusal(ofCron change: (inout CronJob) -> Void) throws -> String {
    let world = try World(layers: layers, seed: 1)
    return world.perform([.create(makeCron(change).json)]).first?.message ?? ""
  }

  @Test func aJobThatSaysLittleGetsTheRest() throws {
    let spec = storedJob().spec
    #expect(spec.completions == 1)
    #expect(spec.parallelism == 1)
    #expect(spec.backoffLimit == 6)
    #expect(spec.completionMode == .nonIndexed)
    #expect(spec.podReplacementPolicy == .terminatingOrFailed)
    #expect(spec.suspend == false)
    #expect(storedJob { $0.spec.parallelism = 3 }.spec.completions == nil)
    #expect(storedJob { $0.spec.backoffLimitPerIndex = 1 }.spec.backoffLimit == 2_147_483_647)
    #expect(storedJob { $0.spec.podFailurePolicy = PodFailurePolicy() }.spec.podReplacementPolicy == .failed)
  }

  @Test func selectorAndLabelsComeFromTheUID() throws {
    let job = storedJob()
    #expect(job.spec.selector?.matchLabels["batch.kubernetes.io/controller-uid"] == "job-1")
    let labels = job.spec.template.metadata.labels
    #expect(labels["controller-uid"] == "job-1" && labels["batch.kubernetes.io/controller-uid"] == "job-1")
    #expect(labels["job-name"] == "sums" && labels["batch.kubernetes.io/job-name"] == "sums")
    #expect(job.metadata.labels == labels)
    let manual = storedJob {
      $0.spec.manualSelector = true
      $0.spec.selector = LabelSelector { $0.matchLabels = ["app": "sums"] }
      $0.spec.template.metadata.labels = ["app": "sums"]
    }
    #expect(manual.spec.template.metadata.labels == ["app": "sums"])
    #expect(manual.problems == [])
  }

  @Test func whatDoesNotFitIsRefusedInKubernetesWords() throws {
    let invalid = "Job.batch \"sums\" is invalid: "
    #expect(
      try refusal { $0.spec.template.spec.restartPolicy = nil } == invalid
        + "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"")
    #expect(
      try refusal { $0.spec.parallelism = -1 } == invalid
        + "spec.parallelism: Invalid value: -1: must be greater than or equal to 0")
    #expect(
      try refusal { $0.spec.completionMode = .indexed } == invalid
        + "spec.completions: Required value: when completion mode is Indexed"
        || refusal {
          $0.spec.completionMode = .indexed
          $0.spec.parallelism = 2
        } == invalid + "spec.completions: Required value: when completion mode is Indexed")
    #expect(
      try refusal { $0.spec.backoffLimitPerIndex = 1 } == invalid
        + "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode")
    #expect(
      try refusal { $0.spec.managedBy = "somebody" } == invalid
        + "spec.managedBy: Invalid value: \"somebody\": must be a domain-prefixed path (such as \"acme.io/foo\")")
    #expect(
      try refusal { $0.spec.template.metadata.labels = ["job-name": "other"] }.hasPrefix(
        invalid + "spec.template.metadata.labels[job-name]: Invalid value: \"other\": must be 'sums'"))
    #expect(
      try refusal { $0.spec.podReplacementPolicy = PodReplacementPolicy(rawValue: "Failed") } == "")
  }

  @Test func policiesAreChecked() throws {
    func problems(_ rule: PodFailurePolicyRule) throws -> String {
      try refusal { $0.spec.podFailurePolicy = PodFailurePolicy { $0.rules = [rule] } }
    }
    let place = "Job.batch \"sums\" is invalid: spec.podFailurePolicy.rules[0]"
    #expect(
      try problems(PodFailurePolicyRule { $0.action = .ignore }) == place
        + ": Invalid value: specifying one of OnExitCodes and OnPodConditions is required")
    let codes = PodFailurePolicyOnExitCodesRequirement {
      $0.operator = .in
      $0.values = [0, 3, 2]
      $0.containerName = "other"
    }
    #expect(
      try problems(
        PodFailurePolicyRule {
          $0.action = .failIndex
          $0.onExitCodes = codes
        }) == """
          Job.batch "sums" is invalid: [\
          spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set, \
          spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "other": \
          must be one of the container or initContainer names in the pod template, \
          spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator, \
          spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [0,3,2]: must be ordered]
          """)
    let success = SuccessPolicy { $0.rules = [SuccessPolicyRule { $0.succeededIndexes = "0-9" }] }
    #expect(
      try refusal {
        $0.spec.completionMode = .indexed
        $0.spec.completions = 3
        $0.spec.successPolicy = success
      }.hasSuffix(
        "spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"0-9\": "
          + "error parsing succeededIndexes: too large index: \"9\""))
    #expect(try refusal { $0.spec.successPolicy = success }.contains("requires indexed completion mode"))
  }

  @Test func whatAJobIsDoesNotChange() throws {
    let old = storedJob()
    func problems(_ change: (inout Job) -> Void) -> [String] {
      var job = old
      change(&job)
      return job.updateProblems(replacing: old).map { "\($0)".prefix { $0 != ":" } + " …" + "\($0)".suffix(18) }
    }
    #expect(problems { $0.spec.parallelism = 5 } == [])
    #expect(problems { $0.spec.completions = 2 } == ["spec.completions …field is immutable"])
    #expect(problems { $0.spec.completionMode = .indexed }.count == 1)
    #expect(problems { $0.spec.template.metadata.labels["a"] = "b" } == ["spec.template …field is immutable"])
    var waiting = storedJob { $0.spec.suspend = true }
    waiting.status.startTime = nil
    var placed = waiting
    placed.spec.template.spec.json["nodeSelector"] = ["disk": "ssd"]
    #expect(placed.updateProblems(replacing: waiting) == [], "where the pods run is open until the first is made")
    let indexed = storedJob {
      $0.spec.completionMode = .indexed
      $0.spec.completions = 2
    }
    var wider = indexed
    wider.spec.completions = 4
    #expect(
      wider.updateProblems(replacing: indexed).map(\.message) == [
        "Invalid value: 4: can only be modified in tandem with spec.parallelism"
      ])
    wider.spec.parallelism = 4
    #expect(wider.updateProblems(replacing: indexed) == [])
  }

  @Test func aCronJobIsChecked() throws {
    #expect(try refusal(ofCron: { _ in }) == "")
    let invalid = "CronJob.batch \"nightly\" is invalid: "
    #expect(
      try refusal(ofCron: { $0.spec.schedule = "hourly" }) == invalid
        + "spec.schedule: Invalid value: \"hourly\": expected exactly 5 fields, found 1: [hourly]")
    #expect(
      try refusal(ofCron: { $0.spec.timeZone = "Mars/Olympus" }) == invalid
        + "spec.timeZone: Invalid value: \"Mars/Olympus\": unknown time zone Mars/Olympus")
    #expect(
      try refusal(ofCron: { $0.metadata.name = String(repeating: "n", count: 53) }).hasSuffix(
        "must be no more than 52 characters"))
    #expect(
      try refusal(ofCron: { $0.spec.jobTemplate.spec.manualSelector = true }) == invalid
        + "spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: \"false\", \"nil\"")
    #expect(
      try refusal(ofCron: { $0.spec.jobTemplate.spec.template.spec.restartPolicy = .always })
        == invalid
        + "spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"")
    let cron = try #require(try World(makeCron()).cron)
    #expect(cron.spec.concurrencyPolicy == .allow)
    #expect(cron.spec.successfulJobsHistoryLimit == 3 && cron.spec.failedJobsHistoryLimit == 1)
    #expect(cron.spec.jobTemplate.spec.completions == nil, "the template stays as its author wrote it")
  }

  @Test func theTablesAreKubernetes() throws {
    let world = try World(makeJob { $0.spec.parallelism = 3 })
    world.run(seconds: 2)
    func cells(_ kind: Kind, _ object: Value) -> [Value] {
      kind.table.filter { $0.priority == 0 }.map { $0.cell(object, world.now) }
    }
    #expect(try cells(Job.kind, #require(world.job).json) == ["sums", "Running", "0/1 of 3", "2s", "2s"])
    world.run(seconds: 10)
    #expect(try cells(Job.kind, #require(world.job).json)[1...3] == ["Complete", "3/1 of 3", "5s"])
    let cron = makeCron { $0.spec.timeZone = "Europe/Berlin" }
    #expect(
      cells(CronJob.kind, cron.json) == ["nightly", "* * * * *", "Europe/Berlin", "False", 0, "<none>", "<unknown>"])
  }
}
