import ControlLoop
public import Objects
import Pods
import Store

// Which pods are a service's, and what a service says of one of them.

extension Service {
  /// Whether pods with these labels are the service's. Without a selector, none are.
  public func selects(_ labels: Mapping<String>) -> Bool {
    let selector = self.spec.selector
    return !selector.isEmpty && self.spec.type != .externalName && selector.allSatisfy { labels[$0.name] == $0.value }
  }

  /// The service's pods that have an address and have not ended, ready or not, in the order of their names.
  func pods(in view: View) -> [Pod] {
    guard let (name, value) = self.spec.selector.first(where: { _ in true }) else { return [] }
    return view.snapshot.records(
      Pod.kind.groupResource, index: Index.label.name, equals: "\(name)=\(value)", namespace: namespace
    )
    .map { Pod(json: $0.value) }
    .filter { selects($0.metadata.labels) && !$0.isFinished && !($0.status.podIP ?? "").isEmpty }
  }

  /// The ports that the service has in a pod: a name stands for a number that differs from pod to pod, and one that the
  /// pod does not know stands for nothing.
  func ports(in pod: Pod) -> [EndpointPort] {
    self.spec.ports.compactMap { port in
      pod.number(of: port).map { number in
        EndpointPort {
          $0.name = port.name ?? ""
          $0.protocol = port.protocol ?? .tcp
          $0.port = number
          $0.appProtocol = port.appProtocol
        }
      }
    }
  }

  func endpoint(_ pod: Pod, in view: View) -> Endpoint {
    Endpoint {
      $0.addresses = [pod.status.podIP ?? ""]
      $0.conditions.ready = self.spec.publishNotReadyAddresses == true || pod.isReady && !pod.isBeingDeleted
      $0.conditions.serving = pod.isReady
      $0.conditions.terminating = pod.isBeingDeleted
      $0.targetRef = ObjectReference(to: pod)
      $0.nodeName = pod.spec.nodeName
      $0.zone = view.object(Node.self, pod.spec.nodeName ?? "")?.zone
      if pod.spec.subdomain == name, let hostname = pod.spec.hostname, !hostname.isEmpty { $0.hostname = hostname }
    }
  }
}

extension Pod {
  fileprivate func number(of port: ServicePort) -> Int? {
    switch port.targetPort {
    case .integer(let number)?: return number
    case nil: return port.port
    case .string(let name)?:
      let containers = self.spec.containers + self.spec.initContainers.filter(\.isSidecar)
      return containers.flatMap(\.ports)
        .first { $0.name == name && $0.protocol ?? .tcp == port.protocol ?? .tcp }?.containerPort
    }
  }
}

extension ObjectReference {
  init(to pod: Pod) {
    self.init {
      $0.kind = "Pod"
      $0.namespace = pod.namespace
      $0.name = pod.name
      $0.uid = pod.uid
    }
  }
}

extension Index {
  /// Services by one label of their selector. A pod's services are among those that it finds by its labels.
  static let selector = Index(name: "selector", resource: Service.kind.groupResource) { value in
    Service(json: value).spec.selector.first { _ in true }.map { ["\($0.name)=\($0.value)"] } ?? []
  }
}

extension View {
  /// The services whose pod this is.
  func services(of pod: Pod) -> [Service] {
    pod.metadata.labels.flatMap { name, value in
      snapshot.records(
        Service.kind.groupResource, index: Index.selector.name, equals: "\(name)=\(value)", namespace: pod.namespace
      )
      .map { Service(json: $0.value) }
      .filter { $0.selects(pod.metadata.labels) }
    }
  }
}
