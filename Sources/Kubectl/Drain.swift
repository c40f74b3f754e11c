// `kubectl drain`: takes a node out of service. It is cordoned, and its pods have to go: through eviction where the
// server knows it, which respects disruption budgets, and otherwise by deleting them.

import Objects

extension Command {
  static let drain = Command(
    name: "drain", summary: "Drain node in preparation for maintenance", usage: "NODE [options]",
    flags: [
      .dryRun, .selector, .timeout, Flag("chunk-size", nil, .number, "Return large lists in chunks"),
      Flag("delete-emptydir-data", nil, .toggle, "Continue even if there are pods using emptyDir"),
      Flag("disable-eviction", nil, .toggle, "Force drain to use delete, even if eviction is supported"),
      Flag("force", nil, .toggle, "Continue even if there are pods that do not declare a controller"),
      Flag("grace-period", nil, .number, "Period of time in seconds given to each pod to terminate gracefully"),
      Flag("ignore-daemonsets", nil, .toggle, "Ignore DaemonSet-managed pods"),
      Flag("pod-selector", "Label selector to filter pods on the node"),
      Flag("skip-wait-for-delete-timeout", nil, .number, "Do not wait for pods deleted longer ago than this"),
    ]
  ) { invocation in
    let nodes = try await invocation.nodes()
    for node in nodes { try await invocation.cordon(node, true) }
    let discovery = try await Discovery(try invocation.server())
    var failed: [(node: String, failure: DrainFailure)] = []
    for node in nodes {
      do {
        try await invocation.drain(node, discovery)
        invocation.say("\(node.title) drained\(try invocation.dryRun().note)")
      } catch {
        let failure = DrainFailure(error)
        invocation.complain(
          "error: unable to drain node \"\(node.name)\" due to error: \(failure.inOneLine), continuing command...")
        failed.append((node.name, failure))
      }
    }
    guard !failed.isEmpty else { return }
    invocation.complain("There are pending nodes to be drained:")
    for node in failed.map(\.node) { invocation.complain(" \(node)") }
    throw Failure(text: failed.map(\.failure.text).joined(separator: "\n"))
  }
}

/// Why a node could not be drained, a sentence for each reason.
private struct DrainFailure: Error {
  var sentences: [String]
  /// Pods that may not go are told without the word "error".
  var areObstacles = false

  init(obstacles: [String]) { (sentences, areObstacles) = (obstacles, true) }

  init(_ error: any Error) {
    if let error = error as? DrainFailure {
      self = error
    } else {
      let text = Failure(error).text
      sentences = [text.hasPrefix("error: ") ? String(text.dropFirst(7)) : text]
    }
  }

  var inOneLine: String {
    let joined = sentences.joined(separator: ", ")
    return sentences.count > 1 ? "[\(joined)]" : joined
  }

  var text: String { (areObstacles ? "" : "error: ") + sentences.joined(separator: "\n") }
}

/// What becomes of a pod when its node is drained.
private enum PodFate {
  case goes
  case goesWith(warning: String)
  case staysWith(warning: String)
  case stays
  case mustNot(String)

  var warning: String? {
    switch self {
    case .goesWith(let warning), .staysWith(let warning): warning
    default: nil
    }
  }

  var isLeaving: Bool {
    switch self {
    case .goes, .goesWith: true
    default: false
    }
  }
}

extension Invocation {
  fileprivate func drain(_ node: Item, _ discovery: Discovery) async throws {
    let resource = try discovery.require("pods")
    let (pods, warnings) = try await podsToGo(from: node, resource)
    if !warnings.isEmpty { complain("Warning: \(warnings.joined(separator: "; "))") }
    let dryRun = try dryRun()
    if dryRun == .client {
      for pod in pods { say("evicting pod \(pod.longName)\(dryRun.note)") }
      return
    }
    let evicts = resource.subresources.contains("eviction") && !arguments.isOn("disable-eviction")
    let limit = arguments.duration("timeout").flatMap { $0 > .zero ? $0 : nil }
    do {
      let isInTime = try await within(limit) {
        for pod in pods { if evicts { try await evict(pod, dryRun) } else { try await remove(pod, dryRun) } }
        for pod in pods {
          if dryRun == .none { try await waitUntilGone(pod) }
          say("pod/\(pod.name) \(evicts ? "evicted" : "deleted")\(dryRun.note)")
        }
      }
      if !isInTime { throw Failure.error("context deadline exceeded") }
    } catch {
      let (left, _) = try await podsToGo(from: node, resource)
      if !left.isEmpty {
        complain(
          "There are pending pods in node \"\(node.name)\" when an error occurred: \(DrainFailure(error).inOneLine)")
        for pod in left { complain("pod/\(pod.name)") }
      }
      throw error
    }
  }

