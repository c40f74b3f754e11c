public import Objects
public import Store

/// What a chapter adds to the cluster, as a value.
public struct Layer: Sendable {
  /// The chapter's number.
  public var chapter: Int
  /// "ReplicaSets".
  public var name: String
  public var kinds: [Kind] = []
  /// Where more kinds come from while the cluster runs.
  public var kindSources: [KindSource] = []
  /// Fields that the chapter adds to structures of earlier ones.
  public var extensions: [FacetExtension] = []
  /// What the chapter changes in kinds of earlier ones, by group and resource: a rule for updates, a subresource.
  public var amendments: [String: @Sendable (inout Kind) -> Void] = [:]
  public var admission: [AdmissionStep] = []
  public var controllers: [any Controller] = []
  /// Names of controllers of earlier layers that do not run with this one.
  public var replaces: [String] = []
  public var indexes: [Index] = []
  public var invariants: [Invariant] = []
  /// Objects that every cluster has, created at the start where they are missing.
  public var initialObjects: [Value] = []
  /// Turns notes into Events; the last layer that has one wins.
  public var recorder: (any Recorder)?
  /// What later modules define and this one does not know: stages of the node agent, for example.
  public var contributions: [any Sendable] = []

  public init(chapter: Int, name: String, _ change: (inout Layer) -> Void = { _ in }) {
    self.chapter = chapter
    self.name = name
    change(&self)
  }
}

/// Turns notes into writes.
public protocol Recorder: Sendable {
  /// - Parameters:
  ///   - notes: what one call of a controller found worth telling.
  ///   - source: the controller's name.
  func intents(for notes: [Note], from source: String, in view: View, at now: Time) -> [Intent]
}

/// A cluster's rules, put together from layers: what is served, what is checked, what is done.
public struct Cluster: Sendable {
  public let layers: [Layer]
  /// The kinds of the layers.
  public let scheme: Scheme
  private let defined: DefinedKinds
  public let registry: Registry
  public let controllers: [any Controller]
  public let indexes: [Index]
  public let invariants: [Invariant]
  public let recorder: (any Recorder)?

  public init(layers: [Layer]) {
    self.layers = layers
    let kinds = layers.flatMap(\.kinds).map { kind in
      kind.with { kind in layers.forEach { $0.amendments[kind.groupResource]?(&kind) } }
    }
    scheme = Scheme(kinds: kinds, extensions: layers.flatMap(\.extensions))
    defined = DefinedKinds(fixed: scheme, sources: layers.flatMap(\.kindSources))
    registry = Registry(scheme: scheme, admission: layers.flatMap(\.admission))
    controllers = Self.controllers(of: layers) + [GarbageCollector()]
    indexes = layers.flatMap(\.indexes)
    invariants = layers.flatMap(\.invariants)
    recorder = layers.last { $0.recorder != nil }?.recorder
  }

  // A layer may replace what an earlier one put in: a scheduler of one line by a real one.
  private static func controllers(of layers: [Layer]) -> [any Controller] {
    layers.indices.flatMap { index in
      let replaced = layers[(index + 1)...].flatMap(\.replaces)
      return layers[index].controllers.filter { !replaced.contains($0.name) }
    }
  }

  /// What the layers contribute of one type, in their order.
  public func contributions<T>(of type: T.Type) -> [T] {
    layers.flatMap(\.contributions).compactMap { $0 as? T }
  }

  /// All kinds that are served when the cluster is as in the snapshot.
  public func scheme(of snapshot: Snapshot) -> Scheme { defined.scheme(of: snapshot) }

  public func view(of snapshot: Snapshot) -> View { View(snapshot: snapshot, scheme: scheme(of: snapshot)) }
}
