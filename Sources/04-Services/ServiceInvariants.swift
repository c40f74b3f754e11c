import ControlLoop
import Objects
import Pods
import Simulation
import Store

// What this chapter promises.

extension Invariant {
  /// An address or a port leads to one service, or it leads nowhere.
  static let addressesAreUnique = Invariant.always("no two services share an address or a node port") {
    view, event, _ in
    guard let event, event.type != .deleted, event.record.key.resource == Service.kind.groupResource else { return nil }
    let spec = Service(json: event.record.value).spec
    func others(_ index: Index, _ value: String) -> [Service] {
      view.all(Service.self, where: index.name, is: value).filter { $0.key != event.record.key }
    }
    for address in spec.clusterIPs where address != "None" {
      if let other = others(.clusterIP, address).first {
        return "\(event.record.key.name) and \(other.name): \(address)"
      }
    }
    for port in spec.ports.compactMap(\.nodePort) where port != 0 {
      if let other = others(.nodePort, String(port)).first {
        return "\(event.record.key.name) and \(other.name): \(port)"
      }
    }
    return nil
  }

  static let slicesStaySmall = Invariant.always("a slice has at most a hundred endpoints") { _, event, _ in
    guard let event, event.record.key.resource == EndpointSlice.kind.groupResource else { return nil }
    let count = EndpointSlice(json: event.record.value).endpoints.count
    return count > SliceWriter.endpointsPerSlice ? "\(event.record.key.name) has \(count)" : nil
  }

  /// A proxy that follows every change is never left with a place that no slice has.
  static let rulesLeadToEndpoints = Invariant("rules lead only to endpoints that there are", .always) {
    var table = ProxyTable(for: ProxyNode(name: "node-0"))
    return { view, event, _ in
      guard let event else { return nil }
      for change in table.update(ProxyTable.services(concernedBy: event), in: view) {
        let known = Set(view.slices(of: change.service).flatMap(\.endpoints).flatMap(\.addresses))
        for backend in change.new?.frontends.flatMap({ $0.backends + $0.backendsInside }) ?? []
        where !known.contains(backend.address) {
          return "\(change.service.name) leads to \(backend.address)"
        }
      }
      return nil
    }
  }

  /// Left alone, the slices of a service name exactly its pods, and say of each what its status says.
  static let slicesShowThePods = Invariant.eventually(
    "slices show a service's pods, and no others", within: .seconds(900)
  ) { view, _ in
    for service in view.all(Service.self) where !service.spec.selector.isEmpty && !service.isBeingDeleted {
      let pods = service.pods(in: view)
      let slices = view.slices(of: service.key).filter {
        $0.metadata.labels[SliceWriter.managerLabel] == EndpointSliceController.manager
      }
      let endpoints = slices.flatMap(\.endpoints)
      let shown = endpoints.compactMap { $0.targetRef?.uid }
      if Set(shown) != Set(pods.map(\.uid)) { return "\(service.name) shows \(shown.count) of \(pods.count) pods" }
      if shown.count != pods.count { return "\(service.name) shows a pod twice" }
      for pod in pods {
        let endpoint = endpoints.first { $0.targetRef?.uid == pod.uid }
        if endpoint?.addresses.first != pod.status.podIP || endpoint?.conditions.serving != pod.isReady {
          return "\(service.name) is wrong about \(pod.name)"
        }
      }
      let old = view.object(Endpoints.self, service.name, in: service.namespace)
      let ready = endpoints.filter(\.isReady).count
      if service.spec.type != .externalName, old?.subsets.flatMap(\.addresses).count != ready {
        return "the Endpoints of \(service.name) do not say what its slices say"
      }
    }
    return nil
  }

  static let balancersAreProvided = Invariant.eventually(
    "services get a load balancer, or give it back", within: .seconds(900)
  ) { view, _ in
    for service in view.all(Service.self) {
      if service.isBeingDeleted { return "\(service.name) is still being deleted" }
      let isProvided = service.balancerAddress != nil
      if isProvided != (service.spec.type == .loadBalancer) {
        return "\(service.name) has \(isProvided ? "a" : "no") load balancer"
      }
    }
    return nil
  }
}

/// What users do to services in simulated worlds.
extension UserAction {
  static let services = [
    UserAction("create a service") { view, random, _ in
      let name = "service-\(random.next() % 4)"
      guard view.object(Service.self, name, in: "default") == nil else { return [] }
      let service = Service(name: name, namespace: "default") {
        $0.spec.type = [.clusterIP, .nodePort, .loadBalancer].randomElement(using: &random)
        $0.spec.clusterIP = $0.spec.type == .clusterIP && random.next() % 3 == 0 ? "None" : nil
        $0.spec.selector = random.next() % 5 == 0 ? [:] : ["set": "set-\(random.next() % 3)"]
        $0.spec.ports = [ServicePort { $0.port = 80 }]
      }
      return [.create(service.json)]
    },
    UserAction("change a service's type") { view, random, _ in
      guard var service = view.all(Service.self, in: "default").filter(isOurs).randomElement(using: &random),
        service.spec.clusterIP != "None"
      else { return [] }
      service.spec.type = ServiceType.allCases.randomElement(using: &random)
      service.spec.externalName = service.spec.type == .externalName ? "example.org" : nil
      return [.update(service.json)]
    },
    UserAction("change a service's selector") { view, random, _ in
      guard var service = view.all(Service.self, in: "default").filter(isOurs).randomElement(using: &random) else {
        return []
      }
      service.spec.selector = ["set": "set-\(random.next() % 3)"]
      return [.update(service.json)]
    },
    UserAction("delete a service") { view, random, _ in
      view.all(Service.self, in: "default").filter(isOurs).randomElement(using: &random)
        .map { [.delete($0.key, DeleteOptions())] } ?? []
    },
  ]

  @Sendable private static func isOurs(_ service: Service) -> Bool { service.name.hasPrefix("service-") }
}
