import ControlLoop
import Objects
import Store
import Synchronization

// Creations and updates. Specified by the Kubernetes API reference and "API concepts" ("Resource versions",
// "Dry-run", "Generated values").

extension APIServer {
  func create(_ call: Call) async throws(StatusError) -> Response {
    let options = try WriteOptions(call.request, "CreateOptions")
    let form = try Form(call.request)
    let (value, warnings) = try bodies.object(of: call, options.fieldValidation)
    let outcome = try await write(isDryRun: options.isDryRun, of: call.target.kind) { (view, now) throws(StatusError) in
      var names = SeededGenerator(seed: random.withLock { $0.next() })
      return try cluster.registry.create(value, of: call.target.kind, in: view, at: now, names: &names)
    }
    return answer(outcome, call, form, status: 201, warnings)
  }

  func update(_ call: Call, _ scope: Registry.Scope) async throws(StatusError) -> Response {
    let options = try WriteOptions(call.request, "UpdateOptions")
    let form = try Form(call.request)
    let (value, warnings) = try bodies.object(of: call, options.fieldValidation)
    let outcome = try await write(isDryRun: options.isDryRun, of: call.target.kind) { (view, now) throws(StatusError) in
      try cluster.registry.update(value, of: call.target.kind, scope: scope, in: view, at: now)
    }
    return answer(outcome, call, form, warnings)
  }

  func answer(
    _ outcome: Outcome, _ call: Call, _ form: Form, status: Int = 200, _ warnings: [String] = []
  ) -> Response {
    let presentation = Presentation(of: call.target.kind, as: form)
    return .json(
      [presentation.object(outcome.value, outcome.bytes, at: surroundings.now())], status: status, warnings: warnings)
  }
}

/// What a write has come to.
struct Outcome: Sendable {
  let value: Value
  /// Whether the object is gone.
  var isRemoval = false
  private var record: Record?

  init(_ record: Record, isRemoval: Bool = false) {
    value = record.value
    self.record = record
    self.isRemoval = isRemoval
  }

  /// What would have been stored.
  init(dryRun value: Value, isRemoval: Bool = false) {
    self.value = value
    self.isRemoval = isRemoval
  }

  var bytes: [UInt8] { record?.bytes ?? value.encoded() }
}

extension APIServer {
  /// Plans a write from the newest snapshot and makes it; plans again when another writer was faster. A plan that
  /// insists on what it saw, a version or a name, says so itself the second time.
  /// - Parameter kind: what is written, where it was read from a request's body.
  func write(
    isDryRun: Bool, of kind: Kind? = nil, _ plan: (View, Time) throws(StatusError) -> Write
  ) async throws(StatusError) -> Outcome {
    var attempt = 1
    while true {
      let view = view()
      let write = try refine(kind) { () throws(StatusError) in try plan(view, surroundings.now()) }
      if isDryRun { return try dryRun(write, in: view) }
      switch await store.submit(write) {
      case .success(let record): return Outcome(record, isRemoval: write.isRemoval)
      case .failure(.conflict) where attempt < Self.attempts: break
      case .failure(.taken) where attempt < Self.attempts: break
      case .failure(.notFound) where attempt < Self.attempts: break
      case .failure(.alreadyExists) where attempt < Self.attempts && write.hasGeneratedName: break
      case .failure(.tooLarge(let bytes, let limit)): throw .tooLarge(bytes: bytes, limit: limit)
      case .failure(let error): throw StatusError(error, for: write.key)
      }
      attempt += 1
    }
  }

  private static let attempts = 8

  private func dryRun(_ write: Write, in view: View) throws(StatusError) -> Outcome {
    let present = view.snapshot.record(write.key)
    switch write.change {
    case .delete: return present.map { Outcome($0, isRemoval: true) } ?? Outcome(dryRun: .emptyObject, isRemoval: true)
    case .put(let value):
      if write.expecting == .absent, present != nil { throw .alreadyExists(write.key) }
      return Outcome(dryRun: value)
    }
  }

  /// Fields of the wrong type are no wrong wish but a wrong request, where a Swift type says what is right.
  private func refine<T>(_ kind: Kind?, _ plan: () throws(StatusError) -> T) throws(StatusError) -> T {
    do {
      return try plan()
    } catch {
      if kind?.schema != nil { throw error }
      let wrongType = FieldError.Reason.typeInvalid.rawValue
      guard let cause = error.causes.first(where: { $0.reason == wrongType }) else { throw error }
      throw .badRequest("\(error.kind) cannot be handled as a \(error.kind): \(cause.field): \(cause.message)")
    }
  }
}

extension StatusError {
  fileprivate static func tooLarge(bytes: Int, limit: Int) -> StatusError {
    StatusError(
      "RequestEntityTooLarge", code: 413, "the object has \(bytes) bytes as JSON, and at most \(limit) can be stored")
  }
}

extension Write {
  fileprivate var isRemoval: Bool {
    if case .delete = change { true } else { false }
  }

  fileprivate var hasGeneratedName: Bool {
    guard case .put(let value) = change else { return false }
    return Object(json: value).metadata.generateName ?? "" != ""
  }
}
