public import Objects
import Pods
import ReplicaSets

// CronJobs as the API serves them, and what the schema cannot say of them.

extension CronJob {
  public static let kind = Kind(
    CronJob.self, group: "batch", name: "CronJob", resource: "cronjobs", shortNames: ["cj"], categories: ["all"]
  ).with {
    $0.hasStatus = true
    $0.countsGenerations = true
    $0.validate = { new, old in CronJob(json: new).problems(replacing: old.map(CronJob.init)) }
    $0.columns =
      [
        column("Schedule", "When jobs are made.") { cron, _ in .string(cron.spec.schedule ?? "") },
        column("Timezone", "Whose clock the schedule means.") { cron, _ in .string(cron.spec.timeZone ?? "<none>") },
        column("Suspend", type: "boolean", "Whether no jobs are made for now.") { cron, _ in
          .string(cron.spec.suspend == true ? "True" : "False")
        },
        column("Active", type: "integer", "How many jobs are running.") { cron, _ in
          .integer(Int64(cron.status.active.count))
        },
        column("Last Schedule", "How long ago a job was last due.") { cron, now in
          .string(cron.status.lastScheduleTime.map { now.age(since: $0) } ?? "<none>")
        },
        .age,
      ]
      + TemplateColumns.columns(
        template: { CronJob(json: $0).spec.jobTemplate.spec.template },
        selector: { CronJob(json: $0).spec.jobTemplate.spec.selector })
  }

  private static func column(
    _ name: String, type: String = "string", _ documentation: String,
    cell: @escaping @Sendable (CronJob, Time) -> Value
  ) -> Column {
    Column(name, type: type, documentation) { value, now in cell(CronJob(json: value), now) }
  }

  // A job's name is eleven letters longer, and has to fit into a label.
  private func problems(replacing old: CronJob?) -> [FieldError] {
    var errors: [FieldError] = []
    if old == nil, name.utf8.count > 52 {
      errors.append(
        .invalid(FieldPath("metadata.name"), .string(name), "must be no more than 52 characters"))
    }
    if old == nil || old?.spec.timeZone != self.spec.timeZone, let zone = self.spec.timeZone {
      errors += CronJob.timeZoneProblem(zone).map { [.invalid(FieldPath("spec.timeZone"), .string(zone), $0)] } ?? []
    }
    return errors
  }

  private static func timeZoneProblem(_ name: String) -> String? {
    if name.isEmpty { return "timeZone must be nil or non-empty string" }
    if name.lowercased() == "local" {
      return "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
    }
    return Clock(zone: name) == nil ? "unknown time zone \(name)" : nil
  }
}

extension CronJobSpec {
  func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if let schedule = self.schedule, !schedule.isEmpty {
      errors += CronSchedule.problem(schedule).map { [.invalid(path["schedule"], .string(schedule), $0)] } ?? []
    }
    let template = path["jobTemplate"]["spec"]
    if json["jobTemplate"]?["spec"] == nil {
      errors += JobSpec().problems(at: template)
    }
    if let selector = self.jobTemplate.spec.selector {
      errors.append(.invalid(template["selector"], selector.json, "`selector` will be auto-generated"))
    }
    if self.jobTemplate.spec.manualSelector == true {
      errors.append(.notSupported(template["manualSelector"], true, supported: ["nil", "false"]))
    }
    return errors
  }
}
