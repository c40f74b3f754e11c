public import ControlLoop
public import Objects
public import Store

/// Where the requests of all ingresses of a controller go, in one table.
///
/// Of all rules that match a request the most specific one takes it: first by its host (the name itself, then a
/// wildcard, then any host), then by its path (exact before prefix, a long prefix before a short one). Two ingresses may
/// say different things of the same host and path: then the older one has its way, so that nobody takes another's
/// requests by coming later. What no rule takes goes to a default backend.
///
/// A lookup costs one step for each element of the path, however many ingresses there are.
public struct IngressRoutes: Sendable {
  /// By host; a wildcard as it is written, and "" for any.
  private var hosts: [String: Paths] = [:]
  private var certificates: [String: Key] = [:]

  /// A port of a service, and the ingress that says so.
  public struct Destination: Sendable, Hashable {
    public var ingress: Key
    /// Nil for a backend that is no service: we know no other.
    public var service: Key?
    public var port: IntOrString
  }

  public init() {}

  /// - Parameter controller: the routes are those of ingresses whose class names it.
  public init(of controller: String = IngressController.identifier, in view: View) {
    let classes = Set(view.all(IngressClass.self).filter { $0.spec.controller == controller }.map(\.name))
    let ingresses = view.all(Ingress.self).filter { $0.className.map(classes.contains) ?? false }
    for ingress in ingresses.sorted(by: Self.isOlder) { add(ingress) }
  }

  private static func isOlder(_ one: Ingress, _ other: Ingress) -> Bool {
    let (first, second) = (one.metadata.creationTimestamp, other.metadata.creationTimestamp)
    return first == second ? one.key < other.key : first ?? .distantPast < second ?? .distantPast
  }

  /// Where a request goes; nil when no rule and no default backend takes it.
  /// - Parameters:
  ///   - host: as the request says it, with or without a port.
  ///   - path: as the request says it, without what follows a question mark.
  public func destination(host: String, path: String) -> Destination? {
    let names = Self.rulesThatMatch(Self.name(of: host))
    for name in names {
      if let destination = hosts[name]?.destination(of: path) { return destination }
    }
    for name in names {
      if let fallback = hosts[name]?.fallback { return fallback }
    }
    return nil
  }

  /// The secret with the certificate for a name that a client asks for in its TLS handshake; nil when there is none.
  public func secret(for serverName: String?) -> Key? {
    Self.rulesThatMatch(Self.name(of: serverName ?? "")).lazy.compactMap { certificates[$0] }.first
  }

  /// All secrets that hold certificates.
  public var secrets: Set<Key> { Set(certificates.values) }
}

// MARK: Putting rules into the table

extension IngressRoutes {
  /// What one host's requests come to.
  fileprivate struct Paths: Sendable {
    var exact: [Substring: Destination] = [:]
    /// Without the slash at the end, so that "" is the prefix of all.
    var prefixes: [Substring: Destination] = [:]
    var fallback: Destination?
  }

  private mutating func add(_ ingress: Ingress) {
    func destination(_ backend: IngressBackend) -> Destination {
      let name = backend.service?.name
      let port = backend.service?.port
      return Destination(
        ingress: ingress.key, service: name.map { Service.key($0, in: ingress.namespace) },
        port: port?.number.map { .integer($0) } ?? .string(port?.name ?? ""))
    }
    for rule in ingress.spec.rules {
      for entry in rule.http?.paths ?? [] {
        hosts[rule.host ?? "", default: Paths()].add(entry, destination(entry.backend))
      }
    }
    if let backend = ingress.spec.defaultBackend {
      let names = Set(ingress.spec.rules.map { $0.host ?? "" })
      for name in names.isEmpty ? [""] : names {
        hosts[name, default: Paths()].fallback = hosts[name]?.fallback ?? destination(backend)
      }
    }
    for tls in ingress.spec.tls {
      guard let secret = tls.secretName, !secret.isEmpty else { continue }
      for name in tls.hosts.isEmpty ? [""] : tls.hosts where certificates[name] == nil {
        certificates[name] = Key(resource: "secrets", namespace: ingress.namespace, name: secret)
      }
    }
  }
}

extension IngressRoutes.Paths {
  mutating func add(_ entry: HTTPIngressPath, _ destination: IngressRoutes.Destination) {
    let path = (entry.path ?? "")[...]
    if entry.pathType == .exact {
      exact[path] = exact[path] ?? destination
    } else {
      let prefix = path.hasSuffix("/") ? path.dropLast() : path
      prefixes[prefix] = prefixes[prefix] ?? destination
    }
  }

  /// The longest prefix is found by shortening the path, one element at a time: /a/b/c, /a/b, /a, and what is left
  /// before the first slash.
  func destination(of path: String) -> IngressRoutes.Destination? {
    if let destination = exact[path[...]] { return destination }
    var rest = path[...]
    while true {
      if let destination = prefixes[rest] { return destination }
      guard let slash = rest.lastIndex(of: "/") else { return nil }
      rest = rest[..<slash]
    }
  }
}

// MARK: Hosts

extension IngressRoutes {
  /// The hosts of rules that match a name, the most specific first. A wildcard stands for one label, not for more.
  private static func rulesThatMatch(_ name: String) -> [String] {
    guard let dot = name.firstIndex(of: ".") else { return [name, ""] }
    return [name, "*" + name[dot...], ""]
  }

  /// A host without its port, in lower case: "Web.Example.com:8080" asks for web.example.com.
  private static func name(of host: String) -> String {
    let end = host.hasPrefix("[") ? host.endIndex : host.firstIndex(of: ":") ?? host.endIndex
    let name = host[..<end].lowercased()
    return name.hasSuffix(".") ? String(name.dropLast()) : name
  }
}
