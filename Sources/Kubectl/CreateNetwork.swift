// `kubectl create service`, `kubectl create ingress` and `kubectl expose`: how programs are found.

import Objects

extension Command {
  private static let service = Resource(
    group: "", version: "v1", name: "services", singular: "service", kind: "Service", isNamespaced: true)
  private static let ports = Flag("tcp", nil, .list, "Port pairs can be specified as '<port>:<targetPort>'")

  static let createNetwork: [Command] = [
    serviceCommand(
      "clusterip", "ClusterIP", "Create a ClusterIP service", "NAME [--tcp=<port>:<targetPort>] [options]",
      [Flag("clusterip", "Assign your own ClusterIP or set to 'None' for a 'headless' service")]
    ) { spec, invocation in
      let address = invocation.arguments["clusterip"].nonEmpty
      if let address { spec["clusterIP"] = .string(address) }
      return address != "None"
    },
    serviceCommand(
      "nodeport", "NodePort", "Create a NodePort service", "NAME [--tcp=port:targetPort] [options]",
      [Flag("node-port", nil, .number, "Port used to expose the service on each node in a cluster")]
    ) { spec, invocation in
      guard let port = invocation.arguments.number("node-port"), port > 0 else { return true }
      if case .array(var ports) = spec["ports"], let first = ports.first {
        var first = first
        first["nodePort"] = .integer(Int64(port))
        ports[0] = first
        spec["ports"] = .array(ports)
      }
      return true
    },
    serviceCommand(
      "loadbalancer", "LoadBalancer", "Create a LoadBalancer service", "NAME [--tcp=port:targetPort] [options]", []
    ) { _, _ in true },
    serviceCommand(
      "externalname", "ExternalName", "Create an ExternalName service",
      "NAME --external-name external.name [options]", [Flag("external-name", "External name of service")]
    ) { spec, invocation in
      guard let name = invocation.arguments["external-name"].nonEmpty else {
        throw Failure.error("required flag(s) \"external-name\" not set")
      }
      spec["externalName"] = .string(name)
      return false
    },
    Command(
      name: "create ingress", summary: "Create an ingress with the specified name",
      usage: "NAME --rule=host/path=service:port[,tls[=secret]] [options]",
      flags: newFlags + [
        Flag("annotation", nil, .list, "Annotation to insert in the ingress object, in the format annotation=value"),
        Flag("class", "Ingress Class to be used"),
        Flag("default-backend", "Default service for backend, in format of svcname:port"),
        Flag(
          "rule", nil, .list,
          "Rule in format host/path=service:port[,tls=secretname]. Paths containing the "
            + "leading character '*' are considered pathType=Prefix"),
      ], needsServer: isOnline
    ) { invocation in
      try await invocation.create(
        try invocation.ingress(),
        Resource(
          group: "networking.k8s.io", version: "v1", name: "ingresses", singular: "ingress", kind: "Ingress",
          isNamespaced: true))
    },
  ]

  /// - Parameter complete: Changes the spec; answers whether the service needs a port.
  private static func serviceCommand(
    _ word: String, _ type: String, _ summary: String, _ usage: String, _ flags: [Flag],
    complete: @escaping @Sendable (inout Value, Invocation) throws -> Bool
  ) -> Command {
    Command(
      name: "create service \(word)", summary: summary, usage: usage, flags: newFlags + [ports] + flags,
      needsServer: isOnline
    ) { invocation in
      let name = try invocation.onlyName()
      let pairs = invocation.arguments.list("tcp")
      var spec = Value.emptyObject
      if !pairs.isEmpty { spec["ports"] = .array(try pairs.map(servicePort)) }
      spec["selector"] = ["app": .string(name)]
      spec["type"] = .string(type)
      if try complete(&spec, invocation), pairs.isEmpty {
        throw Failure.error("at least one tcp port specifier must be provided")
      }
      try await invocation.create(
        [
          "apiVersion": "v1", "kind": "Service",
          "metadata": ["name": .string(name), "creationTimestamp": nil, "labels": ["app": .string(name)]],
          "spec": spec, "status": ["loadBalancer": .emptyObject],
        ], service)
    }
  }

  /// "80:8080", "80:http", or "80" for the same port on both sides.
  private static func servicePort(_ pair: String) throws -> Value {
    let parts = pair.split(separator: ":", maxSplits: 1).map { String($0) }
    guard let first = parts.first, let port = Int64(first), (1...65_535).contains(port) else {
      throw Failure.error("strconv.ParseUint: parsing \"\(parts.first ?? "")\": invalid syntax")
    }
    let target = parts.last ?? first
    return [
      "name": .string(parts.joined(separator: "-")), "port": .integer(port), "protocol": "TCP",
      "targetPort": Int64(target).map { .integer($0) } ?? .string(target),
    ]
  }

