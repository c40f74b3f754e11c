import Objects

// What may stand in an ingress, in Kubernetes' words.

enum IngressRules {
  /// A host of a rule, which may be left out.
  static func validate(ruleHost host: String, at path: FieldPath) -> [FieldError] {
    if host.isEmpty { return [] }
    let isAddress = IPv4Address(host) != nil
    return (isAddress ? [.invalid(path, .string(host), "must be a DNS name, not an IP address")] : [])
      + validate(host: host, at: path)
  }

  /// A name, or `*.` and a name.
  static func validate(host: String, at path: FieldPath) -> [FieldError] {
    guard host.contains("*") else {
      return Names.subdomainProblems(host).map { .invalid(path, .string(host), $0) }
    }
    let isWildcard = host.hasPrefix("*.") && Names.subdomainProblems(String(host.dropFirst(2))).isEmpty
    return isWildcard ? [] : [.invalid(path, .string(host), wildcardProblem)]
  }

  private static let wildcardProblem =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    + "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', "
    + #"regex used for validation is '\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"#

  static func validate(_ entry: HTTPIngressPath, at path: FieldPath) -> [FieldError] {
    guard let type = entry.pathType else {
      return entry.lacks("pathType") ? [.required(path["pathType"], "pathType must be specified")] : []
    }
    let text = entry.path ?? ""
    func invalid(_ detail: String) -> FieldError { .invalid(path["path"], .string(text), detail) }
    var errors: [FieldError] = []
    if !text.hasPrefix("/"), !text.isEmpty || type != .implementationSpecific {
      errors.append(invalid("must be an absolute path"))
    }
    // What two readers could understand in two ways: one of them might be the one who checks access.
    if type != .implementationSpecific {
      errors += ["//", "/./", "/../", "%2f", "%2F"].filter(text.contains).map { invalid("must not contain '\($0)'") }
      errors += ["/..", "/."].filter(text.hasSuffix).map { invalid("cannot end with '\($0)'") }
    }
    return errors
  }

  static func validate(_ backend: IngressBackend, at path: FieldPath) -> [FieldError] {
    switch (backend.service, backend.resource) {
    case (_?, _?): [.invalid(path, "", "cannot set both resource and service backends")]
    case (nil, nil): [.invalid(path, "", "resource or service backend is required")]
    case (let service?, nil): validate(service, at: path)
    case (nil, let resource?):
      (resource.apiGroup.map(Names.subdomainProblems) ?? []).map {
        .invalid(path["resource"]["apiGroup"], .string(resource.apiGroup ?? ""), $0)
      }
    }
  }

  private static func validate(_ service: IngressServiceBackend, at path: FieldPath) -> [FieldError] {
    let name = service.name ?? ""
    let errors: [FieldError] = (name.isEmpty ? [] : Names.serviceProblems(name)).map {
      .invalid(path["service"]["name"], .string(name), $0)
    }
    let port = path["service"]["port"]
    switch (service.port.name ?? "", service.port.number ?? 0) {
    case ("", 0): return errors + [.required(path, "port name or number is required")]
    case ("", let number): return errors + PortNumber.problems(number, at: port["number"])
    case (let name, 0): return errors + Names.portProblems(name).map { .invalid(port["name"], .string(name), $0) }
    default: return errors + [.invalid(path, "", "cannot set both port name & port number")]
    }
  }
}
