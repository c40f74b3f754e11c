public import Objects
public import Pods

// What a load balancer's controller reports of a service; an Ingress has the same to report.

public struct ServiceStatus: Structure {
  public static let schemaName = "core.v1.ServiceStatus"
  public static let documentation = "What a load balancer has made of a service."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let loadBalancer = Part<LoadBalancerStatus>(1, "Where the load balancer is reached.")
    public let conditions = List<Condition>(
      2, "What else there is to say of it.", .keyed(by: ["type"]), .merge(by: "type"))
  }
}

public struct LoadBalancerStatus: Structure {
  public static let schemaName = "core.v1.LoadBalancerStatus"
  public static let documentation = "Where a load balancer is reached."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let ingress = List<LoadBalancerIngress>(1, "Its addresses; none while it is being made.", .atomic)
  }
}

public struct LoadBalancerIngress: Structure {
  public static let schemaName = "core.v1.LoadBalancerIngress"
  public static let documentation = "An address of a load balancer."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let ip = Field<String>(1, "Its address, if it has one.")
    public let hostname = Field<String>(2, "Its name, if it goes by one.")
    public let ipMode = Field<String>(
      3, "VIP when traffic arrives at a node with this address still on it, Proxy when it arrives with the node's.")
    public let ports = List<PortStatus>(4, "How its ports do.", .atomic)
  }
}

public struct PortStatus: Structure {
  public static let schemaName = "core.v1.PortStatus"
  public static let documentation = "How a port of a load balancer does."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let port = Field<Int>(1, "The service's port.", .listedAsRequired)
    public let `protocol` = Field<TransportProtocol>(2, "TCP, UDP or SCTP.", .listedAsRequired)
    public let error = Field<String>(3, "Why it does not work, in one word.")
  }
}

/// One aspect of an object's state, as kinds have it that came late: the same for all of them.
public struct Condition: StatusCondition {
  public static let schemaName = "meta.v1.Condition"
  public static let documentation = "One aspect of an object's state, and since when it holds."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<String>(1, "Which aspect.", .required)
    public let status = Field<String>(2, "True, False or Unknown.", .required)
    public let observedGeneration = Field<Int64>(3, "Which generation of the object it is about.", .atLeast(0))
    public let lastTransitionTime = Field<Time>(4, "When the status last changed.", .required)
    public let reason = Field<String>(5, "One word for programs: why.", .required)
    public let message = Field<String>(6, "A sentence for people: why.", .listedAsRequired)
  }
}
