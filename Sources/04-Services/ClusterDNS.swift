public import ControlLoop
import Objects
import Pods
import Store

/// The names of a cluster: what they stand for follows from the snapshot, so there is nothing to keep up to date.
///
/// Specified by "Kubernetes DNS-Based Service Discovery", version 1.1.0.
public struct ClusterDNS: Sendable {
  public let domain: DNSName
  /// How long an answer may be remembered, in seconds.
  public let ttl: UInt32

  public init(domain: String = ClusterAddresses.domain, ttl: UInt32 = 5) {
    self.domain = DNSName(domain)
    self.ttl = ttl
  }

  /// The answer to a query; nil when it is for another server to know.
  public func answer(to query: DNSMessage, in view: View) -> DNSMessage? {
    guard !query.isResponse, query.operation == 0 else { return query.reply(.notImplemented) }
    guard query.questions.count == 1, let question = query.questions.first else { return query.reply(.formatError) }
    guard let found = records(for: question.name, in: view) else { return nil }
    var reply = query.reply()
    reply.isAuthoritative = true
    switch found {
    case .nothing(let zone):
      reply.code = DNSCode.nameError.rawValue
      reply.authorities = [authority(for: zone, view)]
    case .name(let zone, let all, let beside):
      let asked = question.type
      reply.answers = all.filter {
        asked == DNSRecordType.any.rawValue || $0.data.type == asked || $0.data.type == DNSRecordType.cname.rawValue
      }
      reply.additionals = asked == DNSRecordType.srv.rawValue ? beside : []
      // A client takes the first, as a rule. Each question gets another one.
      let turn = reply.answers.isEmpty ? 0 : Int(query.id) % reply.answers.count
      reply.answers = Array(reply.answers[turn...] + reply.answers[..<turn])
      if reply.answers.isEmpty { reply.authorities = [authority(for: zone, view)] }
    }
    return reply
  }

  /// What there is under a name.
  private enum Found {
    /// The name exists. With the records that help those who ask for services.
    case name(zone: DNSName, [DNSRecord], beside: [DNSRecord] = [])
    case nothing(zone: DNSName)
  }

  private func records(for name: DNSName, in view: View) -> Found? {
    if let labels = name.labels(below: domain) { return records(for: name, labels, in: view) }
    guard let reversed = name.labels(below: DNSName("in-addr.arpa")) else { return nil }
    return pointers(for: name, reversed, in: view)
  }

  // Says who answers for the names, and how long their absence may be remembered (RFC 2308).
  private func authority(for zone: DNSName, _ view: View) -> DNSRecord {
    DNSRecord(
      zone, ttl: ttl,
      .soa(
        server: DNSName("ns.dns").below(domain), mailbox: DNSName("hostmaster").below(domain),
        serial: UInt32(truncatingIfNeeded: view.snapshot.revision), refresh: 7_200, retry: 1_800, expire: 86_400,
        minimum: ttl))
  }
}

// MARK: From names to addresses

extension ClusterDNS {
  private func records(for name: DNSName, _ labels: [String], in view: View) -> Found {
    let server = DNSName("ns.dns").below(domain)
    func found(_ data: [DNSData]) -> Found { .name(zone: domain, data.map { DNSRecord(name, ttl: ttl, $0) }) }
    switch labels.last {
    case nil: return .name(zone: domain, [DNSRecord(name, ttl: ttl, .ns(server)), authority(for: domain, view)])
    case "svc": return services(name, Array(labels.dropLast()), in: view)
    case "pod": return pods(labels.dropLast(), in: view).map(found) ?? .nothing(zone: domain)
    case "dns" where labels == ["ns", "dns"]: return found([.a(ClusterAddresses.dns)])
    case "dns" where labels.count == 1: return found([])
    case "dns-version" where labels.count == 1: return found([.txt("1.1.0")])
    default: return .nothing(zone: domain)
    }
  }

  // 10-244-1-7.default.pod.cluster.local
  private func pods(_ labels: ArraySlice<String>, in view: View) -> [DNSData]? {
    guard let namespace = labels.last else { return [] }
    guard view.object(Namespace.self, namespace) != nil, labels.count <= 2 else { return nil }
    guard labels.count == 2, let first = labels.first else { return [] }
    return IPv4Address(first.replacing("-", with: ".")).map { [.a($0)] }
  }

  private func services(_ name: DNSName, _ labels: [String], in view: View) -> Found {
    guard let namespace = labels.last else { return .name(zone: domain, []) }
    guard view.object(Namespace.self, namespace) != nil else { return .nothing(zone: domain) }
    guard labels.count > 1 else { return .name(zone: domain, []) }
    guard let service = view.object(Service.self, labels[labels.count - 2], in: namespace) else {
      return .nothing(zone: domain)
    }
    let rest = Array(labels.dropLast(2))
    let own = DNSName(labels: labels.suffix(2) + ["svc"]).below(domain)
    switch rest.count {
    case 0: return .name(zone: domain, addresses(of: service, at: name, in: view))
    case 1 where rest[0].hasPrefix("_"): return .name(zone: domain, [])
    case 1:
      let named = places(of: service, in: view).filter { $0.label == rest[0] }
      let data = Set(named.map(\.address)).sorted().map { DNSRecord(name, ttl: ttl, .a($0)) }
      return data.isEmpty ? .nothing(zone: domain) : .name(zone: domain, data)
    case 2 where rest.allSatisfy { $0.hasPrefix("_") }:
      let (records, beside) = ports(of: service, rest[0].dropFirst(), rest[1].dropFirst(), at: name, own, in: view)
      return records.isEmpty ? .nothing(zone: domain) : .name(zone: domain, records, beside: beside)
    default: return .nothing(zone: domain)
    }
  }

