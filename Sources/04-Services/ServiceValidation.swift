import Objects
import Pods

// What is wrong with a service's spec, in Kubernetes' words. Whether an address or a port is still free is another
// question: it is asked when they are allocated.

extension ServiceSpec {
  func problems(at path: FieldPath) -> [FieldError] {
    typeProblems(at: path) + portProblems(at: path["ports"]) + selectorProblems(at: path["selector"])
      + addressProblems(at: path) + loadBalancerProblems(at: path) + policyProblems(at: path)
  }

  private func typeProblems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if self.ports.isEmpty, !isHeadless, self.type != .externalName { errors.append(.required(path["ports"])) }
    if isHeadless, let type = self.type, type == .nodePort || type == .loadBalancer {
      errors.append(
        .invalid(path["clusterIPs"][0], "None", "may not be set to 'None' for \(type.rawValue) services"))
    }
    guard self.type == .externalName else { return errors }
    let refusal = "may not be set for ExternalName services"
    if !self.clusterIPs.isEmpty || self.clusterIP ?? "" != "" { errors.append(.forbidden(path["clusterIPs"], refusal)) }
    if !self.ipFamilies.isEmpty { errors.append(.forbidden(path["ipFamilies"], refusal)) }
    if self.ipFamilyPolicy != nil { errors.append(.forbidden(path["ipFamilyPolicy"], refusal)) }
    let name = self.externalName ?? ""
    let bare = name.hasSuffix(".") ? String(name.dropLast()) : name
    if bare.isEmpty { return errors + [.required(path["externalName"])] }
    return errors + Names.subdomainProblems(bare).map { .invalid(path["externalName"], .string(bare), $0) }
  }

  private func selectorProblems(at path: FieldPath) -> [FieldError] {
    self.selector.flatMap { name, value in
      Names.qualifiedNameProblems(name).map { FieldError.invalid(path, .string(name), $0) }
        + Names.labelValueProblems(value).map { FieldError.invalid(path, .string(value), $0) }
    }
  }
}

// MARK: Ports

extension ServiceSpec {
  private func portProblems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    var names: Set<String> = []
    var ports: Set<Value> = []
    var nodePorts: Set<Value> = []
    for (index, port) in self.ports.enumerated() {
      let place = path[index]
      let name = port.name ?? ""
      if name.isEmpty {
        if self.ports.count > 1 { errors.append(.required(place["name"])) }
      } else {
        errors += Names.labelProblems(name).map { .invalid(place["name"], .string(name), $0) }
        if !names.insert(name).inserted { errors.append(FieldError(.duplicate, place["name"], .string(name))) }
      }
      errors += port.numberProblems(at: place, type: self.type)
      let transport = port.protocol?.asValue ?? "TCP"
      let number = port.json["port"] ?? 0
      if !ports.insert([number, transport]).inserted {
        errors.append(FieldError(.duplicate, place, ["port": number, "protocol": transport]))
      }
      if let nodePort = port.json["nodePort"], nodePort != 0, !nodePorts.insert([nodePort, transport]).inserted {
        errors.append(FieldError(.duplicate, place["nodePort"], nodePort))
      }
    }
    return errors
  }
}

extension ServicePort {
  fileprivate func numberProblems(at path: FieldPath, type: ServiceType?) -> [FieldError] {
    var errors = PortNumber.problems(self.port ?? 0, at: path["port"])
    switch self.targetPort {
    case .integer(let number)?: errors += PortNumber.problems(number, at: path["targetPort"])
    case .string(let name)?:
      errors += Names.portProblems(name).map { .invalid(path["targetPort"], .string(name), $0) }
    case nil: break
    }
    if type == .clusterIP, self.nodePort ?? 0 != 0 {
      errors.append(.forbidden(path["nodePort"], "may not be used when `type` is 'ClusterIP'"))
    }
    if type == .loadBalancer, self.port == 10_250 {
      errors.append(
        .invalid(path["port"], 10_250, "may not expose port 10250 externally since it is used by kubelet"))
    }
    if let word = self.appProtocol {
      errors += Names.qualifiedNameProblems(word).map { .invalid(path["appProtocol"], .string(word), $0) }
    }
    return errors
  }
}

