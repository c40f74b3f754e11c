extension Scheme {
  /// Fills in what an object leaves open: constants that stand beside their field, then what depends on other fields.
  /// Reaches into every structure that is there, and creates none that is not. An empty word counts as none.
  public func applyDefaults(to value: inout Value, as type: any Structure.Type) {
    let schema = schema(of: type)
    for index in schema.fields.indices {
      let name = schema.fields[index].name
      if let present = value[name], present != .null, present != "" || schema.fields[index].defaultValue == nil {
        guard schema.fields[index].type.structure != nil else { continue }
        var changed = present
        applyDefaults(to: &changed, as: schema.fields[index].type)
        if changed != present { value[name] = changed }
      } else if let constant = schema.fields[index].defaultValue {
        value[name] = constant
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
