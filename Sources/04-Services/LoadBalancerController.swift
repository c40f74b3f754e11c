public import ControlLoop
public import Objects
import Pods
public import Store

/// Provides addresses for services of type LoadBalancer: what in a real cluster the cloud does, or a program that speaks
/// to routers.
///
/// It works on services without a class, and leaves those of a class to whoever has that name. While it has given
/// something away, its finalizer keeps the service until that is taken back.
public struct LoadBalancerController: Controller {
  public let name = "service-controller"
  static let finalizer = "service.kubernetes.io/load-balancer-cleanup"

  let pool: CIDR

  public init(pool: CIDR = ClusterAddresses.loadBalancers) { self.pool = pool }

  public var triggers: [Trigger] {
    [
      .on(Service.self),
      // An address that comes free may be what another service waits for.
      Trigger(resource: Service.kind.groupResource) { event, view in
        let gaveBack = event.previous.map { Service(json: $0.value).balancerAddress != nil } ?? false
        guard gaveBack else { return [] }
        return view.all(Service.self).filter { isResponsible(for: $0) && $0.balancerAddress == nil }.map(\.key)
      },
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var service = view[Service.self, key] else { return .nothing }
    var plan = Plan()
    let hasFinalizer = service.metadata.finalizers.contains(Self.finalizer)
    guard isResponsible(for: service), !service.isBeingDeleted else {
      guard hasFinalizer else { return plan }
      if service.status.loadBalancer.ingress.isEmpty == false {
        service.status.loadBalancer.ingress = []
        plan.updateStatus(service)
        plan.record("DeletedLoadBalancer", "Deleted load balancer", about: service)
      }
      service.metadata.finalizers.removeAll { $0 == Self.finalizer }
      plan.update(service)
      return plan
    }
    if !hasFinalizer {
      service.metadata.finalizers.append(Self.finalizer)
      plan.update(service)
    }
    guard let address = address(for: service, in: view) else {
      let wanted = service.spec.loadBalancerIP.map { "\($0) is not free in \(pool)" } ?? "no address is free in \(pool)"
      if view.refusal == nil { plan.record(.warning, "SyncLoadBalancerFailed", wanted, about: service) }
      return plan
    }
    let ingress = LoadBalancerIngress {
      $0.ip = address
      $0.ipMode = "VIP"
    }
    if service.status.loadBalancer.ingress != [ingress] {
      service.status.loadBalancer.ingress = [ingress]
      plan.updateStatus(service)
      plan.record("EnsuredLoadBalancer", "Ensured load balancer", about: service)
    }
    return plan
  }

  private func isResponsible(for service: Service) -> Bool {
    service.spec.type == .loadBalancer && service.spec.loadBalancerClass == nil
  }

  // The one it has, the one it asks for, or the first that is free.
  private func address(for service: Service, in view: View) -> String? {
    func isFree(_ address: String) -> Bool {
      view.all(Service.self, where: Index.balancerAddress.name, is: address).allSatisfy { $0.uid == service.uid }
    }
    if let wanted = service.spec.loadBalancerIP, !wanted.isEmpty {
      return IPv4Address(wanted).map(pool.contains) == true && isFree(wanted) ? wanted : nil
    }
    if let own = service.balancerAddress, IPv4Address(own).map(pool.contains) == true, isFree(own) { return own }
    return (1..<pool.count - 1).lazy.map { pool[$0].description }.first(where: isFree)
  }
}

extension Service {
  /// The address that a load balancer has for the service.
  var balancerAddress: String? { self.status.loadBalancer.ingress.first?.ip }
}

extension Index {
  /// Services by the address of their load balancer.
  static let balancerAddress = Index(
    name: "balancerAddress", resource: Service.kind.groupResource, isUnique: true
  ) { Service(json: $0).balancerAddress.map { [$0] } ?? [] }
}
