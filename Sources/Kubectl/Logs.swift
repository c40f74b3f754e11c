// `kubectl logs`.

import Objects

extension Command {
  static let logs = Command(
    name: "logs", summary: "Print the logs for a container in a pod",
    usage: "[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER] [options]",
    flags: [
      .selector, Flag("all-containers", nil, .toggle, "Get all containers' logs in the pod(s)"),
      Flag("all-pods", nil, .toggle, "Get logs from all pod(s)"),
      Flag("container", "c", "Print the logs of this container"),
      Flag("follow", "f", .toggle, "Specify if the logs should be streamed"),
      Flag("ignore-errors", nil, .toggle, "If following logs, allow for errors to be non-fatal"),
      Flag("limit-bytes", nil, .number, "Maximum bytes of logs to return"),
      Flag("max-log-requests", nil, .number, "Maximum number of concurrent logs to follow. Defaults to 5"),
      Flag("prefix", nil, .toggle, "Prefix each log line with the log source (pod name and container name)"),
      Flag("previous", "p", .toggle, "Print the logs for the previous instance of the container"),
      Flag("since", nil, .duration, "Only return logs newer than a relative duration like 5s, 2m, or 3h"),
      Flag("since-time", "Only return logs after a specific date (RFC3339)"),
      Flag("tail", nil, .number, "Lines of recent log file to display"),
      Flag("timestamps", nil, .toggle, "Include timestamps on each line in the log output"),
    ]
  ) { try await $0.logs() }
}

/// The log of one container.
struct ContainerLog: Equatable {
  var path: String
  var pod: String
  var container: String

  var prefix: String { "[pod/\(pod)/\(container)] " }
}

extension Invocation {
  fileprivate func logs() async throws {
    let query = try logQuery()
    let sources: [ContainerLog]
    do { sources = try await logSources() } catch let error as ServerError where error.isNotFound {
      throw Failure.error("error from server (NotFound): \(error.message) in namespace \"\(namespace)\"")
    }
    let follows = arguments.isOn("follow")
    let limit = arguments.number("max-log-requests") ?? 5
    if follows, sources.count > limit {
      throw Failure.error(
        "you are attempting to follow \(sources.count) log streams, but maximum allowed concurrency is \(limit), "
          + "use --max-log-requests to increase the limit")
    }
    guard follows, sources.count > 1 else {
      for source in sources { try await copy(source, query) }
      return
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for source in sources { group.addTask { try await copy(source, query) } }
      try await group.waitForAll()
    }
  }

  private func logQuery() throws -> Client.Query {
    if arguments["since"] != nil, arguments["since-time"] != nil {
      throw Failure.error("at most one of `sinceTime` or `sinceSeconds` may be specified")
    }
    var query: Client.Query = []
    if arguments.isOn("follow") { query.append((name: "follow", value: "true")) }
    if arguments.isOn("previous") { query.append((name: "previous", value: "true")) }
    if arguments.isOn("timestamps") { query.append((name: "timestamps", value: "true")) }
    if let since = arguments.duration("since") {
      query.append((name: "sinceSeconds", value: String(max(1, since.components.seconds))))
    }
    if let time = arguments["since-time"] {
      guard let moment = Time(time) else { throw Failure.error("parsing time \"\(time)\" as RFC3339 failed") }
      query.append((name: "sinceTime", value: moment.rfc3339))
    }
    let tail = arguments.number("tail") ?? (arguments["selector"] == nil ? -1 : 10)
    if tail >= 0 { query.append((name: "tailLines", value: String(tail))) }
    if let limit = arguments.number("limit-bytes") { query.append((name: "limitBytes", value: String(limit))) }
    return query
  }

  private func copy(_ source: ContainerLog, _ query: Client.Query) async throws {
    let query = [(name: "container", value: source.container)] + query
    do {
      let bytes = try await server().stream(source.path, query: query, accept: "application/json, */*")
      guard arguments.isOn("prefix") else {
        for try await piece in bytes { world.write(piece) }
        return
      }
      var lines = LineSplitter()
      for try await piece in bytes {
        for line in lines.add(piece) { world.write(Array(source.prefix.utf8) + line + [UInt8(ascii: "\n")]) }
      }
      if let rest = lines.unfinished { world.write(Array(source.prefix.utf8) + rest) }
    } catch let error as ServerError where arguments.isOn("ignore-errors") {
      complain("error: \(error.message)")
    }
  }
}

