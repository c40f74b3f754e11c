public import Objects
public import Pods

/// What the scheduler has to know of a pod, read once from its JSON.
///
/// Most pods have many that are like them: the replicas of a Deployment differ in nothing that matters here. They share
/// one shape, and with it every answer that has been worked out for it.
public final class PodShape: Sendable {
  /// Any pod of this shape, without its node; only what the signature names may be asked of it.
  public let pod: Pod
  public let requests: Amounts
  /// The same for scores: who asks for nothing is taken to need a little.
  public let guessed: Amounts
  public let hostPorts: [HostPort]
  public let images: [String]
  let neighbours: NeighbourWishes
  let hasClaims: Bool
  /// Tells shapes apart, faster than their content.
  let number: Int

  public var namespace: String { pod.namespace }
  public var labels: Mapping<String> { pod.metadata.labels }
  public var isLeaving: Bool { pod.isBeingDeleted }

  init(_ pod: Pod, number: Int) {
    var pod = pod
    pod.spec.nodeName = nil
    self.pod = pod
    self.number = number
    requests = Amounts(pod.requests)
    guessed = pod.spec.containers.reduce(into: requests) { sum, container in
      if container.resources.requests["cpu"] == nil { sum.cpu += 100 }
      if container.resources.requests["memory"] == nil { sum.memory += 200 << 20 }
    }
    hostPorts = pod.hostPorts
    images = pod.spec.containers.compactMap(\.image)
    neighbours = NeighbourWishes(of: pod)
    hasClaims = pod.hasClaims
  }

  /// What makes two pods the same to the scheduler.
  struct Signature: Hashable {
    let namespace: String
    /// Where storage is concerned no two pods are alike: each has claims of its own.
    let name: String?
    let labels: Mapping<String>
    let owner: OwnerReference?
    let isLeaving: Bool
    let spec: Value

    init(_ pod: Pod) {
      namespace = pod.namespace
      name = pod.hasClaims ? pod.name : nil
      labels = pod.metadata.labels
      owner = pod.controller
      isLeaving = pod.isBeingDeleted
      var spec = pod.spec.json
      for field in ["nodeName", "hostname"] { spec[field] = nil }
      self.spec = spec
    }

    // Pods with the same labels that are not the same are few: comparing them costs less than hashing all specs.
    func hash(into hasher: inout Hasher) {
      hasher.combine(namespace)
      hasher.combine(labels)
      hasher.combine(spec["nodeSelector"])
    }
  }
}

extension Pod {
  var hostPorts: [HostPort] { self.spec.containers.flatMap(\.ports).compactMap(HostPort.init) }

  /// Whether the pod uses storage that has a place of its own.
  var hasClaims: Bool {
    self.spec.json["volumes"]?.array?.contains { $0["persistentVolumeClaim"] != nil || $0["ephemeral"] != nil } ?? false
  }
}

/// Amounts that are added up and compared for thousands of nodes: plain integers.
public struct Amounts: Sendable, Hashable {
  /// In thousandths of a processor.
  public var cpu: Int64 = 0
  /// In bytes.
  public var memory: Int64 = 0
  /// All others by name: whole numbers.
  public var others: [String: Int64] = [:]

  public init() {}

  public init(_ resources: Resources) {
    for (name, amount) in resources {
      switch name {
      case "cpu": cpu = amount.milliValue
      case "memory": memory = amount.value
      case "pods": break
      default: others[name] = amount.value
      }
    }
  }

  mutating func add(_ other: Amounts, times count: Int64) {
    cpu += other.cpu * count
    memory += other.memory * count
    for (name, amount) in other.others { others[name, default: 0] += amount * count }
  }

  subscript(_ name: String) -> Int64 {
    switch name {
    case "cpu": cpu
    case "memory": memory
    default: others[name] ?? 0
    }
  }

  /// Those that are more than nothing, by name.
  var names: [String] {
    (cpu > 0 ? ["cpu"] : []) + (memory > 0 ? ["memory"] : []) + others.filter { $0.value > 0 }.keys.sorted()
  }
}

/// A port of the node that leads to a container.
public struct HostPort: Sendable, Hashable {
  public let number: Int
  public let transport: TransportProtocol
  public let address: String

  init?(_ port: ContainerPort) {
    guard let number = port.hostPort, number != 0 else { return nil }
    self.number = number
    transport = port.protocol ?? .tcp
    address = port.hostIP ?? ""
  }

  /// Two cannot listen on one port of one address, and who listens on all addresses listens on each.
  public func collides(with other: HostPort) -> Bool {
    let everywhere = ["", "0.0.0.0"]
    return number == other.number && transport == other.transport
      && (address == other.address || everywhere.contains(address) || everywhere.contains(other.address))
  }
}
