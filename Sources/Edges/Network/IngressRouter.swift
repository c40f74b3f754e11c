import ControlLoop
import Objects
import Pods
import Services
import Store
import Synchronization

/// Knows where requests go: the routes as the cluster's ingresses say, and the pods behind them.
///
/// The table is replaced as a whole, so every request sees one state of it; what was looked up for one service is
/// forgotten when that service changes.
final class IngressRouter: Sendable {
  enum Decision {
    case forward(BackendSource, service: String)
    case refuse(status: Int, why: String)
  }

  private struct Target: Hashable {
    var service: Key?
    var port: IntOrString
  }

  private struct Request: Hashable {
    var host: String
    var path: String
  }

  private struct State {
    var routes = IngressRoutes()
    /// What was decided for requests like this one, as long as nothing changes.
    var recent: [Request: Decision] = [:]
    var found: [Target: Decision] = [:]
    /// They keep their turns and their memory of clients while backends come and go.
    var sources: [Target: BackendSource] = [:]
  }

  private static let recentLimit = 4096

  private let state = Mutex(State())
  private let view: @Sendable () -> View

  /// - Parameter view: the cluster as it is now.
  init(view: @escaping @Sendable () -> View) { self.view = view }

  func update(_ routes: IngressRoutes) {
    state.withLock { state in
      state.routes = routes
      state.sources = state.sources.filter { state.found[$0.key] != nil }
      state.found = [:]
      state.recent = [:]
    }
  }

  /// These services, or what they lead to, are not what they were.
  func forget(_ services: Set<Key>) {
    state.withLock { state in
      for target in state.found.keys where target.service.map(services.contains) ?? false { state.found[target] = nil }
      state.recent = [:]
    }
  }

  func decide(host: String, path: String) -> Decision {
    state.withLock { state in
      let request = Request(host: host, path: path)
      if let decision = state.recent[request] { return decision }
      guard let destination = state.routes.destination(host: host, path: path) else {
        return .refuse(status: 404, why: "no ingress has a rule for host \"\(host)\" and path \"\(path)\"")
      }
      if state.recent.count >= Self.recentLimit { state.recent = [:] }
      let target = Target(service: destination.service, port: destination.port)
      // With the lock held: whoever forgets comes after the commit, so nothing older than that can stay.
      let decision = state.found[target] ?? Self.decision(destination, target, in: view(), &state)
      state.found[target] = decision
      state.recent[request] = decision
      return decision
    }
  }

  private static func decision(
    _ destination: IngressRoutes.Destination, _ target: Target, in view: View, _ state: inout State
  ) -> Decision {
    do {
      var frontend = Frontend(address: nil, port: 0, transport: .tcp)
      frontend.backends = try destination.backends(in: view)
      frontend.backendsInside = frontend.backends
      let source = state.sources[target] ?? BackendSource(frontend)
      source.update(frontend)
      state.sources[target] = source
      return .forward(source, service: destination.description)
    } catch {
      return .refuse(status: 503, why: error.description)
    }
  }

  func secret(for serverName: String?) -> Key? { state.withLock { $0.routes.secret(for: serverName) } }
}
