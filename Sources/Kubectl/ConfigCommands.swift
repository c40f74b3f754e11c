// `kubectl config`: the kubeconfig files, shown and changed.

import Foundation
import Objects
import YAMLCoding

extension Command {
  private static let offline: @Sendable (Arguments) -> Bool = { _ in false }

  static let config: [Command] = [
    Command(
      name: "config view", summary: "Display merged kubeconfig settings or a specified kubeconfig file",
      usage: "[options]",
      flags: Flag.printing + [
        Flag("minify", nil, .toggle, "Remove all information not used by current-context from the output"),
        Flag("raw", nil, .toggle, "Display raw byte data and sensitive data"),
        Flag("flatten", nil, .toggle, "Flatten the resulting kubeconfig file into self-contained output"),
      ], needsServer: offline
    ) { invocation in
      var config = try invocation.kubeconfig()
      if invocation.arguments.isOn("minify") { try config.minify(to: invocation.arguments["context"]) }
      let shown = invocation.arguments.isOn("raw") ? config.merged : config.redacted
      let output = try invocation.output()
      if case .human = output { invocation.write(YAML.text(shown)) } else { try invocation.show(shown, output) }
    },
    Command(
      name: "config current-context", summary: "Display the current-context", usage: "[options]", needsServer: offline
    ) { invocation in
      let current = try invocation.kubeconfig().currentContext
      guard !current.isEmpty else { throw Failure.error("current-context is not set") }
      invocation.say(current)
    },
    Command(
      name: "config get-contexts", summary: "Describe one or many contexts", usage: "[(-o|--output=)name)] [options]",
      flags: [.output, Flag("no-headers", nil, .toggle, "Don't print headers")], needsServer: offline
    ) { invocation in
      let config = try invocation.kubeconfig()
      var entries = config.merged["contexts"]?.array ?? []
      for name in invocation.operands where !entries.contains(where: { $0["name"].text == name }) {
        throw Failure.error("context \(name) not found")
      }
      if !invocation.operands.isEmpty { entries = entries.filter { invocation.operands.contains($0["name"].text) } }
      if invocation.arguments["output"] == "name" {
        for entry in entries { invocation.say(entry["name"].text) }
        return
      }
      var rows =
        invocation.arguments.isOn("no-headers") ? [] : [["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]]
      for entry in entries {
        let context = entry["context"]
        rows.append([
          entry["name"].text == config.currentContext ? "*" : "", entry["name"].text, context?["cluster"].text ?? "",
          context?["user"].text ?? "", context?["namespace"].text ?? "",
        ])
      }
      var columns = Columns()
      invocation.write(columns.lines(rows))
    },
    Command(
      name: "config get-clusters", summary: "Display clusters defined in the kubeconfig", usage: "[options]",
      needsServer: offline
    ) { invocation in
      invocation.say("NAME")
      for entry in try invocation.kubeconfig().merged["clusters"]?.array ?? [] { invocation.say(entry["name"].text) }
    },
    Command(
      name: "config use-context", summary: "Set the current-context in a kubeconfig file",
      usage: "CONTEXT_NAME [options]",
      needsServer: offline
    ) { invocation in
      guard let name = invocation.operands.first, invocation.operands.count == 1 else {
        throw invocation.usage("unexpected args: [\(invocation.operands.joined(separator: " "))]")
      }
      let config = try invocation.kubeconfig()
      guard config.entry("contexts", "context", named: name) != nil else {
        throw Failure.error("no context exists with the name: \"\(name)\"")
      }
      try config.rewrite(config.writablePath, invocation.world) { $0["current-context"] = .string(name) }
      invocation.say("Switched to context \"\(name)\".")
    },
    Command(
      name: "config set-context", summary: "Set a context entry in kubeconfig",
      usage: "[NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace] [options]",
      flags: [Flag("current", nil, .toggle, "Modify the current context")], needsServer: offline
    ) { try $0.setContext() },
  ]
}

extension Invocation {
  fileprivate func setContext() throws {
    let config = try kubeconfig()
    guard let name = arguments.isOn("current") ? config.currentContext : operands.first, !name.isEmpty else {
      throw Failure.error("you must specify a non-empty context name or --current")
    }
    let isKnown = config.entry("contexts", "context", named: name) != nil
    let home = config.files.first { file in
      (file.content["contexts"]?.array ?? []).contains { $0["name"].text == name }
    }
    try config.rewrite(home?.path ?? config.writablePath, world) { content in
      var entries = content["contexts"]?.array ?? []
      let index = entries.firstIndex { $0["name"].text == name } ?? entries.count
      if index == entries.count { entries.append(["context": .emptyObject, "name": .string(name)]) }
      for flag in ["cluster", "namespace", "user"] {
        if let value = arguments[flag] { entries[index]["context", default: .emptyObject][flag] = .string(value) }
      }
      content["contexts"] = .array(entries)
    }
    say("Context \"\(name)\" \(isKnown ? "modified" : "created").")
  }
}

extension Kubeconfig {
  /// Changes one file, and nothing of what other files say.
  fileprivate func rewrite(_ path: String, _ world: World, _ change: (inout Value) -> Void) throws {
    var content = try world.read(path).flatMap { try YAML.documents(in: $0, file: path).first?.value } ?? Self.empty
    change(&content)
    do {
      let file = URL(filePath: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(YAML.text(content).utf8).write(to: file, options: .atomic)
      // The file may hold a private key.
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    } catch {
      throw Failure.error("open \(path): \(error.localizedDescription)")
    }
  }

  /// Keeps the entries that one context uses.
  fileprivate mutating func minify(to name: String?) throws {
    let name = name ?? currentContext
    guard !name.isEmpty else { throw Failure.error("current-context must exist in order to minify") }
    guard let context = entry("contexts", "context", named: name) else {
      throw Failure.error("cannot locate context \(name)")
    }
    let kept = ["contexts": name, "clusters": context["cluster"].text, "users": context["user"].text]
    for list in ["clusters", "contexts", "users"] {
      merged[list] = .array((merged[list]?.array ?? []).filter { $0["name"].text == kept[list] })
    }
    merged["current-context"] = .string(name)
  }

  /// Without keys and tokens, and without the long data of certificates.
  fileprivate var redacted: Value {
    var config = merged
    let secrets = [
      ("clusters", "cluster", "certificate-authority-data", "DATA+OMITTED"),
      ("users", "user", "client-certificate-data", "DATA+OMITTED"),
      ("users", "user", "client-key-data", "DATA+OMITTED"),
      ("users", "user", "token", "REDACTED"), ("users", "user", "password", "REDACTED"),
    ]
    for (list, part, field, word) in secrets {
      guard let entries = config[list]?.array else { continue }
      config[list] = .array(
        entries.map { entry in
          var entry = entry
          if entry[part]?[field] != nil { entry[part]?[field] = .string(word) }
          return entry
        })
    }
    return config
  }
}
