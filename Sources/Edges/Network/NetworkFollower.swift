import ControlLoop
import Objects
import Pods
import Services
import Store
import Synchronization

/// Follows the store and tells the proxy and the ingress what has changed for them. A change of one service costs what
/// that service costs.
final class NetworkFollower: Sendable {
  private struct State {
    var watchers: [String: Watcher] = [:]
    var table: ProxyTable
    var routes = IngressRoutes()
    var told: Set<ServiceProxy.Failure> = []
    var names = SeededGenerator(seed: .random(in: .min ... .max))
  }

  private let store: Store
  private let cluster: Cluster
  private let proxy: ServiceProxy
  private let router: IngressRouter
  private let certificates: IngressCertificates
  private let connections: OpenConnections
  private let state: Mutex<State>

  private static let ingress = [Ingress.kind.groupResource, IngressClass.kind.groupResource]
  private static let secrets = "secrets"
  private static let resources = ProxyTable.resources + ingress + [secrets, Pod.kind.groupResource]

  init(
    store: Store, cluster: Cluster, node: String, proxy: ServiceProxy, router: IngressRouter,
    certificates: IngressCertificates, connections: OpenConnections
  ) {
    self.store = store
    self.cluster = cluster
    self.proxy = proxy
    self.router = router
    self.certificates = certificates
    self.connections = connections
    state = Mutex(State(table: ProxyTable(for: ProxyNode(name: node))))
  }

  /// Takes a turn after each commit, until cancelled.
  func run() -> Task<Void, Never> {
    let (commits, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    store.onCommit { continuation.yield() }
    continuation.yield()
    // A place that another program had may be free by now.
    let retries = Task { [proxy] in
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(5))
        if !proxy.failures.isEmpty { proxy.retry() }
      }
    }
    return Task {
      for await _ in commits {
        if Task.isCancelled { break }
        turn()
      }
      retries.cancel()
    }
  }

  /// What a stretch of history calls for.
  private struct News {
    var services: Set<Key> = []
    var concernsRoutes = false
    var concernsSecrets = false
    var goneAddresses: Set<String> = []
    /// Something was missed: everything has to be looked at.
    var isEverything = false
  }

  func turn() {
    state.withLock { state in
      let news = absorb(&state.watchers)
      let view = cluster.view(of: store.snapshot)
      let changes =
        news.isEverything ? state.table.updateAll(in: view) : state.table.update(news.services.sorted(), in: view)
      if !changes.isEmpty { proxy.apply(changes) }
      if news.isEverything || news.concernsRoutes {
        state.routes = IngressRoutes(in: view)
        router.update(state.routes)
      } else if !news.services.isEmpty {
        router.forget(news.services)
      }
      if news.isEverything || news.concernsRoutes || news.concernsSecrets {
        _ = certificates.update(state.routes.secrets, in: view.snapshot)
      }
      for address in news.goneAddresses { connections.closeAll(to: address) }
      tell(proxy.failures, &state)
    }
  }

  /// A service that cannot be reached where it should be says so among its events, once.
  private func tell(_ failures: Set<ServiceProxy.Failure>, _ state: inout State) {
    let news = failures.subtracting(state.told)
    state.told = failures
    guard let recorder = cluster.recorder, !news.isEmpty else { return }
    let view = cluster.view(of: store.snapshot)
    for failure in news.sorted(by: { $0.why < $1.why }) {
      guard let service = view[Service.self, failure.service] else { continue }
      let note = Note(type: .warning, reason: "PortUnavailable", message: failure.why, about: service.json)
      for intent in recorder.intents(for: [note], from: "kube-proxy", in: view, at: .now) {
        guard let write = try? cluster.registry.write(for: intent, in: view, at: .now, names: &state.names) else {
          continue
        }
        _ = store.commit([write])
      }
    }
  }

  private func absorb(_ watchers: inout [String: Watcher]) -> News {
    var news = News()
    for resource in Self.resources {
      guard let watcher = watchers[resource] else {
        watchers[resource] = try? store.watch(resource, after: store.snapshot.revision)
        news.isEverything = true
        continue
      }
      do {
        while case let events = try watcher.next(max: 1_024), !events.isEmpty {
          for event in events { note(event, in: &news) }
        }
      } catch {
        // The log has forgotten what this watcher had not read.
        watchers[resource] = try? store.watch(resource, after: store.snapshot.revision)
        news.isEverything = true
      }
    }
    return news
  }

  private func note(_ event: Event, in news: inout News) {
    switch event.record.key.resource {
    case Self.secrets: news.concernsSecrets = true
    case let resource where Self.ingress.contains(resource): news.concernsRoutes = true
    case Pod.kind.groupResource:
      if event.type == .deleted, let address = Pod(json: event.record.value).status.podIP {
        news.goneAddresses.insert(address)
      }
    default: news.services.formUnion(ProxyTable.services(concernedBy: event))
    }
  }
}
