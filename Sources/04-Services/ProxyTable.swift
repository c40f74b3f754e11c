public import ControlLoop
public import Objects
import Pods
public import Store

/// The rules for all services, kept up to date one service at a time: an endpoint that changes costs what its own
/// service costs, however many others there are.
public struct ProxyTable: Sendable {
  public let node: ProxyNode
  public private(set) var rules: [Key: ServiceRules] = [:]

  /// A service whose rules are not what they were; nil stands for none.
  public struct Change: Sendable {
    public var service: Key
    public var old: ServiceRules?
    public var new: ServiceRules?
  }

  public init(for node: ProxyNode) { self.node = node }

  /// The resources whose events concern a proxy.
  public static let resources = [Service.kind.groupResource, EndpointSlice.kind.groupResource]

  /// The services that an event is about: for a slice that has changed hands, two.
  public static func services(concernedBy event: Event) -> [Key] {
    if event.record.key.resource == Service.kind.groupResource { return [event.record.key] }
    guard event.record.key.resource == EndpointSlice.kind.groupResource else { return [] }
    let services = [event.record, event.previous].compactMap { record in
      record.flatMap { EndpointSlice(json: $0.value).service }
    }
    return services.first == services.last ? Array(services.prefix(1)) : services
  }

  /// Computes the rules of these services anew.
  /// - Returns: those whose rules have changed.
  public mutating func update(_ services: some Sequence<Key>, in view: View) -> [Change] {
    services.compactMap { key in
      let change = Change(service: key, old: rules[key], new: ServiceRules(for: key, in: view, on: node))
      guard change.old != change.new else { return nil }
      rules[key] = change.new
      return change
    }
  }

  /// Computes all rules anew: at the start, and when events were missed.
  public mutating func updateAll(in view: View) -> [Change] {
    let keys = Set(view.snapshot.records(Service.kind.groupResource).map(\.key)).union(rules.keys)
    return update(keys.sorted(), in: view)
  }
}

// MARK: Choosing one

/// Chooses a backend for each connection: in turn, or the one that the client had last time. A value; whoever leads
/// connections keeps one.
public struct BackendChoice: Sendable {
  private struct Client: Hashable {
    var frontend: Place
    var address: String
  }

  /// What a frontend is, whatever it leads to at the moment.
  private struct Place: Hashable {
    var address: String?
    var port: Int
    var transport: TransportProtocol
  }

  private struct Memory {
    var backend: Backend
    var lastUsed: Time
    var seconds: Int

    func isOver(at now: Time) -> Bool { lastUsed + .seconds(seconds) <= now }
  }

  private var turns: [Place: Int] = [:]
  private var clients: [Client: Memory] = [:]
  private let limit: Int

  /// - Parameter limit: how many clients are remembered for session affinity.
  public init(limit: Int = 65_536) { self.limit = limit }

  /// Where to lead a connection; nil when there is nowhere, or when the client's address is not accepted.
  /// - Parameters:
  ///   - source: the client's address.
  ///   - failed: backends that have just not answered, and should be passed over if there are others.
  public mutating func backend(
    for frontend: Frontend, from source: String, avoiding failed: Set<Backend> = [], at now: Time
  ) -> Backend? {
    guard frontend.accepts(source) else { return nil }
    let all = frontend.backends(for: source)
    let rest = all.filter { !failed.contains($0) }
    let candidates = rest.isEmpty ? all : rest
    guard !candidates.isEmpty else { return nil }
    let place = Place(address: frontend.address, port: frontend.port, transport: frontend.transport)
    let client = Client(frontend: place, address: source)
    if frontend.affinity != nil, let memory = clients[client], !memory.isOver(at: now),
      candidates.contains(memory.backend)
    {
      clients[client]?.lastUsed = now
      return memory.backend
    }
    let turn = turns[place, default: 0]
    turns[place] = turn &+ 1
    let chosen = candidates[Int(turn.magnitude) % candidates.count]
    if let seconds = frontend.affinity {
      if clients.count >= limit { forgetClients(at: now) }
      clients[client] = Memory(backend: chosen, lastUsed: now, seconds: seconds)
    }
    return chosen
  }

  // Those whose time is over; when that makes no room, all.
  private mutating func forgetClients(at now: Time) {
    clients = clients.filter { !$0.value.isOver(at: now) }
    if clients.count >= limit { clients = [:] }
  }
}

extension Frontend {
  /// Where a client's connections can be led.
  public func backends(for source: String) -> [Backend] {
    IPv4Address(source).map(ClusterAddresses.pods.contains) == true ? backendsInside : backends
  }

  public func accepts(_ source: String) -> Bool {
    sources.isEmpty || IPv4Address(source).map { address in sources.contains { $0.contains(address) } } == true
  }
}