  private func addresses(of service: Service, at name: DNSName, in view: View) -> [DNSRecord] {
    if service.spec.type == .externalName {
      return [DNSRecord(name, ttl: ttl, .cname(DNSName(service.spec.externalName ?? "")))]
    }
    if let address = service.spec.clusterIP.flatMap({ IPv4Address($0) }) {
      return [DNSRecord(name, ttl: ttl, .a(address))]
    }
    return Set(places(of: service, in: view).map(\.address)).sorted().map { DNSRecord(name, ttl: ttl, .a($0)) }
  }

  // _http._tcp.web.default.svc.cluster.local: on which hosts, and at which port there.
  private func ports(
    of service: Service, _ port: Substring, _ transport: Substring, at name: DNSName, _ own: DNSName, in view: View
  ) -> ([DNSRecord], [DNSRecord]) {
    let targets: [(name: DNSName, address: IPv4Address, port: Int)]
    if service.spec.isHeadless {
      targets = places(of: service, in: view).flatMap { place in
        place.ports.filter { $0.matches(port, transport) }.map {
          (DNSName(place.label).below(own), place.address, $0.port ?? 0)
        }
      }
    } else {
      let address = service.spec.clusterIP.flatMap { IPv4Address($0) }
      targets = service.spec.ports.filter {
        $0.name == String(port) && $0.protocol?.rawValue.lowercased() ?? "tcp" == transport
      }
      .compactMap { port in address.map { (own, $0, port.port ?? 0) } }
    }
    let weight = UInt16(clamping: 100 / max(targets.count, 1))
    let records = targets.map { target in
      DNSRecord(
        name, ttl: ttl,
        .srv(priority: 0, weight: max(weight, 1), port: UInt16(clamping: target.port), target: target.name))
    }
    let beside = Set(targets.map { DNSRecord($0.name, ttl: ttl, .a($0.address)) })
    return (records, beside.sorted { $0.name.description < $1.name.description })
  }

  /// A ready endpoint of a headless service, which has a name of its own.
  private struct Place {
    var label: String
    var address: IPv4Address
    var ports: [EndpointPort]
  }

  private func places(of service: Service, in view: View) -> [Place] {
    guard service.spec.isHeadless else { return [] }
    return view.slices(of: service.key).flatMap { slice in
      slice.endpoints.filter(\.isReady).compactMap { endpoint in
        endpoint.addresses.first.flatMap { IPv4Address($0) }.map {
          Place(label: endpoint.label(at: $0), address: $0, ports: slice.ports)
        }
      }
    }
  }
}

extension Endpoint {
  /// The endpoint's name below its service's: the hostname it was given, or else its address.
  fileprivate func label(at address: IPv4Address) -> String {
    self.hostname?.lowercased() ?? address.description.replacing(".", with: "-")
  }
}

extension EndpointPort {
  fileprivate func matches(_ name: Substring, _ transport: Substring) -> Bool {
    self.name == String(name) && (self.protocol ?? .tcp).rawValue.lowercased() == transport
  }
}

// MARK: From addresses to names

extension Index {
  /// Slices by the addresses of their endpoints.
  static let endpointAddress = Index(name: "endpointAddress", resource: EndpointSlice.kind.groupResource) { value in
    EndpointSlice(json: value).endpoints.compactMap(\.addresses.first)
  }
}

extension ClusterDNS {
  private func pointers(for name: DNSName, _ reversed: [String], in view: View) -> Found? {
    guard let address = IPv4Address(reversed.reversed().joined(separator: ".")),
      ClusterAddresses.services.contains(address) || ClusterAddresses.pods.contains(address)
    else { return nil }
    let zone = DNSName(labels: reversed.suffix(2) + ["in-addr", "arpa"])
    let services = view.all(Service.self, where: Index.clusterIP.name, is: address.description)
    var names = services.map { $0.fullName(below: domain) }
    if names.isEmpty {
      for slice in view.all(EndpointSlice.self, where: Index.endpointAddress.name, is: address.description) {
        guard let key = slice.service, let service = view[Service.self, key] else { continue }
        for endpoint in slice.endpoints where endpoint.addresses.first == address.description {
          names.append(DNSName(endpoint.label(at: address)).below(service.fullName(below: domain)))
        }
      }
    }
    return names.isEmpty ? .nothing(zone: zone) : .name(zone: zone, names.map { DNSRecord(name, ttl: ttl, .ptr($0)) })
  }
}

extension Service {
  /// web.default.svc.cluster.local
  fileprivate func fullName(below domain: DNSName) -> DNSName { DNSName("\(name).\(namespace).svc").below(domain) }
}
