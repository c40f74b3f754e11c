public import ControlLoop
import Objects
import Store

/// Why a request cannot be answered although a rule takes it, in words for whoever sent it.
public struct BackendsUnavailable: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String
}

extension IngressRoutes.Destination: CustomStringConvertible {
  public var description: String { service.map { "service \"\($0.namespace)/\($0.name)\"" } ?? "the backend" }

  /// The pods that answer requests for it: those of the service's slices, without a detour through its address.
  ///
  /// Throws ``BackendsUnavailable`` when there are none: the answer to the request is 503, then.
  public func backends(in view: View) throws(BackendsUnavailable) -> [Backend] {
    guard let key = service else { throw BackendsUnavailable(description: "\(self) is not a service") }
    guard let service = view[Service.self, key] else { throw BackendsUnavailable(description: "\(self) is not there") }
    guard let port = service.spec.ports.first(where: isMeant) else {
      let name = if case .integer(let number) = port { "\(number)" } else { "\"\(port.asValue.string ?? "")\"" }
      throw BackendsUnavailable(description: "\(self) has no port \(name)")
    }
    let slices = view.slices(of: key).filter { $0.addressType == .v4 && !$0.isBeingDeleted }
    let backends = Reachable(port, in: slices, of: service, from: ProxyNode(name: "")).cluster
    if backends.isEmpty { throw BackendsUnavailable(description: "\(self) has no endpoints") }
    return backends
  }

  private func isMeant(_ candidate: ServicePort) -> Bool {
    switch port {
    case .integer(let number): candidate.port == number
    case .string(let name): candidate.name == name
    }
  }
}
