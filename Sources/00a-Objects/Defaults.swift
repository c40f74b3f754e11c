extension Scheme {
  /// Fills in what an object leaves open: constants that stand beside their field, then what depends on other fields.
  /// Reaches into every structure that is there, and creates none that is not. An empty word counts as none.
  public func applyDefaults(to value: inout Value, as type: any Structure.Type) {
    let schema = schema(of: type)
    for field in schema.fields {
      if let present = value[field.name], present != .null, present != "" || field.defaultValue == nil {
        guard field.type.structure != nil else { continue }
        var changed = present
        applyDefaults(to: &changed, as: field.type)
        if changed != present { value[field.name] = changed }
      } else if let constant = field.defaultValue {
        value[field.name] = constant
      }
    }
    for facet in schema.facets { facet.applyDefaults(to: &value) }
  }

  private func applyDefaults(to value: inout Value, as type: FieldType) {
    switch (type, value) {
    case (.structure(let structure), .object):
      applyDefaults(to: &value, as: structure)
    case (.array(let element), .array(var elements)):
      for index in elements.indices { applyDefaults(to: &elements[index], as: element) }
      value = .array(elements)
    case (.map(let element), .object(let members)):
      for (name, member) in members {
        var changed = member
        applyDefaults(to: &changed, as: element)
        value[name] = changed
      }
    default: break
    }
  }
}
