import ControlLoop
import Objects
import Pods
import Simulation

// What users do to jobs in simulated worlds.

extension UserAction {
  static let jobs = [
    UserAction("create a job") { view, random, _ in
      let name = "job-\(random.next() % 4)"
      return view.object(Job.self, name, in: "default") == nil ? [.create(job(name, &random).json)] : []
    },
    UserAction("suspend or resume a job") { view, random, _ in
      change(view, &random) { job, _ in job.spec.suspend = !job.isSuspended }
    },
    UserAction("change a job's parallelism") { view, random, _ in
      change(view, &random) { job, random in job.spec.parallelism = Int(random.next() % 4) + 1 }
    },
    UserAction("delete a pod of a job") { view, random, _ in
      let pods = view.all(Pod.self).filter { $0.controller?.kind == Job.kind.name }
      return pods.randomElement(using: &random).map { [.delete($0.key, DeleteOptions())] } ?? []
    },
    UserAction("delete a job") { view, random, _ in
      guard let job = view.all(Job.self).randomElement(using: &random) else { return [] }
      let policy = PropagationPolicy.allCases.randomElement(using: &random)
      return [.delete(job.key, DeleteOptions(propagationPolicy: policy))]
    },
    UserAction("create a cron job") { view, random, _ in
      let name = "cron-\(random.next() % 2)"
      guard view.object(CronJob.self, name, in: "default") == nil else { return [] }
      let template = job("template", &random).spec
      let cron = CronJob(name: name, namespace: "default") {
        $0.spec.schedule = ["* * * * *", "*/2 * * * *", "@every 45s"].randomElement(using: &random)
        $0.spec.concurrencyPolicy = ConcurrencyPolicy.allCases.randomElement(using: &random)
        $0.spec.startingDeadlineSeconds = random.next() % 3 == 0 ? 60 : nil
        $0.spec.jobTemplate.spec = template
      }
      return [.create(cron.json)]
    },
    UserAction("suspend, resume or delete a cron job") { view, random, _ in
      guard var cron = view.all(CronJob.self).randomElement(using: &random) else { return [] }
      if random.next() % 3 == 0 { return [.delete(cron.key, DeleteOptions(propagationPolicy: .background))] }
      cron.spec.suspend = cron.spec.suspend != true
      return [.update(cron.json)]
    },
  ]

  private static func change(
    _ view: View, _ random: inout SeededGenerator, _ change: (inout Job, inout SeededGenerator) -> Void
  ) -> [Intent] {
    guard var job = view.all(Job.self).randomElement(using: &random) else { return [] }
    change(&job, &random)
    return [.update(job.json)]
  }

  private static func job(_ name: String, _ random: inout SeededGenerator) -> Job {
    Job(name: name, namespace: "default") {
      $0.spec.parallelism = Int(random.next() % 3) + 1
      $0.spec.completions = random.next() % 4 == 0 ? nil : Int(random.next() % 5)
      $0.spec.backoffLimit = Int(random.next() % 4)
      $0.spec.ttlSecondsAfterFinished = random.next() % 3 == 0 ? Int(random.next() % 60) : nil
      $0.spec.activeDeadlineSeconds = random.next() % 5 == 0 ? 40 : nil
      $0.spec.podReplacementPolicy = PodReplacementPolicy.allCases.randomElement(using: &random)
      if random.next() % 3 == 0 { $0.spec.makeIndexed(&random) }
      if random.next() % 4 == 0 { $0.spec.judgeFailures(&random) }
      let images = ["exit-0", "sleep-5", "sleep-20", "exit-7", "crash-5", "pause"]
      let image = images.randomElement(using: &random)
      $0.spec.template.spec.containers = [
        Container {
          $0.name = "main"
          $0.image = image
        }
      ]
      let judges = $0.spec.podFailurePolicy != nil || $0.spec.backoffLimitPerIndex != nil
      let isPatient = random.next() % 3 == 0 && !judges
      $0.spec.template.spec.restartPolicy = isPatient ? .onFailure : .never
    }
  }
}

extension JobSpec {
  fileprivate mutating func makeIndexed(_ random: inout SeededGenerator) {
    self.completionMode = .indexed
    self.completions = self.completions ?? 3
    if random.next() % 2 == 0 {
      self.backoffLimit = nil
      self.backoffLimitPerIndex = Int(random.next() % 3)
      self.maxFailedIndexes = random.next() % 2 == 0 ? self.completions.map { $0 / 2 } : nil
    }
    if random.next() % 4 == 0, self.completions ?? 0 > 1 {
      self.successPolicy = SuccessPolicy { $0.rules = [SuccessPolicyRule { $0.succeededIndexes = "0" }] }
    }
  }

  fileprivate mutating func judgeFailures(_ random: inout SeededGenerator) {
    let actions: [PodFailureAction] = self.backoffLimitPerIndex == nil ? [.failJob, .count] : [.failIndex, .count]
    let action = actions.randomElement(using: &random)
    self.podReplacementPolicy = .failed
    self.podFailurePolicy = PodFailurePolicy {
      $0.rules = [
        PodFailurePolicyRule {
          $0.action = .ignore
          $0.onPodConditions = [PodFailurePolicyOnPodConditionsPattern { $0.type = "DisruptionTarget" }]
        },
        PodFailurePolicyRule {
          $0.action = action
          $0.onExitCodes = PodFailurePolicyOnExitCodesRequirement {
            $0.operator = .in
            $0.values = [7]
          }
        },
      ]
    }
  }
}
