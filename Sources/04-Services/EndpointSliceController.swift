public import ControlLoop
public import Objects
public import Pods
public import Store

/// Writes down where services lead: of each service with a selector, its pods and their state, in slices.
///
/// It remembers nothing and asks no pod: readiness is a condition in the pod's status, and being deleted is a time stamp
/// in its metadata. (Kubernetes: "EndpointSlices".)
public struct EndpointSliceController: Controller {
  public let name = "endpointslice-controller"
  static let manager = "endpointslice-controller.k8s.io"

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(Service.self),
      .servicesOfPods,
      .on(EndpointSlice.self) { slice, _ in
        slice.metadata.labels[SliceWriter.managerLabel] == Self.manager ? [slice.service].compactMap(\.self) : []
      },
      Trigger(resource: Node.kind.groupResource) { event, view in
        let zones = [event.previous, event.record].map { $0.flatMap { Node(json: $0.value).zone } }
        return event.type == .modified && zones.first == zones.last ? [] : view.all(Service.self).map(\.key)
      },
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let service = view[Service.self, key], !service.isBeingDeleted, !service.spec.selector.isEmpty else {
      // The slices of a deleted service go with it, as objects that it owns.
      return .nothing
    }
    var labels = service.metadata.labels
    if service.spec.isHeadless { labels["service.kubernetes.io/headless"] = "" }
    let isGone = service.spec.type == .externalName
    let writer = SliceWriter(owner: isGone ? nil : service, service: key, manager: Self.manager, labels: labels)
    return writer.plan(for: groups(of: service, in: view), in: view)
  }

  private func groups(of service: Service, in view: View) -> [EndpointGroup] {
    var groups: [EndpointGroup] = []
    for pod in service.pods(in: view) {
      var endpoint = service.endpoint(pod, in: view)
      endpoint.addHints(service.spec.trafficDistribution)
      groups.add([endpoint], service.ports(in: pod))
    }
    return groups
  }
}

extension Endpoint {
  // Each endpoint is for those nearby. Whether there is one nearby for everybody is for the proxies to see.
  fileprivate mutating func addHints(_ distribution: String?) {
    guard self.conditions.ready == true, let distribution, !distribution.isEmpty else { return }
    var hints = EndpointHints()
    if let zone = self.zone { hints.forZones = [ForZone { $0.name = zone }] }
    if distribution == "PreferSameNode", let node = self.nodeName { hints.forNodes = [ForNode { $0.name = node }] }
    self.hints = hints.json == .emptyObject ? nil : hints
  }
}

extension Node {
  /// The part of the world that the node is in, and shares its fate and its prices with.
  public var zone: String? { metadata.labels["topology.kubernetes.io/zone"] }
}

extension Trigger {
  /// A change of a pod reconciles the services whose pod it is or was.
  static let servicesOfPods = Trigger(resource: Pod.kind.groupResource) { event, view in
    let pods = [event.previous, event.record].compactMap { $0.map { Pod(json: $0.value) } }
    if let old = pods.first, let new = pods.last, old.metadata.labels == new.metadata.labels {
      return view.services(of: new).map(\.key)
    }
    return Set(pods.flatMap { view.services(of: $0) }.map(\.key)).sorted()
  }
}