  static let expose = Command(
    name: "expose", summary: "Take a replication controller, service, deployment or pod and expose it as a new service",
    usage: "(-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] "
      + "[--name=name] [--external-ip=external-ip-of-service] [--type=type] [options]",
    flags: Flag.objects + Flag.printing + [
      .dryRun, .fieldManager,
      Flag("cluster-ip", "ClusterIP to be assigned to the service. Set to 'None' to create a headless service"),
      Flag("external-ip", "Additional external IP address (not managed by the cluster) to accept for the service"),
      Flag("labels", "l", "Labels to apply to the service created by this call"),
      Flag("load-balancer-ip", "IP to assign to the LoadBalancer"),
      Flag("name", "The name for the newly created object"),
      Flag("port", "The port that the service should serve on"),
      Flag("protocol", "The network protocol for the service to be created. Default is 'TCP'"),
      Flag("selector", "A label selector to use for this service"),
      Flag("session-affinity", "Legal values: 'None', 'ClientIP'"),
      Flag("target-port", "Name or number for the port on the container that the service should direct traffic to"),
      Flag("type", "Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName"),
    ]
  ) { invocation in
    let items = try await invocation.liveItems(try await Discovery(try invocation.server()))
    try await collectingFailures(items) { item in
      try await invocation.create(try invocation.exposing(item), service, manager: "kubectl-expose", done: "exposed")
    }
  }
}

extension Invocation {
  // MARK: Ingress

  fileprivate func ingress() throws -> Value {
    let rules = arguments.all("rule")
    let fallback = arguments["default-backend"].nonEmpty
    var metadata: Value = ["name": .string(try onlyName()), "creationTimestamp": nil]
    guard !rules.isEmpty || fallback != nil else {
      throw Failure.error(
        "not enough information provided: every ingress has to either specify a default-backend (which catches all "
          + "traffic) or a list of rules (which catch specific paths)")
    }
    for annotation in arguments.all("annotation") {
      guard let (name, value) = pair(annotation) else {
        throw Failure.error("annotation \(annotation) is invalid and should be in format key=[value]")
      }
      metadata["annotations", default: .emptyObject][name] = .string(value)
    }
    var spec = Value.emptyObject
    if let fallback {
      guard let backend = backend(fallback) else {
        throw Failure.error("default-backend should be in format servicename:serviceport")
      }
      spec["defaultBackend"] = backend
    }
    if let name = arguments["class"].nonEmpty { spec["ingressClassName"] = .string(name) }
    try addRules(rules, to: &spec)
    return [
      "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec,
      "status": ["loadBalancer": .emptyObject],
    ]
  }

  private func addRules(_ rules: [String], to spec: inout Value) throws {
    var hosts: [(name: String, paths: [Value])] = []
    var secrets: [(name: String, hosts: [Value])] = []
    for rule in rules {
      // host/path=service:port[,tls[=secret]]
      let parts = rule.split(separator: ",", maxSplits: 1).map { String($0) }
      let sides = parts.first.flatMap { pair($0) }
      guard let sides, let slash = sides.name.firstIndex(of: "/"), let backend = backend(sides.value) else {
        throw Failure.error("rule \(rule) is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]")
      }
      let (host, path) = (String(sides.name[..<slash]), String(sides.name[slash...]))
      let isPrefix = path.hasSuffix("*")
      let entry: Value = [
        "backend": backend, "path": .string(isPrefix ? String(path.dropLast()) : path),
        "pathType": isPrefix ? "Prefix" : "Exact",
      ]
      if let index = hosts.firstIndex(where: { $0.name == host }) {
        hosts[index].paths.append(entry)
      } else {
        hosts.append((host, [entry]))
      }
      guard parts.count > 1, parts[1] == "tls" || parts[1].hasPrefix("tls=") else { continue }
      let secret = String(parts[1].dropFirst(4))
      if let index = secrets.firstIndex(where: { $0.name == secret }) {
        if !secrets[index].hosts.contains(.string(host)) { secrets[index].hosts.append(.string(host)) }
      } else {
        secrets.append((secret, [.string(host)]))
      }
    }
    guard !hosts.isEmpty else { return }
    spec["rules"] = .array(
      hosts.map { host in
        var rule = Value.emptyObject
        if !host.name.isEmpty { rule["host"] = .string(host.name) }
        rule["http"] = ["paths": .array(host.paths)]
        return rule
      })
    guard !secrets.isEmpty else { return }
    spec["tls"] = .array(
      secrets.map { secret in
        var entry: Value = ["hosts": .array(secret.hosts)]
        if !secret.name.isEmpty { entry["secretName"] = .string(secret.name) }
        return entry
      })
  }

