import ControlLoop
import Objects
import Store

// How many replicas of something there are and should be, the same for all kinds that can be scaled.
// Specified by the Kubernetes API reference: autoscaling/v1 Scale.

struct Scale: Resource {
  static let schemaName = "autoscaling.v1.Scale"
  static let documentation = "How many replicas of something there are, and how many there should be."
  static let kind = Kind(Scale.self, group: "autoscaling", name: "Scale", resource: "scales").with {
    $0.columns = [
      Column("Desired", type: "integer", "How many there should be.") { scale, _ in
        .integer(Int64(Scale(json: scale).spec.replicas ?? 0))
      },
      Column("Available", type: "integer", "How many there are.") { scale, _ in
        .integer(Int64(Scale(json: scale).status.replicas ?? 0))
      },
      .age,
    ]
  }

  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let spec = Part<ScaleSpec>(2, "What is wanted.")
    let status = Part<ScaleStatus>(3, "What is.")
  }
}

struct ScaleSpec: Structure {
  static let schemaName = "autoscaling.v1.ScaleSpec"
  static let documentation = "How many replicas there should be."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let replicas = Field<Int>(1, "How many replicas there should be.", .default(0), .atLeast(0))
  }
}

struct ScaleStatus: Structure {
  static let schemaName = "autoscaling.v1.ScaleStatus"
  static let documentation = "How many replicas there are."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let replicas = Field<Int>(1, "How many replicas there are.", .listedAsRequired)
    let selector = Field<String>(2, "Which pods are counted: a label selector as text.")
  }
}

extension Scale {
  /// The scale of an object.
  init(of value: Value, _ paths: ScalePaths) {
    let object = Object(json: value)
    self.init(name: object.name, namespace: object.namespace) {
      $0.metadata.uid = object.metadata.uid
      $0.metadata.resourceVersion = object.metadata.resourceVersion
      $0.metadata.creationTimestamp = object.metadata.creationTimestamp
      $0.spec.replicas = value.at(paths.replicas).flatMap(Int.init) ?? 0
      $0.status.replicas = value.at(paths.statusReplicas).flatMap(Int.init) ?? 0
      $0.status.selector = paths.selector.isEmpty ? nil : value.at(paths.selector).flatMap(Self.selector)
    }
  }

  private static func selector(_ selector: Value) -> String? {
    selector.string ?? LabelSelector(selector).map { LabelQuery($0).description }
  }
}

extension APIServer {
  func scale(_ call: Call, _ paths: ScalePaths) throws(StatusError) -> Work {
    let presentation = Presentation(of: Scale.kind, as: try Form(call.request))
    switch call.verb {
    case .get:
      guard let record = store.snapshot.record(call.target.key) else { throw .notFound(call.target.key) }
      return .now(answer(Scale(of: record.value, paths), presentation))
    case .update:
      return .later { [self] () throws(StatusError) in
        let options = try WriteOptions(call.request, "UpdateOptions")
        let wanted = Scale(json: try bodies.object(of: call, as: Scale.kind).json)
        return try await rescale(call, paths, options, presentation) { _ in wanted }
      }
    case .patch:
      return .later { [self] () throws(StatusError) in
        let options = try WriteOptions(call.request, "PatchOptions")
        let patch = try Patch(call.request, of: Scale.kind, scheme: cluster.scheme)
        return try await rescale(call, paths, options, presentation) { (present) throws(StatusError) in
          Scale(json: try patch.apply(to: present.json, as: Scale.self))
        }
      }
    default: throw .methodNotAllowed
    }
  }

  private func rescale(
    _ call: Call, _ paths: ScalePaths, _ options: WriteOptions, _ presentation: Presentation,
    _ change: (Scale) throws(StatusError) -> Scale
  ) async throws(StatusError) -> Response {
    let kind = call.target.kind
    let outcome = try await write(isDryRun: options.isDryRun) { (view, now) throws(StatusError) in
      guard let record = view.snapshot.record(call.target.key) else { throw .notFound(call.target.key) }
      let wanted = try change(Scale(of: record.value, paths))
      let errors = cluster.scheme.validate(wanted.json, as: Scale.self)
      if !errors.isEmpty { throw .invalid(Scale.kind, name: wanted.name, errors) }
      var object = Object(json: record.value)
      object.json.set(.integer(Int64(wanted.spec.replicas ?? 0)), at: paths.replicas[...])
      object.metadata.resourceVersion = wanted.metadata.resourceVersion ?? object.metadata.resourceVersion
      return try cluster.registry.update(object.json, of: kind, in: view, at: now)
    }
    return answer(Scale(of: outcome.value, paths), presentation)
  }

  private func answer(_ scale: Scale, _ presentation: Presentation) -> Response {
    .json([presentation.object(scale.json, scale.json.encoded(), at: surroundings.now())])
  }
}

extension Value {
  /// Sets the value reached by following member names, making objects on the way.
  fileprivate mutating func set(_ value: Value, at names: ArraySlice<String>) {
    guard let name = names.first else {
      self = value
      return
    }
    var member = self[name] ?? .emptyObject
    member.set(value, at: names.dropFirst())
    self[name] = member
  }
}
