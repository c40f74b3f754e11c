public import Objects
import Pods
import ReplicaSets

// Jobs as the API serves them: what the server adds, and what a table shows.

extension Job {
  public static let kind = Kind(
    Job.self, group: "batch", name: "Job", resource: "jobs", categories: ["all"]
  ).with {
    $0.hasStatus = true
    $0.countsGenerations = true
    $0.prepareForCreate = { value in
      guard value["spec"] != nil else { return }
      var job = Job(json: value)
      if job.spec.manualSelector != true { job.generateSelector() }
      if job.metadata.labels.isEmpty { job.metadata.labels = job.spec.template.metadata.labels }
      value = job.json
    }
    $0.validate = { new, old in
      let job = Job(json: new)
      return job.problems + (old.map { job.updateProblems(replacing: Job(json: $0)) } ?? [])
    }
    $0.selectableFields = [
      SelectableField("status.successful") { String(Job(json: $0).status.succeeded ?? 0) }
    ]
    $0.columns =
      [
        column("Status", "What the job is doing, or how it ended.") { job, _ in job.stateWord },
        column("Completions", "Successes, of those that are needed.") { job, _ in job.completionText },
        column("Duration", "How long it has been running, or ran.") { job, now in
          guard let start = job.status.startTime else { return "" }
          return ((job.status.completionTime ?? now) - start).humanReadable
        },
        .age,
      ]
      + TemplateColumns.columns(
        template: { Job(json: $0).spec.template }, selector: { Job(json: $0).spec.selector })
  }

  private static func column(
    _ name: String, _ documentation: String, cell: @escaping @Sendable (Job, Time) -> String
  ) -> Column {
    Column(name, documentation) { value, now in .string(cell(Job(json: value), now)) }
  }

  private var stateWord: String {
    let conditions = self.status.conditions
    if let end = ["Complete", "Failed"].first(where: conditions.isTrue) { return end }
    if isBeingDeleted { return "Terminating" }
    return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].first(where: conditions.isTrue) ?? "Running"
  }

  private var completionText: String {
    let succeeded = self.status.succeeded ?? 0
    if let completions = self.spec.completions { return "\(succeeded)/\(completions)" }
    return parallelism > 1 ? "\(succeeded)/1 of \(parallelism)" : "\(succeeded)/1"
  }
}

extension Job {
  /// The names by which the job's pods are known; the short ones are older.
  public static let uidLabel = "batch.kubernetes.io/controller-uid"
  public static let nameLabel = "batch.kubernetes.io/job-name"
  static let legacyUIDLabel = "controller-uid"
  static let legacyNameLabel = "job-name"

  /// What the server puts on the template, so that no two jobs ever select the same pod.
  var generatedLabels: [(name: String, value: String)] {
    [
      (Job.legacyUIDLabel, uid), (Job.legacyNameLabel, name), (Job.uidLabel, uid), (Job.nameLabel, name),
    ]
  }

  // What the author has set stays, and is refused where it does not fit.
  private mutating func generateSelector() {
    for (label, value) in generatedLabels where self.spec.template.metadata.labels[label] == nil {
      self.spec.template.metadata.labels[label] = value
    }
    var selector = self.spec.selector ?? LabelSelector()
    if selector.matchLabels[Job.uidLabel] == nil { selector.matchLabels[Job.uidLabel] = uid }
    self.spec.selector = selector
  }
}

extension JobSpec {
  mutating func applyDefaults() {
    if self.completions == nil, self.parallelism == nil { self.completions = 1 }
    self.parallelism = self.parallelism ?? 1
    self.backoffLimit = self.backoffLimit ?? (self.backoffLimitPerIndex == nil ? 6 : Int(Int32.max))
    if json["completionMode"] == nil { self.completionMode = .nonIndexed }
    self.suspend = self.suspend ?? false
    self.manualSelector = self.manualSelector ?? false
    if json["podReplacementPolicy"] == nil {
      self.podReplacementPolicy = self.podFailurePolicy == nil ? .terminatingOrFailed : .failed
    }
  }
}
