public import ControlLoop
public import Objects
import Pods
public import Store

/// Keeps the Endpoints of services with a selector, for programs that do not know slices.
public struct EndpointsController: Controller {
  public let name = "endpoint-controller"
  static let limit = 1_000
  static let overCapacity = "endpoints.kubernetes.io/over-capacity"
  static let managerLabel = "endpoints.kubernetes.io/managed-by"

  public init() {}

  public var triggers: [Trigger] { [.on(Service.self), .servicesOfPods, .on(Endpoints.self, keys: Self.service)] }

  private static let service: @Sendable (Endpoints, View) -> [Key] = { endpoints, _ in
    [Service.key(endpoints.name, in: endpoints.namespace)]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    var plan = Plan()
    let old = view.object(Endpoints.self, key.name, in: key.namespace)
    guard let service = view[Service.self, key], !service.isBeingDeleted else {
      if let old, old.isManaged { plan.delete(old) }
      return plan
    }
    guard !service.spec.selector.isEmpty, service.spec.type != .externalName else { return plan }
    var endpoints = old ?? Endpoints(name: key.name, namespace: key.namespace)
    endpoints.metadata.labels = service.metadata.labels
    endpoints.metadata.labels[Self.managerLabel] = name
    let all = subsets(of: service, in: view)
    endpoints.subsets = all.truncated(to: Self.limit)
    endpoints.metadata.annotations[Self.overCapacity] = endpoints.subsets == all ? nil : "truncated"
    if old == nil { plan.create(endpoints) } else if endpoints != old { plan.update(endpoints) }
    return plan
  }

  private func subsets(of service: Service, in view: View) -> [EndpointSubset] {
    var subsets: [EndpointSubset] = []
    for pod in service.pods(in: view) {
      let endpoint = service.endpoint(pod, in: view)
      if pod.isBeingDeleted, endpoint.conditions.ready != true { continue }
      let ports = service.ports(in: pod).map { SubsetPort(json: $0.json) }
      let index = subsets.firstIndex { $0.ports == ports } ?? subsets.endIndex
      if index == subsets.endIndex { subsets.append(EndpointSubset { $0.ports = ports }) }
      let address = EndpointAddress {
        $0.ip = endpoint.addresses.first
        $0.targetRef = endpoint.targetRef
        $0.hostname = endpoint.hostname
        $0.nodeName = endpoint.nodeName
      }
      if endpoint.conditions.ready == true {
        subsets[index].addresses.append(address)
      } else {
        subsets[index].notReadyAddresses.append(address)
      }
    }
    return subsets
  }
}

extension Endpoints {
  /// Whether a controller writes them, and not a user.
  var isManaged: Bool { metadata.labels[EndpointsController.managerLabel] != nil }
}

extension [EndpointSubset] {
  // Those that are ready come before those that are not.
  fileprivate func truncated(to limit: Int) -> [EndpointSubset] {
    var room = limit
    var subsets = self
    for index in indices {
      subsets[index].addresses = Array<EndpointAddress>(self[index].addresses.prefix(room))
      room -= subsets[index].addresses.count
    }
    for index in indices {
      subsets[index].notReadyAddresses = Array<EndpointAddress>(self[index].notReadyAddresses.prefix(room))
      room -= subsets[index].notReadyAddresses.count
    }
    return subsets.filter { !$0.addresses.isEmpty || !$0.notReadyAddresses.isEmpty }
  }
}

/// Makes slices of the Endpoints that users write for services without a selector: proxies and DNS know slices only.
public struct EndpointsMirror: Controller {
  public let name = "endpointslice-mirroring-controller"
  static let manager = "endpointslicemirroring-controller.k8s.io"

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(Endpoints.self),
      .on(Service.self) { service, _ in [Endpoints.key(service.name, in: service.namespace)] },
      .on(EndpointSlice.self) { slice, _ in
        slice.metadata.labels[SliceWriter.managerLabel] == Self.manager
          ? [slice.service].compactMap { $0.map { Endpoints.key($0.name, in: $0.namespace) } } : []
      },
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    let service = view.object(Service.self, key.name, in: key.namespace)
    let mirrored = view[Endpoints.self, key].flatMap { endpoints in
      let skips = endpoints.isManaged || endpoints.metadata.labels["endpointslice.kubernetes.io/skip-mirror"] == "true"
      return skips || endpoints.isBeingDeleted || service?.spec.selector.isEmpty != true ? nil : endpoints
    }
    var labels = mirrored?.metadata.labels ?? [:]
    labels[EndpointsController.managerLabel] = nil
    let writer = SliceWriter(
      owner: mirrored, service: Service.key(key.name, in: key.namespace), manager: Self.manager, labels: labels)
    return writer.plan(for: mirrored.map(groups) ?? [], in: view)
  }

  private func groups(of endpoints: Endpoints) -> [EndpointGroup] {
    func mirror(_ addresses: [EndpointAddress], isReady: Bool) -> [Endpoint] {
      addresses.prefix(EndpointsController.limit).map { address in
        Endpoint {
          $0.addresses = [address.ip ?? ""]
          $0.conditions.ready = isReady
          $0.targetRef = address.targetRef
          $0.hostname = address.hostname
          $0.nodeName = address.nodeName
        }
      }
    }
    var groups: [EndpointGroup] = []
    for subset in endpoints.subsets {
      let ports = subset.ports.map { EndpointPort(json: $0.json) }
      groups.add(mirror(subset.addresses, isReady: true) + mirror(subset.notReadyAddresses, isReady: false), ports)
    }
    return groups
  }
}
