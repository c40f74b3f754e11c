import ControlLoop
public import Objects
public import Pods

/// Part of the places to which a service leads: at most a hundred of them, so that one that changes is cheap to tell
/// to every node.
///
/// The ``EndpointSliceController`` writes those of services with a selector, users may write others. They belong to a
/// service by the label kubernetes.io/service-name.
public struct EndpointSlice: Resource {
  public static let schemaName = "discovery.v1.EndpointSlice"
  public static let documentation = "Some of the places to which a service leads, all with the same ports."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let endpoints = List<Endpoint>(2, "The places. At most 1000.", .atomic)
    public let ports = List<EndpointPort>(3, "The ports that each of them has. At most 100.", .atomic)
    public let addressType = Field<AddressType>(4, "What the addresses are. Cannot change.", .required, .immutable)
  }
}

public enum AddressType: String, Enumeration {
  case v4 = "IPv4"
  case v6 = "IPv6"
  case fqdn = "FQDN"
}

public struct Endpoint: Structure {
  public static let schemaName = "discovery.v1.Endpoint"
  public static let documentation = "One place to which a service leads: a pod, as a rule."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let addresses = List<String>(1, "Its address. More than one is allowed; the first counts.", .required, .set)
    public let conditions = Part<EndpointConditions>(2, "Whether it can be used.")
    public let hostname = Field<String>(3, "Its name below the service's, in DNS.")
    public let targetRef = Field<ObjectReference>(4, "The object that it is: a pod.", .atomicMap)
    public let deprecatedTopology = Map<String>(5, "Where it is, as an older version of the API said it.")
    public let nodeName = Field<String>(6, "The node that it is on.")
    public let zone = Field<String>(7, "The zone that it is in.")
    public let hints = Field<EndpointHints>(8, "For whom it is meant before others.")
  }
}

public struct EndpointConditions: Structure {
  public static let schemaName = "discovery.v1.EndpointConditions"
  public static let documentation = "Whether an endpoint can be used. What is not said counts as ready and serving."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let ready = Field<Bool>(1, "Whether new traffic should go there: serving, and not terminating.")
    public let serving = Field<Bool>(2, "Whether it answers, even if it is about to end.")
    public let terminating = Field<Bool>(3, "Whether it is about to end.")
  }
}

public struct EndpointHints: Structure {
  public static let schemaName = "discovery.v1.EndpointHints"
  public static let documentation = "For whom an endpoint is meant before others."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let forZones = List<ForZone>(1, "For clients in these zones.", .atomic)
    public let forNodes = List<ForNode>(2, "For clients on these nodes.", .atomic)
  }
}

public struct ForZone: Structure {
  public static let schemaName = "discovery.v1.ForZone"
  public static let documentation = "A zone whose clients an endpoint is meant for."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "The zone.", .required)
  }
}

public struct ForNode: Structure {
  public static let schemaName = "discovery.v1.ForNode"
  public static let documentation = "A node whose clients an endpoint is meant for."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "The node.", .required)
  }
}

public struct EndpointPort: Structure {
  public static let schemaName = "discovery.v1.EndpointPort"
  public static let documentation = "A port that the endpoints of a slice have."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "The service's name for it; empty for its only one.")
    public let `protocol` = Field<TransportProtocol>(2, "TCP, UDP or SCTP.", .default("TCP"))
    public let port = Field<Int>(3, "Its number.")
    public let appProtocol = Field<String>(4, "What is spoken there.")
  }
}
