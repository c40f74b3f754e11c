import ControlLoop
import Jobs
import Objects
import Pods

extension Demo {
  static let jobs = Demo(chapter: "8", title: "a job counts each success once") {
    let cluster = try SimulatedCluster(through: 8)
    return Play(
      stage: cluster,
      steps: [
        Step(
          "A job needs four successes and may run two pods at once. Each works five seconds.",
          ask: "How long does it take, and how many pods are there at the end?",
          answer: "Ten seconds, and four. Finished pods stay, for their logs; the job has counted them.",
          note: "Compare with a replica set: it would start the first pod again as soon as it has ended.", length: 14
        ) {
          cluster.create(
            job("sums", image: "sleep-5") {
              $0.spec.completions = 4
              $0.spec.parallelism = 2
            })
        },
        Step(
          "Another job, of two indexes: each needs a success of its own.",
          note: "The names of its pods say which index they do.", length: 3
        ) {
          cluster.create(
            job("pages", image: "sleep-5") {
              $0.spec.completionMode = .indexed
              $0.spec.completions = 2
              $0.spec.parallelism = 2
            })
        },
        Step(
          "Now something breaks: a user deletes one of its pods while it runs.",
          ask: "Which index does the new pod get, and when does it start?",
          answer: "The same one, and at once: index 1 has no success, and nobody else works on it.",
          note: "Half of the program has run twice. Whether that is well is the program's affair.", length: 12
        ) {
          if let pod = cluster.pods.first(where: { $0.name.hasPrefix("pages-1-") }) {
            cluster.delete(Pod.self, pod.name)
          }
        },
        Step(
          "A program that fails at once, in a job that survives two failures.",
          ask: "How many pods will there be, and after which pauses?",
          answer: "Three: at once, after 10 seconds, after another 20. Then the job has failed, and says why.",
          note: "Ask what would happen with a limit of six, which is the default: ten minutes of patience.", length: 36
        ) { cluster.create(job("broken", image: "exit-7") { $0.spec.backoffLimit = 2 }) },
        Step(
          "A schedule makes a job every minute, and each takes ninety seconds. It says Forbid.",
          ask: "How many jobs run after two minutes?",
          answer: "One. The second minute passes without a job; the next one starts when the first has ended.",
          note: "Try it with Replace afterwards: then no job ever ends.", length: 170
        ) {
          cluster.create(
            CronJob(name: "nightly", namespace: "default") {
              $0.spec.schedule = "* * * * *"
              $0.spec.concurrencyPolicy = .forbid
              $0.spec.jobTemplate.spec = job("", image: "sleep-90").spec
            })
        },
      ])
  }

  private static func job(_ name: String, image: String, _ change: (inout Job) -> Void = { _ in }) -> Job {
    Job(name: name, namespace: "default") {
      $0.spec.template.spec = SimulatedCluster.pod("", image: image).spec
      $0.spec.template.spec.restartPolicy = .never
      change(&$0)
    }
  }
}
