import Pods
import Services
import Store
import Synchronization

/// Listens wherever services are to be reached, and leads what arrives there to their backends: the proxy's rules,
/// carried out by a program that copies bytes.
///
/// What must stay true: a change of one service touches no other; a listener is replaced only when its place changes,
/// so nobody is refused while backends come and go; and where there is no backend nobody listens, so that clients are
/// refused at once.
final class ServiceProxy: Sendable {
  private struct State {
    var wanted: [Key: [Site: Frontend]] = [:]
    var listeners: [Site: (owner: Key, listener: ProxyListener)] = [:]
    var healthChecks: [Key: (port: Int, listener: HealthCheckListener)] = [:]
    var failures: [Site: Failure] = [:]
    var isStopped = false
  }

  /// A place that could not be had, and why.
  struct Failure: Hashable, Sendable {
    var service: Key
    var why: String
  }

  private let dialer: Dialer
  private let nodePortAddress: String
  private let state = Mutex(State())

  /// - Parameter nodePortAddress: where node ports are opened on this machine.
  init(dialer: Dialer, nodePortAddress: String) {
    self.dialer = dialer
    self.nodePortAddress = nodePortAddress
  }

  func apply(_ changes: [ProxyTable.Change]) {
    state.withLock { state in
      guard !state.isStopped else { return }
      for change in changes {
        let wanted = sites(of: change.new)
        state.wanted[change.service] = wanted.isEmpty ? nil : wanted
        for (site, entry) in state.listeners where entry.owner == change.service && wanted[site] == nil {
          entry.listener.close()
          state.listeners[site] = nil
        }
      }
      for change in changes {
        follow(change.new?.healthCheck, of: change.service, &state)
        for (site, frontend) in state.wanted[change.service] ?? [:] {
          if let entry = state.listeners[site] {
            if entry.owner == change.service { entry.listener.source.update(frontend) }
          } else {
            open(site, frontend, for: change.service, &state)
          }
        }
      }
      state.failures = state.failures.filter { site, _ in state.wanted.values.contains { $0[site] != nil } }
    }
  }

  /// Tries once more to open what could not be opened.
  func retry() {
    state.withLock { state in
      guard !state.isStopped else { return }
      for (service, sites) in state.wanted {
        for (site, frontend) in sites where state.listeners[site] == nil { open(site, frontend, for: service, &state) }
      }
    }
  }

  var failures: Set<Failure> { state.withLock { Set($0.failures.values) } }

  func stop() {
    state.withLock { state in
      state.isStopped = true
      for entry in state.listeners.values { entry.listener.close() }
      for check in state.healthChecks.values { check.listener.close() }
      (state.listeners, state.healthChecks) = ([:], [:])
    }
  }

  private func follow(_ check: HealthCheck?, of service: Key, _ state: inout State) {
    if let entry = state.healthChecks[service] {
      if let check, check.port == entry.port { return entry.listener.update(check) }
      entry.listener.close()
      state.healthChecks[service] = nil
    }
    guard let check,
      let socket = try? dialer.host.listen(address: nodePortAddress, port: check.port, transport: .tcp)
    else { return }
    state.healthChecks[service] = (check.port, HealthCheckListener(check, socket: socket))
  }

  private func open(_ site: Site, _ frontend: Frontend, for service: Key, _ state: inout State) {
    let network = site.isInside ? dialer.inside ?? dialer.host : dialer.host
    do {
      let socket = try network.listen(address: site.address, port: site.port, transport: site.transport)
      state.listeners[site] = (service, ProxyListener(frontend, socket: socket, dialer: dialer))
      state.failures[site] = nil
    } catch {
      state.failures[site] = Failure(service: service, why: "\(error)")
    }
  }

  /// Cluster IPs are inside; a node's ports are on both sides; all other addresses are tried on this machine.
  private func sites(of rules: ServiceRules?) -> [Site: Frontend] {
    var sites: [Site: Frontend] = [:]
    for frontend in rules?.frontends ?? [] where !frontend.backends.isEmpty || !frontend.backendsInside.isEmpty {
      func add(_ isInside: Bool, _ address: String) {
        let site = Site(isInside: isInside, address: address, port: frontend.port, transport: frontend.transport)
        sites[site] = sites[site] ?? frontend
      }
      switch frontend.address {
      case nil:
        add(false, nodePortAddress)
        if dialer.inside != nil { add(true, "0.0.0.0") }
      case let address? where IPv4Address(address).map(ClusterAddresses.services.contains) == true:
        if dialer.inside != nil { add(true, address) }
      case let address?: add(false, address)
      }
    }
    return sites
  }
}
