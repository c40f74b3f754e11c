// Small changes to objects that are there: `scale`, `set`, `label`, `annotate`, `patch`.

import Objects
import YAMLCoding

extension Command {
  static let scale = Command(
    name: "scale", summary: "Set a new size for a deployment, replica set, replication controller, or stateful set",
    usage:
      "[--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME) [options]",
    flags: Flag.objects + Flag.printing + [
      .all, .dryRun, .timeout,
      Flag("current-replicas", nil, .number, "Precondition for current size"),
      Flag("replicas", nil, .number, "The new desired number of replicas. Required"),
      Flag("resource-version", "Precondition for resource version"),
    ]
  ) { invocation in
    guard let replicas = invocation.arguments.number("replicas"), replicas >= 0 else {
      throw Failure.error("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0")
    }
    let items = try await invocation.liveItems(try await Discovery(try invocation.server()))
    try await collectingFailures(items) { try await invocation.scale($0, to: replicas) }
  }

  static let label = metadataCommand(
    "label", "Update the labels on a resource", field: "labels", word: "label", changed: "labeled")
  static let annotate = metadataCommand(
    "annotate", "Update the annotations on a resource", field: "annotations", word: "annotation", changed: "annotated")

  private static func metadataCommand(
    _ name: String, _ summary: String, field: String, word: String, changed: String
  ) -> Command {
    Command(
      name: name, summary: summary,
      usage: "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [options]",
      flags: Flag.objects + Flag.printing + [
        .all, .allNamespaces, .dryRun, .fieldManager, .fieldSelector,
        Flag("list", nil, .toggle, "Display the \(word)s for a given resource"),
        Flag("overwrite", nil, .toggle, "Allow \(word)s to be overwritten"),
        Flag("resource-version", "Only update when the current resource-version is this one"),
      ]
    ) { invocation in
      let changes = MetadataChanges(invocation.operands, word: word)
      if changes.isEmpty, !invocation.arguments.isOn("list") {
        throw Failure.error("at least one \(word) update is required")
      }
      let items = try await invocation.liveItems(try await Discovery(try invocation.server()), of: changes.objects)
      try await collectingFailures(items) { try await invocation.change($0, changes, field, changed) }
    }
  }

  static let patch = Command(
    name: "patch", summary: "Update fields of a resource",
    usage: "(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE] [options]",
    flags: Flag.objects + Flag.printing + [
      .dryRun, .fieldManager, Flag("patch", "p", "The patch to be applied to the resource JSON or YAML file"),
      Flag("patch-file", "A file containing a patch to be applied to the resource"),
      Flag("subresource", "Patch this subresource of the object, such as status"),
      Flag("type", "The type of patch being provided; one of [json merge strategic]"),
    ]
  ) { try await $0.patch() }
}

/// Operands of `label` and `annotate`: objects, then `key=value` and `key-`.
struct MetadataChanges: Equatable {
  var objects: [String] = []
  var assigned: [String: String] = [:]
  var removed: [String] = []
  let word: String

  init(_ operands: [String], word: String) {
    self.word = word
    for operand in operands {
      if let (name, value) = pair(operand) {
        assigned[name] = value
      } else if operand.hasSuffix("-"), !objects.isEmpty, !operand.dropLast().isEmpty {
        removed.append(String(operand.dropLast()))
      } else {
        objects.append(operand)
      }
    }
  }

  var isEmpty: Bool { assigned.isEmpty && removed.isEmpty }
}

extension Invocation {
  fileprivate func scale(_ item: Item, to replicas: Int) async throws {
    let dryRun = try dryRun()
    let (client, path) = (try server(), item.resource.path(in: item.namespace, item.name, "scale"))
    if let version = arguments["resource-version"], item.object["metadata"]?["resourceVersion"].text != version {
      throw Failure.error(
        "Expected resource version to be \(version), was \(item.object["metadata"]?["resourceVersion"].text ?? "")")
    }
    if let expected = arguments.number("current-replicas"), expected >= 0 {
      var scale = try await client.get(path)
      let actual = scale["spec"]?["replicas"]?.integer ?? 0
      guard actual == Int64(expected) else {
        throw Failure.error("Expected replicas to be \(expected), was \(actual)")
      }
      scale["spec", default: .emptyObject]["replicas"] = .integer(Int64(replicas))
      if dryRun != .client { _ = try await client.send("PUT", path, query: dryRun.query, scale) }
    } else if dryRun != .client {
      _ = try await client.send(
        "PATCH", path, query: dryRun.query, ["spec": ["replicas": .integer(Int64(replicas))]],
        as: Client.Media.mergePatch)
    }
    var scaled = item
    if case .human = try output() {} else { scaled.object = try await client.get(item.path) }
    try report(scaled, "scaled\(dryRun.note)")
  }

