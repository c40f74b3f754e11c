// `kubectl set image` and `kubectl set env`: changes to the containers of a pod template.

import Objects

extension Command {
  private static let setFlags: [Flag] =
    Flag.objects + Flag.printing + [
      .all, .dryRun, .fieldManager,
      Flag("containers", "c", "The names of containers in the selected pod templates to change, may use wildcards"),
    ]

  static let set: [Command] = [
    Command(
      name: "set image", summary: "Update the image of a pod template",
      usage: "(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... [options]", flags: setFlags
    ) { invocation in
      let images = invocation.operands.compactMap(pair)
      let objects = invocation.operands.filter { pair($0) == nil }
      guard !objects.isEmpty || !invocation.arguments.all("filename").isEmpty else { throw Invocation.noResources }
      guard !images.isEmpty else { throw Failure.error("at least one image update is required") }
      try await invocation.changeContainers(of: objects, done: "image updated") { container in
        let name = container["name"].text
        guard let image = images.last(where: { $0.name == name || $0.name == "*" }) else { return nil }
        return ["image": .string(image.value)]
      } unlessFound: { names in
        images.first { $0.name != "*" && !names.contains($0.name) }.map {
          "unable to find container named \"\($0.name)\""
        }
      }
    },
    Command(
      name: "set env", summary: "Update environment variables on a pod template",
      usage: "RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N [options]",
      flags: setFlags + [
        Flag("env", "e", .list, "Specify a key-value pair for an environment variable to set into each container"),
        Flag("list", nil, .toggle, "If true, display the environment and any changes in the standard format"),
        Flag("overwrite", nil, .toggle, "If true, allow environment to be overwritten"),
      ]
    ) { try await $0.setEnvironment() },
  ]
}

extension Invocation {
  fileprivate func setEnvironment() async throws {
    let words = operands + arguments.all("env")
    let isRemoval = { (word: String) in word.hasSuffix("-") && !word.contains("/") && word != words.first }
    let set = words.compactMap(pair)
    let removed = words.filter(isRemoval).map { String($0.dropLast()) }
    let objects = operands.filter { pair($0) == nil && !isRemoval($0) }
    guard !objects.isEmpty || !arguments.all("filename").isEmpty else {
      throw Failure.error("one or more resources must be specified as <resource> <name> or <resource>/<name>")
    }
    let containers = arguments["containers"] ?? "*"
    if arguments.isOn("list") { return try await listEnvironment(objects) }
    guard !set.isEmpty || !removed.isEmpty else {
      throw Failure.error("at least one environment variable must be provided")
    }
    try await changeContainers(of: objects, done: "env updated") { container in
      guard containers == "*" || containers == container["name"].text else { return nil }
      let current = container["env"]?.array ?? []
      var changes: [Value] = []
      for (name, value) in set where !current.contains(where: { $0["name"].text == name && $0["value"].text == value })
      {
        changes.append(["name": .string(name), "value": .string(value), "valueFrom": nil])
      }
      for name in removed where current.contains(where: { $0["name"].text == name }) {
        changes.append(["$patch": "delete", "name": .string(name)])
      }
      return changes.isEmpty ? nil : ["env": .array(changes)]
    } unlessFound: { names in
      containers == "*" || names.contains(containers) ? nil : "unable to find container named \"\(containers)\""
    }
  }

  private func listEnvironment(_ objects: [String]) async throws {
    for item in try await liveItems(try await Discovery(try server()), of: objects) {
      for container in item.podSpec?["containers"]?.array ?? [] {
        say("# \(item.resource.kind) \(item.name), container \(container["name"].text)")
        for variable in container["env"]?.array ?? [] {
          let source = variable["valueFrom"].map { "# \(variable["name"].text) from \($0.encodedString)" }
          say(source ?? "\(variable["name"].text)=\(variable["value"].text)")
        }
      }
    }
  }

  /// Patches containers by name.
  ///
  /// - Parameter change: The members to change in a container; nil for none.
  /// - Parameter unlessFound: What is wrong when the containers have these names; nil when nothing is.
  fileprivate func changeContainers(
    of objects: [String], done: String, _ change: (Value) -> Value?, unlessFound: ([String]) -> String?
  ) async throws {
    let dryRun = try dryRun()
    let items = try await liveItems(try await Discovery(try server()), of: objects)
    try await collectingFailures(items) { item in
      guard let spec = item.podSpec else {
        throw Failure.error("\(item.resource.name)/\(item.name) has no pod template")
      }
      let lists = ["initContainers", "containers"]
      if let problem = unlessFound(lists.flatMap { (spec[$0]?.array ?? []).map { $0["name"].text } }) {
        throw Failure.error(problem)
      }
      var patch: Value = .emptyObject
      for list in lists {
        let changed = (spec[list]?.array ?? []).compactMap { container -> Value? in
          guard var update = change(container) else { return nil }
          // What is the same already is left out, so that nothing is rolled out for nothing.
          if let image = update["image"], image == container["image"] { return nil }
          update["name"] = container["name"]
          return update
        }
        if !changed.isEmpty { patch[list] = .array(changed) }
      }
      guard patch != .emptyObject else { return }
      var result = item
      if dryRun != .client {
        result.object = try await server().send(
          "PATCH", item.path,
          query: dryRun.query + [(name: "fieldManager", value: arguments["field-manager"] ?? "kubectl-set")],
          item.wrappingPodSpec(patch), as: Client.Media.strategicMergePatch)
      }
      try report(result, done + dryRun.note)
    }
  }
}

extension Item {
  private var podSpecPath: [String] {
    switch resource.kind {
    case "Pod": ["spec"]
    case "CronJob": ["spec", "jobTemplate", "spec", "template", "spec"]
    default: ["spec", "template", "spec"]
    }
  }

  /// The specification of its pods.
  var podSpec: Value? { podSpecPath.reduce(Optional(object)) { $0?[$1] } }

  func wrappingPodSpec(_ patch: Value) -> Value {
    podSpecPath.reversed().reduce(patch) { inner, name in .object(Members([(name, inner)])) }
  }
}
