import ControlLoop
import Objects
import Store

// One object, or a list of them, from a snapshot. Specified by the Kubernetes documentation, "API concepts"
// ("Retrieving large results sets in chunks", "Semantics for get and list").

extension APIServer {
  func get(_ call: Call) throws(StatusError) -> Response {
    let presentation = Presentation(of: call.target.kind, as: try Form(call.request))
    guard let record = store.snapshot.record(call.target.key) else { throw .notFound(call.target.key) }
    return .json([presentation.object(record.value, record.bytes, at: surroundings.now())])
  }

  func list(_ call: Call) throws(StatusError) -> Response {
    let options = try ListOptions(call.request)
    let presentation = Presentation(of: call.target.kind, as: try Form(call.request))
    let selection = try Selection(call, indexes: cluster.indexes)
    let start = try options.continuation.map { token throws(StatusError) in try Continuation(token: token) }
    guard let snapshot = try snapshot(for: options, start, of: call.target.kind.groupResource) else {
      return start?.expired ?? StatusError.forgottenList.response
    }
    let page = selection.page(in: snapshot, after: start?.after, limit: options.limit)
    // Pages of a list that has lost its moment keep saying so.
    let version = start != nil && start?.version == nil ? nil : snapshot.revision
    let metadata = ListMetadata(
      version: String(snapshot.revision),
      continuation: page.next.map { Continuation(version: version, after: $0).token },
      remaining: page.next == nil ? nil : page.remaining)
    return .json(presentation.list(page.records, metadata, at: surroundings.now()))
  }

  /// Nil when the moment that is asked for has been forgotten.
  private func snapshot(
    for options: ListOptions, _ start: Continuation?, of resource: String
  ) throws(StatusError) -> Snapshot? {
    let present = store.snapshot
    let wanted = start?.version ?? options.version ?? 0
    guard wanted > 0 else { return present }
    if wanted > present.revision { throw .notYet(wanted, current: present.revision) }
    let isExact = start != nil || options.versionMatch == .exact || options.versionMatch == nil && options.limit != nil
    return isExact ? store.snapshot(at: wanted, of: resource) : present
  }
}

extension StatusError {
  fileprivate static let forgottenList = StatusError(
    "Expired", code: 410, "The resourceVersion for the provided list is too old.")

  /// The history that is asked for has been forgotten.
  static func tooOld(_ version: Revision, oldest: Revision) -> StatusError {
    StatusError("Expired", code: 410, "too old resource version: \(version) (\(oldest))")
  }

  /// Another server may be ahead of this one, but not for long.
  static func notYet(_ version: Revision, current: Revision) -> StatusError {
    var error = StatusError("Timeout", code: 504, "Too large resource version: \(version), current: \(current)")
    error.causes = [Cause(reason: "ResourceVersionTooLarge", message: "Too large resource version", field: "")]
    error.retryAfter = 1
    return error
  }
}
