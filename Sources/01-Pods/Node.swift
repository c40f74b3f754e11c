public import Objects

/// A machine that runs pods. Its agent registers it and writes its status; people write the spec, to take it out of
/// use; its ``Lease`` says whether the agent is alive.
public struct Node: Resource {
  public static let schemaName = "core.v1.Node"
  public static let documentation = "A machine that runs pods."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<NodeSpec>(2, "How the node may be used.")
    public let status = Part<NodeStatus>(3, "What the node is and how it does, as its agent reports.")
  }
}

public struct NodeSpec: Structure {
  public static let schemaName = "core.v1.NodeSpec"
  public static let documentation = "How a node may be used."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let podCIDR = Field<String>(1, "The addresses of the node's pods.")
    public let podCIDRs = List<String>(
      7, "The addresses of the node's pods, one range of each family.", .set, .merge(by: nil))
    public let providerID = Field<String>(3, "The machine's name where it comes from.")
    public let unschedulable = Field<Bool>(4, "Whether new pods stay away: kubectl cordon.")
  }
}

public struct NodeStatus: Structure {
  public static let schemaName = "core.v1.NodeStatus"
  public static let documentation = "What a node is and how it does."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let capacity = Map<Quantity>(1, "What the machine has: cpu, memory, pods, …")
    public let allocatable = Map<Quantity>(2, "What of it pods may use.")
    public let conditions = List<NodeCondition>(
      4, "Whether the node is ready, and what ails it.", .keyed(by: ["type"]), .merge(by: "type"))
    public let addresses = List<NodeAddress>(
      5, "Under which names and addresses the node is reached.",
      .keyed(by: ["type"], unique: false), .merge(by: "type"))
    public let nodeInfo = Part<NodeSystemInfo>(7, "Versions of what runs on the machine.")
    public let images = List<ContainerImage>(8, "Images that the node has.", .atomic)
  }
}

public struct NodeCondition: StatusCondition {
  public static let schemaName = "core.v1.NodeCondition"
  public static let documentation = "One aspect of a node's state, and since when it holds."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<String>(1, "Ready, MemoryPressure, DiskPressure, PIDPressure, …", .required)
    public let status = Field<String>(2, "True, False or Unknown.", .required)
    public let lastHeartbeatTime = Field<Time>(3, "When the agent last said so.")
    public let lastTransitionTime = Field<Time>(4, "When the status last changed.")
    public let reason = Field<String>(5, "One word for programs: why.")
    public let message = Field<String>(6, "A sentence for people: why.")
  }
}

public struct NodeAddress: Structure {
  public static let schemaName = "core.v1.NodeAddress"
  public static let documentation = "A name or an address of a node."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<String>(1, "Hostname, InternalIP, ExternalIP, …", .required)
    public let address = Field<String>(2, "The name or address.", .listedAsRequired)
  }
}

public struct NodeSystemInfo: Structure {
  public static let schemaName = "core.v1.NodeSystemInfo"
  public static let documentation = "What runs on a node's machine."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let machineID = Field<String>(1, "Names the installed system.", .listedAsRequired)
    public let systemUUID = Field<String>(2, "Names the hardware.", .listedAsRequired)
    public let bootID = Field<String>(3, "Names this run of the system.", .listedAsRequired)
    public let kernelVersion = Field<String>(4, "As uname -r says.", .listedAsRequired)
    public let osImage = Field<String>(5, "The operating system, for people.", .listedAsRequired)
    public let containerRuntimeVersion = Field<String>(6, "process://1.0.0.", .listedAsRequired)
    public let kubeletVersion = Field<String>(7, "The agent's version.", .listedAsRequired)
    public let kubeProxyVersion = Field<String>(8, "No longer filled in.", .listedAsRequired)
    public let operatingSystem = Field<String>(9, "linux or darwin.", .listedAsRequired)
    public let architecture = Field<String>(10, "amd64 or arm64.", .listedAsRequired)
  }
}

public struct ContainerImage: Structure {
  public static let schemaName = "core.v1.ContainerImage"
  public static let documentation = "An image that a node has."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let names = List<String>(1, "The names it is known by.", .atomic)
    public let sizeBytes = Field<Int64>(2, "Its size.")
  }
}

/// A claim that has to be renewed: here, an agent's sign of life, in the namespace kube-node-lease under its node's
/// name. Renewing it costs a fraction of what writing the node would.
public struct Lease: Resource {
  public static let schemaName = "coordination.v1.Lease"
  public static let documentation = "A claim that its holder has to renew."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<LeaseSpec>(2, "Who holds it, and until when.")
  }
}

public struct LeaseSpec: Structure {
  public static let schemaName = "coordination.v1.LeaseSpec"
  public static let documentation = "Who holds a lease, and until when."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let holderIdentity = Field<String>(1, "The holder.")
    public let leaseDurationSeconds = Field<Int>(2, "How long after renewTime others have to wait.", .atLeast(1))
    public let acquireTime = Field<MicroTime>(3, "When the holder got it.")
    public let renewTime = Field<MicroTime>(4, "When the holder last renewed it.")
    public let leaseTransitions = Field<Int>(5, "How often the holder has changed.", .atLeast(0))
  }
}
