// `kubectl diff` and `kubectl edit`: the commands that hand files to another program.

import Foundation
import Objects
import YAMLCoding

extension Command {
  static let diff = Command(
    name: "diff", summary: "Diff the live version against a would-be applied version", usage: "-f FILENAME [options]",
    flags: Flag.objects + [.fieldManager, .managedFields]
  ) { invocation in
    // diff's own code 1 says that there is a difference; a failure is anything above.
    do { try await invocation.diff() } catch let failure as Failure where failure.text.isEmpty { throw failure } catch {
      throw Failure(text: Failure(error).text, exitCode: 2)
    }
  }

  static let edit = Command(
    name: "edit", summary: "Edit a resource on the server", usage: "(RESOURCE/NAME | -f FILENAME) [options]",
    flags: Flag.objects + [.output, .fieldManager, .validate, .managedFields]
  ) { invocation in
    guard !invocation.operands.isEmpty || !invocation.arguments.all("filename").isEmpty else {
      throw Invocation.noResources
    }
    let items = try await invocation.liveItems(try await Discovery(try invocation.server()))
    try await collectingFailures(items) { try await invocation.edit($0) }
  }
}

extension Invocation {
  fileprivate func diff() async throws {
    let items = try items(try manifests(), try await Discovery(try server()))
    var pairs: [(name: String, live: String, merged: String)] = []
    for item in items {
      try item.requireName()
      let live = try await server().getIfThere(item.path)
      let merged = try await merged(item, live)
      func text(_ object: Value?) -> String {
        guard let object else { return "" }
        return YAML.text(arguments.isOn("show-managed-fields") ? object : object.withoutManagedFields)
      }
      let name = [item.resource.group, item.resource.version, item.resource.kind, item.namespace ?? "", item.name]
        .filter { !$0.isEmpty }.joined(separator: ".")
      pairs.append((name, text(live), text(merged)))
    }
    var differs = false
    if let program = world.environment["KUBECTL_EXTERNAL_DIFF"].nonEmpty {
      differs = try compare(pairs, with: program)
    } else {
      for pair in pairs {
        let difference = unifiedDiff(
          pair.live, pair.merged, oldName: "LIVE/\(pair.name)", newName: "MERGED/\(pair.name)")
        if difference.isEmpty { continue }
        differs = true
        write("diff -u -N LIVE/\(pair.name) MERGED/\(pair.name)\n" + difference)
      }
    }
    if differs { throw Failure.silent(1) }
  }

  /// What the server would make of a manifest.
  private func merged(_ item: Item, _ live: Value?) async throws -> Value {
    let dryRun = DryRun.server.query + [(name: "fieldManager", value: "kubectl-client-side-apply")]
    let modified = LastApplied.annotated(item.object)
    guard let live else { return try await server().send("POST", item.collectionPath, query: dryRun, modified) }
    let (patch, media) = item.patch(to: modified, from: live)
    return try await server().send("PATCH", item.path, query: dryRun, patch, as: media)
  }

  private func compare(_ pairs: [(name: String, live: String, merged: String)], with program: String) throws -> Bool {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "kubectl-diff-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (side, text) in [("LIVE", \(name: String, live: String, merged: String).live), ("MERGED", \.merged)] {
      let place = folder.appending(path: side)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      for pair in pairs where !pair[keyPath: text].isEmpty {
        try Data(pair[keyPath: text].utf8).write(to: place.appending(path: pair.name))
      }
    }
    let code = try runProgram(program, [folder.appending(path: "LIVE").path, folder.appending(path: "MERGED").path])
    if code > 1 { throw Failure(text: "error: \(program) failed with exit code \(code)", exitCode: code) }
    return code == 1
  }

  /// Runs a program with arguments of its own, as a shell would split them, in this terminal.
  private func runProgram(_ program: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "exec \(program) \"$@\"", program] + arguments
    do { try process.run() } catch { throw Failure.error("unable to launch \(program): \(error.localizedDescription)") }
    process.waitUntilExit()
    return process.terminationStatus
  }
}

// MARK: - edit

extension Invocation {
  private static let introduction = """
    # Please edit the object below. Lines beginning with a '#' will be ignored,
    # and an empty file will abort the edit. If an error occurs while saving this file will be
    # reopened with the relevant failures.
    #

    """

  fileprivate func edit(_ item: Item) async throws {
    let isJSON = arguments["output"] == "json"
    let shown = arguments.isOn("show-managed-fields") ? item.object : item.object.withoutManagedFields
    let original = isJSON ? shown.kubectlJSON : YAML.text(shown)
    let file = FileManager.default.temporaryDirectory
      .appending(
        path: "kubectl-edit-\(ProcessInfo.processInfo.processIdentifier)-\(item.name).\(isJSON ? "json" : "yaml")")
    let editor = ["KUBE_EDITOR", "EDITOR"].compactMap { world.environment[$0].nonEmpty }.first ?? "vi"
    var (text, problem) = (original, "")
    while true {
      let head = isJSON ? "" : Self.introduction + problem.split(separator: "\n").map { "# \($0)\n" }.joined()
      try Data((head + text).utf8).write(to: file)
      guard try runProgram(editor, [file.path]) == 0 else {
        throw Failure.error("there was a problem with the editor \"\(editor)\"")
      }
      let edited = String(decoding: world.read(file.path) ?? [], as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("#") }.joined(separator: "\n")
      if edited.trimmed.isEmpty {
        try? FileManager.default.removeItem(at: file)
        return complain("Edit cancelled, saved file was empty.")
      }
      if edited.trimmed == text.trimmed {
        guard problem.isEmpty else {
          throw Failure.error("Edit cancelled, no valid changes were saved. A copy of your changes is in \(file.path)")
        }
        try? FileManager.default.removeItem(at: file)
        return complain("Edit cancelled, no changes made.")
      }
      text = edited
      do {
        try await save(edited, of: item, shown)
        try? FileManager.default.removeItem(at: file)
        return
      } catch { problem = Failure(error).text }
    }
  }

  private func save(_ text: String, of item: Item, _ shown: Value) async throws {
    guard let edited = try YAML.documents(in: text).first?.value else {
      throw Failure.error("the file holds no object")
    }
    guard edited["metadata"]?["name"] == shown["metadata"]?["name"], edited["kind"] == shown["kind"] else {
      throw Failure.error("At least one of apiVersion, kind and name was changed")
    }
    let isKnown = hasMergeKeys(group: item.resource.group)
    let patch =
      isKnown
      ? ThreeWayPatch.strategic(original: shown, modified: edited, current: shown, kind: item.resource.kind)
      : ThreeWayPatch.merge(original: shown, modified: edited, current: shown)
    var result = item
    result.object = try await server().send(
      "PATCH", item.path, query: writeQuery("kubectl-edit"), patch,
      as: isKnown ? Client.Media.strategicMergePatch : Client.Media.mergePatch)
    try report(
      Item(resource: item.resource, namespace: item.namespace, name: item.name, object: result.object), "edited")
  }
}
