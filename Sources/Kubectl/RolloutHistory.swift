// The versions of what has pods' templates. A Deployment's are ReplicaSets that it owns, with their numbers in an
// annotation; those of StatefulSets and DaemonSets are ControllerRevisions.

import Objects

/// A version that was, or is.
private struct Revision {
  var number: Int
  /// The ReplicaSet or the ControllerRevision.
  var object: Value
  /// What pods were made from.
  var template: Value

  init?(_ object: Value) {
    if object["kind"] == "ControllerRevision" {
      guard let number = object["revision"]?.integer else { return nil }
      self.number = Int(number)
      template = object["data"]?["spec"]?["template"] ?? .emptyObject
      template["$patch"] = nil
    } else {
      guard let number = object.revision else { return nil }
      self.number = number
      template = object["spec"]?["template"] ?? .emptyObject
    }
    self.object = object
  }
}

extension Invocation {
  private func revisions(of item: Item) async throws -> [Revision] {
    let isDeployment = item.resource.kind == "Deployment"
    let selector = joinedPairs(item.object["spec"]?["selector"]?["matchLabels"])
    let objects = try await server().get(
      "/apis/apps/v1/namespaces/\((item.namespace ?? namespace).pathSegment)/"
        + (isDeployment ? "replicasets" : "controllerrevisions"),
      query: selector == "<none>" ? [] : [(name: "labelSelector", value: selector)])
    let uid = item.object["metadata"]?["uid"]
    return (objects["items"]?.array ?? []).compactMap { object -> Revision? in
      let owners = object["metadata"]?["ownerReferences"]?.array ?? []
      guard owners.contains(where: { $0["controller"] == true && $0["uid"] == uid }) else { return nil }
      var object = object
      // The items of a list leave out what the list says for all of them.
      object["kind"] = isDeployment ? "ReplicaSet" : "ControllerRevision"
      object["apiVersion"] = "apps/v1"
      return Revision(object)
    }.sorted { $0.number < $1.number }
  }

  func showHistory(of item: Item) async throws {
    let revisions = try await revisions(of: item)
    let wanted = arguments.number("revision") ?? 0
    guard wanted == 0 else {
      guard let found = revisions.first(where: { $0.number == wanted }) else {
        throw Failure.error("unable to find the specified revision")
      }
      if case .human = try output() {} else { return try show(found.object, try output()) }
      return say("\(item.title) with revision #\(wanted)\n\(found.text)")
    }
    if revisions.isEmpty { return say("\(item.title) \nNo rollout history found.") }
    let rows = revisions.map { revision in
      let cause = revision.object["metadata"]?["annotations"]?["kubernetes.io/change-cause"]?.string.nonEmpty
      return "\(revision.number)\t\(cause ?? "<none>")\n"
    }
    say("\(item.title) ")
    say(aligned("REVISION\tCHANGE-CAUSE\n" + rows.joined()))
  }

  /// Puts back the pods' template of an earlier version; the controller does the rest.
  func undo(_ item: Item) async throws {
    let dryRun = try dryRun()
    if item.object["spec"]?["paused"] == true {
      throw Failure.error(
        "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume "
          + "deployment/\(item.name)' and try again")
    }
    let isDeployment = item.resource.kind == "Deployment"
    let revisions = try await revisions(of: item)
    let wanted = arguments.number("to-revision") ?? 0
    if wanted == 0, revisions.count < 2, isDeployment {
      throw Failure.error("no rollout history found for deployment \"\(item.name)\"")
    }
    let found = wanted == 0 ? revisions.dropLast().last : revisions.first { $0.number == wanted }
    guard let target = found, wanted >= 0 else {
      throw Failure.error("unable to find specified revision \(wanted) in history")
    }
    if dryRun == .client, !isDeployment {
      return say("\(item.title) will roll back to \(target.text)\(dryRun.note)")
    }
    let template = target.template.withoutHash
    if template == item.object["spec"]?["template"]?.withoutHash {
      return try report(
        item, "skipped rollback (current template already matches revision \(target.number))\(dryRun.note)")
    }
    var result = item
    if dryRun != .client {
      let query = dryRun.query + [(name: "fieldManager", value: "kubectl-rollout")]
      result.object =
        isDeployment
        ? try await server().send(
          "PATCH", item.path, query: query, [["op": "replace", "path": "/spec/template", "value": template]],
          as: Client.Media.jsonPatch)
        : try await server().send(
          "PATCH", item.path, query: query, target.object["data"] ?? .emptyObject,
          as: Client.Media.strategicMergePatch)
    }
    try report(result, "rolled back\(dryRun.note)")
  }
}

extension Revision {
  /// As kubectl prints it: with tabs between the columns.
  fileprivate var text: String {
    var description = Description()
    description.podTemplate(template)
    return description.source
  }
}

extension Value {
  /// A template without the label that tells ReplicaSets apart.
  fileprivate var withoutHash: Value {
    var template = self
    template["metadata"]?["labels"]?["pod-template-hash"] = nil
    return template
  }
}
