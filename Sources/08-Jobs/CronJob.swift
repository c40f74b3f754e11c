public import Objects
public import Pods

/// Makes jobs at the times of a schedule.
///
/// Users write the spec, the ``CronJobController`` writes the status, and it is woken by the schedule, by changes of the
/// object and by changes of its jobs. Specified by the Kubernetes API reference (CronJob v1 batch).
public struct CronJob: Resource {
  public static let schemaName = "batch.v1.CronJob"
  public static let documentation = "Makes jobs at the times of a schedule."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<CronJobSpec>(2, "Which jobs to make, and when.", .listedAsRequired)
    public let status = Part<CronJobStatus>(3, "Which jobs are running, and when the last one was due.")
  }
}

public struct CronJobSpec: Structure {
  public static let schemaName = "batch.v1.CronJobSpec"
  public static let documentation = "Which jobs to make, and when."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let schedule = Field<String>(1, "Minute, hour, day, month, weekday, as cron reads them.", .required)
    public let timeZone = Field<String>(8, "Whose clock the schedule means: Europe/Berlin. UTC when it does not say.")
    public let startingDeadlineSeconds = Field<Int64>(
      2, "How late a job may start; after that its time is missed.", .atLeast(0))
    public let concurrencyPolicy = Field<ConcurrencyPolicy>(
      3, "Whether a job may start while another runs: Allow, Forbid, or Replace it.", .default("Allow"))
    public let suspend = Field<Bool>(4, "Whether no jobs are made for now.", .default(false))
    public let jobTemplate = Part<JobTemplateSpec>(5, "What the jobs are made from.", .listedAsRequired)
    public let successfulJobsHistoryLimit = Field<Int>(
      6, "How many succeeded jobs are kept.", .default(3), .atLeast(0))
    public let failedJobsHistoryLimit = Field<Int>(7, "How many failed jobs are kept.", .default(1), .atLeast(0))

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      CronJobSpec(json: structure).problems(at: path)
    }
  }
}

public enum ConcurrencyPolicy: String, Enumeration {
  case allow = "Allow"
  case forbid = "Forbid"
  case replace = "Replace"
}

public struct JobTemplateSpec: Structure {
  public static let schemaName = "batch.v1.JobTemplateSpec"
  public static let documentation = "What jobs are made from."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let metadata = Part<ObjectMeta>(1, "Labels and annotations for the jobs.")
    public let spec = Part<JobSpec>(2, "The jobs' spec.")
  }
}

public struct CronJobStatus: Structure {
  public static let schemaName = "batch.v1.CronJobStatus"
  public static let documentation = "Which jobs are running, and when the last one was due."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let active = List<ObjectReference>(1, "Jobs that have not finished.", .atomic)
    public let lastScheduleTime = Field<Time>(4, "For which time a job was last made.")
    public let lastSuccessfulTime = Field<Time>(5, "When a job last succeeded.")
  }
}
