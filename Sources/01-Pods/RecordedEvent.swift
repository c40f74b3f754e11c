public import Objects

/// Something that happened to an object and is worth telling people: an Event of the API. (The store has events of
/// another sort.) Controllers take notes, the ``EventRecorder`` makes these of them, and after an hour they go.
public struct RecordedEvent: Resource {
  public static let schemaName = "core.v1.Event"
  public static let documentation = "Something that happened to an object, told to people."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let involvedObject = Part<ObjectReference>(2, "The object that it is about.", .listedAsRequired, .atomicMap)
    public let reason = Field<String>(3, "One word for programs: what.")
    public let message = Field<String>(4, "A sentence for people: what.")
    public let source = Part<EventSource>(5, "Who says so.")
    public let firstTimestamp = Field<Time>(6, "When it first happened.")
    public let lastTimestamp = Field<Time>(7, "When it last happened.")
    public let count = Field<Int>(8, "How often it happened.")
    public let type = Field<String>(9, "Normal or Warning.")
    public let eventTime = Field<MicroTime>(10, "When it happened, for writers that do not count.")
    public let reportingComponent = Field<String>(14, "Who says so, as events.k8s.io names it.")
    public let reportingInstance = Field<String>(15, "Which one of those who could say so.")
  }
}

public struct EventSource: Structure {
  public static let schemaName = "core.v1.EventSource"
  public static let documentation = "Who says that something happened."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let component = Field<String>(1, "The controller's name.")
    public let host = Field<String>(2, "The node it runs on, if it belongs to one.")
  }
}

/// Names an object of any kind, or a part of it.
public struct ObjectReference: Structure {
  public static let schemaName = "core.v1.ObjectReference"
  public static let documentation = "Names an object of any kind, or a part of it."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let kind = Field<String>(1, "The object's kind.")
    public let namespace = Field<String>(2, "The object's namespace.")
    public let name = Field<String>(3, "The object's name.")
    public let uid = Field<String>(4, "The object's unique identifier.")
    public let apiVersion = Field<String>(5, "The object's group and version.")
    public let resourceVersion = Field<String>(6, "The version that was looked at.")
    public let fieldPath = Field<String>(7, "The part that is meant: spec.containers{web}.")
  }
}

/// Assigns a pod to a node. Never stored: it is what a scheduler writes to the pod's subresource binding.
public struct Binding: Resource {
  public static let schemaName = "core.v1.Binding"
  public static let documentation = "Assigns a pod to a node."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let target = Part<ObjectReference>(2, "The node.", .required, .atomicMap)
  }
}
