import ControlLoop
public import Objects
public import Pods

/// A name and an address that stay, for pods that come and go.
///
/// Users write the spec, the API adds the addresses and ports that it leaves open, and a load balancer's controller
/// writes the status. Nobody serves it: the proxies of all nodes, and DNS, make it true.
public struct Service: Resource {
  public static let schemaName = "core.v1.Service"
  public static let documentation = "A lasting name and address for a set of pods."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<ServiceSpec>(2, "Which pods, under which addresses and ports.")
    public let status = Part<ServiceStatus>(3, "What a load balancer has made of it.")
  }
}

public struct ServiceSpec: Structure {
  public static let schemaName = "core.v1.ServiceSpec"
  public static let documentation = "Which pods a service leads to, and how they are reached."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let ports = List<ServicePort>(
      1, "The ports that the service has. With more than one, each needs a name.",
      .keyed(by: ["port", "protocol"], unique: false), .merge(by: "port"))
    public let selector = Map<String>(
      2, "The labels of the service's pods. Without one, somebody else says where the service leads.", .atomicMap)
    public let clusterIP = Field<String>(
      3, "The service's address inside the cluster; None for a service of names alone. Chosen when left open.")
    public let clusterIPs = List<String>(18, "The same, one of each family.", .atomic)
    public let type = Field<ServiceType>(
      4, "How far the service can be reached: ClusterIP, NodePort, LoadBalancer; or ExternalName.",
      .default("ClusterIP"))
    public let externalIPs = List<String>(5, "Further addresses, which lead to some node by themselves.", .atomic)
    public let sessionAffinity = Field<SessionAffinity>(
      7, "ClientIP leads each client to the same pod again.", .default("None"))
    public let loadBalancerIP = Field<String>(8, "Which address the load balancer should have, if it can be chosen.")
    public let loadBalancerSourceRanges = List<String>(9, "From where the load balancer may be used.", .atomic)
    public let externalName = Field<String>(10, "For type ExternalName: the name that the service stands for.")
    public let externalTrafficPolicy = Field<TrafficPolicy>(
      11, "Local leads traffic from outside only to pods on the node that it came to, and keeps its source address.")
    public let healthCheckNodePort = Field<Int>(
      12, "With externalTrafficPolicy Local: where each node tells a load balancer whether it has such pods.")
    public let publishNotReadyAddresses = Field<Bool>(
      13, "Whether DNS and slices show pods that are not ready as ready.")
    public let sessionAffinityConfig = Field<SessionAffinityConfig>(14, "How long affinity lasts.")
    public let ipFamilyPolicy = Field<IPFamilyPolicy>(17, "How many families of addresses the service has.")
    public let ipFamilies = List<IPFamily>(19, "The families of its addresses.", .atomic)
    public let allocateLoadBalancerNodePorts = Field<Bool>(
      20, "Whether a service of type LoadBalancer gets node ports.")
    public let loadBalancerClass = Field<String>(21, "Which kind of load balancer; the cluster's own when left open.")
    public let internalTrafficPolicy = Field<TrafficPolicy>(
      22, "Local leads traffic from inside only to pods on the node that it comes from.")
    public let trafficDistribution = Field<String>(
      23, "Which pods are preferred: PreferSameZone (PreferClose), PreferSameNode.")

    public static func applyDefaults(to structure: inout Value) {
      var spec = ServiceSpec(json: structure)
      spec.fillIn()
      structure = spec.json
    }

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      ServiceSpec(json: structure).problems(at: path)
    }
  }
}

/// How far a service can be reached; each type but the last includes those before it.
public enum ServiceType: String, Enumeration {
  /// From inside the cluster.
  case clusterIP = "ClusterIP"
  /// Also through a port that every node has.
  case nodePort = "NodePort"
  /// Also through an address outside of the cluster, which a load balancer provides.
  case loadBalancer = "LoadBalancer"
  /// Another name for something outside. DNS alone knows it.
  case externalName = "ExternalName"
}

public enum SessionAffinity: String, Enumeration {
  case none = "None"
  case clientIP = "ClientIP"
}

public enum TrafficPolicy: String, Enumeration {
  case cluster = "Cluster"
  case local = "Local"
}

public enum IPFamily: String, Enumeration {
  case v4 = "IPv4"
  case v6 = "IPv6"
}

public enum IPFamilyPolicy: String, Enumeration {
  case single = "SingleStack"
  case preferDual = "PreferDualStack"
  case requireDual = "RequireDualStack"
}

public struct ServicePort: Structure {
  public static let schemaName = "core.v1.ServicePort"
  public static let documentation = "A port of a service, and where it leads."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "Tells the ports of one service apart; DNS has SRV records by it.")
    public let `protocol` = Field<TransportProtocol>(2, "TCP, UDP or SCTP.", .default("TCP"))
    public let port = Field<Int>(3, "The service's port.", .listedAsRequired)
    public let targetPort = Field<IntOrString>(4, "The pods' port, by number or by its name; port when left open.")
    public let nodePort = Field<Int>(5, "The nodes' port; chosen when left open by a type that has one.")
    public let appProtocol = Field<String>(6, "What is spoken there, for those whom it concerns.")
  }
}

public struct SessionAffinityConfig: Structure {
  public static let schemaName = "core.v1.SessionAffinityConfig"
  public static let documentation = "How session affinity works."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let clientIP = Field<ClientIPConfig>(1, "For affinity by the client's address.")
  }
}

public struct ClientIPConfig: Structure {
  public static let schemaName = "core.v1.ClientIPConfig"
  public static let documentation = "How affinity by the client's address works."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let timeoutSeconds = Field<Int>(1, "How long a client is remembered after its last connection.")
  }
}
