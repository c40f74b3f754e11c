// The patch of `kubectl apply`. Three objects meet: what was applied last, what shall be applied now, and what the
// server has. What this manifest says and the server has differently is set; what the last manifest said and this one
// no longer does is removed; everything else belongs to somebody else and is left alone.

import Objects

enum ThreeWayPatch {
  /// A strategic merge patch, which merges known lists by key.
  static func strategic(original: Value, modified: Value, current: Value, kind: String) -> Value {
    let changes = StrategicDifference(kind: kind)
    return changes.patch(original: original, modified: modified, current: current, path: []) ?? .emptyObject
  }

  /// A JSON merge patch (RFC 7386), for custom resources.
  static func merge(original: Value, modified: Value, current: Value) -> Value {
    guard let wanted = modified.members else { return modified }
    var patch = Members()
    for (name, value) in wanted {
      guard let present = current[name] else {
        patch[name] = value
        continue
      }
      if value.members != nil, present.members != nil {
        let inner = merge(original: original[name] ?? .emptyObject, modified: value, current: present)
        if inner != .emptyObject { patch[name] = inner }
      } else if value != present {
        patch[name] = value
      }
    }
    for (name, _) in original.members ?? Members() where wanted[name] == nil && current[name] != nil {
      patch[name] = .null
    }
    return .object(patch)
  }
}

private struct StrategicDifference {
  let kind: String

  /// Nil when there is nothing to change.
  func patch(original: Value, modified: Value, current: Value, path: [String]) -> Value? {
    var patch = Members()
    for (name, value) in modified.members ?? Members() {
      let inside = path + [name]
      guard let present = current[name] else {
        // A member that is null asks for its absence, which is what there is.
        if value != .null { patch[name] = value }
        continue
      }
      switch (value, present) {
      case (.object, .object):
        let inner = self.patch(
          original: original[name] ?? .emptyObject, modified: value, current: present, path: inside)
        if var inner {
          if retainsKeys(kind: kind, path: inside) { inner["$retainKeys"] = value.retainedKeys }
          patch[name] = inner
        }
      case (.array(let wanted), .array(let elements)):
        patchList(name, original[name]?.array ?? [], wanted, elements, inside, into: &patch)
      default:
        if value != present { patch[name] = value }
      }
    }
    for (name, _) in original.members ?? Members() where modified[name] == nil && current[name] != nil {
      patch[name] = .null
    }
    return patch.isEmpty ? nil : .object(patch)
  }

  private func patchList(
    _ name: String, _ original: [Value], _ modified: [Value], _ current: [Value], _ path: [String],
    into patch: inout Members
  ) {
    switch listMerge(kind: kind, path: path) {
    case nil:
      if modified != current { patch[name] = .array(modified) }
    case .set:
      let added = modified.filter { !current.contains($0) }
      let removed = original.filter { !modified.contains($0) && current.contains($0) }
      if !removed.isEmpty { patch["$deleteFromPrimitiveList/\(name)"] = .array(removed) }
      if !added.isEmpty { patch[name] = .array(added) }
      if !added.isEmpty || !removed.isEmpty { patch["$setElementOrder/\(name)"] = .array(modified) }
    case .byKey(let key):
      guard modified.allSatisfy({ $0[key] != nil }), current.allSatisfy({ $0[key] != nil }) else {
        if modified != current { patch[name] = .array(modified) }
        return
      }
      let elements = changedElements(original, modified, current, key, path)
      let order = modified.compactMap { $0[key] }
      let isMoved =
        current.compactMap { $0[key] }.filter(order.contains)
        != order.filter { wanted in
          current.contains { $0[key] == wanted }
        }
      guard !elements.isEmpty || isMoved else { return }
      patch["$setElementOrder/\(name)"] = .array(order.map { [(key, $0)] }.map { .object(Members($0)) })
      if !elements.isEmpty { patch[name] = .array(elements) }
    }
  }

  private func changedElements(
    _ original: [Value], _ modified: [Value], _ current: [Value], _ key: String, _ path: [String]
  ) -> [Value] {
    var changes: [Value] = []
    for element in modified {
      guard let present = current.first(where: { $0[key] == element[key] }) else {
        changes.append(element)
        continue
      }
      let before = original.first { $0[key] == element[key] } ?? .emptyObject
      guard var change = patch(original: before, modified: element, current: present, path: path) else { continue }
      if retainsKeys(kind: kind, path: path) { change["$retainKeys"] = element.retainedKeys }
      change[key] = element[key]
      changes.append(change)
    }
    for element in original {
      guard let value = element[key], !modified.contains(where: { $0[key] == value }),
        current.contains(where: { $0[key] == value })
      else { continue }
      changes.append(.object(Members([("$patch", "delete"), (key, value)])))
    }
    return changes
  }
}

extension Value {
  fileprivate var retainedKeys: Value { .array((members?.names ?? []).sorted().map { .string($0) }) }
}
