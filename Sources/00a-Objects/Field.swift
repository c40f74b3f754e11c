/// A field of a facet: knows how to read and write itself, and what the schema says of it.
public protocol Declaration: Sendable {
  associatedtype Reading

  func read(from structure: Value) -> Reading
  func write(_ reading: Reading, to structure: inout Value)
}

/// What all declarations share: a name, which is the property's, and an entry in the schema.
public class DeclaredField: @unchecked Sendable {
  // Written once by `Facet.named()`, before the facet is published; read-only from then on.
  var name = ""
  private let entry: FieldSchema

  fileprivate init(_ entry: FieldSchema) {
    self.entry = entry
    name = entry.name
  }

  var schema: FieldSchema {
    var entry = entry
    entry.name = name
    return entry
  }
}

/// A field that may be absent, and whose absence says something.
public final class Field<T: FieldValue>: DeclaredField, Declaration, @unchecked Sendable {
  /// - Parameters:
  ///   - number: in protobuf; 0 when the field has none.
  ///   - documentation: one sentence for `kubectl explain`.
  public init(_ number: Int, _ documentation: String, _ rules: FieldRule...) {
    super.init(FieldSchema(number: number, type: T.fieldType, documentation: documentation, rules: rules))
  }

  public func read(from structure: Value) -> T? {
    structure[name].flatMap(T.init)
  }

  public func write(_ reading: T?, to structure: inout Value) {
    structure[name] = reading?.asValue
  }
}

/// A structure that reads as empty when it is absent: `pod.spec.containers` needs no question mark.
public final class Part<T: Structure>: DeclaredField, Declaration, @unchecked Sendable {
  public init(_ number: Int, _ documentation: String, _ rules: FieldRule...) {
    super.init(FieldSchema(number: number, type: T.fieldType, documentation: documentation, rules: rules))
  }

  public func read(from structure: Value) -> T {
    T(json: structure[name] ?? .emptyObject)
  }

  public func write(_ reading: T, to structure: inout Value) {
    structure[name] = reading.json
  }
}

/// A list; absent and empty are the same. Elements of another type are left out.
public final class List<T: FieldValue>: DeclaredField, Declaration, @unchecked Sendable {
  public init(_ number: Int, _ documentation: String, _ rules: FieldRule...) {
    super.init(FieldSchema(number: number, type: .array(T.fieldType), documentation: documentation, rules: rules))
  }

  public func read(from structure: Value) -> [T] {
    // A loop: compactMap would look up how to deal with T anew for each element.
    guard let elements = structure[name]?.array else { return [] }
    var list: [T] = []
    for element in elements {
      if let typed = T(element) { list.append(typed) }
    }
    return list
  }

  public func write(_ reading: [T], to structure: inout Value) {
    structure[name] = reading.isEmpty ? nil : .array(reading.map { $0.asValue })
  }
}

/// A map from names to values; absent and empty are the same.
public final class Map<T: FieldValue>: DeclaredField, Declaration, @unchecked Sendable {
  public init(_ number: Int, _ documentation: String, _ rules: FieldRule...) {
    super.init(FieldSchema(number: number, type: .map(T.fieldType), documentation: documentation, rules: rules))
  }

  public func read(from structure: Value) -> Mapping<T> {
    Mapping(members: structure[name]?.members ?? Members())
  }

  public func write(_ reading: Mapping<T>, to structure: inout Value) {
    structure[name] = reading.isEmpty ? nil : .object(reading.members)
  }
}
