import Configuration
import ControlLoop
import Deployments
import Objects
import Pods
import Probes
import ReplicaSets
import Services
import Simulation
import Store
import ViewFixtures
import Volumes

@testable import Jobs

/// The layers under test.
let layers: [Layer] = [.pods, .replicaSets, .deployments, .services, .configuration, .volumes, .probes, .jobs]

let cluster = Cluster(layers: layers)
let scheme = cluster.scheme

/// When the plans of the tests are made.
let now = World.epoch + .seconds(1_000)

/// A job whose container runs this simulated image.
func makeJob(_ name: String = "sums", image: String = "sleep-5", _ change: (inout Job) -> Void = { _ in }) -> Job {
  Job(name: name, namespace: "default") {
    $0.spec.template.spec.restartPolicy = .never
    $0.spec.template.spec.containers = [
      Container {
        $0.name = "main"
        $0.image = image
      }
    ]
    change(&$0)
  }
}

/// A job that makes one for each of so many indexes.
func makeIndexedJob(_ completions: Int, image: String = "sleep-5", _ change: (inout Job) -> Void = { _ in }) -> Job {
  makeJob(image: image) {
    $0.spec.completionMode = .indexed
    $0.spec.completions = completions
    $0.spec.parallelism = completions
    change(&$0)
  }
}

extension World {
  convenience init(_ objects: any Resource...) throws {
    try self.init(layers: layers, seed: 1)
    perform(objects.map { .create($0.json) })
  }

  var job: Job? { view.object(Job.self, "sums", in: "default") }
  var pods: [Pod] { view.all(Pod.self, in: "default") }
  var activePods: [Pod] { pods.filter(\.isActive) }
  var cron: CronJob? { view.object(CronJob.self, "nightly", in: "default") }
  var jobs: [Job] { view.all(Job.self, in: "default") }

  func change(_ change: (inout Job) -> Void) {
    guard var job else { return }
    change(&job)
    perform([.update(job.json)])
  }

  func run(seconds: Int) { run(for: .seconds(seconds)) }

  /// The second, from now on, at which something is first so; nil when it is not within the limit.
  func seconds(within limit: Int, until isSo: (World) -> Bool) -> Int? {
    for second in 0..<limit {
      if isSo(self) { return second }
      run(seconds: 1)
    }
    return nil
  }

  func reasons(_ kind: String = "Job") -> Set<String> {
    Set(events(kind).compactMap(\.reason))
  }

  func events(_ kind: String = "Job") -> [RecordedEvent] {
    view.all(RecordedEvent.self, in: "default").filter { $0.involvedObject.kind == kind }
  }
}

extension Job {
  func condition(_ type: String) -> JobCondition? { self.status.conditions[type] }
}

// MARK: One plan

/// A job as the store holds it.
func storedJob(_ change: (inout Job) -> Void = { _ in }) -> Job {
  var job = makeJob()
  change(&job)
  job.metadata.uid = "job-1"
  job.metadata.creationTimestamp = World.epoch
  job.status.startTime = World.epoch
  Job.kind.prepareForCreate(&job.json)
  scheme.applyDefaults(to: &job.json, as: Job.self)
  return job
}

/// A pod of a job as the store might hold it.
func makePod(
  _ name: String, of job: Job, _ phase: PodPhase = .running, index: Int? = nil, exitCode: Int? = nil,
  _ change: (inout Pod) -> Void = { _ in }
) -> Pod {
  var names = SeededGenerator(seed: 1)
  var pod = job.makePod(index: index, names: &names)
  pod.metadata.name = name
  pod.metadata.uid = "uid-" + name
  pod.metadata.creationTimestamp = World.epoch
  pod.spec.nodeName = "node-1"
  pod.status.phase = phase
  if let exitCode {
    pod.status.containerStatuses = [
      ContainerStatus {
        $0.name = "main"
        $0.state.terminated = ContainerStateTerminated {
          $0.exitCode = exitCode
          $0.finishedAt = now
        }
      }
    ]
  }
  change(&pod)
  return pod
}

extension Pod {
  var ending: Pod {
    var pod = self
    pod.metadata.deletionTimestamp = now
    pod.metadata.deletionGracePeriodSeconds = 30
    return pod
  }
}

/// A view of these objects and nothing else.
func makeView(_ objects: [any Resource]) throws -> View { try cluster.view(of: objects) }

/// What the controller wants when it sees these objects and nothing else.
func plan(for job: Job, seeing pods: [Pod] = []) throws -> Plan {
  try JobController().reconcile(job.key, in: makeView([job] + pods), at: now)
}

extension Plan {
  var created: [Pod] { intents.compactMap { if case .create(let pod) = $0 { Pod(json: pod) } else { nil } } }
  var updated: [Pod] { intents.compactMap { if case .update(let pod) = $0 { Pod(json: pod) } else { nil } } }
  var deleted: [String] { intents.compactMap { if case .delete(let key, _) = $0 { key.name } else { nil } } }
  var released: [String] { updated.filter { !$0.isTracked }.map(\.name) }

  var status: JobStatus? {
    intents.lazy.compactMap { if case .updateStatus(let job) = $0 { Job(json: job).status } else { nil } }.first
  }
}

// MARK: Schedules

/// A cron job whose jobs run this simulated image.
func makeCron(image: String = "sleep-5", _ change: (inout CronJob) -> Void = { _ in }) -> CronJob {
  CronJob(name: "nightly", namespace: "default") {
    $0.spec.schedule = "* * * * *"
    $0.spec.jobTemplate.spec = makeJob(image: image).spec
    change(&$0)
  }
}

// MARK: Pictures

/// A row for each pod of an indexed job: ◌ waits, ● runs, ◐ has been told to end, ✓ and ✗ have ended.
func indexes(_ view: View) -> [(name: String, symbol: Character)] {
  view.all(Pod.self, in: "default").sorted { ($0.startTime, $0.name) < ($1.startTime, $1.name) }.map { pod in
    let symbol: Character =
      switch pod.status.phase {
      case .succeeded: "✓"
      case .failed: "✗"
      case _ where pod.isBeingDeleted: "◐"
      case .running: "●"
      default: "◌"
      }
    return (pod.name, symbol)
  }
}

extension Pod {
  fileprivate var startTime: Time { self.status.startTime ?? .distantFuture }
}
