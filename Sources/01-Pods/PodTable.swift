import Objects

// What `kubectl get pods` shows. Clients and scripts read these cells, so they follow Kubernetes to the letter.

enum PodTable {
  static let columns: [Column] = [
    Column("Ready", "Ready containers of those that should run.") { value, _ in
      let summary = PodSummary(Pod(json: value))
      return .string("\(summary.ready)/\(summary.total)")
    },
    Column("Status", "What the pod is doing, or what hinders it.") { value, _ in
      .string(PodSummary(Pod(json: value)).reason)
    },
    Column("Restarts", "How often containers were started again, and when last.") { value, now in
      let summary = PodSummary(Pod(json: value))
      guard summary.restarts > 0, let last = summary.lastRestart else { return .string(String(summary.restarts)) }
      return .string("\(summary.restarts) (\(now.age(since: last)) ago)")
    },
    .age,
    wide("IP", "The pod's address.") { $0.status.podIPs.first?.ip ?? $0.status.podIP },
    wide("Node", "The pod's node.") { $0.spec.nodeName },
    wide("Nominated Node", "Where room is being made for the pod.") { $0.status.nominatedNodeName },
    wide("Readiness Gates", "Conditions that the pod waits for to be ready.") { pod in
      // Chapter 7 declares them. A table shows what is there.
      let gates = pod.spec.json["readinessGates"]?.array?.compactMap { $0["conditionType"]?.string } ?? []
      return gates.isEmpty ? nil : "\(gates.count { pod.status.conditions.isTrue($0) })/\(gates.count)"
    },
  ]

  private static func wide(
    _ name: String, _ documentation: String, cell: @escaping @Sendable (Pod) -> String?
  ) -> Column {
    Column(name, priority: 1, documentation) { value, _ in
      let text = cell(Pod(json: value)) ?? ""
      return .string(text.isEmpty ? "<none>" : text)
    }
  }
}

/// A pod's state in a few words.
struct PodSummary {
  var ready = 0
  var total: Int
  var restarts = 0
  var lastRestart: Time?
  var reason: String

  init(_ pod: Pod) {
    let sidecars = pod.spec.initContainers.filter(\.isSidecar).compactMap(\.name)
    total = pod.spec.containers.count + sidecars.count
    reason = pod.status.phase?.rawValue ?? ""
    if let given = pod.status.reason, !given.isEmpty { reason = given }
    // Chapter 9 holds pods back; a table shows what is there.
    if pod.status.conditions["PodScheduled"]?.reason == "SchedulingGated" { reason = "SchedulingGated" }
    let isInitializing = addInitContainers(of: pod, sidecars)
    if !isInitializing || pod.status.conditions.isTrue("Initialized") { addContainers(of: pod, sidecars) }
    if pod.isBeingDeleted {
      if pod.status.reason == "NodeLost" {
        reason = "Unknown"
      } else if !pod.isFinished {
        reason = "Terminating"
      }
    }
  }

  /// The first init container that has not done its part gives the reason.
  private mutating func addInitContainers(of pod: Pod, _ sidecars: [String]) -> Bool {
    for (index, status) in pod.status.initContainerStatuses.enumerated() {
      countRestarts(of: status)
      let isSidecar = sidecars.contains(status.name ?? "")
      if let end = status.state.terminated, end.exitCode ?? 0 == 0 { continue }
      if isSidecar, status.started == true {
        if status.ready == true { ready += 1 }
        continue
      }
      if let end = status.state.terminated {
        reason = "Init:" + end.summary
      } else if let waiting = status.state.waiting?.reason, !waiting.isEmpty, waiting != "PodInitializing" {
        reason = "Init:" + waiting
      } else {
        reason = "Init:\(index)/\(pod.spec.initContainers.count)"
      }
      return true
    }
    return false
  }

  /// The first container that is not running gives the reason; from here on only sidecars' restarts count of the init
  /// containers'.
  private mutating func addContainers(of pod: Pod, _ sidecars: [String]) {
    (restarts, lastRestart) = (0, nil)
    for status in pod.status.initContainerStatuses where sidecars.contains(status.name ?? "") {
      countRestarts(of: status)
    }
    var isRunning = false
    for status in pod.status.containerStatuses.reversed() {
      countRestarts(of: status)
      if let waiting = status.state.waiting?.reason, !waiting.isEmpty {
        reason = waiting
      } else if let end = status.state.terminated {
        reason = end.summary
      } else if status.ready == true, status.state.running != nil {
        isRunning = true
        ready += 1
      }
    }
    if reason == "Completed", isRunning { reason = pod.isReady ? "Running" : "NotReady" }
  }

  private mutating func countRestarts(of status: ContainerStatus) {
    restarts += status.restartCount ?? 0
    if let end = status.lastState.terminated?.finishedAt { lastRestart = max(lastRestart ?? end, end) }
  }
}

extension ContainerStateTerminated {
  /// "Completed", "Error", "Signal:9", "ExitCode:2".
  fileprivate var summary: String {
    if let reason = self.reason, !reason.isEmpty { return reason }
    if let signal = self.signal, signal != 0 { return "Signal:\(signal)" }
    return "ExitCode:\(self.exitCode ?? 0)"
  }
}
