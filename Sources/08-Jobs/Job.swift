public import Objects
public import Pods

/// Runs pods until enough of them have succeeded.
///
/// Users (or a ``CronJob``) write the spec, the ``JobController`` writes the status, and it is woken by changes of the
/// job and of its pods, and by the times that it asks for. Specified by the Kubernetes API reference (Job v1 batch).
public struct Job: Resource {
  public static let schemaName = "batch.v1.Job"
  public static let documentation = "Runs pods until enough of them have succeeded."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<JobSpec>(2, "Which pods to run, how many, and when to give up.")
    public let status = Part<JobStatus>(3, "How far the job has come.")

    /// Not of `JobSpec`: the template of a CronJob stays as its author wrote it.
    public static func applyDefaults(to structure: inout Value) {
      guard structure["spec"] != nil else { return }
      var job = Job(json: structure)
      job.spec.applyDefaults()
      structure = job.json
    }
  }
}

public struct JobSpec: Structure {
  public static let schemaName = "batch.v1.JobSpec"
  public static let documentation = "Which pods to run, how many, and when to give up."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let parallelism = Field<Int>(1, "How many pods may run at once; 1 unless it says.", .atLeast(0))
    public let completions = Field<Int>(
      2, "How many pods have to succeed. None: one success is enough, and no pod is started after it.", .atLeast(0))
    public let activeDeadlineSeconds = Field<Int64>(3, "How long the job may take before it fails.", .atLeast(0))
    public let podFailurePolicy = Field<PodFailurePolicy>(11, "What a failed pod means, by exit code or condition.")
    public let successPolicy = Field<SuccessPolicy>(16, "Which indexes are enough for success.")
    public let backoffLimit = Field<Int>(7, "How many failures the job survives; 6 unless it says.", .atLeast(0))
    public let backoffLimitPerIndex = Field<Int>(12, "How many failures each index survives.", .atLeast(0))
    public let maxFailedIndexes = Field<Int>(13, "How many failed indexes the job survives.", .atLeast(0))
    public let selector = Field<LabelSelector>(4, "Which pods are the job's. Made by the server.", .atomicMap)
    public let manualSelector = Field<Bool>(5, "Whether selector and labels are the author's affair.")
    public let template = Part<PodTemplateSpec>(6, "What the pods are made from.", .listedAsRequired)
    public let ttlSecondsAfterFinished = Field<Int>(8, "How long the finished job is kept.", .atLeast(0))
    public let completionMode = Field<CompletionMode>(
      9, "NonIndexed: one success is like another. Indexed: each index from 0 on needs one.")
    public let suspend = Field<Bool>(10, "Whether the job has no pods for now.")
    public let podReplacementPolicy = Field<PodReplacementPolicy>(
      14, "Whether a pod is replaced when it begins to end, or when it has ended.")
    public let managedBy = Field<String>(15, "Who looks after the job, if it is not the built-in controller.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      JobSpec(json: structure).problems(at: path)
    }
  }
}

public enum CompletionMode: String, Enumeration {
  case nonIndexed = "NonIndexed"
  case indexed = "Indexed"
}

public enum PodReplacementPolicy: String, Enumeration {
  case terminatingOrFailed = "TerminatingOrFailed"
  case failed = "Failed"
}

public struct JobStatus: Structure {
  public static let schemaName = "batch.v1.JobStatus"
  public static let documentation = "How far a job has come."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let conditions = List<JobCondition>(
      1, "SuccessCriteriaMet, FailureTarget, Complete, Failed, Suspended.", .atomic, .merge(by: "type"))
    public let startTime = Field<Time>(2, "When the job was first looked at, or last resumed.")
    public let completionTime = Field<Time>(3, "When the job succeeded. Not set when it fails.")
    public let active = Field<Int>(4, "Pods that wait or run.")
    public let ready = Field<Int>(9, "Those among them that are ready.")
    public let terminating = Field<Int>(11, "Pods that have been told to end and have not ended yet.")
    public let succeeded = Field<Int>(5, "Pods that succeeded.")
    public let failed = Field<Int>(6, "Pods that failed.")
    public let completedIndexes = Field<String>(7, "Indexes that have succeeded: 1,3-5,7.")
    public let failedIndexes = Field<String>(10, "Indexes that have failed for good, in the same form.")
    public let uncountedTerminatedPods = Field<UncountedTerminatedPods>(
      8, "Pods that have ended, and are not yet part of succeeded and failed.")
  }
}

/// UIDs of pods that are being taken into the count: see ``Ledger``.
public struct UncountedTerminatedPods: Structure {
  public static let schemaName = "batch.v1.UncountedTerminatedPods"
  public static let documentation = "Pods that have ended, and are not yet part of the count."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let succeeded = List<String>(1, "UIDs of pods that succeeded.", .set)
    public let failed = List<String>(2, "UIDs of pods that failed.", .set)
  }
}

public struct JobCondition: StatusCondition {
  public static let schemaName = "batch.v1.JobCondition"
  public static let documentation = "One aspect of a job's state, and since when it holds."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<String>(1, "SuccessCriteriaMet, FailureTarget, Complete, Failed or Suspended.", .required)
    public let status = Field<String>(2, "True, False or Unknown.", .required)
    public let lastProbeTime = Field<Time>(3, "When this was last looked at.")
    public let lastTransitionTime = Field<Time>(4, "When the status last changed.")
    public let reason = Field<String>(5, "One word for programs: why.")
    public let message = Field<String>(6, "A sentence for people: why.")
  }
}
