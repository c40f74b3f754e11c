import ControlLoop
import Objects
import Store

// What the query of a request asks for. Specified by the Kubernetes API reference: ListOptions, CreateOptions,
// UpdateOptions, PatchOptions, DeleteOptions.

extension Request {
  /// Clients write "true", "1" or nothing at all behind the name.
  func flag(_ name: String) -> Bool { optionalFlag(name) ?? false }

  func optionalFlag(_ name: String) -> Bool? {
    parameter(name).map { $0 != "0" && $0.lowercased() != "false" }
  }

  /// An integer that may be absent or empty.
  func integer(_ name: String) throws(StatusError) -> Int64? {
    guard let text = parameter(name), !text.isEmpty else { return nil }
    guard let integer = Int64(text) else { throw .badRequest("\(name): \"\(text)\" is not an integer") }
    return integer
  }

  fileprivate func text(_ name: String) -> String? {
    parameter(name).flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// What to list, and as of when.
struct ListOptions {
  enum VersionMatch: String, CaseIterable {
    case exact = "Exact"
    case notOlderThan = "NotOlderThan"
  }

  var limit: Int?
  var continuation: String?
  /// Nil and 0 both leave it to the server; nil asks for the newest.
  var version: Revision?
  var versionMatch: VersionMatch?

  init(_ request: Request) throws(StatusError) {
    limit = try request.integer("limit").flatMap { $0 > 0 ? Int(clamping: $0) : nil }
    continuation = request.text("continue")
    version = try Self.version(request)
    let path = FieldPath("resourceVersionMatch")
    var errors: [FieldError] = []
    if let word = request.text("resourceVersionMatch") {
      versionMatch = VersionMatch(rawValue: word)
      if version == nil {
        errors.append(.forbidden(path, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
      }
      if continuation != nil {
        errors.append(.forbidden(path, "resourceVersionMatch is forbidden when continue is provided"))
      }
      if versionMatch == nil {
        errors.append(.notSupported(path, .string(word), supported: VersionMatch.allCases.map(\.rawValue) + [""]))
      }
      if versionMatch == .exact, version == 0 {
        errors.append(.forbidden(path, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
      }
    }
    if request.text("sendInitialEvents") != nil {
      errors.append(.forbidden(FieldPath("sendInitialEvents"), "sendInitialEvents is forbidden for list"))
    }
    if !errors.isEmpty { throw .invalidOptions("ListOptions", errors) }
    if continuation != nil, version ?? 0 != 0 {
      throw .badRequest("specifying resource version is not allowed when using continue")
    }
  }

  static func version(_ request: Request) throws(StatusError) -> Revision? {
    guard let text = request.text("resourceVersion") else { return nil }
    guard let version = Revision(text), version >= 0 else {
      throw .badRequest("invalid resource version: \"\(text)\" is not a number")
    }
    return version
  }
}

/// From when and how to watch.
struct WatchOptions {
  var version: Revision?
  var allowsBookmarks: Bool
  /// Nil leaves it to the version: without one, what exists is sent first.
  var sendsInitialEvents: Bool?
  var timeoutSeconds: Int64?

  init(_ request: Request) throws(StatusError) {
    version = try ListOptions.version(request)
    allowsBookmarks = request.flag("allowWatchBookmarks")
    sendsInitialEvents = request.optionalFlag("sendInitialEvents")
    timeoutSeconds = try request.integer("timeoutSeconds").flatMap { $0 > 0 ? $0 : nil }
    let match = request.text("resourceVersionMatch")
    let path = FieldPath("resourceVersionMatch")
    var errors: [FieldError] = []
    if sendsInitialEvents != nil, match != ListOptions.VersionMatch.notOlderThan.rawValue {
      errors.append(.forbidden(path, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
    }
    if sendsInitialEvents == nil, match != nil {
      errors.append(
        .forbidden(path, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
    }
    if !errors.isEmpty { throw .invalidOptions("ListOptions", errors) }
  }
}

/// What holds for every kind of write.
struct WriteOptions {
  enum FieldValidation: String, CaseIterable {
    case ignore = "Ignore"
    case warn = "Warn"
    case strict = "Strict"
  }

  /// Everything is checked and answered as always, and nothing is written.
  var isDryRun = false
  var fieldValidation = FieldValidation.warn

  /// - Parameter kind: what the options are called in messages: "CreateOptions".
  init(_ request: Request, _ kind: String) throws(StatusError) {
    var errors: [FieldError] = []
    let dryRuns = request.query.filter { $0.name == "dryRun" && !$0.value.isEmpty }.map(\.value)
    errors += Self.problems(ofDryRun: dryRuns)
    isDryRun = !dryRuns.isEmpty
    if let manager = request.text("fieldManager"), manager.utf8.count > Self.longestManager {
      errors.append(
        FieldError(.tooLong, FieldPath("fieldManager"), nil, "may not be more than \(Self.longestManager) bytes"))
    }
    if let word = request.text("fieldValidation") {
      if let known = FieldValidation(rawValue: word) {
        fieldValidation = known
      } else {
        let words = FieldValidation.allCases.map(\.rawValue)
        errors.append(.notSupported(FieldPath("fieldValidation"), .string(word), supported: words))
      }
    }
    if kind == "PatchOptions", request.text("force") != nil {
      errors.append(.forbidden(FieldPath("force"), "may not be specified for non-apply patch"))
    }
    if !errors.isEmpty { throw .invalidOptions(kind, errors) }
  }

  private static let longestManager = 128

  static func problems(ofDryRun words: [String]) -> [FieldError] {
    words.allSatisfy { $0 == "All" }
      ? []
      : [.notSupported(FieldPath("dryRun"), .array(words.map(Value.string)), supported: ["All"])]
  }
}

extension DeleteOptions {
  /// From the body if there is one, else from the query.
  init(_ request: Request, body: Value?) throws(StatusError) {
    let given: Value
    if let body { given = body } else { given = try Self.query(request) }
    var errors: [FieldError] = []
    self.init(DeletionOptions(json: given))
    if let seconds = gracePeriodSeconds, seconds < 0 {
      errors.append(
        .invalid(FieldPath("gracePeriodSeconds"), .integer(seconds), "must be greater than or equal to 0"))
    }
    if let word = given["propagationPolicy"], word != .null {
      if propagationPolicy == nil {
        let words = PropagationPolicy.allCases.map(\.rawValue)
        errors.append(.notSupported(FieldPath("propagationPolicy"), word, supported: words))
      }
      if given["orphanDependents"]?.bool != nil {
        errors.append(
          .invalid(
            FieldPath("propagationPolicy"), word, "orphanDependents and deletionPropagation cannot be both set"))
      }
    }
    errors += WriteOptions.problems(ofDryRun: given["dryRun"]?.array?.compactMap(\.string) ?? [])
    if !errors.isEmpty { throw .invalidOptions("DeleteOptions", errors) }
  }

  private static func query(_ request: Request) throws(StatusError) -> Value {
    var options = Value.emptyObject
    options["gracePeriodSeconds"] = try request.integer("gracePeriodSeconds").map(Value.integer)
    options["propagationPolicy"] = request.text("propagationPolicy").map(Value.string)
    options["orphanDependents"] = request.optionalFlag("orphanDependents").map(Value.bool)
    return options
  }
}
