import ControlLoop
public import Objects
import Pods
import Store
import Synchronization

extension KindSource {
  /// The kinds of all definitions that are established.
  static let definitions = KindSource(resource: CustomResourceDefinition.kind.groupResource) {
    CustomResourceDefinition(json: $0).kinds
  }
}

extension CustomResourceDefinition {
  /// One kind for each version that is served, the preferred one first. While the definition is being deleted its
  /// objects can still be reached, if only to be deleted.
  public var kinds: [Kind] {
    guard isEstablished, let storageVersion else { return [] }
    return self.spec.versions.filter { $0.served == true || isBeingDeleted && $0.storage == true }
      .sorted { VersionName($0.name ?? "") > VersionName($1.name ?? "") }
      .map { kind(of: $0, storageVersion) }
  }

  private func kind(of version: DefinitionVersion, _ storageVersion: String) -> Kind {
    let (spec, names) = (self.spec, self.status.acceptedNames)
    return Kind(
      Object.self, group: spec.group ?? "", version: version.name ?? "", name: names.kind ?? "",
      resource: spec.names.plural ?? "", shortNames: names.shortNames, categories: names.categories,
      isNamespaced: spec.scope == .namespaced
    ).with {
      $0.singular = names.singular ?? ""
      $0.listName = names.listKind ?? $0.listName
      $0.schema = DefinedSchema(version.schema?.openAPIV3Schema?.json ?? .emptyObject)
      $0.storageVersion = storageVersion
      $0.hasStatus = version.subresources?.status != nil
      $0.scale = version.subresources?.scale?.paths
      $0.columns = version.additionalPrinterColumns.compactMap(\.column)
      $0.selectableFields = version.selectableFields.compactMap(\.field)
      $0.countsGenerations = true
      if version.deprecated == true { $0.deprecationWarning = version.deprecationWarning ?? usualWarning(of: version) }
    }
  }

  /// Names what is deprecated, and the version to use instead, if one is newer.
  private func usualWarning(of version: DefinitionVersion) -> String {
    func text(_ version: DefinitionVersion) -> String {
      "\(self.spec.group ?? "")/\(version.name ?? "") \(self.spec.names.kind ?? "")"
    }
    func priority(_ version: DefinitionVersion) -> VersionName { VersionName(version.name ?? "") }
    let newest = self.spec.versions.filter { $0.served == true && $0.deprecated != true }
      .max { priority($0) < priority($1) }
    guard let newest, priority(version) < priority(newest) else { return "\(text(version)) is deprecated" }
    return "\(text(version)) is deprecated; use \(text(newest))"
  }
}

/// The schema of one version of a custom kind.
final class DefinedSchema: ObjectSchema {
  let document: Value
  private let node = Mutex<SchemaNode?>(nil)

  init(_ document: Value) { self.document = document }

  /// Read when the first object needs it: of a thousand definitions, most have none.
  private var root: SchemaNode {
    node.withLock { node in
      if let node { return node }
      let made = SchemaNode(document, isResource: true)
      node = made
      return made
    }
  }

  func applyDefaults(to value: inout Value) {
    if root.mayDefault { root.applyDefaults(to: &value) }
  }

  func validate(_ value: Value, replacing old: Value?) -> [FieldError] {
    let same = value["metadata"] == old?["metadata"]
    var errors = same ? [] : Metadata.problems(value["metadata"] ?? .emptyObject)
    root.validate(value, replacing: old, at: FieldPath(), &errors)
    guard root.hasRules else { return errors }
    if !errors.isEmpty {
      let message = "some validation rules were not checked because the object was invalid; "
      return errors + [.invalid(.nowhere, .null, message + "correct the existing errors to complete validation")]
    }
    var budget = CELCost.perRequest
    root.evaluateRules(value, replacing: old, at: FieldPath(), budget: &budget, &errors)
    return errors
  }

  func unknownFields(in value: Value) -> [FieldPath] {
    var unknown: [FieldPath]? = []
    _ = root.pruned(value, at: FieldPath(), &unknown)
    return unknown ?? []
  }

  func pruned(_ value: Value) -> Value {
    var unknown: [FieldPath]?
    return root.pruned(value, at: FieldPath(), &unknown)
  }
}

extension DefinitionScale {
  fileprivate var paths: ScalePaths {
    func names(_ path: String?) -> [String] { path.flatMap(FieldRoute.init)?.names ?? [] }
    return ScalePaths(
      replicas: names(self.specReplicasPath), statusReplicas: names(self.statusReplicasPath),
      selector: names(self.labelSelectorPath))
  }
}

extension DefinitionSelectableField {
  fileprivate var field: SelectableField? {
    guard let names = FieldRoute(self.jsonPath ?? "")?.names else { return nil }
    return SelectableField(names.joined(separator: ".")) { object in
      object.at(names).map { $0.string ?? $0.encodedString } ?? ""
    }
  }
}

extension DefinitionColumn {
  fileprivate var column: Column? {
    guard let route = FieldRoute(self.jsonPath ?? "") else { return nil }
    let isDate = self.type == "date"
    return Column(
      self.name ?? "", type: self.type ?? "string", priority: self.priority ?? 0, self.description ?? ""
    ) { object, now in
      guard let value = route.first(in: object) else { return .null }
      if isDate { return .string(now.age(since: Time(value))) }
      return value.members == nil && value.array == nil ? value : .string(value.encodedString)
    }
  }
}
