import ControlLoop
public import Objects
import Pods

// The kinds of this chapter as the API serves them. What an object of each looks like stands in a file of its own.

extension Service {
  public static let kind = Kind(
    Service.self, name: "Service", resource: "services", shortNames: ["svc"], categories: ["all"]
  ).with {
    $0.hasStatus = true
    $0.validateName = Names.serviceProblems
    $0.prepareForCreate = { value in
      var service = Service(json: value)
      service.spec.reconcileClusterIPs(with: nil)
      service.status.loadBalancer = LoadBalancerStatus()
      value = service.json
    }
    $0.prepareForUpdate = { value, old in
      var service = Service(json: value)
      let old = Service(json: old).spec
      service.spec.reconcileClusterIPs(with: old)
      service.spec.keepAllocations(of: old)
      service.spec.dropWhatTheTypeCannotHave(old)
      value = service.json
    }
    $0.validate = { new, old in
      old.map { Service(json: new).spec.changeProblems(from: Service(json: $0).spec, at: FieldPath("spec")) } ?? []
    }
    $0.columns = ServiceTable.columns
    $0.selectableFields = [SelectableField("spec.clusterIP"), SelectableField("spec.type")]
  }
}

extension ServiceSpec {
  // An address stays as long as the service has one; a class, once it is set.
  fileprivate func changeProblems(from old: ServiceSpec, at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    let sentence = "may not change once set"
    if needsClusterIP, old.needsClusterIP, let before = old.clusterIPs.first, let after = self.clusterIPs.first,
      before != after
    {
      errors.append(.invalid(path["clusterIPs"][0], .string(after), sentence))
    }
    if self.type == .loadBalancer, old.type == .loadBalancer, self.loadBalancerClass != old.loadBalancerClass {
      errors.append(.invalid(path["loadBalancerClass"], self.json["loadBalancerClass"] ?? .null, sentence))
    }
    return errors
  }
}

enum ServiceTable {
  static let columns: [Column] = [
    column("Type", "How far the service can be reached.") { $0.spec.type?.rawValue ?? "" },
    column("Cluster-IP", "Its address inside the cluster.") { $0.spec.clusterIP ?? "" },
    column("External-IP", "Its addresses outside of the cluster.", cell: externalAddresses),
    column("Port(s)", "Its ports, and the nodes' ports that lead there.") { service in
      service.spec.ports.map { port in
        let node = (port.nodePort ?? 0) == 0 ? "" : ":\(port.nodePort ?? 0)"
        return "\(port.port ?? 0)\(node)/\(port.protocol?.rawValue ?? "TCP")"
      }.joined(separator: ",")
    },
    .age,
    Column("Selector", priority: 1, "The labels of its pods.") { value, _ in
      let labels = Service(json: value).spec.selector.map { "\($0.name)=\($0.value)" }.sorted()
      return .string(labels.isEmpty ? "<none>" : labels.joined(separator: ","))
    },
  ]

  private static func column(
    _ name: String, _ documentation: String, cell: @escaping @Sendable (Service) -> String
  ) -> Column {
    Column(name, documentation) { value, _ in
      let text = cell(Service(json: value))
      return .string(text.isEmpty ? "<none>" : text)
    }
  }

  private static func externalAddresses(of service: Service) -> String {
    let provided = service.status.loadBalancer.ingress.compactMap { $0.ip ?? $0.hostname }
    switch service.spec.type {
    case .externalName: return service.spec.externalName ?? ""
    case .loadBalancer where provided.isEmpty && service.spec.externalIPs.isEmpty: return "<pending>"
    case .loadBalancer: return (provided + service.spec.externalIPs).joined(separator: ",")
    default: return service.spec.externalIPs.joined(separator: ",")
    }
  }
}

// MARK: Endpoints

