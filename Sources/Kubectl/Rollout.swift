// `kubectl rollout`: how far a new version has come, which versions there were, and the way back.

import Objects

extension Command {
  static let rollout: [Command] = [
    Command(
      name: "rollout status", summary: "Show the status of the rollout",
      usage: "(TYPE NAME | TYPE/NAME) [flags] [options]",
      flags: Flag.objects + [
        .timeout, Flag("watch", "w", .toggle, "Watch the status of the rollout until it's done"),
        Flag("revision", nil, .number, "Pin to a specific revision for showing its status"),
      ]
    ) { invocation in
      try await collectingFailures(try await invocation.rolledOut()) { try await invocation.showStatus(of: $0) }
    },
    Command(
      name: "rollout history", summary: "View rollout history", usage: "(TYPE NAME | TYPE/NAME) [flags] [options]",
      flags: Flag.objects + Flag.printing + [
        Flag("revision", nil, .number, "See the details, including podTemplate of the revision specified")
      ]
    ) { invocation in
      for item in try await invocation.rolledOut() { try await invocation.showHistory(of: item) }
    },
    Command(
      name: "rollout undo", summary: "Undo a previous rollout", usage: "(TYPE NAME | TYPE/NAME) [flags] [options]",
      flags: Flag.objects + Flag.printing + [
        .dryRun, Flag("to-revision", nil, .number, "The revision to rollback to. Default to 0 (last revision)"),
      ]
    ) { invocation in
      try await collectingFailures(try await invocation.rolledOut()) { try await invocation.undo($0) }
    },
    changing("pause", "Mark the provided resource as paused", done: "paused") { item, _ in
      if item.object["spec"]?["paused"] == true {
        throw Failure.error("\(item.resource.qualifiedName) \"\(item.name)\" is already paused")
      }
      return ["spec": ["paused": true]]
    },
    changing("resume", "Resume a paused resource", done: "resumed") { item, _ in
      guard item.object["spec"]?["paused"] == true else {
        throw Failure.error("\(item.resource.qualifiedName) \"\(item.name)\" is not paused")
      }
      return ["spec": ["paused": nil]]
    },
    changing("restart", "Restart a resource", done: "restarted") { item, now in
      if item.object["spec"]?["paused"] == true {
        throw Failure.error("can't restart paused deployment (run rollout resume first)")
      }
      let annotations: Value = ["kubectl.kubernetes.io/restartedAt": .string(now.rfc3339)]
      return ["spec": ["template": ["metadata": ["annotations": annotations]]]]
    },
  ]

  private static func changing(
    _ verb: String, _ summary: String, done: String,
    _ patch: @escaping @Sendable (Item, Time) throws -> Value
  ) -> Command {
    Command(
      name: "rollout \(verb)", summary: summary, usage: "RESOURCE [options]",
      flags: Flag.objects + Flag.printing + [.fieldManager]
    ) { invocation in
      try await collectingFailures(try await invocation.rolledOut()) { item in
        if verb != "restart", item.resource.kind != "Deployment" {
          throw item.isNotSupported(verb == "pause" ? "pausing" : "resuming")
        }
        var changed = item
        changed.object = try await invocation.server().send(
          "PATCH", item.path, query: [(name: "fieldManager", value: "kubectl-rollout")],
          try patch(item, invocation.world.now()), as: Client.Media.mergePatch)
        try invocation.report(changed, done)
      }
    }
  }
}

extension Item {
  fileprivate func isNotSupported(_ what: String) -> Failure {
    .error("\(resource.qualifiedName) \"\(name)\" \(what) is not supported")
  }
}

extension Invocation {
  fileprivate func rolledOut() async throws -> [Item] {
    guard !operands.isEmpty || !arguments.all("filename").isEmpty else {
      throw Failure.error("required resource not specified")
    }
    let items = try await liveItems(try await Discovery(try server()), allowsAll: true)
    for item in items where !["Deployment", "DaemonSet", "StatefulSet"].contains(item.resource.kind) {
      let verb = String(command.split(separator: " ").last ?? "")
      let viewers = ["status": "status viewer", "history": "history viewer", "undo": "rollbacker"]
      if let what = viewers[verb] {
        let kind = item.resource.kind + (item.resource.group.isEmpty ? "" : ".\(item.resource.group)")
        throw Failure.error("no \(what) has been implemented for \(verb == "status" ? kind : "\"\(kind)\"")")
      }
      throw item.isNotSupported(verb == "pause" ? "pausing" : verb == "resume" ? "resuming" : "restarting")
    }
    return items
  }

