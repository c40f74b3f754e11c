/// Where a value stands in an object: `spec.containers[0].name`.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible {
  public private(set) var description: String

  /// The path of a field of the object itself; the empty path is the object.
  public init(_ description: String = "") { self.description = description }

  public subscript(_ name: String) -> FieldPath {
    FieldPath(description.isEmpty ? name : description + "." + name)
  }

  public subscript(_ index: Int) -> FieldPath { FieldPath("\(description)[\(index)]") }

  /// An entry of a map.
  public subscript(key key: String) -> FieldPath { FieldPath("\(description)[\(key)]") }

  /// The same place, seen from further out: `name` below `spec.containers[0]` is `spec.containers[0].name`.
  func below(_ outer: FieldPath) -> FieldPath {
    if outer.description.isEmpty || description.isEmpty { return FieldPath(outer.description + description) }
    return description.hasPrefix("[") ? FieldPath(outer.description + description) : outer[description]
  }
}

/// What is wrong with one field, in the words of the Kubernetes API.
public struct FieldError: Error, Sendable, Hashable, CustomStringConvertible {
  public var reason: Reason
  public var path: FieldPath
  /// The offending value; nil where there is none to show.
  public var value: Value?
  /// What to do, or what is allowed. May be empty.
  public var detail: String

  /// The `reason` of a cause in a `Status`.
  public enum Reason: String, Sendable {
    case required = "FieldValueRequired"
    case invalid = "FieldValueInvalid"
    case typeInvalid = "FieldValueTypeInvalid"
    case notSupported = "FieldValueNotSupported"
    case duplicate = "FieldValueDuplicate"
    case forbidden = "FieldValueForbidden"
    case tooLong = "FieldValueTooLong"
    case tooMany = "FieldValueTooMany"
    case notFound = "FieldValueNotFound"

    var sentence: String {
      switch self {
      case .required: "Required value"
      case .invalid, .typeInvalid: "Invalid value"
      case .notSupported: "Unsupported value"
      case .duplicate: "Duplicate value"
      case .forbidden: "Forbidden"
      case .tooLong: "Too long"
      case .tooMany: "Too many"
      case .notFound: "Not found"
      }
    }
  }

  public init(_ reason: Reason, _ path: FieldPath, _ value: Value? = nil, _ detail: String = "") {
    self.reason = reason
    self.path = path
    self.value = value
    self.detail = detail
  }

  /// The same error, seen from further out.
  func below(_ outer: FieldPath) -> FieldError {
    var error = self
    error.path = path.below(outer)
    return error
  }

  public static func required(_ path: FieldPath, _ detail: String = "") -> FieldError {
    FieldError(.required, path, nil, detail)
  }

  public static func invalid(_ path: FieldPath, _ value: Value, _ detail: String) -> FieldError {
    FieldError(.invalid, path, value, detail)
  }

  public static func forbidden(_ path: FieldPath, _ detail: String) -> FieldError {
    FieldError(.forbidden, path, nil, detail)
  }

  public static func notSupported(_ path: FieldPath, _ value: Value, supported: [String]) -> FieldError {
    FieldError(
      .notSupported, path, value, "supported values: " + supported.sorted().map { "\"\($0)\"" }.joined(separator: ", "))
  }

  /// "Invalid value: -1: must be greater than or equal to 0": the message of a cause.
  public var message: String {
    switch reason {
    case .required, .forbidden, .tooLong, .tooMany:
      detail.isEmpty ? reason.sentence : "\(reason.sentence): \(detail)"
    default:
      ([reason.sentence] + (value.map { [Self.show($0)] } ?? []) + (detail.isEmpty ? [] : [detail]))
        .joined(separator: ": ")
    }
  }

  public var description: String { path.description.isEmpty ? message : "\(path): \(message)" }

  private static func show(_ value: Value) -> String { value.encodedString }
}
