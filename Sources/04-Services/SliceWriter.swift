import ControlLoop
import Objects
import Pods
import Store

// From the endpoints that there should be to the fewest writes of slices. Each write goes to every node, so a pod that
// comes or goes should change one slice, and an endpoint never moves from one slice to another.

/// Endpoints that have the same ports.
struct EndpointGroup {
  var ports: [EndpointPort]
  var endpoints: [Endpoint]
}

extension [EndpointGroup] {
  /// Adds endpoints to the group that has these ports.
  mutating func add(_ endpoints: [Endpoint], _ ports: [EndpointPort]) {
    if let index = firstIndex(where: { $0.ports == ports }) {
      self[index].endpoints += endpoints
    } else {
      append(EndpointGroup(ports: ports, endpoints: endpoints))
    }
  }
}

/// Keeps the slices that an owner (a service, or an Endpoints object) has to have.
struct SliceWriter {
  static let serviceLabel = "kubernetes.io/service-name"
  static let managerLabel = "endpointslice.kubernetes.io/managed-by"
  static let endpointsPerSlice = 100

  /// Nil when nobody owns them any more: all of them go.
  let owner: (any Resource)?
  /// The name of the service.
  let service: Key
  let manager: String
  let labels: Mapping<String>

  func plan(for groups: [EndpointGroup], in view: View) -> Plan {
    var plan = Plan()
    let existing = view.slices(of: service).filter {
      $0.metadata.labels[Self.managerLabel] == manager && !$0.isBeingDeleted
    }
    guard let owner else {
      for slice in existing { plan.delete(slice) }
      return plan
    }
    // A service without endpoints has one empty slice, so that others can tell it from one not yet looked at.
    let groups = groups.isEmpty ? [EndpointGroup(ports: [], endpoints: [])] : groups
    var names = view.names(for: owner)
    let own = existing.filter { $0.controller?.uid == owner.uid }
    var wanted: [EndpointSlice] = []
    for group in groups {
      wanted += slices(of: group, keeping: own.filter { $0.ports == group.ports }, owner, &names)
    }
    for slice in wanted {
      let old = own.first { $0.name == slice.name }
      if old == nil { plan.create(slice) } else if slice != old { plan.update(slice) }
    }
    for slice in existing where !wanted.contains(where: { $0.name == slice.name }) { plan.delete(slice) }
    return plan
  }

  private func slices(
    of group: EndpointGroup, keeping old: [EndpointSlice], _ owner: any Resource, _ names: inout SeededGenerator
  ) -> [EndpointSlice] {
    var missing = group.endpoints.uniqued()
    var kept: [EndpointSlice] = []
    for var slice in old {
      slice.endpoints = slice.endpoints.compactMap { endpoint in missing.remove(endpoint.identity) }
      kept.append(slice)
    }
    // What is new fills slices up, the fullest first: those that change anyway, then others.
    func isChanged(_ index: Int) -> Bool { kept[index].endpoints != old[index].endpoints }
    let order = kept.indices.sorted { left, right in
      isChanged(left) != isChanged(right)
        ? isChanged(left) : kept[left].endpoints.count > kept[right].endpoints.count
    }
    for index in order {
      kept[index].endpoints += missing.take(Self.endpointsPerSlice - kept[index].endpoints.count)
    }
    kept.removeAll { $0.endpoints.isEmpty && !group.endpoints.isEmpty }
    if kept.count > 1, group.endpoints.isEmpty { kept.removeLast(kept.count - 1) }
    while !missing.isEmpty || kept.isEmpty {
      kept.append(slice(missing.take(Self.endpointsPerSlice), group.ports, owner, &names))
    }
    return kept.map { slice in
      var slice = slice
      slice.metadata.labels = completeLabels
      return slice
    }
  }

  private func slice(
    _ endpoints: [Endpoint], _ ports: [EndpointPort], _ owner: any Resource, _ names: inout SeededGenerator
  ) -> EndpointSlice {
    let prefix = service.name + "-"
    return EndpointSlice(name: Names.unique(prefix: prefix, using: &names), namespace: service.namespace) {
      $0.metadata.generateName = prefix
      $0.metadata.ownerReferences = [OwnerReference(controller: owner)]
      $0.addressType = .v4
      $0.ports = ports
      $0.endpoints = endpoints
    }
  }

  private var completeLabels: Mapping<String> {
    var labels = labels
    labels[Self.managerLabel] = manager
    labels[Self.serviceLabel] = service.name
    return labels
  }
}

extension View {
  /// All slices of a service, whoever writes them, in the order of their names.
  func slices(of service: Key) -> [EndpointSlice] {
    snapshot.records(
      EndpointSlice.kind.groupResource, index: Index.label.name, equals: "\(SliceWriter.serviceLabel)=\(service.name)",
      namespace: service.namespace
    ).map { EndpointSlice(json: $0.value) }
  }
}

extension EndpointSlice {
  /// The service that the slice says it belongs to.
  var service: Key? {
    metadata.labels[SliceWriter.serviceLabel].map { Service.key($0, in: namespace) }
  }
}

// MARK: Endpoints that are still to be placed

extension Endpoint {
  /// What stays when everything else of an endpoint changes.
  fileprivate var identity: String { self.targetRef?.uid ?? self.addresses.first ?? "" }
}

/// In their order, each identity once.
private struct Unplaced {
  private var byIdentity: [String: Endpoint] = [:]
  private var order: [String] = []

  init(_ endpoints: [Endpoint]) {
    for endpoint in endpoints where byIdentity.updateValue(endpoint, forKey: endpoint.identity) == nil {
      order.append(endpoint.identity)
    }
  }

  var isEmpty: Bool { byIdentity.isEmpty }

  mutating func remove(_ identity: String) -> Endpoint? { byIdentity.removeValue(forKey: identity) }

  mutating func take(_ count: Int) -> [Endpoint] {
    guard count > 0, !isEmpty else { return [] }
    order.removeAll { byIdentity[$0] == nil }
    let taken = order.prefix(count).compactMap { byIdentity.removeValue(forKey: $0) }
    order.removeFirst(min(count, order.count))
    return taken
  }
}

extension [Endpoint] {
  fileprivate func uniqued() -> Unplaced { Unplaced(self) }
}
