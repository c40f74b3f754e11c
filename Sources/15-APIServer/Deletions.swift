import ControlLoop
import Objects
import Store

// Deletions of one object or of all that are selected. Specified by the Kubernetes API reference: DeleteOptions.

extension APIServer {
  func delete(_ call: Call) async throws(StatusError) -> Response {
    let form = try Form(call.request)
    let (options, isDryRun) = try deleteOptions(call)
    let outcome = try await delete(call.target.key, options, of: call.target.kind, isDryRun: isDryRun)
    guard outcome.isRemoval else { return answer(outcome, call, form) }
    return .json(.success(details: details(of: Object(json: outcome.value), call.target)))
  }

  private func details(of object: Object, _ target: Target) -> Value {
    var details: Value = ["name": .string(target.name ?? "")]
    if !target.kind.group.isEmpty { details["group"] = .string(target.kind.group) }
    details["kind"] = .string(target.kind.resource)
    details["uid"] = .string(object.uid)
    return details
  }

  /// Answers with the list of what was selected.
  func deleteCollection(_ call: Call) async throws(StatusError) -> Response {
    let (options, isDryRun) = try deleteOptions(call)
    let selection = try Selection(call, indexes: cluster.indexes)
    let limit = try ListOptions(call.request).limit
    let snapshot = store.snapshot
    let records = selection.page(in: snapshot, limit: limit).records
    // All at once, so that many share one append to the storage.
    let refusals = await withTaskGroup(of: StatusError?.self) { group in
      for record in records {
        group.addTask { [self] in
          do throws(StatusError) {
            _ = try await delete(record.key, options, of: call.target.kind, isDryRun: isDryRun)
            return nil
          } catch {
            return error
          }
        }
      }
      return await group.reduce(into: []) { refusals, refusal in refusals.append(refusal) }
    }
    // One that is gone already is what was wanted.
    let refusal = refusals.compactMap(\.self).filter { $0.code != 404 }.min { $0.name < $1.name }
    if let refusal { throw refusal }
    let presentation = Presentation(of: call.target.kind, as: try Form(call.request))
    let metadata = ListMetadata(version: String(snapshot.revision))
    return .json(presentation.list(records, metadata, at: surroundings.now()))
  }

  private func delete(
    _ key: Key, _ options: DeleteOptions, of kind: Kind, isDryRun: Bool
  ) async throws(StatusError) -> Outcome {
    try await write(isDryRun: isDryRun) { (view, now) throws(StatusError) in
      if let write = try cluster.registry.delete(key, options, of: kind, in: view, at: now) { return write }
      // A deletion that is under way already changes nothing.
      guard let record = view.snapshot.record(key) else { throw .notFound(key) }
      return Write(key, .put(record.value), expecting: .revision(record.revision))
    }
  }

  private func deleteOptions(_ call: Call) throws(StatusError) -> (DeleteOptions, isDryRun: Bool) {
    let request = call.request
    var body: Value?
    var repeated: [FieldPath] = []
    if !request.body.isEmpty {
      body = try bodies.value(of: request, expecting: "DeleteOptions", repeated: &repeated)
    }
    let isDryRun = try WriteOptions(request, "DeleteOptions").isDryRun || body?["dryRun"]?.array?.isEmpty == false
    return (try DeleteOptions(request, body: body), isDryRun)
  }
}
