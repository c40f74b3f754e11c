public import Objects

/// How an object is to be deleted, as clients write it: the body of a deletion, or a part of a larger one.
/// Specified by the Kubernetes API reference: DeleteOptions.
public struct DeletionOptions: Structure {
  public static let schemaName = "meta.v1.DeleteOptions"
  public static let documentation = "How an object is to be deleted."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let apiVersion = Field<String>(0, "The group and version in which the options are written.")
    public let kind = Field<String>(0, "DeleteOptions.")
    public let gracePeriodSeconds = Field<Int64>(
      1, "How long the object may take to end; 0 removes it at once.", .atLeast(0))
    public let preconditions = Field<Preconditions>(2, "What must be true of the object, or nothing is deleted.")
    public let orphanDependents = Field<Bool>(3, "Whether dependents stay: the older form of propagationPolicy.")
    public let propagationPolicy = Field<String>(4, "What happens to dependents: Orphan, Background or Foreground.")
    public let dryRun = List<String>(5, "All: everything is checked and nothing is deleted.", .atomic)
    public let ignoreStoreReadErrorWithClusterBreakingPotential = Field<Bool>(
      6, "Deletes even what can no longer be read. Not supported.")
  }
}

/// What must be true of an object before it is changed.
public struct Preconditions: Structure {
  public static let schemaName = "meta.v1.Preconditions"
  public static let documentation = "What must be true of an object before it is changed."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let uid = Field<String>(1, "It is this object, and not a later one of the same name.")
    public let resourceVersion = Field<String>(2, "It has not changed since this version.")
  }
}

extension DeleteOptions {
  /// What a client has written, without its dry run: that decides whether anything is written at all.
  public init(_ options: DeletionOptions) {
    self.init(
      gracePeriodSeconds: options.gracePeriodSeconds,
      propagationPolicy: options.propagationPolicy.flatMap(PropagationPolicy.init(rawValue:)))
    uid = options.preconditions?.uid
    resourceVersion = options.preconditions?.resourceVersion
    if propagationPolicy == nil, let orphans = options.orphanDependents {
      propagationPolicy = orphans ? .orphan : .background
    }
  }
}
