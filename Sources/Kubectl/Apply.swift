// `kubectl apply` and its dry relative `diff`.

import Objects

extension Command {
  static let apply = Command(
    name: "apply", summary: "Apply a configuration to a resource by file name or stdin",
    usage: "(-f FILENAME | -k DIRECTORY) [options]",
    flags: Flag.objects + Flag.printing + [
      .dryRun, .fieldManager, .validate,
      Flag("force-conflicts", nil, .toggle, "If true, server-side apply will force the changes against conflicts"),
      Flag("overwrite", nil, .toggle, "Automatically resolve conflicts between the modified and live configuration"),
      Flag("server-side", nil, .toggle, "If true, apply runs in the server instead of the client"),
    ]
  ) { invocation in
    let items = try invocation.items(try invocation.manifests(), try await Discovery(try invocation.server()))
    try await collectingFailures(items) { item in
      if invocation.arguments.isOn("server-side") {
        try await invocation.applyOnServer(item)
      } else {
        try await invocation.apply(item)
      }
    }
  }
}

enum LastApplied {
  static let annotation = "kubectl.kubernetes.io/last-applied-configuration"

  /// The manifest with itself, as text, in its annotation.
  static func annotated(_ manifest: Value) -> Value {
    var plain = manifest
    plain["metadata"]?["annotations"]?[annotation] = nil
    if plain["metadata"]?["annotations"] == nil {
      plain["metadata", default: .emptyObject]["annotations"] = .emptyObject
    }
    var annotated = plain
    let text = String(decoding: plain.encoded(as: .canonical), as: UTF8.self).escapedForHTML + "\n"
    annotated["metadata"]?["annotations"]?[annotation] = .string(text)
    return annotated
  }

  /// What was applied last to a live object; nil when it was not made by `apply`.
  static func original(of live: Value) -> Value? {
    guard let text = live["metadata"]?["annotations"]?[annotation]?.string else { return nil }
    return try? Value(parsing: text)
  }
}

extension Invocation {
  /// Compares with what is there, and creates or patches.
  fileprivate func apply(_ item: Item) async throws {
    let (client, dryRun, source) = (try server(), try dryRun(), item.source?.source ?? "")
    try item.requireName()
    let modified = LastApplied.annotated(item.object)
    guard let live = try await client.getIfThere(item.path) else {
      return try await createForApply(item, modified, dryRun, source)
    }
    if LastApplied.original(of: live) == nil {
      complain(
        "Warning: resource \(item.resource.name)/\(item.name) is missing the \(LastApplied.annotation) annotation "
          + "which is required by kubectl apply. kubectl apply should only be used on resources created declaratively "
          + "by either kubectl create --save-config or kubectl apply. The missing annotation will be patched "
          + "automatically.")
    }
    let (patch, media) = item.patch(to: modified, from: live)
    var result = item
    result.object = live
    // Without asking the server nobody can say that nothing would change.
    guard patch != .emptyObject || dryRun == .client else { return try report(result, "unchanged\(dryRun.note)") }
    if dryRun != .client {
      let query = dryRun.query + writeQuery("kubectl-client-side-apply")
      do {
        result.object = try await patchRetrying(item, modified, patch, media, query)
      } catch let error as ServerError {
        throw error.applying(patch, item, source)
      }
    }
    try report(result, "configured\(dryRun.note)")
  }

  /// Somebody may write between our look and our patch; then look again.
  private func patchRetrying(
    _ item: Item, _ modified: Value, _ patch: Value, _ media: String, _ query: Client.Query
  ) async throws -> Value {
    var (patch, media) = (patch, media)
    for attempt in 1... {
      do { return try await server().send("PATCH", item.path, query: query, patch, as: media) } catch let error
        as ServerError where error.isConflict && attempt < 5
      {
        try await world.pause(.milliseconds(100 * attempt))
        let live = try await server().get(item.path)
        (patch, media) = item.patch(to: modified, from: live)
      }
    }
    return .null
  }

