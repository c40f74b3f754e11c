/// What is known of a value before there is one: the type of an expression, of a variable, of a function's parameter.
///
/// Types that differ only in their limit are equal. Specified by cel-spec, "Values" and "Gradual type checking".
public struct CELType: Sendable {
  public internal(set) var form: Form
  /// The largest number of bytes, elements or entries that a value can have; nil when nobody said.
  public internal(set) var limit: Int?

  public indirect enum Form: Sendable, Hashable {
    /// A type without parts, by its name: "int", "kubernetes.Quantity".
    case simple(String)
    case list(CELType)
    case map(CELType, CELType)
    case object(CELObject)
    case optional(CELType)
    /// The type of a type.
    case type(CELType)
    /// What a function leaves open: the T in list(T).
    case parameter(String)
  }

  init(_ form: Form, limit: Int? = nil) {
    self.form = form
    self.limit = limit
  }

  init(_ name: String) { self.init(.simple(name)) }
}

/// A type whose fields are known. The name is its identity.
public struct CELObject: Sendable, Hashable {
  public var name: String
  public var fields: [String: CELType]
  public var required: Set<String>

  public static func == (left: CELObject, right: CELObject) -> Bool { left.name == right.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension CELType {
  public static let null = CELType("null")
  public static let bool = CELType("bool")
  public static let int = CELType("int")
  public static let uint = CELType("uint")
  public static let double = CELType("double")
  public static let string = CELType("string")
  public static let bytes = CELType("bytes")
  public static let timestamp = CELType("timestamp")
  public static let duration = CELType("duration")
  /// Anything: its operations are checked when they happen.
  public static let dyn = CELType("dyn")

  /// - Parameter maxLength: in characters, each of which may take four bytes.
  public static func string(maxLength: Int?) -> CELType {
    CELType(.simple("string"), limit: maxLength.map { $0.saturatingTimes(4) })
  }

  public static func list(of element: CELType, maxItems: Int? = nil) -> CELType {
    CELType(.list(element), limit: maxItems)
  }

  /// A map with strings as keys, which is what JSON has.
  public static func map(values: CELType, maxProperties: Int? = nil) -> CELType {
    CELType(.map(.string, values), limit: maxProperties)
  }

  /// - Parameter fields: by their names as expressions write them; see ``CELNames``.
  public static func object(name: String, fields: [String: CELType], required: Set<String> = []) -> CELType {
    CELType(.object(CELObject(name: name, fields: fields, required: required)))
  }

  public static func optional(of type: CELType) -> CELType { CELType(.optional(type)) }
}

extension CELType: Hashable, CustomStringConvertible {
  public static func == (left: CELType, right: CELType) -> Bool { left.form == right.form }
  public func hash(into hasher: inout Hasher) { hasher.combine(form) }

  public var description: String {
    switch form {
    case .simple(let name), .parameter(let name): name
    case .list(let element): "list(\(element))"
    case .map(let key, let value): "map(\(key), \(value))"
    case .object(let object): object.name
    case .optional(let type): "optional_type(\(type))"
    case .type(let type): "type(\(type))"
    }
  }
}

// MARK: - What fits where

extension CELType {
  /// Whether a value of the other type may stand where this one is wanted. What this type leaves open is noted when it
  /// is first met, and has to be the same from then on.
  func accepts(_ other: CELType, _ open: inout [String: CELType]) -> Bool {
    if self == .dyn || other == .dyn { return true }
    switch (form, other.form) {
    case (.parameter(let name), _):
      guard let known = open[name] else {
        open[name] = other
        return true
      }
      if known.accepts(other, &open) { return true }
      open[name] = other
      return other.accepts(known, &open)
    case (.list(let element), .list(let other)): return element.accepts(other, &open)
    case (.optional(let type), .optional(let other)): return type.accepts(other, &open)
    case (.map(let key, let value), .map(let otherKey, let otherValue)):
      return key.accepts(otherKey, &open) && value.accepts(otherValue, &open)
    case (.type, .type): return true
    case (_, .simple("null")): return isNullable
    default: return self == other
    }
  }

  private var isNullable: Bool {
    switch form {
    case .object, .optional: true
    case .simple(let name): name == "null" || name == "timestamp" || name == "duration" || name.contains(".")
    default: false
    }
  }

  /// This type with what has been noted for its open parts. What nobody has said can be anything.
  func filled(from open: [String: CELType]) -> CELType {
    switch form {
    case .parameter(let name): open[name] ?? .dyn
    case .list(let element): CELType(.list(element.filled(from: open)), limit: limit)
    case .map(let key, let value): CELType(.map(key.filled(from: open), value.filled(from: open)), limit: limit)
    case .optional(let type): CELType(.optional(type.filled(from: open)))
    case .type(let type): CELType(.type(type.filled(from: open)))
    default: self
    }
  }
}

// MARK: - How large a value can be

extension CELType {
  /// No request is larger, so nothing in it is.
  private static let requestBytes = 3 << 20

  /// The largest number of bytes, elements or entries: as declared, or else as many as fit into a request.
  var largestSize: Int {
    if let limit { return limit }
    return switch form {
    case .simple("string"), .simple("bytes"), .simple("dyn"): Self.requestBytes - 2
    case .list(let element): (Self.requestBytes - 2) / (element.smallestEncoding + 1)
    case .map(_, let value): (Self.requestBytes - 2) / (value.smallestEncoding + 6)
    case .object(let object): object.fields.count
    default: 1
    }
  }

  /// The most that there is to read: everything in a list or map, and never more than a request brings.
  var largestWeight: Int {
    let weight =
      switch form {
      case .list(let element): largestSize.saturatingTimes(element.largestWeight)
      case .map(let key, let value): largestSize.saturatingTimes(key.largestWeight.saturatingPlus(value.largestWeight))
      case .object(let object): object.fields.values.reduce(0) { $0.saturatingPlus($1.largestWeight + 1) }
      case .optional(let type): type.largestWeight
      default: largestSize
      }
    return min(weight.saturatingPlus(2), max(Self.requestBytes, largestSize))
  }

  /// The fewest bytes that a value takes in JSON.
  private var smallestEncoding: Int {
    switch form {
    case .simple("string"), .simple("bytes"), .list, .map: 2
    case .simple("bool"), .simple("duration"): 4
    case .simple("timestamp"): 22
    case .object(let object):
      object.required.reduce(2) { $0 + $1.utf8.count + 4 + (object.fields[$1]?.smallestEncoding ?? 0) }
    default: 1
    }
  }

  /// The same type for a value that was made of others: it is hardly larger than these together.
  func limited(to size: Int) -> CELType {
    switch form {
    case .simple("string"), .simple("bytes"): CELType(form, limit: limit ?? size)
    case .list(let element): CELType(.list(element.limited(to: size)), limit: limit ?? size)
    case .map(let key, let value): CELType(.map(key, value.limited(to: size)), limit: limit ?? size)
    case .optional(let type): CELType(.optional(type.limited(to: size)))
    default: self
    }
  }
}

extension Int {
  func saturatingTimes(_ other: Int) -> Int {
    let (product, isTooLarge) = multipliedReportingOverflow(by: other)
    return isTooLarge ? .max : product
  }

  func saturatingPlus(_ other: Int) -> Int {
    let (sum, isTooLarge) = addingReportingOverflow(other)
    return isTooLarge ? .max : sum
  }
}