  fileprivate func change(_ item: Item, _ changes: MetadataChanges, _ field: String, _ changed: String) async throws {
    let dryRun = try dryRun()
    let current = item.object["metadata"]?[field]
    if arguments.isOn("list") {
      for (name, value) in (current?.members ?? Members()).sorted(by: { $0.name < $1.name }) {
        say("\(name)=\(value.plainText)")
      }
      return
    }
    var update = Members()
    for (name, value) in changes.assigned.sorted(by: { $0.key < $1.key }) where current?[name]?.string != value {
      if let old = current?[name], !arguments.isOn("overwrite") {
        throw Failure.error("'\(name)' already has a value (\(old.plainText)), and --overwrite is false")
      }
      update[name] = .string(value)
    }
    var removesOnly = changes.assigned.isEmpty
    for name in changes.removed {
      if changes.assigned[name] != nil {
        throw Failure.error("can not both modify and remove \(changes.word) \"\(name)\" in the same command")
      }
      if current?[name] == nil { say("\(changes.word) \"\(name)\" not found.") } else { update[name] = .null }
    }
    removesOnly = removesOnly && field == "labels"
    var result = item
    if !update.isEmpty, dryRun != .client {
      var metadata: Value = [:]
      metadata[field] = .object(update)
      if let version = arguments["resource-version"] { metadata["resourceVersion"] = .string(version) }
      result.object = try await server().send(
        "PATCH", item.path,
        query: dryRun.query + [
          (
            name: "fieldManager",
            value: arguments["field-manager"] ?? "kubectl-\(changes.word == "label" ? "label" : "annotate")"
          )
        ],
        ["metadata": metadata], as: Client.Media.mergePatch)
    }
    let word = update.isEmpty && field == "labels" ? "not labeled" : removesOnly ? "unlabeled" : changed
    try report(result, word + dryRun.note)
  }

  fileprivate func patch() async throws {
    let dryRun = try dryRun()
    var text = arguments["patch"]
    if let path = arguments["patch-file"] {
      guard let bytes = world.read(path) else {
        throw Failure.error("unable to read patch file: open \(path): no such file or directory")
      }
      text = String(decoding: bytes, as: UTF8.self)
    }
    guard let text = text.nonEmpty else {
      throw Failure.error("must specify --patch or --patch-file containing the contents of the patch")
    }
    let type = arguments["type"] ?? "strategic"
    let media = [
      "json": Client.Media.jsonPatch, "merge": Client.Media.mergePatch, "strategic": Client.Media.strategicMergePatch,
    ]
    guard let media = media[type] else {
      throw Failure.error("--type must be one of [json merge strategic], not \"\(type)\"")
    }
    let patch: Value
    do { patch = try YAML.documents(in: text).first?.value ?? .emptyObject } catch {
      throw Failure.error("unable to parse \"\(text)\": \(error)")
    }
    let items = try await liveItems(try await Discovery(try server()))
    try await collectingFailures(items) { item in
      var patched = item
      if dryRun != .client {
        patched.object = try await server().send(
          "PATCH", item.resource.path(in: item.namespace, item.name, arguments["subresource"]),
          query: dryRun.query + [(name: "fieldManager", value: arguments["field-manager"] ?? "kubectl-patch")],
          patch, as: media)
      }
      let isUnchanged =
        dryRun != .client
        && patched.object["metadata"]?["resourceVersion"] == item.object["metadata"]?["resourceVersion"]
      try report(patched, "patched\(isUnchanged && dryRun == .none ? " (no change)" : "")\(dryRun.note)")
    }
  }
}