  fileprivate func showStatus(of item: Item) async throws {
    let watches = arguments.isOn("watch", default: true)
    let limit = arguments.duration("timeout").flatMap { $0 > .zero ? $0 : nil }
    let revision = arguments.number("revision")
    guard watches else {
      return say(try RolloutStatus(of: item.object, kind: item.resource.kind, revision: revision).text)
    }
    let isInTime = try await within(limit) {
      try await follow(item) { object in
        guard let object else { throw Failure.error("object has been deleted") }
        let status = try RolloutStatus(of: object, kind: item.resource.kind, revision: revision)
        say(status.text)
        return status.isDone
      }
    }
    if !isInTime { throw Failure.error("timed out waiting for the condition") }
  }
}

/// How far a rollout is, in kubectl's sentences.
struct RolloutStatus: Equatable {
  var text: String
  var isDone = false

  /// - Throws: `Failure` for a rollout that has failed.
  init(of object: Value, kind: String, revision: Int? = nil) throws {
    let (spec, status) = (object["spec"], object["status"])
    let name = object["metadata"]?["name"].text ?? ""
    func count(_ field: String) -> Int64 { status?[field]?.integer ?? 0 }
    let wanted = spec?["replicas"]?.integer ?? 1
    if let revision, kind == "Deployment", let current = object.revision, current != revision {
      throw Failure.error("desired revision (\(revision)) is different from the running revision (\(current))")
    }
    if kind != "Deployment", spec?["updateStrategy"]?["type"] == "OnDelete" {
      throw Failure.error("rollout status is only available for RollingUpdate strategy type")
    }
    guard (object["metadata"]?["generation"]?.integer ?? 0) <= count("observedGeneration") else {
      text =
        "Waiting for \(kind == "Deployment" ? "deployment" : kind == "DaemonSet" ? "daemon set" : "statefulset") spec update to be observed..."
      return
    }
    func progress(_ what: String, _ rest: String) -> String {
      "Waiting for \(what) \"\(name)\" rollout to finish: \(rest)..."
    }
    switch kind {
    case "DaemonSet":
      let desired = count("desiredNumberScheduled")
      if count("updatedNumberScheduled") < desired {
        text = progress("daemon set", "\(count("updatedNumberScheduled")) out of \(desired) new pods have been updated")
      } else if count("numberAvailable") < desired {
        text = progress("daemon set", "\(count("numberAvailable")) of \(desired) updated pods are available")
      } else {
        (text, isDone) = ("daemon set \"\(name)\" successfully rolled out", true)
      }
    case "StatefulSet":
      if count("readyReplicas") < wanted {
        text = "Waiting for \(wanted - count("readyReplicas")) pods to be ready..."
      } else if let rolling = spec?["updateStrategy"]?["rollingUpdate"] {
        let (updated, all) = (count("updatedReplicas"), wanted - (rolling["partition"]?.integer ?? 0))
        isDone = updated >= all
        text =
          isDone
          ? "partitioned roll out complete: \(updated) new pods have been updated..."
          : "Waiting for partitioned roll out to finish: \(updated) out of \(all) new pods have been updated..."
      } else if status?["updateRevision"] != status?["currentRevision"] {
        text =
          "waiting for statefulset rolling update to complete \(count("updatedReplicas")) pods at revision "
          + "\(status?["updateRevision"].text ?? "")..."
      } else {
        text =
          "statefulset rolling update complete \(count("currentReplicas")) pods at revision "
          + "\(status?["currentRevision"].text ?? "")..."
        isDone = true
      }
    default:
      let conditions = status?["conditions"]?.array ?? []
      if conditions.contains(where: { $0["type"] == "Progressing" && $0["reason"] == "ProgressDeadlineExceeded" }) {
        throw Failure.error("deployment \"\(name)\" exceeded its progress deadline")
      }
      let (replicas, updated, available) = (count("replicas"), count("updatedReplicas"), count("availableReplicas"))
      if updated < wanted {
        text = progress("deployment", "\(updated) out of \(wanted) new replicas have been updated")
      } else if replicas > updated {
        text = progress("deployment", "\(replicas - updated) old replicas are pending termination")
      } else if available < updated {
        text = progress("deployment", "\(available) of \(updated) updated replicas are available")
      } else {
        (text, isDone) = ("deployment \"\(name)\" successfully rolled out", true)
      }
    }
  }
}

extension Value {
  /// The revision that a Deployment or one of its ReplicaSets is.
  var revision: Int? {
    self["metadata"]?["annotations"]?["deployment.kubernetes.io/revision"]?.string.flatMap { Int($0) }
  }
}
