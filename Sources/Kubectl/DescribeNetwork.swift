// Services and Ingresses, as `kubectl describe` shows them.

import Objects

extension Description {
  /// - Parameter slices: The service's EndpointSlices.
  mutating func service(_ object: Value, slices: [Value]) {
    let spec = object["spec"] ?? .emptyObject
    metadata(object)
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    line(0, "Selector:", joinedPairs(spec["selector"]))
    line(0, "Type:", spec["type"].text)
    if let policy = spec["ipFamilyPolicy"]?.string.nonEmpty { line(0, "IP Family Policy:", policy) }
    let families = spec["ipFamilies"].strings
    line(0, "IP Families:", families.isEmpty ? "<none>" : families.joined(separator: ","))
    line(0, "IP:", spec["clusterIP"].text)
    let addresses = spec["clusterIPs"].strings
    line(0, "IPs:", addresses.isEmpty ? "<none>" : addresses.joined(separator: ","))
    let external = spec["externalIPs"].strings
    if !external.isEmpty { line(0, "External IPs:", external.joined(separator: ",")) }
    if let wanted = spec["loadBalancerIP"]?.string.nonEmpty { line(0, "Desired LoadBalancer IP:", wanted) }
    if let name = spec["externalName"]?.string.nonEmpty { line(0, "External Name:", name) }
    let balancers = (object["status"]?["loadBalancer"]?["ingress"]?.array ?? []).map { ingress in
      let mode = ingress["ipMode"]?.string.nonEmpty.map { " (\($0))" } ?? ""
      return (ingress["ip"]?.string.nonEmpty ?? ingress["hostname"].text) + mode
    }
    if !balancers.isEmpty { line(0, "LoadBalancer Ingress:", balancers.joined(separator: ", ")) }
    for port in spec["ports"]?.array ?? [] { servicePort(port, slices: slices) }
    line(0, "Session Affinity:", spec["sessionAffinity"].text)
    if let policy = spec["externalTrafficPolicy"]?.string.nonEmpty { line(0, "External Traffic Policy:", policy) }
    if let policy = spec["internalTrafficPolicy"]?.string.nonEmpty { line(0, "Internal Traffic Policy:", policy) }
    if let port = spec["healthCheckNodePort"]?.integer, port > 0 { line(0, "HealthCheck NodePort:", "\(port)") }
    let sources = spec["loadBalancerSourceRanges"].strings
    if !sources.isEmpty { line(0, "LoadBalancer Source Ranges:", sources.joined(separator: ",")) }
  }

  private mutating func servicePort(_ port: Value, slices: [Value]) {
    let name = port["name"]?.string.nonEmpty ?? "<unset>"
    let transport = port["protocol"]?.string ?? "TCP"
    line(0, "Port:", name, "\(port["port"]?.plainText ?? "0")/\(transport)")
    line(0, "TargetPort:", "\(port["targetPort"]?.plainText ?? "0")/\(transport)")
    if let number = port["nodePort"]?.integer, number > 0 { line(0, "NodePort:", name, "\(number)/\(transport)") }
    line(0, "Endpoints:", endpointsText(slices, port: port["name"]?.string ?? ""))
  }

  /// Ready addresses with the port of this name; the first three, and how many more.
  func endpointsText(_ slices: [Value], port name: String) -> String {
    let endpoints = slices.flatMap { slice -> [String] in
      let numbers = (slice["ports"]?.array ?? []).filter { ($0["name"]?.string ?? "") == name }
        .compactMap { $0["port"]?.integer }
      let ready = (slice["endpoints"]?.array ?? []).filter { $0["conditions"]?["ready"] != false }
      return numbers.flatMap { number in ready.compactMap { $0["addresses"].strings.first.map { "\($0):\(number)" } } }
    }
    let more = endpoints.count > 3 ? " + \(endpoints.count - 3) more..." : ""
    return endpoints.prefix(3).joined(separator: ",") + more
  }

  /// - Parameter endpoints: The ready addresses behind a backend, as a text, or why there are none.
  mutating func ingress(_ object: Value, endpoints: (_ service: String, _ port: Value?) -> String) {
    let spec = object["spec"] ?? .emptyObject
    line(0, "Name:", object["metadata"]?["name"].text ?? "")
    pairs("Labels:", object["metadata"]?["labels"])
    line(0, "Namespace:", object["metadata"]?["namespace"].text ?? "")
    let addresses = (object["status"]?["loadBalancer"]?["ingress"]?.array ?? []).map {
      $0["ip"]?.string.nonEmpty ?? $0["hostname"].text
    }
    line(0, "Address:", addresses.joined(separator: ","))
    line(0, "Ingress Class:", spec["ingressClassName"]?.string.nonEmpty ?? "<none>")
    func text(_ backend: Value?) -> String {
      guard let service = backend?["service"] else { return "<default>" }
      let port = service["port"]
      let shown = port?["name"]?.string.nonEmpty ?? port?["number"]?.plainText ?? ""
      return "\(service["name"].text):\(shown) (\(endpoints(service["name"].text, port)))"
    }
    line(0, "Default backend:", text(spec["defaultBackend"]))
    if let tls = spec["tls"]?.array, !tls.isEmpty {
      line(0, "TLS:")
      for entry in tls {
        let hosts = entry["hosts"].strings.joined(separator: ",")
        let secret = entry["secretName"]?.string.nonEmpty
        line(1, secret.map { "\($0) terminates \(hosts)" } ?? "SNI routes \(hosts)")
      }
    }
    line(0, "Rules:")
    line(1, "Host", "Path", "Backends")
    line(1, "----", "----", "--------")
    let rules = (spec["rules"]?.array ?? []).filter { $0["http"] != nil }
    for rule in rules {
      line(1, rule["host"]?.string.nonEmpty ?? "*")
      for path in rule["http"]?["paths"]?.array ?? [] {
        line(1, "", "\(path["path"].text) ", text(path["backend"]))
      }
    }
    if rules.isEmpty { line(1, "*", "*", text(spec["defaultBackend"])) }
    annotations(object)
  }
}
