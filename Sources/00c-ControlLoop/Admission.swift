public import Objects
public import Store

/// A check or a change that a layer makes to objects on their way into the store.
public struct AdmissionStep: Sendable {
  /// Names the step in messages: "NamespaceLifecycle".
  public let name: String
  /// The resource it looks at; nil for all.
  public let resource: String?
  /// May change the object; throws a ``StatusError`` to refuse the write.
  public let admit: @Sendable (_ request: AdmissionRequest, _ object: inout Value) throws(StatusError) -> Void

  public init(
    _ name: String, resource: String? = nil,
    admit: @escaping @Sendable (_ request: AdmissionRequest, _ object: inout Value) throws(StatusError) -> Void
  ) {
    self.name = name
    self.resource = resource
    self.admit = admit
  }
}

/// What an admission step is asked about.
public struct AdmissionRequest: Sendable {
  public enum Operation: String, Sendable {
    case create = "CREATE"
    case update = "UPDATE"
    case delete = "DELETE"
  }

  public var operation: Operation
  public var kind: Kind
  public var key: Key
  /// "status", "scale", or nil for the object itself.
  public var subresource: String?
  /// The stored object, for updates and deletions.
  public var old: Value?
  public var view: View
  public var now: Time
}
