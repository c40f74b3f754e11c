import ControlLoop
import Objects
import Store

// Changes of a stored object that say only what is different. Specified by the Kubernetes documentation, "API
// concepts" ("Patch").

extension APIServer {
  func patch(_ call: Call, _ scope: Registry.Scope) async throws(StatusError) -> Response {
    let patch = try Patch(call.request, of: call.target.kind, scheme: cluster.scheme)
    let options = try WriteOptions(call.request, "PatchOptions")
    let form = try Form(call.request)
    let kind = call.target.kind
    let warnings = Warnings()
    let outcome = try await write(isDryRun: options.isDryRun, of: kind) { (view, now) throws(StatusError) in
      guard let record = view.snapshot.record(call.target.key) else { throw .notFound(call.target.key) }
      var object = Object(json: try patch.apply(to: kind.reading(record.value), as: kind.type))
      try bodies.settle(&object, at: call.target)
      var (value, dropped) = bodies.known(object.json, of: kind, repeated: patch.repeated)
      dropped = patch.misspelled + dropped
      if options.fieldValidation == .strict, !dropped.isEmpty { throw .strict(patch.text, dropped) }
      warnings.sentences = options.fieldValidation == .warn ? dropped : []
      return try cluster.registry.update(value, of: kind, scope: scope, in: view, at: now)
    }
    return answer(outcome, call, form, warnings.sentences)
  }

  /// Found while a write is planned.
  private final class Warnings {
    var sentences: [String] = []
  }
}

/// A patch of one of the three kinds.
struct Patch: Sendable {
  private enum Form: String, CaseIterable {
    case json = "application/json-patch+json"
    case merge = "application/merge-patch+json"
    case strategicMerge = "application/strategic-merge-patch+json"
  }

  private let form: Form
  private let document: Value
  private let scheme: Scheme
  let text: String
  /// The places in the object of names that the patch has more than once.
  private(set) var repeated: [FieldPath] = []
  /// What is wrong with the operations of a JSON patch themselves.
  private(set) var misspelled: [String] = []

  /// Throws a 415 for other media types and a 400 for a body that is not JSON.
  init(_ request: Request, of kind: Kind, scheme: Scheme) throws(StatusError) {
    let type = MediaType(request.header("content-type") ?? "").essence
    if type == "application/apply-patch+yaml" {
      throw StatusError(
        "UnsupportedMediaType", code: 415,
        "server-side apply is not served yet: leave out --server-side, or send one of "
          + Form.allCases.map(\.rawValue).joined(separator: ", "))
    }
    // How two lists become one is written in the types of the layers' kinds; other kinds have none.
    let forms = Form.allCases.filter { $0 != .strategicMerge || kind.schema == nil }
    guard let form = Form(rawValue: type), forms.contains(form) else {
      throw .unsupportedMediaType(accepted: forms.map(\.rawValue))
    }
    do {
      document = try Value(parsing: request.body, repeated: &repeated)
    } catch {
      throw .badRequest("error decoding patch: \(error)")
    }
    self.form = form
    self.scheme = scheme
    text = String(decoding: request.body, as: UTF8.self)
    if form == .json {
      misspelled = repeated.map { "json patch duplicate field \"\($0)\"" }
      repeated = []
    }
  }

  /// Pure: the same patch and the same value, the same result.
  func apply(to value: Value, as type: any Structure.Type) throws(StatusError) -> Value {
    switch form {
    case .json: return try JSONPatch(document).apply(to: value)
    case .merge:
      guard document.members != nil else { throw .badRequest("a merge patch must be an object") }
      return value.merged(with: document)
    case .strategicMerge: return try StrategicMergePatch(scheme: scheme).apply(document, to: value, as: type)
    }
  }
}

extension StatusError {
  fileprivate static func strict(_ patch: String, _ dropped: [String]) -> StatusError {
    let problem = FieldError.invalid(
      FieldPath("patch"), .string(patch), "strict decoding error: \(dropped.joined(separator: ", "))")
    var error = StatusError("Invalid", code: 422, " \"\" is invalid: \(problem)")
    error.causes = [Cause(reason: problem.reason.rawValue, message: problem.message, field: "patch")]
    return error
  }
}