// MARK: - Whose logs

extension Invocation {
  private func logSources() async throws -> [ContainerLog] {
    let pods = try await podsForLogs()
    let resource = Resource(
      group: "", version: "v1", name: "pods", singular: "pod", kind: "Pod", isNamespaced: true)
    var sources: [ContainerLog] = []
    for pod in pods {
      let name = pod["metadata"]?["name"].text ?? ""
      let path = resource.path(in: pod["metadata"]?["namespace"]?.string ?? namespace, name, "log")
      for container in try containersForLogs(of: pod, name) {
        sources.append(ContainerLog(path: path, pod: name, container: container))
      }
    }
    return sources
  }

  private func podsForLogs() async throws -> [Value] {
    let client = try server()
    func pods(selector: String) async throws -> [Value] {
      try await client.get(
        "/api/v1/namespaces/\(namespace.pathSegment)/pods", query: [(name: "labelSelector", value: selector)])["items"]?
        .array ?? []
    }
    if let selector = arguments["selector"].nonEmpty {
      guard operands.isEmpty else {
        throw usage("only a selector (-l) or a POD name is allowed")
      }
      let found = try await pods(selector: selector)
      if found.isEmpty { complain("No resources found in \(namespace) namespace.") }
      return found
    }
    guard let word = operands.first else {
      throw usage(
        "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\n"
          + "POD or TYPE/NAME is a required argument for the logs command")
    }
    guard word.contains("/") else {
      return [try await client.get("/api/v1/namespaces/\(namespace.pathSegment)/pods/\(word.pathSegment)")]
    }
    let item = try await liveItems(try await Discovery(client), of: [word])
    guard let owner = item.first, owner.resource.name != "pods" || !owner.resource.group.isEmpty else {
      return item.map(\.object)
    }
    let spec = owner.object["spec"]
    let selector = spec?["selector"]?["matchLabels"] ?? spec?["selector"] ?? .emptyObject
    guard selector.members?.isEmpty == false else {
      throw Failure.error(
        "cannot get the logs from \(owner.resource.apiVersion), Kind=\(owner.resource.kind): selector is empty")
    }
    let found = try await pods(selector: joinedPairs(selector)).sorted { left, right in
      (left.isReadyPod ? 0 : 1, left["metadata"]?["name"].text ?? "")
        < (right.isReadyPod ? 0 : 1, right["metadata"]?["name"].text ?? "")
    }
    guard let first = found.first else { throw Failure.error("timed out waiting for the condition") }
    if arguments.isOn("all-pods") { return found }
    if found.count > 1 { complain("Found \(found.count) pods, using pod/\(first["metadata"]?["name"].text ?? "")") }
    return [first]
  }

  private func containersForLogs(of pod: Value, _ name: String) throws -> [String] {
    func names(_ list: String) -> [String] { (pod["spec"]?[list]?.array ?? []).map { $0["name"].text } }
    let containers = names("containers")
    let all = names("initContainers") + containers + names("ephemeralContainers")
    if arguments.isOn("all-containers") { return all }
    if let wanted = arguments["container"].nonEmpty ?? (operands.count > 1 ? operands[1] : nil) {
      guard all.contains(wanted) else { throw Failure.error("container \(wanted) is not valid for pod \(name)") }
      return [wanted]
    }
    let annotated = pod["metadata"]?["annotations"]?["kubectl.kubernetes.io/default-container"]?.string
    if let annotated, all.contains(annotated) { return [annotated] }
    guard let first = containers.first else { throw Failure.error("pod \(name) has no containers") }
    if all.count > 1 {
      let list = (containers + names("initContainers").map { "\($0) (init)" }).joined(separator: ", ")
      complain("Defaulted container \"\(first)\" out of: \(list)")
    }
    return [first]
  }
}

extension Value {
  /// Whether a pod's condition says that it is ready.
  var isReadyPod: Bool {
    status(ofCondition: "Ready") == "True"
  }

  /// "True", "False", "Unknown", or nil where there is no such condition.
  func status(ofCondition type: String) -> String? {
    self["status"]?["conditions"]?.array?.first { $0["type"].text.lowercased() == type.lowercased() }?["status"]?.string
  }
}