extension EndpointSlice {
  public static let kind = Kind(
    EndpointSlice.self, group: "discovery.k8s.io", name: "EndpointSlice", resource: "endpointslices"
  ).with {
    $0.countsGenerations = true
    $0.validate = { new, _ in EndpointSlice(json: new).problems }
    $0.columns = [
      Column("AddressType", "What the addresses are.") { value, _ in
        .string(EndpointSlice(json: value).addressType?.rawValue ?? "")
      },
      Column("Ports", "The ports that each endpoint has.") { value, _ in
        let ports = EndpointSlice(json: value).ports.map { $0.port.map(String.init) ?? "*" }
        return .string(EndpointsTable.list(ports, count: 3, none: "<unset>"))
      },
      Column("Endpoints", "Their addresses.") { value, _ in
        let addresses = EndpointSlice(json: value).endpoints.flatMap(\.addresses)
        return .string(EndpointsTable.list(addresses, count: 3, none: "<unset>"))
      },
      .age,
    ]
  }

  private var problems: [FieldError] {
    var errors: [FieldError] = []
    if self.endpoints.count > 1_000 {
      errors.append(FieldError(.tooMany, FieldPath("endpoints"), nil, "must have at most 1000 items"))
    }
    if self.ports.count > 100 {
      errors.append(FieldError(.tooMany, FieldPath("ports"), nil, "must have at most 100 items"))
    }
    var names: Set<String> = []
    for (index, port) in self.ports.enumerated() {
      let path = FieldPath("ports")[index]
      let name = port.name ?? ""
      if !name.isEmpty { errors += Names.labelProblems(name).map { .invalid(path["name"], .string(name), $0) } }
      if !names.insert(name).inserted { errors.append(FieldError(.duplicate, path["name"], .string(name))) }
      if let number = port.port { errors += PortNumber.problems(number, at: path["port"]) }
    }
    for (index, endpoint) in self.endpoints.enumerated() where self.addressType == .v4 {
      for (position, address) in endpoint.addresses.enumerated() {
        errors += IPv4Address.problems(address, at: FieldPath("endpoints")[index]["addresses"][position])
      }
    }
    return errors
  }
}

extension Endpoints {
  public static let kind = Kind(
    Endpoints.self, name: "Endpoints", resource: "endpoints", shortNames: ["ep"]
  ).with {
    $0.deprecationWarning = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
    $0.validate = { new, _ in Endpoints(json: new).problems }
    $0.columns = [
      Column("Endpoints", "The addresses that are ready, with their ports.") { value, _ in
        let all = Endpoints(json: value).subsets.flatMap { subset in
          subset.addresses.flatMap { address -> [String] in
            let ip = address.ip ?? ""
            return subset.ports.isEmpty ? [ip] : subset.ports.map { "\(ip):\($0.port ?? 0)" }
          }
        }
        return .string(EndpointsTable.list(all, count: 3, none: "<none>"))
      },
      .age,
    ]
  }

  private var problems: [FieldError] {
    self.subsets.enumerated().flatMap { index, subset -> [FieldError] in
      let path = FieldPath("subsets")[index]
      var errors: [FieldError] = []
      if subset.addresses.isEmpty, subset.notReadyAddresses.isEmpty {
        errors.append(.required(path, "must specify `addresses` or `notReadyAddresses`"))
      }
      for (list, addresses) in [("addresses", subset.addresses), ("notReadyAddresses", subset.notReadyAddresses)] {
        for (index, address) in addresses.enumerated() where !(address.ip ?? "").isEmpty {
          errors += IPv4Address.problems(address.ip ?? "", at: path[list][index]["ip"])
        }
      }
      for (index, port) in subset.ports.enumerated() {
        if subset.ports.count > 1, (port.name ?? "").isEmpty {
          errors.append(.required(path["ports"][index]["name"]))
        }
        errors += PortNumber.problems(port.port ?? 0, at: path["ports"][index]["port"])
      }
      return errors
    }
  }
}

enum EndpointsTable {
  /// The first few, and how many more there are.
  static func list(_ items: [String], count: Int, none: String) -> String {
    guard !items.isEmpty else { return none }
    let shown = items.prefix(count).joined(separator: ",")
    return items.count > count ? "\(shown) + \(items.count - count) more..." : shown
  }
}
