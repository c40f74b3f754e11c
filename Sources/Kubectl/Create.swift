// `kubectl create` and `kubectl run`.

import Objects

extension Command {
  static let newFlags: [Flag] =
    Flag.printing + [
      .dryRun, .fieldManager, .validate,
      Flag("save-config", nil, .toggle, "Save the configuration of current object in its annotation"),
    ]

  static let isOnline: @Sendable (Arguments) -> Bool = {
    !["client", "unchanged"].contains($0["dry-run"] ?? "none")
  }

  static let create: [Command] = [
    Command(
      name: "create", summary: "Create a resource from a file or from stdin", usage: "-f FILENAME [options]",
      flags: Flag.objects + newFlags
    ) { invocation in
      if let word = invocation.operands.first {
        throw invocation.usage("unknown command \"\(word)\"")
      }
      let items = try invocation.items(try invocation.manifests(), try await Discovery(try invocation.server()))
      try await collectingFailures(items) { item in
        try item.requireName(unlessGenerated: true)
        try await invocation.create(item)
      }
    },
    Command(
      name: "create deployment", summary: "Create a deployment with the specified name",
      usage: "NAME --image=image -- [COMMAND] [args...] [options]",
      flags: newFlags + [
        Flag("image", nil, .list, "Image names to run"),
        Flag("port", nil, .number, "The containerPort that this deployment exposes"),
        Flag("replicas", "r", .number, "Number of replicas to create. Default is 1"),
      ], needsServer: isOnline
    ) { invocation in
      let name = try invocation.onlyName()
      let images = invocation.arguments.list("image")
      guard !images.isEmpty else { throw Failure.error("required flag(s) \"image\" not set") }
      let command = Array(invocation.operands.dropFirst())
      guard command.isEmpty || images.count == 1 else {
        throw Failure.error("cannot specify multiple --image options and command")
      }
      try await invocation.create(
        Generate.deployment(
          name: name, images: images, command: command, replicas: invocation.arguments.number("replicas") ?? 1,
          port: invocation.arguments.number("port")),
        Resource(
          group: "apps", version: "v1", name: "deployments", singular: "deployment", kind: "Deployment",
          isNamespaced: true))
    },
    Command(
      name: "create namespace", summary: "Create a namespace with the specified name", usage: "NAME [options]",
      flags: newFlags, needsServer: isOnline
    ) { invocation in
      try await invocation.create(
        [
          "apiVersion": "v1", "kind": "Namespace",
          "metadata": ["name": .string(try invocation.onlyName()), "creationTimestamp": nil],
          "spec": .emptyObject, "status": .emptyObject,
        ],
        Resource(
          group: "", version: "v1", name: "namespaces", singular: "namespace", kind: "Namespace", isNamespaced: false))
    },
  ]

  static let run = Command(
    name: "run", summary: "Run a particular image on the cluster",
    usage: "NAME --image=image [--env=\"key=value\"] [--port=port] [--dry-run=server|client] "
      + "[--command] -- [COMMAND] [args...] [options]",
    flags: newFlags + [
      Flag("annotations", nil, .list, "Annotations to apply to the pod"),
      Flag("command", nil, .toggle, "Use extra arguments as the 'command' field rather than 'args'"),
      Flag("env", nil, .list, "Environment variables to set in the container"),
      Flag("image", "The image for the container to run"),
      Flag("image-pull-policy", "The image pull policy for the container"),
      Flag("labels", "l", .list, "Comma separated labels to apply to the pod"),
      Flag("port", nil, .number, "The port that this container exposes"),
      Flag("restart", "The restart policy for this Pod. Legal values [Always, OnFailure, Never]"),
    ], needsServer: isOnline
  ) { invocation in
    try await invocation.create(
      Generate.pod(try invocation.podRequest()),
      Resource(group: "", version: "v1", name: "pods", singular: "pod", kind: "Pod", isNamespaced: true),
      manager: "kubectl-run")
  }
}

extension Item {
  /// As ``requireName()``; a name that the server makes up will do too.
  fileprivate func requireName(unlessGenerated: Bool) throws {
    if unlessGenerated, object["metadata"]?["generateName"]?.string.nonEmpty != nil { return }
    try requireName()
  }
}

extension Invocation {
  fileprivate func create(_ item: Item) async throws {
    let dryRun = try dryRun()
    var created = item
    if arguments.isOn("save-config") { created.object = LastApplied.annotated(item.object) }
    if dryRun != .client {
      do {
        created.object = try await server().send(
          "POST", item.collectionPath, query: dryRun.query + writeQuery("kubectl-create"), created.object)
      } catch let error as ServerError {
        throw error.when("creating \"\(item.source?.source ?? "")\"")
      }
      created.name = created.object["metadata"]?["name"].text ?? item.name
    }
    try report(created, "created\(dryRun.note)")
  }

  func create(
    _ object: Value, _ resource: Resource, manager: String = "kubectl-create", done: String = "created"
  ) async throws {
    let dryRun = try dryRun()
    var object = object
    if resource.isNamespaced, dryRun != .client || arguments["namespace"] != nil {
      object["metadata"]?["namespace"] = .string(namespace)
    }
    var created = Item(
      resource: resource, namespace: resource.isNamespaced ? namespace : nil,
      name: object["metadata"]?["name"].text ?? "", object: object)
    if dryRun != .client {
      created.object = try await server().send(
        "POST", created.collectionPath, query: dryRun.query + writeQuery(manager), object)
    }
    try report(created, "\(done)\(dryRun.note)")
  }

  func onlyName() throws -> String {
    let names = arguments.operandsBeforeDashes.map { operands.prefix($0) } ?? operands[...]
    guard let name = names.first, names.count == 1 else {
      throw usage("exactly one NAME is required, got \(names.count)")
    }
    return name
  }

  fileprivate func podRequest() throws -> Generate.PodRequest {
    guard let name = operands.first else { throw usage("NAME is required for run") }
    guard let image = arguments["image"].nonEmpty else { throw Failure.error("required flag(s) \"image\" not set") }
    var request = Generate.PodRequest(name: name, image: image)
    request.restartPolicy = arguments["restart"] ?? "Always"
    guard ["Always", "OnFailure", "Never"].contains(request.restartPolicy) else {
      throw usage("invalid restart policy: \(request.restartPolicy)")
    }
    let words = Array(operands.dropFirst())
    if arguments.isOn("command") { request.command = words } else { request.arguments = words }
    func pairs(_ words: [String], _ what: String) throws -> [(name: String, value: String)] {
      try words.map { word in
        guard let pair = pair(word) else { throw Failure.error("invalid \(what): \(word)") }
        return pair
      }
    }
    request.environment = try pairs(arguments.all("env"), "env")
    request.labels = try pairs(arguments.list("labels"), "label")
    request.annotations = try pairs(arguments.all("annotations"), "annotation")
    request.port = arguments.number("port")
    request.pullPolicy = arguments["image-pull-policy"]
    return request
  }
}
