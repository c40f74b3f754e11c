public import ControlLoop
import Simulation

extension Layer {
  /// Chapter 8.
  public static let jobs = Layer(chapter: 8, name: "Jobs") {
    $0.kinds = [CronJob.kind, Job.kind]
    $0.controllers = [JobController(), PodReleaseController(), TTLController(), CronJobController()]
    $0.invariants = JobPromises.all
    $0.contributions = UserAction.jobs
  }
}
