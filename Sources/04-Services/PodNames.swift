import ControlLoop
import Objects
import Pods

// What a pod's containers find in their environment, in /etc/resolv.conf and in /etc/hosts: how programs that know
// nothing of Kubernetes learn of services.

/// Adds it to what the runtime is told of a container. (Kubernetes: "DNS for Services and Pods".)
struct ServiceNamesStage: AgentStage {
  let name = "services"

  func prepare(
    _ configuration: inout ContainerConfiguration, for container: Container, _ context: inout StageContext
  ) -> Hold? {
    complete(&configuration, for: context.pod, observed: context.observed, in: context.view)
    return nil
  }

  func complete(
    _ configuration: inout ContainerConfiguration, for pod: Pod, observed: ObservedPod?, in view: View
  ) {
    // What the pod's author says of a variable of the same name comes later, and wins.
    configuration.environment.insert(contentsOf: ServiceEnvironment.variables(for: pod, in: view), at: 0)
    if pod.spec.setHostnameAsFQDN == true, let name = pod.fullName {
      configuration.hostname = name
      for index in configuration.environment.indices where configuration.environment[index].name == "HOSTNAME" {
        configuration.environment[index].value = name
      }
    }
    configuration.extensions["resolvConf"] = pod.resolverConfiguration.map(Value.string)
    guard pod.spec.hostNetwork != true else { return }
    // The pod's status does not have its addresses yet when its first container starts.
    configuration.extensions["hosts"] = .string(pod.hosts(addresses: observed?.addresses ?? []))
  }
}

/// Services as environment variables: WEB_SERVICE_HOST=10.96.0.7. (Kubernetes: "Discovering services".)
enum ServiceEnvironment {
  static func variables(for pod: Pod, in view: View) -> [ContainerConfiguration.EnvironmentVariable] {
    var services: [Service] = []
    if pod.spec.enableServiceLinks != false { services = view.all(Service.self, in: pod.namespace) }
    let api = view.object(Service.self, "kubernetes", in: "default")
    if let api, !services.contains(where: { $0.name == api.name }) { services.append(api) }
    return services.filter { IPv4Address($0.spec.clusterIP ?? "") != nil && !$0.spec.ports.isEmpty }
      .flatMap(variables).map { .init(name: $0.0, value: $0.1) }
  }

  private static func variables(for service: Service) -> [(String, String)] {
    let prefix = word(service.name)
    let host = service.spec.clusterIP ?? ""
    var variables = [
      ("\(prefix)_SERVICE_HOST", host), ("\(prefix)_SERVICE_PORT", String(service.spec.ports.first?.port ?? 0)),
    ]
    for port in service.spec.ports {
      guard let name = port.name, !name.isEmpty else { continue }
      variables.append(("\(prefix)_SERVICE_PORT_\(word(name))", String(port.port ?? 0)))
    }
    // The form of Docker's links, which some programs still look for.
    for (index, port) in service.spec.ports.enumerated() {
      let transport = port.protocol?.rawValue ?? "TCP"
      let number = String(port.port ?? 0)
      let url = "\(transport.lowercased())://\(host):\(number)"
      let base = "\(prefix)_PORT_\(number)_\(transport)"
      if index == 0 { variables.append(("\(prefix)_PORT", url)) }
      variables += [
        (base, url), ("\(base)_PROTO", transport.lowercased()), ("\(base)_PORT", number), ("\(base)_ADDR", host),
      ]
    }
    return variables
  }

  private static func word(_ name: String) -> String { String(name.uppercased().map { $0 == "-" ? "_" : $0 }) }
}

// MARK: Files

extension Pod {
  private var ownHostname: String { String((self.spec.hostname ?? name).prefix(63)) }

  /// The pod's name in DNS, if it has one.
  var fullName: String? {
    guard let subdomain = self.spec.subdomain, !subdomain.isEmpty else { return nil }
    return "\(ownHostname).\(subdomain).\(namespace).svc.\(ClusterAddresses.domain)"
  }

  /// The text of /etc/resolv.conf; nil for that of the node.
  var resolverConfiguration: String? {
    var servers: [String] = []
    var searches: [String] = []
    var options: [(name: String, value: String?)] = []
    let policy = self.spec.dnsPolicy ?? .clusterFirst
    if policy == .clusterFirstWithHostNet || policy == .clusterFirst && self.spec.hostNetwork != true {
      let domain = ClusterAddresses.domain
      servers = [ClusterAddresses.dns.description]
      searches = ["\(namespace).svc.\(domain)", "svc.\(domain)", domain]
      options = [("ndots", "5")]
    } else if policy != DNSPolicy.none {
      return nil
    }
    let own = self.spec.dnsConfig ?? PodDNSConfig()
    servers += own.nameservers.filter { !servers.contains($0) }
    searches += own.searches.filter { !searches.contains($0) }
    for option in own.options {
      options.removeAll { $0.name == option.name }
      options.append((option.name ?? "", option.value))
    }
    var lines = searches.isEmpty ? [] : ["search \(searches.joined(separator: " "))"]
    lines += servers.map { "nameserver \($0)" }
    let words = options.map { option in option.value.map { "\(option.name):\($0)" } ?? option.name }
    if !words.isEmpty { lines.append("options \(words.joined(separator: " "))") }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The text of /etc/hosts.
  func hosts(addresses: [String]) -> String {
    let names = ([fullName] + [ownHostname]).compactMap(\.self).joined(separator: "\t")
    var lines = [
      "# Kubernetes-managed hosts file.", "127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback",
      "fe00::\tip6-localnet", "fe00::\tip6-mcastprefix", "fe00::1\tip6-allnodes", "fe00::2\tip6-allrouters",
    ]
    lines += addresses.map { "\($0)\t\(names)" }
    if !self.spec.hostAliases.isEmpty { lines += ["", "# Entries added by HostAliases."] }
    lines += self.spec.hostAliases.map { "\($0.ip ?? "")\t\($0.hostnames.joined(separator: "\t"))" }
    return lines.map { $0 + "\n" }.joined()
  }
}
