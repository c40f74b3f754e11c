import ControlLoop
import Objects
import Pods

/// What holds for a definition, beside the types of its fields. The words are Kubernetes'.
enum DefinitionRules {
  static func problems(_ value: Value, replacing old: Value?) -> [FieldError] {
    let new = CustomResourceDefinition(json: value)
    let old = old.map(CustomResourceDefinition.init(json:))
    if old?.spec == new.spec, old?.status.storedVersions == new.status.storedVersions { return [] }
    let path = FieldPath("spec")
    return name(new) + group(new.spec, path["group"]) + versions(new.spec, path["versions"])
      + names(new.spec.names, path["names"]) + conversion(new.spec, path) + storedVersions(new)
      + (old.map { changes(new.spec, from: $0, path) } ?? [])
  }

  private static func name(_ definition: CustomResourceDefinition) -> [FieldError] {
    if definition.name == definition.resource { return [] }
    let path = FieldPath("metadata")["name"]
    return [.invalid(path, .string(definition.name), #"must be spec.names.plural+"."+spec.group"#)]
  }

  private static func group(_ spec: DefinitionSpec, _ path: FieldPath) -> [FieldError] {
    let group = spec.group ?? ""
    let problems = Names.subdomainProblems(group).map { FieldError.invalid(path, .string(group), $0) }
    if !problems.isEmpty || group.contains(".") { return problems }
    return [.invalid(path, .string(group), "should be a domain with at least one dot")]
  }

  /// Nothing that objects are stored under may change once there may be objects.
  private static func changes(
    _ new: DefinitionSpec, from old: CustomResourceDefinition, _ path: FieldPath
  ) -> [FieldError] {
    guard old.isEstablished else { return [] }
    let fixed: [(FieldPath, Value?, Value?)] = [
      (path["group"], new.json["group"], old.spec.json["group"]),
      (path["scope"], new.json["scope"], old.spec.json["scope"]),
      (path["names"]["kind"], new.names.json["kind"], old.spec.names.json["kind"]),
      (path["names"]["plural"], new.names.json["plural"], old.spec.names.json["plural"]),
    ]
    return fixed.filter { $0.1 != $0.2 }.map { .invalid($0.0, $0.1 ?? .null, "field is immutable") }
  }

  private static func storedVersions(_ definition: CustomResourceDefinition) -> [FieldError] {
    let path = FieldPath("status")["storedVersions"]
    let names = definition.spec.versions.map(\.name)
    return definition.status.storedVersions.enumerated().filter { !names.contains($0.element) }.map {
      .invalid(path[$0.offset], .string($0.element), "must appear in spec.versions")
    }
  }

  private static func conversion(_ spec: DefinitionSpec, _ path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if let strategy = spec.conversion?.strategy, strategy != "None" {
      errors.append(.notSupported(path["conversion"]["strategy"], .string(strategy), supported: ["None"]))
    }
    if spec.preserveUnknownFields == true {
      errors.append(
        .invalid(
          path["preserveUnknownFields"], true,
          "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"))
    }
    return errors
  }
}

// MARK: Names

extension DefinitionRules {
  private static func names(_ names: DefinitionNames, _ path: FieldPath) -> [FieldError] {
    let kind = names.kind ?? ""
    let listKind = names.listKind ?? ""
    var errors = label(names.plural ?? "", path["plural"]) + label(names.singular ?? "", path["singular"])
    if kind.isEmpty { errors.append(.required(path["kind"])) }
    for (name, path) in [(kind, path["kind"]), (listKind, path["listKind"])] where !name.isEmpty {
      errors += Names.serviceProblems(name.lowercased()).map {
        .invalid(path, .string(name), "may have mixed case, but should otherwise match: \($0)")
      }
    }
    for (index, name) in names.shortNames.enumerated() { errors += label(name, path["shortNames"][index]) }
    for (index, name) in names.categories.enumerated() { errors += label(name, path["categories"][index]) }
    if kind == listKind, !kind.isEmpty {
      errors.append(.invalid(path["listKind"], .string(listKind), "kind and listKind may not be the same"))
    }
    return errors
  }

  private static func label(_ name: String, _ path: FieldPath) -> [FieldError] {
    name.isEmpty ? [.required(path)] : Names.serviceProblems(name).map { .invalid(path, .string(name), $0) }
  }
}

// MARK: Versions

extension DefinitionRules {
  private static func versions(_ spec: DefinitionSpec, _ path: FieldPath) -> [FieldError] {
    let versions = spec.versions
    var errors = versions.enumerated().flatMap { version($0.element, path[$0.offset]) }
    if Set(versions.map(\.name)).count != versions.count {
      errors.append(.invalid(path, spec.json["versions"] ?? .null, "must contain unique version names"))
    }
    if versions.count(where: { $0.storage == true }) != 1 {
      let message = "must have exactly one version marked as storage version"
      errors.append(.invalid(path, spec.json["versions"] ?? .null, message))
    }
    return errors
  }

  private static func version(_ version: DefinitionVersion, _ path: FieldPath) -> [FieldError] {
    var errors = label(version.name ?? "", path["name"])
    if let warning = version.deprecationWarning {
      errors += warningProblems(warning, of: version).map {
        .invalid(path["deprecationWarning"], .string(warning), $0)
      }
    }
    let schemaPath = path["schema"]["openAPIV3Schema"]
    if let schema = version.schema?.openAPIV3Schema {
      errors += StructuralRules.problems(schema.json, at: schemaPath)
    } else {
      errors.append(.required(schemaPath, "schemas are required"))
    }
    if let scale = version.subresources?.scale { errors += scaling(scale, path["subresources"]["scale"]) }
    for (index, column) in version.additionalPrinterColumns.enumerated() {
      errors += self.column(column, path["additionalPrinterColumns"][index])
    }
    for (index, field) in version.selectableFields.enumerated() {
      let path = path["selectableFields"][index]["jsonPath"]
      if FieldRoute(field.jsonPath ?? "")?.names == nil {
        errors.append(.invalid(path, .string(field.jsonPath ?? ""), "is an invalid path: must be a simple path"))
      }
    }
    return errors
  }

  // It becomes a header of every answer.
  private static func warningProblems(_ warning: String, of version: DefinitionVersion) -> [String] {
    if version.deprecated != true { return ["can only be set for deprecated versions"] }
    if warning.isEmpty { return ["must not be an empty string"] }
    if warning.utf8.count > 256 { return ["must be <= 256 characters long"] }
    guard let index = warning.unicodeScalars.firstIndex(where: { !$0.isPrintable }) else { return [] }
    let position = warning.utf8.distance(from: warning.startIndex, to: index)
    return ["must only contain printable UTF-8 characters; non-printable character found at index \(position)"]
  }

  private static func scaling(_ scale: DefinitionScale, _ path: FieldPath) -> [FieldError] {
    let places: [(name: String, text: String?, roots: [String])] = [
      ("specReplicasPath", scale.specReplicasPath, ["spec"]),
      ("statusReplicasPath", scale.statusReplicasPath, ["status"]),
      ("labelSelectorPath", scale.labelSelectorPath, ["spec", "status"]),
    ]
    return places.compactMap { place in
      guard let text = place.text, !text.isEmpty else { return nil }
      guard let names = FieldRoute(text)?.names, names.count > 1, place.roots.contains(names[0]) else {
        let roots = place.roots.map { ".\($0)" }.joined(separator: " or ")
        return .invalid(path[place.name], .string(text), "should be a json path under \(roots)")
      }
      return nil
    }
  }

  private static let columnTypes = ["integer", "number", "string", "boolean", "date"]
  private static let columnFormats = ["int32", "int64", "float", "double", "byte", "date", "date-time", "password"]

  private static func column(_ column: DefinitionColumn, _ path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if let type = column.type, !columnTypes.contains(type) {
      errors.append(
        .invalid(path["type"], .string(type), "must be one of \(columnTypes.sorted().joined(separator: ","))"))
    }
    if let format = column.format, !format.isEmpty, !columnFormats.contains(format) {
      errors.append(
        .invalid(path["format"], .string(format), "must be one of \(columnFormats.sorted().joined(separator: ","))"))
    }
    if let text = column.jsonPath, FieldRoute(text) == nil {
      errors.append(.invalid(path["jsonPath"], .string(text), "is an invalid path"))
    }
    return errors
  }
}

extension Unicode.Scalar {
  fileprivate var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    case .spaceSeparator: self == " "
    default: true
    }
  }
}