  /// - Throws: `DrainFailure` when there are pods that may not be taken away.
  private func podsToGo(from node: Item, _ pods: Resource) async throws -> (pods: [Item], warnings: [String]) {
    var query: Client.Query = [(name: "fieldSelector", value: "spec.nodeName=\(node.name)")]
    if let selector = arguments["pod-selector"].nonEmpty { query.append((name: "labelSelector", value: selector)) }
    var leaving: [Item] = []
    var warnings = Members()
    var obstacles = Members()
    func note(_ pod: Item, under sentence: String, in notes: inout Members) {
      notes[sentence] = .string((notes[sentence]?.string.map { $0 + ", " } ?? "") + pod.longName)
    }
    for pod in try await list(pods, query: query, everywhere: true) {
      let fate = try await fate(of: pod)
      if fate.isLeaving { leaving.append(pod) }
      if let warning = fate.warning { note(pod, under: warning, in: &warnings) }
      if case .mustNot(let why) = fate { note(pod, under: why, in: &obstacles) }
    }
    func told(_ notes: Members) -> [String] { notes.map { "\($0.name): \($0.value.plainText)" } }
    if !obstacles.isEmpty { throw DrainFailure(obstacles: told(obstacles).map { "cannot delete \($0)" }) }
    return (leaving, told(warnings))
  }

  private func fate(of pod: Item) async throws -> PodFate {
    let object = pod.object
    let owner = object["metadata"]?["ownerReferences"]?.array?.first { $0["controller"] == true }
    let isFinished = ["Succeeded", "Failed"].contains(object["status"]?["phase"].text ?? "")
    let isForced = arguments.isOn("force")
    if let seconds = arguments.number("skip-wait-for-delete-timeout"), seconds > 0,
      let deleted = object["metadata"]?["deletionTimestamp"]?.string.flatMap({ Time($0) }),
      deleted + .seconds(seconds) < world.now()
    {
      return .stays
    }
    if owner?["kind"] == "DaemonSet", !isFinished {
      let path = "/apis/apps/v1/namespaces/\(pod.namespace?.pathSegment ?? "")/daemonsets/\(owner?["name"].text ?? "")"
      do { _ = try await server().get(path) } catch let error as ServerError {
        return error.isNotFound && isForced ? .goesWith(warning: error.message) : .mustNot(error.message)
      }
      return arguments.isOn("ignore-daemonsets")
        ? .staysWith(warning: "ignoring DaemonSet-managed Pods")
        : .mustNot("DaemonSet-managed Pods (use --ignore-daemonsets to ignore)")
    }
    if object["metadata"]?["annotations"]?["kubernetes.io/config.mirror"] != nil { return .stays }
    let hasLocalData = (object["spec"]?["volumes"]?.array ?? []).contains { $0["emptyDir"] != nil }
    if hasLocalData, !isFinished, !arguments.isOn("delete-emptydir-data") {
      return .mustNot("Pods with local storage (use --delete-emptydir-data to override)")
    }
    if owner != nil || isFinished { return .goes }
    return isForced
      ? .goesWith(warning: "deleting Pods that declare no controller")
      : .mustNot("cannot delete Pods that declare no controller (use --force to override)")
  }

  // What a disruption budget forbids now it may allow later.
  private func evict(_ pod: Item, _ dryRun: DryRun) async throws {
    let eviction: Value = [
      "apiVersion": "policy/v1", "kind": "Eviction",
      "metadata": ["name": .string(pod.name), "namespace": .string(pod.namespace ?? "")],
      "deleteOptions": gracePeriod.map { ["gracePeriodSeconds": .integer(Int64($0))] } ?? .emptyObject,
    ]
    while true {
      say("evicting pod \(pod.longName)\(dryRun.note)")
      do {
        _ = try await server().send(
          "POST", pod.resource.path(in: pod.namespace, pod.name, "eviction"), query: dryRun.query, eviction)
        return
      } catch let error as ServerError where error.isNotFound {
        return
      } catch let error as ServerError where error.code == 429 {
        complain(
          "error when evicting pods/\"\(pod.name)\" -n \"\(pod.namespace ?? "")\" (will retry after 5s): \(error.message)"
        )
        try await world.pause(.seconds(5))
      }
    }
  }

  private func remove(_ pod: Item, _ dryRun: DryRun) async throws {
    var body: Value = .emptyObject
    if let seconds = gracePeriod { body["gracePeriodSeconds"] = .integer(Int64(seconds)) }
    do {
      _ = try await server().send("DELETE", pod.path, query: dryRun.query, body)
    } catch let error as ServerError where error.isNotFound {}
  }

  private var gracePeriod: Int? { arguments.number("grace-period").flatMap { $0 < 0 ? nil : $0 } }
}

extension Item {
  fileprivate var longName: String { "\(namespace ?? "")/\(name)" }
}
