import ControlLoop
import Objects

// A merge patch that knows the schema: lists are merged element by element, where the schema names a key to tell the
// elements apart. Specified by the Kubernetes documentation of `kubectl patch` ("strategic merge patch").
//
// Members of the patch whose names begin with "$" are directives:
//   $patch                        replace, delete or merge: what to do with the object or list element that it is in
//   $retainKeys                   members that are not named here go
//   $setElementOrder/<list>       the order of the merged list
//   $deleteFromPrimitiveList/<list>   elements to take out of a list of scalars

struct StrategicMergePatch {
  let scheme: Scheme

  /// The document after the patch. Throws a 400 for a directive or an element that makes no sense.
  func apply(_ patch: Value, to document: Value, as type: any Structure.Type) throws(StatusError) -> Value {
    guard let changes = patch.members else { throw .badRequest("a strategic merge patch must be an object") }
    return try merge(changes, into: document, as: .structure(type))
  }

  private func merge(_ patch: Members, into original: Value?, as type: FieldType) throws(StatusError) -> Value {
    var result = original?.members == nil ? .emptyObject : original ?? .emptyObject
    switch try directive(in: patch) {
    case .replace: return try merge(patch.without(Directive.name), into: nil, as: type)
    case .delete: return .emptyObject
    case .merge, nil: break
    }
    try retainKeys(patch, &result)
    for (name, elements) in patch {
      guard let list = name.suffix(after: "$deleteFromPrimitiveList/") else { continue }
      try removeScalars(elements, from: list, of: &result)
    }
    for (name, change) in patch where !name.hasPrefix("$") {
      let field = field(name, of: type)
      switch change {
      case .null: result[name] = nil
      case .object(let changes):
        let original = field.isReplaced ? nil : result[name]
        result[name] = try merge(changes, into: original, as: field.type)
      case .array(let elements): result[name] = .array(try merge(elements, into: result[name]?.array ?? [], field))
      default: result[name] = change
      }
    }
    for (name, order) in patch {
      guard let list = name.suffix(after: "$setElementOrder/"), let merged = result[list]?.array else { continue }
      let before = original?[list]?.array ?? []
      result[list] = .array(try sort(merged, by: order, original: before, key: field(list, of: type).mergeKey, list))
    }
    return result
  }

  private func merge(_ patch: [Value], into original: [Value], _ field: Field) throws(StatusError) -> [Value] {
    guard field.isMerged else { return patch }
    guard let key = field.mergeKey else {
      var result = original
      for element in patch where !result.contains(element) { result.append(element) }
      return result
    }
    var result = original
    for element in patch where try directive(in: element.members) == .replace {
      return try merge(patch.filter { $0[Directive.name] == nil }, into: [], field)
    }
    for element in patch {
      guard let changes = element.members, let identity = changes[key] else {
        throw .badRequest("\(element.encodedString) does not contain declared merge key: \(key)")
      }
      if try directive(in: changes) == .delete {
        result.removeAll { $0[key] == identity }
      } else if let index = result.firstIndex(where: { $0[key] == identity }) {
        result[index] = try merge(changes.without(Directive.name), into: result[index], as: field.type)
      } else {
        result.append(try merge(changes.without(Directive.name), into: nil, as: field.type))
      }
    }
    return result
  }
}

// MARK: What the schema says

extension StrategicMergePatch {
  /// How a member is patched.
  private struct Field {
    /// Of the member, or of its elements if it is a list.
    var type = FieldType.any
    var mergeKey: String?
    var isMerged = false
    var isReplaced = false
  }

  private func field(_ name: String, of type: FieldType) -> Field {
    switch type {
    case .structure(let structure):
      guard let schema = scheme.schema(of: structure).field(name) else { return Field() }
      let isMerged = schema.patchStrategies.contains(.merge)
      let isReplaced = schema.patchStrategies.contains(.replace)
      if case .array(let element) = schema.type {
        return Field(type: element, mergeKey: schema.mergeKey, isMerged: isMerged, isReplaced: isReplaced)
      }
      return Field(type: schema.type, isReplaced: isReplaced)
    case .map(let element): return Field(type: element)
    default: return Field()
    }
  }
}

// MARK: Directives

extension StrategicMergePatch {
  private enum Directive: String {
    case replace, delete, merge

    static let name = "$patch"
  }

  private func directive(in patch: Members?) throws(StatusError) -> Directive? {
    guard let word = patch?[Directive.name] else { return nil }
    guard let directive = word.string.flatMap(Directive.init) else {
      throw .badRequest("unknown directive $patch: \(word.encodedString)")
    }
    return directive
  }

  private func retainKeys(_ patch: Members, _ result: inout Value) throws(StatusError) {
    guard let list = patch["$retainKeys"] else { return }
    guard let names = list.array?.map(\.string), !names.contains(nil) else {
      throw .badRequest("$retainKeys must be a list of names")
    }
    for name in patch.names where !name.hasPrefix("$") && patch[name] != .null && !names.contains(name) {
      throw .badRequest("$retainKeys must name \"\(name)\", which the patch sets")
    }
    for name in result.members?.names ?? [] where !names.contains(name) { result[name] = nil }
  }

  private func removeScalars(_ elements: Value, from list: String, of result: inout Value) throws(StatusError) {
    guard let elements = elements.array else { throw .badRequest("$deleteFromPrimitiveList/\(list) must be a list") }
    guard let present = result[list]?.array else { return }
    result[list] = .array(present.filter { !elements.contains($0) })
  }

  /// The elements that the order names come in that order. The others, which only the server has, keep theirs, and
  /// each goes before the first named element that it stood before in the original list.
  private func sort(
    _ merged: [Value], by order: Value, original: [Value], key: String?, _ list: String
  ) throws(StatusError) -> [Value] {
    guard let order = order.array else { throw .badRequest("$setElementOrder/\(list) must be a list") }
    let identity: (Value) -> Value = { element in key.flatMap { element[$0] } ?? element }
    let names = order.map(identity)
    let places = original.map(identity)
    var result: [Value] = []
    for name in names { result += merged.filter { identity($0) == name } }
    var start = 0
    for element in merged where !names.contains(identity(element)) {
      let place = places.firstIndex(of: identity(element)) ?? places.count
      let successor = result[start...].firstIndex { (places.firstIndex(of: identity($0)) ?? -1) > place }
      result.insert(element, at: successor ?? result.count)
      start = (successor ?? result.count - 1) + 1
    }
    return result
  }
}

extension Members {
  fileprivate func without(_ name: String) -> Members {
    var members = self
    members[name] = nil
    return members
  }
}

extension String {
  fileprivate func suffix(after prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
