import ControlLoop
public import Objects
import Pods

extension CustomResourceDefinition {
  /// How the API serves definitions.
  public static let kind = Kind(
    CustomResourceDefinition.self, group: "apiextensions.k8s.io", name: "CustomResourceDefinition",
    resource: "customresourcedefinitions", shortNames: ["crd", "crds"], categories: ["api-extensions"],
    isNamespaced: false
  ).with {
    $0.hasStatus = true
    $0.countsGenerations = true
    $0.columns = [
      Column("Created At", type: "date", "When the definition was made.") { definition, _ in
        Object(json: definition).metadata.creationTimestamp?.asValue ?? .null
      }
    ]
    $0.prepareForCreate = {
      $0["status"] = .emptyObject; rememberStorage(in: &$0)
    }
    $0.prepareForUpdate = { new, _ in rememberStorage(in: &new) }
    $0.validate = { DefinitionRules.problems($0, replacing: $1) }
  }

  // An object may be stored in every version that was once the one for storage, until somebody rewrites it and says so.
  private static func rememberStorage(in value: inout Value) {
    var definition = CustomResourceDefinition(json: value)
    guard let version = definition.storageVersion, !definition.status.storedVersions.contains(version) else { return }
    definition.status.storedVersions.append(version)
    value = definition.json
  }

  /// The group and the plural of its objects, as the store names their table.
  public var resource: String { "\(self.spec.names.plural ?? "").\(self.spec.group ?? "")" }

  var storageVersion: String? { self.spec.versions.first { $0.storage == true }?.name }

  /// Whether its kind has a place in the API. Once it has, it keeps it.
  public var isEstablished: Bool { self.status.conditions.isTrue("Established") }
}

extension DefinitionSpec.Fields {
  /// Names that follow from others.
  public static func applyDefaults(to structure: inout Value) {
    var spec = DefinitionSpec(json: structure)
    let kind = spec.names.kind ?? ""
    if spec.names.singular ?? "" == "" { spec.names.singular = kind.lowercased() }
    if spec.names.listKind ?? "" == "", !kind.isEmpty { spec.names.listKind = kind + "List" }
    if spec.conversion == nil { spec.conversion = DefinitionConversion { $0.strategy = "None" } }
    structure = spec.json
  }
}