  /// "web:80" or "web:http".
  private func backend(_ text: String) -> Value? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    let port: Value = Int64(parts[1]).map { ["number": .integer($0)] } ?? ["name": .string(parts[1])]
    return ["service": ["name": .string(parts[0]), "port": port]]
  }

  // MARK: Expose

  fileprivate func exposing(_ item: Item) throws -> Value {
    let exposed = try target(of: item)
    var ports: [Value] = []
    let protocolName = arguments["protocol"].nonEmpty
    if let words = arguments["port"].nonEmpty {
      let numbers = words.split(separator: ",").map { String($0) }
      for number in numbers {
        guard let port = Int64(number) else {
          throw Failure.error("strconv.Atoi: parsing \"\(number)\": invalid syntax")
        }
        let known = exposed.ports.first { $0.number == port }?.protocol
        ports.append(
          servicePort(port, protocolName ?? known ?? "TCP", named: numbers.count > 1 ? ports.count + 1 : nil))
      }
    } else {
      guard !exposed.ports.isEmpty else {
        throw Failure.error(
          "couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help and examples")
      }
      for known in exposed.ports {
        ports.append(
          servicePort(
            known.number, protocolName ?? known.protocol, named: exposed.ports.count > 1 ? ports.count + 1 : nil))
      }
    }
    var spec: Value = ["ports": .array(ports), "selector": exposed.selector]
    for (flag, field) in [
      ("type", "type"), ("cluster-ip", "clusterIP"), ("load-balancer-ip", "loadBalancerIP"),
      ("session-affinity", "sessionAffinity"),
    ] {
      if let value = arguments[flag].nonEmpty { spec[field] = .string(value) }
    }
    if let address = arguments["external-ip"].nonEmpty { spec["externalIPs"] = [.string(address)] }
    var metadata: Value = [
      "name": .string(arguments["name"].nonEmpty ?? String(item.name.prefix(63))), "creationTimestamp": nil,
    ]
    let labels = try arguments["labels"].nonEmpty.map(labelPairs) ?? item.object["metadata"]?["labels"]
    if let labels, labels.members?.isEmpty == false { metadata["labels"] = labels }
    return [
      "apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec,
      "status": ["loadBalancer": .emptyObject],
    ]
  }

  private func servicePort(_ number: Int64, _ protocolName: String, named index: Int?) -> Value {
    let target = arguments["target-port"].nonEmpty.map { word in
      Int64(word).map { Value.integer($0) } ?? .string(word)
    }
    var port: Value = [
      "port": .integer(number), "protocol": .string(protocolName), "targetPort": target ?? Value.integer(number),
    ]
    if let index { port["name"] = .string("port-\(index)") }
    return port
  }

  /// What a service for the object selects, and the ports that its containers declare.
  private func target(of item: Item) throws -> (selector: Value, ports: [(number: Int64, protocol: String)]) {
    let spec = item.object["spec"] ?? .emptyObject
    let (selector, pod): (Value?, Value?) =
      switch item.resource.kind {
      case "Pod": (item.object["metadata"]?["labels"], spec)
      case "Service": (spec["selector"], nil)
      case "Deployment", "ReplicaSet": (spec["selector"]?["matchLabels"], spec["template"]?["spec"])
      default:
        throw Failure.error("cannot expose a \(item.resource.kind)")
      }
    let given = try arguments["selector"].nonEmpty.map(labelPairs)
    guard let labels = given ?? selector, labels.members?.isEmpty == false else {
      throw Failure.error(
        "couldn't retrieve selectors via --selector flag or introspection: the \(item.resource.kind.lowercased()) has "
          + "no labels and cannot be exposed")
    }
    let declared =
      pod == nil ? spec["ports"]?.array ?? [] : (pod?["containers"]?.array ?? []).flatMap { $0["ports"]?.array ?? [] }
    return (
      labels,
      declared.compactMap { port in
        (port[pod == nil ? "port" : "containerPort"]?.integer).map { ($0, port["protocol"]?.string ?? "TCP") }
      }
    )
  }

  private func labelPairs(_ text: String) throws -> Value {
    .object(
      Members(
        try text.split(separator: ",").map { word in
          guard let (name, value) = pair(String(word)) else { throw Failure.error("unexpected label spec: \(word)") }
          return (name, .string(value))
        }))
  }
}
