/// A part of an API object with a type of its own: a pod, a container, an owner reference.
///
/// A structure is a view, not a copy: it holds the JSON that it describes and reads a field when it is asked for one.
/// So nothing is lost that a chapter does not know, and a later chapter can add fields to a structure of an earlier
/// one. What a chapter knows of a structure is a ``Facet``; the facet that belongs to the type itself is `Fields`.
@dynamicMemberLookup
public protocol Structure: Sendable, Hashable, FieldValue {
  associatedtype Fields: Facet

  /// Group, version and type as the API reference names them: "core.v1.Container".
  static var schemaName: String { get }

  /// One sentence for `kubectl explain`.
  static var documentation: String { get }

  /// The JSON that this is a view of.
  var json: Value { get set }

  init(json: Value)
}

extension Structure {
  /// An empty structure, then changed: `Container { $0.name = "web" }`.
  public init(_ change: (inout Self) -> Void = { _ in }) {
    self.init(json: .emptyObject)
    change(&self)
  }

  public subscript<D: Declaration>(dynamicMember path: KeyPath<Fields, D>) -> D.Reading {
    get { Fields.all[keyPath: path].read(from: json) }
    set { Fields.all[keyPath: path].write(newValue, to: &json) }
  }

  public init?(_ value: Value) {
    guard case .object = value else { return nil }
    self.init(json: value)
  }

  public var asValue: Value { json }

  public static var fieldType: FieldType { .structure(Self.self) }

  /// Whether a field is not given, or empty: there is room for a default. A word that the field's type does not know
  /// reads as nil too, but it is given, and is to be complained about.
  public func lacks(_ name: String) -> Bool { json[name]?.isEmpty ?? true }
}

/// What one chapter knows of a structure: fields, each declared once. The same line is the typed accessor, the entry
/// in the schema (with its protobuf number) and the documentation.
///
/// A facet of a later chapter also needs this subscript on the structure that it extends:
///
///     extension Container {
///       public subscript<D: Declaration>(dynamicMember path: KeyPath<ContainerProbes, D>) -> D.Reading {
///         get { ContainerProbes.all[keyPath: path].read(from: json) }
///         set { ContainerProbes.all[keyPath: path].write(newValue, to: &json) }
///       }
///     }
public protocol Facet: Sendable {
  init()

  /// The one instance, made by `named()`.
  static var all: Self { get }

  /// Fills in defaults that depend on other fields; constants stand beside their field.
  static func applyDefaults(to structure: inout Value)

  /// What the fields' own rules cannot say.
  /// - Parameter path: where the structure stands in the object.
  static func validate(_ structure: Value, at path: FieldPath) -> [FieldError]
}

extension Facet {
  public static func applyDefaults(to structure: inout Value) {}

  public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] { [] }

  /// Makes the facet and tells each declaration the name of the property that holds it.
  public static func named() -> Self {
    let facet = Self()
    for child in Mirror(reflecting: facet).children {
      // A name that is no word of Swift stands in backticks, and they come with it.
      if let declared = child.value as? DeclaredField, declared.name.isEmpty, let name = child.label {
        declared.name = name.filter { $0 != "`" }
      }
    }
    return facet
  }

  /// The schema's entries, in the order of declaration.
  public static var fields: [FieldSchema] {
    Mirror(reflecting: all).children.compactMap { ($0.value as? DeclaredField)?.schema }
  }
}
