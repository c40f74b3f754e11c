/// One JSON value: what every API object, and every part of one, is made of.
///
/// Integers and fractions are told apart, as Kubernetes tells them apart: `1` is an integer and keeps all
/// 64 bits, `1.0` is a double.
public enum Value: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int64)
  case double(Double)
  case string(String)
  case array([Value])
  case object(Members)
}

extension Value {
  /// Two Unicode spellings of one text, such as "é" as one scalar and as two, are equal strings to Swift. Here they
  /// are told apart by their lengths, so that changing one into the other is a change.
  public static func == (left: Value, right: Value) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.double(let left), .double(let right)): left == right
    case (.string(let left), .string(let right)): left.utf8.count == right.utf8.count && left == right
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }
}

extension Value {
  /// The member with this name; nil when there is none or when this is not an object.
  /// Assigning turns anything else into an object; assigning nil removes the member.
  public subscript(_ name: String) -> Value? {
    get {
      guard case .object(let members) = self else { return nil }
      return members[name]
    }
    _modify {
      var members = takeMembers()
      defer { self = .object(members) }
      yield &members[name]
    }
  }

  /// The element at this position; nil when there is none or when this is not an array.
  public subscript(_ index: Int) -> Value? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  // Moving the members out before they are changed keeps them uniquely referenced: no copy.
  private mutating func takeMembers() -> Members {
    guard case .object(let members) = self else { return Members() }
    self = .null
    return members
  }

  public var string: String? {
    if case .string(let string) = self { string } else { nil }
  }

  public var integer: Int64? {
    if case .integer(let integer) = self { integer } else { nil }
  }

  public var bool: Bool? {
    if case .bool(let bool) = self { bool } else { nil }
  }

  public var array: [Value]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  public var members: Members? {
    if case .object(let members) = self { members } else { nil }
  }

  public static let emptyObject = Value.object(Members())
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral, ExpressibleByFloatLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(nilLiteral: ()) { self = .null }
  public init(arrayLiteral elements: Value...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, Value)...) { self = .object(Members(elements)) }
}
