import Configuration
import Objects
import Pods
import ReplicaSets

// What a job asks of its pods, and how it makes them.

extension Job {
  public var parallelism: Int { self.spec.parallelism ?? 1 }

  public var isIndexed: Bool { self.spec.completionMode == .indexed }

  public var isSuspended: Bool { self.spec.suspend == true }

  /// Whether the job has ended for good.
  public var isFinished: Bool { self.status.conditions.isTrue("Complete") || self.status.conditions.isTrue("Failed") }

  /// Whether the built-in controller looks after it.
  var isOurs: Bool { [nil, "kubernetes.io/job-controller"].contains(self.spec.managedBy) }

  /// Whether a pod of the job counts as failed. As a rule from the moment when it is told to end; where only failed
  /// pods are replaced, when it has ended. One without a node has nobody who could report its end.
  func hasFailed(_ pod: Pod) -> Bool {
    switch pod.status.phase {
    case .failed: true
    case .succeeded: false
    default: pod.isBeingDeleted && (self.spec.podReplacementPolicy != .failed || pod.spec.nodeName ?? "" == "")
    }
  }

  /// The pod's index; nil when it has none that the job could use.
  func index(of pod: Pod) -> Int? {
    guard let index = pod.metadata.annotations[Pod.indexName].flatMap({ Int($0) }) else { return nil }
    return (0..<(self.spec.completions ?? 0)).contains(index) ? index : nil
  }
}

extension Pod {
  /// Keeps a pod from going before its job has counted it.
  static let trackingFinalizer = "batch.kubernetes.io/job-tracking"
  /// A label and an annotation.
  static let indexName = "batch.kubernetes.io/job-completion-index"
  /// How many pods of the index failed before this one; counted and ignored ones apart.
  static let failureCountName = "batch.kubernetes.io/job-index-failure-count"
  static let ignoredCountName = "batch.kubernetes.io/job-index-ignored-failure-count"

  var isTracked: Bool { metadata.finalizers.contains(Pod.trackingFinalizer) }

  var tracked: Pod {
    var pod = self
    if !isTracked { pod.metadata.finalizers.append(Pod.trackingFinalizer) }
    return pod
  }

  var untracked: Pod {
    var pod = self
    pod.metadata.finalizers.removeAll { $0 == Pod.trackingFinalizer }
    return pod
  }

  var indexFailures: (counted: Int, ignored: Int) {
    func number(_ name: String) -> Int { metadata.annotations[name].flatMap { Int($0) } ?? 0 }
    return (number(Pod.failureCountName), number(Pod.ignoredCountName))
  }

  /// When the pod ended, as far as anybody can say.
  var finishTime: Time? {
    let ends = self.status.containerStatuses.map(\.state.terminated?.finishedAt)
    if !ends.isEmpty, !ends.contains(nil) { return ends.compactMap(\.self).max() }
    if let ready = self.status.conditions["Ready"], ready.status == "False" { return ready.lastTransitionTime }
    let grace = Duration.seconds(metadata.deletionGracePeriodSeconds ?? 0)
    return metadata.deletionTimestamp.map { $0 - grace } ?? metadata.creationTimestamp
  }
}

// MARK: Back-off

/// How long to wait before the pod that replaces a failed one: 10 s, doubled with each failure in a row.
struct BackOff {
  static let first = Duration.seconds(10)
  static let longest = Duration.seconds(600)

  static func pause(afterFailures failures: Int) -> Duration {
    failures < 1 ? .zero : min(longest, first * (1 << min(failures - 1, 10)))
  }

  /// When the next pod may be made: failures since the last success count.
  static func end(after pods: [Pod], of job: Job) -> Time {
    let lastSuccess = pods.filter { $0.status.phase == .succeeded }.compactMap(\.finishTime).max() ?? .distantPast
    let failures = pods.filter(job.hasFailed).compactMap(\.finishTime).filter { $0 > lastSuccess }
    return failures.max().map { $0 + pause(afterFailures: failures.count) } ?? .distantPast
  }

  /// The same for one index, whose pods carry the count along.
  static func end(after last: Pod?) -> Time {
    guard let last, let time = last.finishTime else { return .distantPast }
    let (counted, ignored) = last.indexFailures
    return time + pause(afterFailures: counted + ignored + 1)
  }
}

// MARK: Making pods

extension Job {
  /// A new pod of the job.
  /// - Parameters:
  ///   - index: for indexed jobs.
  ///   - failures: how many pods of the index failed before, where the job limits that.
  func makePod(
    index: Int? = nil, failures: (counted: Int, ignored: Int)? = nil, names: inout SeededGenerator
  ) -> Pod {
    var pod = Pod(from: self.spec.template, for: self, names: &names).tracked
    if let index { pod.carry(index, of: self, names: &names) }
    if let failures {
      pod.metadata.annotations[Pod.failureCountName] = String(failures.counted)
      if failures.ignored > 0 { pod.metadata.annotations[Pod.ignoredCountName] = String(failures.ignored) }
    }
    return pod
  }
}

extension Pod {
  // The program reads its index from a variable; others find it by the pod's label or by its host name.
  fileprivate mutating func carry(_ index: Int, of job: Job, names: inout SeededGenerator) {
    let suffix = "-\(index)"
    let prefix = job.name.prefix(Pod.longestPrefix - suffix.utf8.count - 1) + suffix + "-"
    metadata.generateName = String(prefix)
    metadata.name = Names.unique(prefix: String(prefix), using: &names)
    metadata.labels[Pod.indexName] = String(index)
    metadata.annotations[Pod.indexName] = String(index)
    self.spec.hostname = job.name + suffix
    self.spec.containers = self.spec.containers.map(\.withIndex)
    self.spec.initContainers = self.spec.initContainers.map(\.withIndex)
  }

  private static let longestPrefix = 58
}

extension Container {
  fileprivate var withIndex: Container {
    guard !self.env.contains(where: { $0.name == Container.indexVariable }) else { return self }
    var container = self
    container.env.append(
      EnvVar {
        $0.name = Container.indexVariable
        $0.valueFrom = EnvVarSource {
          $0.fieldRef = ObjectFieldSelector { $0.fieldPath = "metadata.labels['\(Pod.indexName)']" }
        }
      })
    return container
  }

  static let indexVariable = "JOB_COMPLETION_INDEX"
}
