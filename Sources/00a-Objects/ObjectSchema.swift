/// What holds for the objects of a kind that no Swift type describes, because it was defined while the cluster runs.
///
/// A class, so that all copies of its ``Kind`` share one.
public protocol ObjectSchema: AnyObject, Sendable {
  /// Fills in what an object leaves open.
  func applyDefaults(to value: inout Value)

  /// Everything that is wrong with an object.
  /// - Parameter old: the object that it replaces; nil at creation.
  func validate(_ value: Value, replacing old: Value?) -> [FieldError]

  /// The paths of members that would not be kept.
  func unknownFields(in value: Value) -> [FieldPath]

  /// What is kept of an object.
  func pruned(_ value: Value) -> Value

  /// The schema in the words of OpenAPI 3, without what every object has.
  var document: Value { get }
}

// The one place that asks where a kind's rules are written.
extension Scheme {
  public func applyDefaults(to value: inout Value, of kind: Kind) {
    guard let schema = kind.schema else { return applyDefaults(to: &value, as: kind.type) }
    schema.applyDefaults(to: &value)
  }

  public func validate(_ value: Value, replacing old: Value?, of kind: Kind) -> [FieldError] {
    kind.schema?.validate(value, replacing: old) ?? validate(value, replacing: old, as: kind.type)
  }

  public func unknownFields(in value: Value, of kind: Kind) -> [FieldPath] {
    kind.schema?.unknownFields(in: value) ?? unknownFields(in: value, as: kind.type)
  }

  public func pruned(_ value: Value, of kind: Kind) -> Value {
    kind.schema?.pruned(value) ?? pruned(value, as: kind.type)
  }
}

extension Kind {
  /// A stored object as this version of the kind shows it: a definition may have changed since the object was written.
  public func reading(_ stored: Value) -> Value {
    guard let schema else { return stored }
    var value = schema.pruned(stored)
    value["apiVersion"] = .string(apiVersion)
    schema.applyDefaults(to: &value)
    return value
  }
}
