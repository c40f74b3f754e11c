/// A Swift type that a field of an API object can have.
public protocol FieldValue: Sendable {
  /// Nil when the JSON is of another type.
  init?(_ value: Value)

  var asValue: Value { get }

  static var fieldType: FieldType { get }
}

extension Bool: FieldValue {
  public init?(_ value: Value) {
    guard case .bool(let bool) = value else { return nil }
    self = bool
  }

  public var asValue: Value { .bool(self) }
  public static var fieldType: FieldType { .boolean }
}

/// `Int` is Kubernetes' int32, the usual integer of the API, wide enough to add up without thought.
extension Int: FieldValue {
  public init?(_ value: Value) {
    guard case .integer(let integer) = value else { return nil }
    self.init(exactly: integer)
  }

  public var asValue: Value { .integer(Int64(self)) }
  public static var fieldType: FieldType { .int32 }
}

extension Int64: FieldValue {
  public init?(_ value: Value) {
    guard case .integer(let integer) = value else { return nil }
    self = integer
  }

  public var asValue: Value { .integer(self) }
  public static var fieldType: FieldType { .int64 }
}

extension String: FieldValue {
  public init?(_ value: Value) {
    guard case .string(let string) = value else { return nil }
    self = string
  }

  public var asValue: Value { .string(self) }
  public static var fieldType: FieldType { .string }
}

/// Any JSON at all.
extension Value: FieldValue {
  public init?(_ value: Value) { self = value }
  public var asValue: Value { self }
  public static var fieldType: FieldType { .any }
}

/// A closed set of words: the schema lists them, and a word that is not one of them reads as nil.
public protocol Enumeration: RawRepresentable<String>, CaseIterable, Hashable, FieldValue {}

extension Enumeration {
  public init?(_ value: Value) {
    guard case .string(let string) = value else { return nil }
    self.init(rawValue: string)
  }

  public var asValue: Value { .string(rawValue) }
  public static var fieldType: FieldType { .enumeration(allCases.map(\.rawValue)) }
}

extension Time: FieldValue {
  public init?(_ value: Value) {
    guard case .string(let string) = value else { return nil }
    self.init(string)
  }

  public var asValue: Value { .string(rfc3339) }
  public static var fieldType: FieldType { .time }
}

extension MicroTime: FieldValue {
  public init?(_ value: Value) {
    guard case .string(let string) = value, let time = Time(string) else { return nil }
    self.init(time)
  }

  public var asValue: Value { .string(time.rfc3339Micro) }
  public static var fieldType: FieldType { .microTime }
}

extension Quantity: FieldValue {
  public init?(_ value: Value) {
    switch value {
    case .string(let string): try? self.init(string)
    case .integer(let integer): self.init(integer)
    case .double(let double): try? self.init(double.description)
    default: return nil
    }
  }

  public var asValue: Value { .string(description) }
  public static var fieldType: FieldType { .quantity }
}

extension IntOrString: FieldValue {
  public static var fieldType: FieldType { .intOrString }
}
