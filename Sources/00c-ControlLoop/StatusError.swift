public import Objects
public import Store

/// Why the API refuses something, in the words and codes of the Kubernetes API reference (`Status`).
public struct StatusError: Error, Sendable, CustomStringConvertible {
  /// "NotFound", "AlreadyExists", "Conflict", "Invalid", "Forbidden", "BadRequest", "Gone"/"Expired", …
  public var reason: String
  /// The HTTP status code.
  public var code: Int
  public var message: String
  /// What it is about, where known.
  public var group = ""
  public var kind = ""
  public var name = ""
  public var uid = ""
  public var causes: [Cause] = []
  /// In seconds: when to try again.
  public var retryAfter: Int?

  public struct Cause: Sendable, Hashable {
    public var reason: String
    public var message: String
    public var field: String

    public init(reason: String, message: String, field: String) {
      self.reason = reason
      self.message = message
      self.field = field
    }
  }

  public init(_ reason: String, code: Int, _ message: String) {
    self.reason = reason
    self.code = code
    self.message = message
  }

  public var description: String { message }

  private func about(_ key: Key, group: String) -> StatusError {
    var error = self
    error.group = group
    error.kind = key.resource.split(separator: ".").first.map(String.init) ?? key.resource
    error.name = key.name
    return error
  }

  private static func group(of key: Key) -> String {
    key.resource.split(separator: ".", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
  }

  public static func notFound(_ key: Key) -> StatusError {
    StatusError("NotFound", code: 404, "\(key.resource) \"\(key.name)\" not found").about(key, group: group(of: key))
  }

  public static func alreadyExists(_ key: Key) -> StatusError {
    StatusError("AlreadyExists", code: 409, "\(key.resource) \"\(key.name)\" already exists")
      .about(key, group: group(of: key))
  }

  public static func conflict(_ key: Key, _ why: String = StatusError.modified) -> StatusError {
    StatusError("Conflict", code: 409, "Operation cannot be fulfilled on \(key.resource) \"\(key.name)\": \(why)")
      .about(key, group: group(of: key))
  }

  public static let modified =
    "the object has been modified; please apply your changes to the latest version and try again"

  public static func forbidden(_ key: Key, _ why: String) -> StatusError {
    StatusError("Forbidden", code: 403, "\(key.resource) \"\(key.name)\" is forbidden: \(why)")
      .about(key, group: group(of: key))
  }

  public static func badRequest(_ message: String) -> StatusError {
    StatusError("BadRequest", code: 400, message)
  }

  /// The object breaks rules of its kind; one cause for each.
  public static func invalid(_ kind: Kind, name: String, _ errors: [FieldError]) -> StatusError {
    let list = errors.map(\.description)
    let sentence = list.count == 1 ? list[0] : "[\(list.joined(separator: ", "))]"
    let qualified = kind.group.isEmpty ? kind.name : "\(kind.name).\(kind.group)"
    var error = StatusError("Invalid", code: 422, "\(qualified) \"\(name)\" is invalid: \(sentence)")
    error.group = kind.group
    error.kind = kind.name
    error.name = name
    error.causes = errors.map { Cause(reason: $0.reason.rawValue, message: $0.message, field: $0.path.description) }
    return error
  }

  /// What the store said, in the API's words.
  public init(_ error: StoreError, for key: Key) {
    switch error {
    case .notFound: self = .notFound(key)
    case .alreadyExists: self = .alreadyExists(key)
    case .conflict: self = .conflict(key)
    case .taken(let index, let value, let holder):
      self = .conflict(key, "\(index) \(value) has just been taken by \(holder.name); please try again")
    default: self = StatusError("InternalError", code: 500, "Internal error occurred: \(error)")
    }
  }
}
