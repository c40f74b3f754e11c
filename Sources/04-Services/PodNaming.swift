public import Objects
public import Pods

/// What this chapter adds to a pod's spec: the names that the pod goes by, and where it looks up others.
public struct PodNaming: Facet {
  public init() {}
  public static let all = named()

  public let subdomain = Field<String>(17, "The service below whose name the pod has a name of its own in DNS.")
  public let hostAliases = List<HostAlias>(
    23, "Further lines for the file /etc/hosts.", .keyed(by: ["ip"], unique: false), .merge(by: "ip"))
  public let dnsConfig = Field<PodDNSConfig>(26, "Name servers, search path and options, beside those of dnsPolicy.")
  public let setHostnameAsFQDN = Field<Bool>(35, "Whether the pod's containers see its full name as their hostname.")

  public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
    PodSpec(json: structure).namingProblems(at: path)
  }
}

extension PodSpec {
  public subscript<D: Declaration>(dynamicMember path: KeyPath<PodNaming, D>) -> D.Reading {
    get { PodNaming.all[keyPath: path].read(from: json) }
    set { PodNaming.all[keyPath: path].write(newValue, to: &json) }
  }
}

public struct HostAlias: Structure {
  public static let schemaName = "core.v1.HostAlias"
  public static let documentation = "A line for the file /etc/hosts."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let ip = Field<String>(1, "The address.", .required)
    public let hostnames = List<String>(2, "Its names.", .atomic)
  }
}

public struct PodDNSConfig: Structure {
  public static let schemaName = "core.v1.PodDNSConfig"
  public static let documentation = "Where a pod looks up names, beside what its dnsPolicy says."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let nameservers = List<String>(1, "Addresses of name servers. At most three.", .atomic)
    public let searches = List<String>(2, "Domains in which short names are looked up. At most 32.", .atomic)
    public let options = List<PodDNSConfigOption>(3, "Options of the resolver.", .atomic)
  }
}

public struct PodDNSConfigOption: Structure {
  public static let schemaName = "core.v1.PodDNSConfigOption"
  public static let documentation = "An option of the resolver."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "Its name: ndots.")
    public let value = Field<String>(2, "Its value, if it has one.")
  }
}

extension PodSpec {
  fileprivate func namingProblems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if let subdomain = self.subdomain, !subdomain.isEmpty {
      errors += Names.labelProblems(subdomain).map { .invalid(path["subdomain"], .string(subdomain), $0) }
    }
    for (index, alias) in self.hostAliases.enumerated() {
      let place = path["hostAliases"][index]
      if let ip = alias.ip, !ip.isEmpty, IPv4Address(ip) == nil {
        errors.append(.invalid(place["ip"], .string(ip), IPv4Address.form))
      }
      for (position, name) in alias.hostnames.enumerated() {
        errors += Names.subdomainProblems(name).map { .invalid(place["hostnames"][position], .string(name), $0) }
      }
    }
    let servers = self.dnsConfig?.nameservers ?? []
    let list = path["dnsConfig"]["nameservers"]
    if self.dnsPolicy == DNSPolicy.none, servers.isEmpty {
      errors.append(.required(list, "must provide at least one DNS nameserver when `dnsPolicy` is None"))
    }
    if servers.count > 3 {
      let shown = Value.array(servers.map(Value.string))
      errors.append(.invalid(list, shown, "must not have more than 3 nameservers"))
    }
    for (index, server) in servers.enumerated() where IPv4Address(server) == nil {
      errors.append(.invalid(list[index], .string(server), IPv4Address.form))
    }
    let searches = self.dnsConfig?.searches ?? []
    if searches.count > 32 {
      let shown = Value.array(searches.map(Value.string))
      errors.append(.invalid(path["dnsConfig"]["searches"], shown, "must not have more than 32 search paths"))
    }
    for (index, option) in (self.dnsConfig?.options ?? []).enumerated() where (option.name ?? "").isEmpty {
      errors.append(.required(path["dnsConfig"]["options"][index], "must not be empty"))
    }
    return errors
  }
}
