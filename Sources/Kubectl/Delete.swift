// `kubectl delete`: asks for the deletion, then waits until the objects are really gone.

import Objects

/// How an object shall be deleted.
struct Deletion {
  /// Seconds; nil leaves it to the object.
  var gracePeriod: Int?
  var isForced = false
  var cascade = "background"
  var waits = true
  var timeout: Duration?

  var body: Value {
    let policy = ["background": "Background", "foreground": "Foreground", "orphan": "Orphan"][cascade] ?? "Background"
    var body: Value = ["propagationPolicy": .string(policy)]
    if let gracePeriod { body["gracePeriodSeconds"] = .integer(Int64(gracePeriod)) }
    return body
  }
}

extension Command {
  static let delete = Command(
    name: "delete",
    summary: "Delete resources by file names, stdin, resources and names, or by resources and label selector",
    usage: "([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)]) [options]",
    flags: Flag.objects + [
      .output, .all, .allNamespaces, .fieldSelector, .dryRun, .timeout,
      Flag("cascade", nil, .optional("background"), "Must be \"background\", \"orphan\", or \"foreground\""),
      Flag("force", nil, .toggle, "If true, immediately remove resources from API and bypass graceful deletion"),
      Flag("grace-period", nil, .number, "Period of time in seconds given to the resource to terminate gracefully"),
      Flag("ignore-not-found", nil, .toggle, "Treat \"resource not found\" as a successful delete"),
      Flag("now", nil, .toggle, "If true, resources are signaled for immediate shutdown"),
      Flag("wait", nil, .toggle, "If true, wait for resources to be gone before returning"),
    ]
  ) { try await $0.deleteAll() }
}

extension Invocation {
  fileprivate func deletion() throws -> Deletion {
    var deletion = Deletion()
    deletion.isForced = arguments.isOn("force")
    deletion.gracePeriod = arguments.number("grace-period").flatMap { $0 < 0 ? nil : $0 }
    if arguments.isOn("now") { deletion.gracePeriod = 1 }
    if deletion.isForced, deletion.gracePeriod == nil { deletion.gracePeriod = 0 }
    if deletion.gracePeriod == 0, !deletion.isForced { deletion.gracePeriod = 1 }
    if deletion.isForced, let seconds = deletion.gracePeriod, seconds > 0 {
      throw Failure.error("--force and --grace-period greater than 0 cannot be specified together")
    }
    let cascade = arguments["cascade"] ?? "background"
    deletion.cascade = ["true": "background", "false": "orphan"][cascade] ?? cascade
    guard ["background", "foreground", "orphan"].contains(deletion.cascade) else {
      throw Failure.error("invalid cascade value (\(cascade)). Must be \"background\", \"foreground\", or \"orphan\"")
    }
    deletion.waits = arguments.isOn("wait", default: true)
    deletion.timeout = arguments.duration("timeout").flatMap { $0 > .zero ? $0 : nil }
    return deletion
  }

  fileprivate func deleteAll() async throws {
    let (deletion, dryRun) = (try deletion(), try dryRun())
    guard ["", "name"].contains(arguments["output"] ?? "") else {
      throw Failure.error("unexpected -o output mode: \(arguments["output"] ?? ""). We only support '-o name'")
    }
    let isSelecting = !selectorQuery.isEmpty || arguments.isOn("all")
    let items = try await itemsToDelete(isSelecting: isSelecting)
    if items.isEmpty { return say("No resources found") }
    if deletion.isForced {
      complain(
        "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. "
          + "The resource may continue to run on the cluster indefinitely.")
    }
    let ignoresMissing = arguments.isOn("ignore-not-found", default: isSelecting)
    var asked: [Item] = []
    try await collectingFailures(items) { item in
      do {
        if dryRun != .client { try await request(deletion, of: item, dryRun) }
      } catch let error as ServerError {
        if error.isNotFound, ignoresMissing { return }
        throw item.source == nil ? error : error.when("deleting \"\(item.source?.source ?? "")\"")
      }
      if arguments["output"] == "name" {
        say(item.title)
      } else {
        say("\(item.resource.printName) \"\(item.name)\" \(deletion.isForced ? "force " : "")deleted\(dryRun.note)")
      }
      asked.append(item)
    } andThen: {
      guard deletion.waits, dryRun == .none else { return }
      for item in asked { try await waitUntilGone(item, deletion.timeout) }
    }
  }

  private func itemsToDelete(isSelecting: Bool) async throws -> [Item] {
    let discovery = try await Discovery(try server())
    if !arguments.all("filename").isEmpty { return try items(try manifests(), discovery) }
    let selections = try Selection.all(operands, discovery)
    guard !selections.isEmpty else { throw Self.noResources }
    var items: [Item] = []
    for selection in selections {
      if selection.names.isEmpty {
        guard isSelecting else { throw Failure.error("resource(s) were provided, but no name was specified") }
        items += try await list(selection.resource)
      } else {
        if !selectorQuery.isEmpty { throw Failure.error("name cannot be provided when a selector is specified") }
        if arguments.isOn("all") {
          throw Failure.error("name cannot be provided when a selector is specified")
        }
        let resource = selection.resource
        items += selection.names.map {
          Item(resource: resource, namespace: resource.isNamespaced ? namespace : nil, name: $0)
        }
      }
    }
    return items
  }

  private func request(_ deletion: Deletion, of item: Item, _ dryRun: DryRun) async throws {
    _ = try await server().send("DELETE", item.path, query: dryRun.query, deletion.body)
  }

  /// Deletes one object and waits for its end.
  func delete(_ item: Item, _ deletion: Deletion) async throws {
    do { try await request(deletion, of: item, .none) } catch let error as ServerError where error.isNotFound { return }
    if deletion.waits { try await waitUntilGone(item, deletion.timeout) }
  }

  /// Returns when the object that is there now no longer is; another one of the same name does not count.
  func waitUntilGone(_ item: Item, _ timeout: Duration? = nil) async throws {
    guard let object = try await server().getIfThere(item.path) else { return }
    let uid = object["metadata"]?["uid"]
    let isInTime = try await within(timeout) {
      try await follow(item) { state in state == nil || state?["metadata"]?["uid"] != uid }
    }
    if !isInTime {
      throw Failure.error("timed out waiting for the condition on \(item.resource.name)/\(item.name)")
    }
  }
}

/// As ``collectingFailures``, with something that is done in the end whether or not something failed.
private func collectingFailures<Element>(
  _ elements: [Element], _ body: (Element) async throws -> Void, andThen end: () async throws -> Void
) async throws {
  do { try await collectingFailures(elements, body) } catch {
    try await end()
    throw error
  }
  try await end()
}
