import ControlLoop
import Objects
import Store

/// Where a list goes on: the token that a client gets with a page and sends back for the next one.
struct Continuation {
  /// The revision of the first page, so that all pages show one moment; nil once that moment has been forgotten and
  /// the client has agreed to see a later one.
  var version: Revision?
  /// The last object that was sent.
  var after: (namespace: String, name: String)

  init(version: Revision?, after: (namespace: String, name: String)) {
    self.version = version
    self.after = after
  }

  /// Clients have no business inside it.
  var token: String {
    let content: Value = [
      "v": "meta.k8s.io/v1", "rv": .integer(version ?? Self.anyVersion),
      "start": .string("\(after.namespace)/\(after.name)\0"),
    ]
    return Base64.urlEncoded(content.encoded())
  }

  init(token: String) throws(StatusError) {
    guard let bytes = Base64.urlDecoded(token), let content = try? Value(parsing: bytes),
      content["v"]?.string == "meta.k8s.io/v1", let version = content["rv"]?.integer,
      let start = content["start"]?.string, start.hasSuffix("\0"), let slash = start.firstIndex(of: "/")
    else { throw .badRequest("continue key is not valid") }
    self.version = version == Self.anyVersion ? nil : version
    after = (String(start[..<slash]), String(start[start.index(after: slash)...].dropLast()))
  }

  private static let anyVersion: Revision = -1

  /// The moment of the first page has been forgotten. The error carries a token for the rest as it is now.
  var expired: Response {
    var error = StatusError(
      "Expired", code: 410,
      "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        + "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
        + "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
        + "modified, or deleted between the time the first chunk was returned and now may show up in the list."
    ).status
    error["metadata"] = ["continue": .string(Continuation(version: nil, after: after).token)]
    return .json(error, status: 410)
  }
}
