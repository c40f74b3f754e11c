// The versions of a Deployment. Each one is a ReplicaSet that the Deployment owns, with its number in an annotation.

import Objects

extension Invocation {
  private func revisions(of item: Item) async throws -> [(number: Int, set: Value)] {
    guard item.resource.kind == "Deployment" else {
      throw Failure.error("no history viewer has been implemented for \(item.resource.kind)")
    }
    let selector = joinedPairs(item.object["spec"]?["selector"]?["matchLabels"])
    let sets = try await server().get(
      "/apis/apps/v1/namespaces/\((item.namespace ?? namespace).pathSegment)/replicasets",
      query: selector == "<none>" ? [] : [(name: "labelSelector", value: selector)])
    let uid = item.object["metadata"]?["uid"]
    return (sets["items"]?.array ?? []).compactMap { set -> (number: Int, set: Value)? in
      let owners = set["metadata"]?["ownerReferences"]?.array ?? []
      guard owners.contains(where: { $0["controller"] == true && $0["uid"] == uid }) else { return nil }
      return set.revision.map { ($0, set) }
    }.sorted { $0.number < $1.number }
  }

  func showHistory(of item: Item) async throws {
    let revisions = try await revisions(of: item)
    let wanted = arguments.number("revision") ?? 0
    guard wanted == 0 else {
      guard let found = revisions.first(where: { $0.number == wanted }) else {
        throw Failure.error("unable to find the specified revision")
      }
      if case .human = try output() {} else { return try show(found.set, try output()) }
      say("\(item.title) with revision #\(wanted)")
      var description = Description()
      description.podTemplate(found.set["spec"]?["template"] ?? .emptyObject)
      return write(description.text + "\n")
    }
    if revisions.isEmpty { return say("\(item.title) \nNo rollout history found.") }
    let rows = revisions.map { number, set in
      "\(number)\t\(set["metadata"]?["annotations"]?["kubernetes.io/change-cause"]?.string.nonEmpty ?? "<none>")\n"
    }
    say("\(item.title) ")
    say(aligned("REVISION\tCHANGE-CAUSE\n" + rows.joined()))
  }

  /// Puts back the pods' template of an earlier version; the Deployment's controller does the rest.
  func undo(_ item: Item) async throws {
    let dryRun = try dryRun()
    if item.object["spec"]?["paused"] == true {
      throw Failure.error(
        "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume "
          + "deployment/\(item.name)' and try again")
    }
    let revisions = try await revisions(of: item)
    let wanted = arguments.number("to-revision") ?? 0
    let target: (number: Int, set: Value)
    if wanted == 0 {
      guard revisions.count >= 2 else {
        throw Failure.error("no rollout history found for deployment \"\(item.name)\"")
      }
      target = revisions[revisions.count - 2]
    } else {
      guard wanted > 0, let found = revisions.first(where: { $0.number == wanted }) else {
        throw Failure.error("unable to find specified revision \(wanted) in history")
      }
      target = found
    }
    let template = target.set["spec"]?["template"]?.withoutHash ?? .emptyObject
    if template == item.object["spec"]?["template"]?.withoutHash {
      return try report(
        item, "skipped rollback (current template already matches revision \(target.number))\(dryRun.note)")
    }
    var result = item
    if dryRun != .client {
      result.object = try await server().send(
        "PATCH", item.path, query: dryRun.query + [(name: "fieldManager", value: "kubectl-rollout")],
        [["op": "replace", "path": "/spec/template", "value": template]], as: Client.Media.jsonPatch)
    }
    try report(result, "rolled back\(dryRun.note)")
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
