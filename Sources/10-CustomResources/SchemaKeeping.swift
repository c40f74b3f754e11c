import Objects

// What the server keeps of a value, and what it adds. Both leave alone what needs no change, so that versions of an
// object share their parts.

extension SchemaNode {
  /// The value without members that the schema does not name.
  /// - Parameter unknown: gets the paths of what was left out, unless it is nil.
  func pruned(_ value: Value, at path: FieldPath, _ unknown: inout [FieldPath]?) -> Value {
    switch value {
    case .array(let elements):
      guard let items else { return value }
      var kept = elements
      for (index, element) in elements.enumerated() {
        let place = unknown == nil ? path : path[index]
        if let changed = items.changed(element, at: place, &unknown) { kept[index] = changed }
      }
      return .array(kept)
    case .object(let members):
      return pruned(members, at: path, &unknown).map(Value.object) ?? value
    default: return value
    }
  }

  // Nil when all of it stays as it is.
  private func changed(_ value: Value, at path: FieldPath, _ unknown: inout [FieldPath]?) -> Value? {
    switch value {
    case .object(let members): return pruned(members, at: path, &unknown).map(Value.object)
    case .array(let elements):
      guard !elements.isEmpty, items != nil else { return nil }
      let kept = pruned(value, at: path, &unknown)
      if kept == value { return nil }
      return kept
    default: return nil
    }
  }

  private func pruned(_ members: Members, at path: FieldPath, _ unknown: inout [FieldPath]?) -> Members? {
    var kept: Members?
    for (name, member) in members {
      let place = unknown == nil ? path : path[name]
      if isResource, ["apiVersion", "kind", "metadata"].contains(name) {
        guard name == "metadata" else { continue }
        unknown?.append(contentsOf: Metadata.unknownFields(in: member, at: place))
        let pruned = Metadata.pruned(member)
        if pruned != member { kept = (kept ?? members).with(name, pruned) }
      } else if let node = properties[name] ?? others {
        if let changed = node.changed(member, at: place, &unknown) { kept = (kept ?? members).with(name, changed) }
      } else if !keepsUnknown {
        unknown?.append(place)
        kept = (kept ?? members).with(name, nil)
      }
    }
    return kept
  }

  /// Fills in what is not given. A null where null is no value counts as not given.
  func applyDefaults(to value: inout Value) {
    switch value {
    case .object(let members):
      for (name, node) in defaulted {
        let given = value[name]
        if given == nil || given == .null && !node.isNullable, let constant = node.defaultValue {
          value[name] = constant
        }
        guard var member = value[name], member.isContainer else { continue }
        node.applyDefaults(to: &member)
        if member != value[name] { value[name] = member }
      }
      guard let others, others.mayDefault else { return }
      for (name, member) in members where properties[name] == nil {
        var changed = member
        others.applyDefaults(to: &changed)
        if changed != member { value[name] = changed }
      }
    case .array(let elements):
      guard let items, items.mayDefault else { return }
      var changed = elements
      for index in changed.indices { items.applyDefaults(to: &changed[index]) }
      if changed != elements { value = .array(changed) }
    default: break
    }
  }
}

/// What the server knows of metadata, whatever a schema says of it.
enum Metadata {
  private static let scheme = Scheme(kinds: [])

  static func pruned(_ value: Value) -> Value { scheme.pruned(value, as: ObjectMeta.self) }

  static func unknownFields(in value: Value, at path: FieldPath) -> [FieldPath] {
    scheme.unknownFields(in: value, as: ObjectMeta.self, at: path)
  }

  static func problems(_ value: Value) -> [FieldError] {
    scheme.validate(["metadata": value], as: Object.self)
  }
}

extension Members {
  fileprivate func with(_ name: String, _ value: Value?) -> Members {
    var copy = self
    copy[name] = value
    return copy
  }
}

extension Value {
  fileprivate var isContainer: Bool {
    switch self {
    case .object, .array: true
    default: false
    }
  }
}
