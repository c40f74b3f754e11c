// `kubectl cordon`, `uncordon` and `taint`: which pods a node takes.

import Objects

extension Command {
  static let nodeCommands: [Command] =
    [
      ("cordon", true, "Mark node as unschedulable"), ("uncordon", false, "Mark node as schedulable"),
    ].map { name, isCordoned, summary in
      Command(name: name, summary: summary, usage: "NODE [options]", flags: [.dryRun, .selector]) { invocation in
        try await collectingFailures(try await invocation.nodes()) { try await invocation.cordon($0, isCordoned) }
      }
    } + [drain, taint]

  private static let taint = Command(
    name: "taint", summary: "Update the taints on one or more nodes",
    usage: "NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N [options]",
    flags: Flag.printing + [
      .all, .dryRun, .fieldManager, .selector, .validate,
      Flag("overwrite", nil, .toggle, "If true, allow taints to be overwritten"),
    ]
  ) { invocation in
    let changes = try TaintChanges(invocation.operands)
    let discovery = try await Discovery(try invocation.server())
    guard let type = changes.objects.first, try discovery.require(String(type.prefix { $0 != "/" })).kind == "Node"
    else {
      throw Failure.error("invalid resource type \(changes.objects.first ?? ""), only node types are supported")
    }
    let isSelecting = invocation.arguments.isOn("all") || invocation.arguments["selector"].nonEmpty != nil
    guard isSelecting || changes.objects.count > 1 || type.contains("/") else {
      throw Failure.error("at least one resource name must be specified since 'all' parameter is not set")
    }
    let nodes = try await invocation.liveItems(discovery, of: changes.objects)
    try await collectingFailures(nodes) { try await invocation.taint($0, changes) }
  }
}

extension Invocation {
  /// The nodes that operands or a selector name.
  func nodes() async throws -> [Item] {
    let isSelecting = arguments["selector"].nonEmpty != nil
    if operands.isEmpty, !isSelecting { throw usage("USAGE: \(command) NODE [flags]") }
    if !operands.isEmpty, isSelecting {
      throw usage("cannot specify both a node name and a --selector option")
    }
    return try await liveItems(try await Discovery(try server()), of: ["nodes"] + operands)
  }

  func cordon(_ node: Item, _ isCordoned: Bool) async throws {
    let (dryRun, done) = (try dryRun(), isCordoned ? "cordoned" : "uncordoned")
    if (node.object["spec"]?["unschedulable"] == true) == isCordoned {
      return say("\(node.title) already \(done)\(dryRun.note)")
    }
    if dryRun != .client {
      _ = try await server().send(
        "PATCH", node.path, query: dryRun.query, ["spec": ["unschedulable": isCordoned ? true : nil]],
        as: Client.Media.strategicMergePatch)
    }
    say("\(node.title) \(done)\(dryRun.note)")
  }

  fileprivate func taint(_ node: Item, _ changes: TaintChanges) async throws {
    let (dryRun, overwrites) = (try dryRun(), arguments.isOn("overwrite"))
    var taints = node.object["spec"]?["taints"]?.array ?? []
    let known = changes.added.filter { taints.contains(where: $0.isSame) }.map(\.key)
    guard known.isEmpty || overwrites else {
      throw Failure.error(
        "node \(node.name) already has \(known.joined(separator: ",")) taint(s) with same effect(s) and --overwrite is "
          + "false")
    }
    taints = changes.added.map(\.json) + taints.filter { old in !changes.added.contains { $0.isSame(as: old) } }
    for removed in changes.removed {
      guard taints.contains(where: removed.isSame) else { throw Failure.error("taint \"\(removed)\" not found") }
      taints.removeAll(where: removed.isSame)
    }
    var changed = node
    if dryRun != .client {
      changed.object = try await server().send(
        "PATCH", node.path,
        query: dryRun.query + [(name: "fieldManager", value: arguments["field-manager"] ?? "kubectl-taint")],
        ["spec": ["taints": taints.isEmpty ? nil : .array(taints)]], as: Client.Media.strategicMergePatch)
    }
    let done = changes.added.isEmpty ? "untainted" : changes.removed.isEmpty ? "tainted" : "modified"
    try report(changed, (overwrites ? "modified" : done) + (dryRun == .server ? dryRun.note : ""))
  }
}

/// Operands of `taint`: objects, then `key=value:effect` and `key[:effect]-`.
struct TaintChanges: Equatable {
  struct Taint: Equatable, CustomStringConvertible {
    var key: String
    var value = ""
    /// Empty for all effects, which can only be removed.
    var effect = ""

    var description: String { effect.isEmpty ? key : "\(key):\(effect)" }

    var json: Value {
      var taint: Value = ["key": .string(key), "effect": .string(effect)]
      if !value.isEmpty { taint["value"] = .string(value) }
      return taint
    }

    func isSame(as other: Value) -> Bool {
      other["key"].text == key && (effect.isEmpty || other["effect"].text == effect)
    }

    fileprivate static func wrong(_ message: String) -> Failure { .usage(message, of: "taint") }

    init(_ word: String) throws {
      let parts = word.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
      let pair =
        parts.count == 1
        ? [word] : parts[0].split(separator: "=", omittingEmptySubsequences: false).map { String($0) }
      guard parts.count <= 2, pair.count <= 2 else {
        throw Self.wrong("invalid taint spec: \(word)")
      }
      key = pair[0]
      value = pair.count == 2 ? pair[1] : ""
      effect = parts.count == 2 ? parts[1] : ""
      guard parts.count == 1 || ["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(effect) else {
        throw Self.wrong("invalid taint effect: \(effect), unsupported taint effect")
      }
      let problems = Names.qualifiedNameProblems(key) + Names.labelValueProblems(value)
      if let problem = problems.first { throw Self.wrong("invalid taint spec: \(word), \(problem)") }
    }
  }

  var objects: [String] = []
  var added: [Taint] = []
  var removed: [Taint] = []

  /// - Throws: `Failure` in kubectl's words.
  init(_ operands: [String]) throws {
    let isTaint: (String) -> Bool = { $0.contains("=") || $0.contains(":") || $0.hasSuffix("-") }
    objects = Array(operands.prefix { !isTaint($0) })
    let words = operands.dropFirst(objects.count)
    if let late = words.first(where: { !isTaint($0) }) {
      throw Failure.error("all resources must be specified before taint changes: \(late)")
    }
    if objects.isEmpty { throw Failure.error("one or more resources must be specified as <resource> <name>") }
    if words.isEmpty { throw Failure.error("at least one taint update is required") }
    for word in words {
      guard !word.hasSuffix("-") else {
        removed.append(try Taint(String(word.dropLast())))
        continue
      }
      let taint = try Taint(word)
      if taint.effect.isEmpty { throw Taint.wrong("invalid taint spec: \(word)") }
      if added.contains(where: { $0.isSame(as: taint.json) }) {
        let shown = "{\(taint.key) \(taint.value) \(taint.effect) <nil>}"
        throw Taint.wrong("duplicated taints with the same key and effect: \(shown)")
      }
      added.append(taint)
    }
    let both = added.filter { taint in removed.contains { $0.isSame(as: taint.json) } }
    if !both.isEmpty {
      let shown = both.map { "\($0.key)=\($0.effect)" }.joined(separator: ", ")
      throw Failure.error("can not both modify and remove the following taint(s) in the same command: \(shown)")
    }
  }
}