  private func createForApply(_ item: Item, _ modified: Value, _ dryRun: DryRun, _ source: String) async throws {
    var created = item
    created.object = modified
    if dryRun != .client {
      do {
        created.object = try await server().send(
          "POST", item.collectionPath, query: dryRun.query + writeQuery("kubectl-client-side-apply"), modified)
      } catch let error as ServerError {
        throw error.when("creating \"\(source)\"")
      }
    }
    try report(created, "created\(dryRun.note)")
  }

  fileprivate func applyOnServer(_ item: Item) async throws {
    let dryRun = try dryRun()
    try item.requireName()
    var query = dryRun.query + writeQuery("kubectl")
    query.append((name: "force", value: arguments.isOn("force-conflicts") ? "true" : "false"))
    var applied = item
    applied.object = try await server().send("PATCH", item.path, query: query, item.object, as: Client.Media.applyPatch)
    try report(applied, "serverside-applied\(dryRun.note)")
  }

  /// Who writes, and how strictly the server shall read.
  func writeQuery(_ manager: String) -> Client.Query {
    let validation =
      switch arguments["validate"] ?? "strict" {
      case "false", "ignore": "Ignore"
      case "warn": "Warn"
      default: "Strict"
      }
    return [
      (name: "fieldManager", value: arguments["field-manager"] ?? manager),
      (name: "fieldValidation", value: validation),
    ]
  }
}

extension Item {
  /// The patch that makes the live object what the manifest says.
  func patch(to modified: Value, from live: Value) -> (Value, media: String) {
    let original = LastApplied.original(of: live) ?? .emptyObject
    if hasMergeKeys(group: resource.group) {
      let patch = ThreeWayPatch.strategic(original: original, modified: modified, current: live, kind: resource.kind)
      return (patch, Client.Media.strategicMergePatch)
    }
    return (ThreeWayPatch.merge(original: original, modified: modified, current: live), Client.Media.mergePatch)
  }

  func requireName() throws {
    guard name.isEmpty, let source else { return }
    throw Failure.error("\(source.place): resource name may not be empty. Add \"name:\" under \"metadata:\".")
  }
}

extension Client {
  /// The object, or nil when there is none.
  func getIfThere(_ path: String) async throws -> Value? {
    do { return try await get(path) } catch let error as ServerError where error.isNotFound { return nil }
  }
}

extension ServerError {
  fileprivate func applying(_ patch: Value, _ item: Item, _ source: String) -> ServerError {
    var error = self
    error.context =
      "error when applying patch:\n\(patch.encodedString)\nto:\nResource: \"\(item.resource.group)/"
      + "\(item.resource.version), Resource=\(item.resource.name)\", GroupVersionKind: \"\(item.resource.apiVersion), "
      + "Kind=\(item.resource.kind)\"\nName: \"\(item.name)\", Namespace: \"\(item.namespace ?? "")\"\n"
      + "for: \"\(source)\": error when patching \"\(source)\": "
    return error
  }
}

// MARK: - replace

extension Command {
  static let replace = Command(
    name: "replace", summary: "Replace a resource by file name or stdin", usage: "-f FILENAME [options]",
    flags: Flag.objects + Flag.printing + [
      .dryRun, .fieldManager, .validate,
      Flag("force", nil, .toggle, "Delete the resources and create them again"),
    ]
  ) { invocation in
    let dryRun = try invocation.dryRun()
    let client = try invocation.server()
    let items = try invocation.items(try invocation.manifests(), try await Discovery(client))
    try await collectingFailures(items) { item in
      try item.requireName()
      var replaced = item
      let query = dryRun.query + invocation.writeQuery("kubectl-replace")
      if invocation.arguments.isOn("force"), dryRun == .none {
        try await invocation.delete(item, Deletion(gracePeriod: 0, waits: true))
        replaced.object = try await client.send("POST", item.collectionPath, query: query, item.object)
      } else if dryRun != .client {
        do { replaced.object = try await client.send("PUT", item.path, query: query, item.object) } catch let error
          as ServerError
        {
          throw error.when("replacing \"\(item.source?.source ?? "")\"")
        }
      }
      try invocation.report(replaced, "replaced\(dryRun.note)")
    }
  }
}