/// What every port's number has to be.
enum PortNumber {
  static func problems(_ number: Int, at path: FieldPath) -> [FieldError] {
    (1...65_535).contains(number)
      ? [] : [.invalid(path, .integer(Int64(number)), "must be between 1 and 65535, inclusive")]
  }
}

// MARK: Addresses

extension IPv4Address {
  static let form = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"

  /// What is wrong with a text that should be the address of something that can be called.
  static func problems(_ text: String, at path: FieldPath) -> [FieldError] {
    guard let address = IPv4Address(text) else { return [.invalid(path, .string(text), form)] }
    if address.bits == 0 { return [.invalid(path, .string(text), "may not be unspecified (0.0.0.0 or ::)")] }
    if CIDR(base: IPv4Address(169, 254, 0, 0), length: 16).contains(address) {
      return [.invalid(path, .string(text), "may not be in the link-local range (169.254.0.0/16, fe80::/10)")]
    }
    if CIDR(base: IPv4Address(224, 0, 0, 0), length: 4).contains(address) {
      return [
        .invalid(path, .string(text), "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
      ]
    }
    return []
  }
}

extension ServiceSpec {
  private func addressProblems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    for (index, address) in self.externalIPs.enumerated() {
      errors += IPv4Address.problems(address, at: path["externalIPs"][index])
    }
    guard needsClusterIP else { return errors }
    let list = path["clusterIPs"]
    let shown = Value.array(self.clusterIPs.map(Value.string))
    if let first = self.clusterIPs.first, first != self.clusterIP ?? "" {
      errors.append(.invalid(list, shown, "first value must match `clusterIP`"))
    }
    if self.clusterIPs.count > 2 { errors.append(.invalid(list, shown, "may only hold up to 2 values")) }
    for (index, address) in self.clusterIPs.enumerated() {
      if address == "None" {
        if self.clusterIPs.count > 1 { errors.append(.invalid(list, shown, "'None' must be the first and only value")) }
      } else if IPv4Address(address) == nil {
        errors.append(.invalid(list[index], .string(address), IPv4Address.form))
      }
    }
    for (index, family) in self.ipFamilies.enumerated() where family == .v6 {
      errors.append(.invalid(path["ipFamilies"][index], "IPv6", "not configured on this cluster"))
    }
    if self.ipFamilyPolicy == .requireDual {
      errors.append(
        .invalid(
          path["ipFamilyPolicy"], "RequireDualStack", "this cluster is not configured for dual-stack services"))
    }
    return errors
  }

  private func loadBalancerProblems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    for (index, range) in self.loadBalancerSourceRanges.enumerated() where CIDR(range) == nil {
      errors.append(
        .invalid(
          path["loadBalancerSourceRanges"][index], .string(range),
          "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"))
    }
    if let name = self.loadBalancerClass, self.type == .loadBalancer {
      errors += Names.qualifiedNameProblems(name).map { .invalid(path["loadBalancerClass"], .string(name), $0) }
    }
    guard self.type != .loadBalancer else { return errors }
    for name in ["loadBalancerSourceRanges", "allocateLoadBalancerNodePorts", "loadBalancerClass"]
    where self.json[name] != nil {
      errors.append(.forbidden(path[name], "may only be used when `type` is 'LoadBalancer'"))
    }
    return errors
  }

  private func policyProblems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if self.sessionAffinity == .clientIP, let seconds = self.sessionAffinityConfig?.clientIP?.timeoutSeconds,
      !(1...86_400).contains(seconds)
    {
      errors.append(
        .invalid(
          path["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"], .integer(Int64(seconds)),
          "must be greater than 0 and less than 86400"))
    }
    if !isExternal, let policy = self.externalTrafficPolicy {
      errors.append(
        .invalid(
          path["externalTrafficPolicy"], policy.asValue, "may only be set for externally-accessible services"))
    }
    if !needsHealthCheckPort, let port = self.healthCheckNodePort, port != 0 {
      errors.append(
        .invalid(
          path["healthCheckNodePort"], .integer(Int64(port)),
          "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"))
    }
    let distributions = ["PreferClose", "PreferSameNode", "PreferSameZone"]
    if let word = self.trafficDistribution, !word.isEmpty, !distributions.contains(word) {
      errors.append(.notSupported(path["trafficDistribution"], .string(word), supported: distributions))
    }
    return errors
  }
}
