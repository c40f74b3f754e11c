/// The kinds that a cluster serves and the structures they are made of, put together from its layers.
public struct Scheme: Sendable {
  /// In the order of the layers.
  public private(set) var kinds: [Kind] = []
  /// Tells one set of kinds from another where kinds come and go; 0 for those of the layers alone.
  public private(set) var generation = 0
  private var kindsByName: [String: Int] = [:]
  private var kindsByResource: [String: Int] = [:]
  /// By "resource/version": further versions of resources that have several.
  private var otherVersions: [String: Int] = [:]
  private var structures: [String: StructureSchema] = [:]

  /// - Parameter extensions: what later chapters add to structures of earlier ones.
  public init(kinds: [Kind], extensions: [FacetExtension] = []) {
    add(Object.self, extensions)
    add(ObjectMeta.self, extensions)
    for kind in kinds {
      add(kind)
      add(kind.type, extensions)
      for body in kind.subresources.compactMap(\.body) { add(body.type, extensions) }
    }
  }

  public func kind(apiVersion: String, name: String) -> Kind? {
    kindsByName["\(apiVersion)/\(name)"].map { kinds[$0] }
  }

  /// - Parameter groupResource: "pods", "deployments.apps".
  public func kind(resource groupResource: String) -> Kind? {
    kindsByResource[groupResource].map { kinds[$0] }
  }

  /// - Parameter version: of the group: "v1".
  public func kind(resource groupResource: String, version: String) -> Kind? {
    guard let index = kindsByResource[groupResource] else { return nil }
    if kinds[index].version == version { return kinds[index] }
    return otherVersions["\(groupResource)/\(version)"].map { kinds[$0] }
  }

  /// The same with more kinds. What layers define stays: a kind that takes one of their names is left out.
  public func adding(_ defined: [Kind], generation: Int) -> Scheme {
    let fixed = kinds.count
    var scheme = self
    scheme.generation = generation
    for kind in defined {
      let holders = [kindsByResource[kind.groupResource], kindsByName["\(kind.apiVersion)/\(kind.name)"]]
      if !holders.contains(where: { $0 ?? fixed < fixed }) { scheme.add(kind) }
    }
    return scheme
  }

  private mutating func add(_ kind: Kind) {
    kindsByName["\(kind.apiVersion)/\(kind.name)"] = kinds.count
    if kindsByResource[kind.groupResource] == nil {
      kindsByResource[kind.groupResource] = kinds.count
    } else {
      otherVersions["\(kind.groupResource)/\(kind.version)"] = kinds.count
    }
    kinds.append(kind)
  }

  public func schema(of type: any Structure.Type) -> StructureSchema {
    structures[type.schemaName] ?? StructureSchema(type, extensions: [])
  }

  /// All structures, sorted by name.
  public var allStructures: [StructureSchema] {
    structures.values.sorted { $0.name < $1.name }
  }

  // A structure, and every structure that its fields lead to.
  private mutating func add(_ type: any Structure.Type, _ extensions: [FacetExtension]) {
    guard structures[type.schemaName] == nil else { return }
    let schema = StructureSchema(type, extensions: extensions)
    structures[schema.name] = schema
    for field in schema.fields {
      if let inner = field.type.structure { add(inner, extensions) }
    }
  }
}

/// A facet that a later chapter adds to a structure.
public struct FacetExtension: Sendable {
  public let structureName: String
  public let facet: any Facet.Type

  public init<S: Structure>(of structure: S.Type, with facet: any Facet.Type) {
    structureName = S.schemaName
    self.facet = facet
  }
}

/// A structure with the fields of all its facets.
public struct StructureSchema: Sendable {
  public let name: String
  public let documentation: String
  public let fields: [FieldSchema]
  /// In the order of the layers; each may know defaults and rules of its own.
  public let facets: [any Facet.Type]
  private let positions: [String: Int]

  init(_ type: any Structure.Type, extensions: [FacetExtension]) {
    name = type.schemaName
    documentation = type.documentation
    facets = [type.ownFacet] + extensions.filter { $0.structureName == type.schemaName }.map(\.facet)
    fields = (type is any APIObject.Type ? Self.objectFields : []) + facets.flatMap { $0.fields }
    positions = Dictionary(fields.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  public func field(_ name: String) -> FieldSchema? {
    positions[name].map { fields[$0] }
  }

  /// The type of a field alone: all that walking through an object needs.
  func type(of name: String) -> FieldType? {
    positions[name].map { fields[$0].type }
  }

  /// What every object of the API begins with; the first two are not part of its protobuf message.
  private static let objectFields: [FieldSchema] = [
    named("apiVersion", 0, .string, "The group and version in which the object is written."),
    named("kind", 0, .string, "What the object is."),
    named("metadata", 1, .structure(ObjectMeta.self), "What every stored object carries."),
  ]

  private static func named(_ name: String, _ number: Int, _ type: FieldType, _ documentation: String) -> FieldSchema {
    var field = FieldSchema(number: number, type: type, documentation: documentation, rules: [])
    field.name = name
    return field
  }
}

extension Structure {
  static var ownFacet: any Facet.Type { Fields.self }
}

extension FieldType {
  /// The structure that the type is, or is a list or a map of.
  public var structure: (any Structure.Type)? {
    switch self {
    case .structure(let type): type
    case .array(let element), .map(let element): element.structure
    default: nil
    }
  }
}
