public import ControlLoop
public import Objects

// How answers look: JSON, plain text, and the Status that stands for an error.

extension Response {
  static let json = (name: "Content-Type", value: "application/json")
  static let text = (name: "Content-Type", value: "text/plain; charset=utf-8")
  /// What a proxy may keep of the answer: nothing.
  static let uncached = (name: "Cache-Control", value: "no-cache, private")

  /// Pieces of one JSON document.
  static func json(_ pieces: [[UInt8]], status: Int = 200, warnings: [String] = []) -> Response {
    Response(status: status, headers: [uncached, json] + warnings.map(warning), body: .pieces(pieces))
  }

  static func json(_ value: Value, status: Int = 200) -> Response {
    json([value.encoded()], status: status)
  }

  static func text(_ text: String, status: Int = 200) -> Response {
    Response(status: status, headers: [uncached, Self.text], body: .pieces([Array(text.utf8)]))
  }

  /// RFC 7234, 5.5: 299 is "miscellaneous persistent warning".
  static func warning(_ text: String) -> (name: String, value: String) {
    let quoted = text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
    return ("Warning", "299 - \"\(String(quoted))\"")
  }
}

extension Value {
  /// The Status that says that something has been done.
  static func success(code: Int64? = nil, details: Value? = nil) -> Value {
    var status: Value = ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success"]
    status["details"] = details
    status["code"] = code.map(Value.integer)
    return status
  }
}

extension StatusError {
  /// The error as the object that clients read. Specified by the Kubernetes API reference: Status.
  public var status: Value {
    var status: Value = [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
      "reason": .string(reason),
    ]
    var details = Value.emptyObject
    for (field, text) in [("name", name), ("group", group), ("kind", kind), ("uid", uid)] where !text.isEmpty {
      details[field] = .string(text)
    }
    if !causes.isEmpty { details["causes"] = .array(causes.map(\.asValue)) }
    if let retryAfter { details["retryAfterSeconds"] = .integer(Int64(retryAfter)) }
    if details != .emptyObject { status["details"] = details }
    status["code"] = .integer(Int64(code))
    return status
  }

  var response: Response {
    var response = Response.json(status, status: code)
    if let retryAfter { response.headers.append(("Retry-After", String(retryAfter))) }
    return response
  }

  static let unknownPath = StatusError(
    "NotFound", code: 404, "the server could not find the requested resource")

  static let methodNotAllowed = StatusError(
    "MethodNotAllowed", code: 405, "the server does not allow this method on the requested resource")

  static func unsupportedMediaType(accepted: [String]) -> StatusError {
    StatusError(
      "UnsupportedMediaType", code: 415,
      "the body of the request was in an unknown format - accepted media types include: "
        + accepted.joined(separator: ", "))
  }

  /// Options of a request that make no sense: `kind` is "ListOptions", say.
  static func invalidOptions(_ kind: String, _ errors: [FieldError]) -> StatusError {
    let list = errors.map(\.description)
    var error = StatusError(
      "Invalid", code: 422,
      "\(kind).meta.k8s.io \"\" is invalid: "
        + (list.count == 1 ? list[0] : "[\(list.joined(separator: ", "))]"))
    error.group = "meta.k8s.io"
    error.kind = kind
    error.causes = errors.map {
      Cause(reason: $0.reason.rawValue, message: $0.message, field: $0.path.description)
    }
    return error
  }
}

extension StatusError.Cause {
  fileprivate var asValue: Value {
    ["reason": .string(reason), "message": .string(message), "field": .string(field)]
  }
}
