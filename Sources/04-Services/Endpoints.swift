import ControlLoop
public import Objects
public import Pods

/// All places to which a service leads, in one object of the service's name: what slices were made of once.
///
/// The ``EndpointsController`` keeps one for every service with a selector. Of those that users write, for a service
/// without one, it makes slices.
public struct Endpoints: Resource {
  public static let schemaName = "core.v1.Endpoints"
  public static let documentation = "The places to which a service leads. Replaced by EndpointSlice."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let subsets = List<EndpointSubset>(2, "Addresses, grouped by the ports that they have.", .atomic)
  }
}

public struct EndpointSubset: Structure {
  public static let schemaName = "core.v1.EndpointSubset"
  public static let documentation = "Addresses that have the same ports."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let addresses = List<EndpointAddress>(1, "Those that are ready.", .atomic)
    public let notReadyAddresses = List<EndpointAddress>(2, "Those that are not.", .atomic)
    public let ports = List<SubsetPort>(3, "The ports that each of them has.", .atomic)
  }
}

public struct EndpointAddress: Structure {
  public static let schemaName = "core.v1.EndpointAddress"
  public static let documentation = "One place to which a service leads."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let ip = Field<String>(1, "Its address.", .required)
    public let targetRef = Field<ObjectReference>(2, "The object that it is: a pod.", .atomicMap)
    public let hostname = Field<String>(3, "Its name below the service's, in DNS.")
    public let nodeName = Field<String>(4, "The node that it is on.")
  }
}

/// Kubernetes calls it EndpointPort, as it does that of slices.
public struct SubsetPort: Structure {
  public static let schemaName = "core.v1.EndpointPort"
  public static let documentation = "A port that the addresses of a subset have."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "The service's name for it; empty for its only one.")
    public let port = Field<Int>(2, "Its number.", .listedAsRequired)
    public let `protocol` = Field<TransportProtocol>(3, "TCP, UDP or SCTP.", .default("TCP"))
    public let appProtocol = Field<String>(4, "What is spoken there.")
  }
}
