// `kubectl create job`, `create cronjob` and `create priorityclass`.

import Objects

extension Command {
  static let createWork: [Command] = [
    Command(
      name: "create job", summary: "Create a job with the specified name",
      usage: "NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...] [options]",
      flags: newFlags + [
        Flag("from", "The name of the resource to create a Job from (only cronjob is supported)"),
        Flag("image", "Image name to run"),
      ],
      // The template of a CronJob is on the server, whatever is done with it.
      needsServer: { $0["from"].nonEmpty != nil || isOnline($0) }
    ) { invocation in
      let name = try invocation.onlyName()
      let command = Array(invocation.operands.dropFirst())
      let (image, origin) = (invocation.arguments["image"].nonEmpty, invocation.arguments["from"].nonEmpty)
      guard (image == nil) != (origin == nil) else {
        throw Failure.error("either --image or --from must be specified")
      }
      let job: Value
      if let origin {
        if !command.isEmpty { throw Failure.error("cannot specify --from and command") }
        job = Generate.job(name: name, from: try await invocation.cronJob(origin))
      } else {
        job = Generate.job(name: name, image: image ?? "", command: command)
      }
      try await invocation.create(
        job, Resource(group: "batch", version: "v1", name: "jobs", singular: "job", kind: "Job", isNamespaced: true))
    },
    Command(
      name: "create cronjob", summary: "Create a cron job with the specified name",
      usage: "NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags] [options]",
      flags: newFlags + [
        Flag("image", "Image name to run"),
        Flag("restart", "job's restart policy. supported values: OnFailure, Never"),
        Flag("schedule", "A schedule in the Cron format the job should be run with"),
      ], needsServer: isOnline
    ) { invocation in
      for flag in ["image", "schedule"] where invocation.arguments[flag] == nil {
        throw Failure.error("required flag(s) \"\(flag)\" not set")
      }
      try await invocation.create(
        Generate.cronJob(
          name: try invocation.onlyName(), image: invocation.arguments["image"] ?? "",
          schedule: invocation.arguments["schedule"] ?? "", command: Array(invocation.operands.dropFirst()),
          restartPolicy: invocation.arguments["restart"].nonEmpty ?? "OnFailure"),
        Resource(
          group: "batch", version: "v1", name: "cronjobs", singular: "cronjob", kind: "CronJob", isNamespaced: true))
    },
    Command(
      name: "create priorityclass", summary: "Create a priority class with the specified name",
      usage: "NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none] [options]",
      flags: newFlags + [
        Flag("description", "An arbitrary string that describes when this priority class should be used"),
        Flag("global-default", nil, .toggle, "Whether this is the priority of pods that name no class"),
        Flag("preemption-policy", "The policy for preempting pods with lower priority"),
        Flag("value", nil, .number, "The value of this priority class"),
      ], needsServer: isOnline
    ) { invocation in
      let arguments = invocation.arguments
      var priorityClass: Value = [
        "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
        "metadata": ["name": .string(try invocation.onlyName()), "creationTimestamp": nil],
        "value": .integer(Int64(arguments.number("value") ?? 0)),
        "preemptionPolicy": .string(arguments["preemption-policy"] ?? "PreemptLowerPriority"),
      ]
      if arguments.isOn("global-default") { priorityClass["globalDefault"] = true }
      if let text = arguments["description"].nonEmpty { priorityClass["description"] = .string(text) }
      try await invocation.create(
        priorityClass,
        Resource(
          group: "scheduling.k8s.io", version: "v1", name: "priorityclasses", singular: "priorityclass",
          kind: "PriorityClass", isNamespaced: false))
    },
  ]
}

extension Invocation {
  /// The CronJob that "cronjob/NAME" means.
  fileprivate func cronJob(_ word: String) async throws -> Value {
    let items = try await liveItems(try await Discovery(try server()), of: [word])
    guard let item = items.first, items.count == 1 else { throw Failure.error("from must be an existing cronjob") }
    guard item.resource.kind == "CronJob" else {
      throw Failure.error("unknown object type *\(item.resource.version).\(item.resource.kind)")
    }
    return item.object
  }
}

extension Generate {
  private static func template(
    _ name: String, _ image: String, _ command: [String], _ restartPolicy: String
  ) -> Value {
    var container: Value = ["name": .string(name), "image": .string(image), "resources": .emptyObject]
    if !command.isEmpty { container["command"] = .array(command.map { .string($0) }) }
    return [
      "metadata": ["creationTimestamp": nil],
      "spec": ["containers": [container], "restartPolicy": .string(restartPolicy)],
    ]
  }

  static func job(name: String, image: String, command: [String]) -> Value {
    [
      "apiVersion": "batch/v1", "kind": "Job", "metadata": ["name": .string(name), "creationTimestamp": nil],
      "spec": ["template": template(name, image, command, "Never")], "status": .emptyObject,
    ]
  }

  /// A Job that a CronJob would make, made by hand; the CronJob owns it like its own.
  static func job(name: String, from cronJob: Value) -> Value {
    let template = cronJob["spec"]?["jobTemplate"]
    var annotations: Value = ["cronjob.kubernetes.io/instantiate": "manual"]
    for (name, value) in template?["metadata"]?["annotations"]?.members ?? Members() { annotations[name] = value }
    var metadata: Value = [
      "name": .string(name), "creationTimestamp": nil, "annotations": annotations,
      "ownerReferences": [
        [
          "apiVersion": "batch/v1", "kind": "CronJob", "name": cronJob["metadata"]?["name"] ?? "",
          "uid": cronJob["metadata"]?["uid"] ?? "", "controller": true,
        ]
      ],
    ]
    if let labels = template?["metadata"]?["labels"] { metadata["labels"] = labels }
    return [
      "apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template?["spec"] ?? .emptyObject,
      "status": .emptyObject,
    ]
  }

  static func cronJob(
    name: String, image: String, schedule: String, command: [String], restartPolicy: String
  ) -> Value {
    let metadata: Value = ["name": .string(name), "creationTimestamp": nil]
    return [
      "apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata,
      "spec": [
        "schedule": .string(schedule),
        "jobTemplate": [
          "metadata": metadata, "spec": ["template": template(name, image, command, restartPolicy)],
        ],
      ],
      "status": .emptyObject,
    ]
  }
}
