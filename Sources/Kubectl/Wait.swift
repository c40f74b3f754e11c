// `kubectl wait`.

import Objects

extension Command {
  static let wait = Command(
    name: "wait", summary: "Wait for a specific condition on one or many resources",
    usage: "([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) "
      + "[--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]] [options]",
    flags: Flag.objects + Flag.printing + [
      .all, .allNamespaces, .fieldSelector, .timeout, Flag("for", "The condition to wait on"),
    ]
  ) { try await $0.wait() }
}

/// What `--for` asks for.
enum WaitGoal {
  case gone
  case created
  case condition(String, status: String)
  case value(JSONPath, equals: String?)

  init(_ text: String) throws {
    let lowered = text.lowercased()
    if lowered == "delete" {
      self = .gone
    } else if lowered == "create" {
      self = .created
    } else if lowered.hasPrefix("condition="), text.count > 10 {
      let parts = text.dropFirst(10).split(separator: "=", maxSplits: 1).map(String.init)
      self = .condition(parts.first ?? "", status: parts.count > 1 ? parts[1] : "true")
    } else if lowered.hasPrefix("jsonpath=") {
      let rest = String(text.dropFirst(9))
      // The value stands behind the path's braces; without braces, behind the first equals sign.
      let split = rest.firstIndex(of: "}").map { rest.index(after: $0) } ?? rest.firstIndex(of: "=") ?? rest.endIndex
      let value = rest[split...].first == "=" ? String(rest[split...].dropFirst()) : nil
      if value == "" { throw Failure.error("jsonpath wait value cannot be empty") }
      do { self = .value(try JSONPath(relaxed: String(rest[..<split])), equals: value) } catch {
        throw Failure.error("\(error)")
      }
    } else {
      throw Failure.error("unrecognized condition: \"\(text)\"")
    }
  }

  /// Whether an object, nil for none, is what was asked for.
  func isMet(by object: Value?) -> Bool {
    switch self {
    case .gone: return object == nil
    case .created: return object != nil
    case .condition(let type, let status):
      guard let object else { return false }
      // What the status says about an older version of the object does not count.
      if let seen = object["status"]?["observedGeneration"]?.integer,
        seen < object["metadata"]?["generation"]?.integer ?? 0
      {
        return false
      }
      return object.status(ofCondition: type)?.lowercased() == status.lowercased()
    case .value(let path, let wanted):
      guard let object, let found = try? path.values(in: object), !found.isEmpty else { return false }
      guard let wanted else { return true }
      return found.count == 1 && found[0].plainText == wanted
    }
  }
}

extension Invocation {
  fileprivate func wait() async throws {
    let goal = try WaitGoal(arguments["for"] ?? "")
    let given = arguments.duration("timeout") ?? .seconds(30)
    // A negative limit is a week: as good as none.
    let limit = given < .zero ? .seconds(7 * 86_400) : given
    let items: [Item]
    do { items = try await itemsToWaitFor(goal) } catch let error as ServerError {
      if case .gone = goal, error.isNotFound { return }
      throw error
    }
    guard !items.isEmpty else { throw Failure.error("no matching resources found") }
    try await collectingFailures(items) { item in
      let uid = item.object["metadata"]?["uid"]
      let isInTime = try await within(limit) {
        try await follow(item) { object in
          // Another object of the same name is not the one that was there.
          if case .gone = goal, uid != nil, let object, object["metadata"]?["uid"] != uid { return true }
          if object == nil, case .condition = goal {
            throw Failure.error("\(item.resource.name) \"\(item.name)\" not found")
          }
          return goal.isMet(by: object)
        }
      }
      guard isInTime else {
        throw Failure.error("timed out waiting for the condition on \(item.resource.name)/\(item.name)")
      }
      try report(item, "condition met")
    }
  }

  /// What is waited for; things that shall be created need not be there.
  private func itemsToWaitFor(_ goal: WaitGoal) async throws -> [Item] {
    let discovery = try await Discovery(try server())
    guard case .created = goal else { return try await liveItems(discovery) }
    if !arguments.all("filename").isEmpty { return try items(try manifests(), discovery) }
    return try Selection.all(operands, discovery).flatMap { selection in
      selection.names.map {
        Item(resource: selection.resource, namespace: selection.resource.isNamespaced ? namespace : nil, name: $0)
      }
    }
  }
}
