import Objects
import Pods

// What may stand where a value, a file or a name is taken from something else. The sentences are Kubernetes'.

extension EnvVar {
  func originProblems(at path: FieldPath) -> [FieldError] {
    guard let origins = self.valueFrom?.json.members?.names else { return [] }
    if origins.isEmpty {
      let known = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
      return [.invalid(path, "", "must specify one of: \(known)")]
    }
    if !(self.value ?? "").isEmpty { return [.invalid(path, "", "may not be specified when `value` is not empty")] }
    return origins.count > 1 ? [.invalid(path, "", "may not have more than one field specified at a time")] : []
  }
}

extension EnvFromSource {
  func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if let prefix = self.prefix, !prefix.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }) {
      let sentence = "a valid environment variable name must consist only of printable ASCII characters other than '='"
      errors.append(.invalid(path["prefix"], .string(prefix), sentence))
    }
    switch ["configMapRef", "secretRef"].count(where: { json[$0] != nil }) {
    case 0: errors.append(.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"))
    case 1: break
    default: errors.append(.invalid(path, "", "may not have more than one field specified at a time"))
    }
    return errors
  }
}

enum ObjectName {
  static func problems(_ name: String?, at path: FieldPath) -> [FieldError] {
    guard let name, !name.isEmpty else { return [.required(path)] }
    return Names.subdomainProblems(name).map { .invalid(path, .string(name), $0) }
  }
}

extension ObjectFieldSelector {
  /// Where a field of the pod is asked for: a volume follows its changes, a variable is set once.
  enum Place {
    case environment
    case volume

    var fields: [String] {
      let identity = ["metadata.name", "metadata.namespace", "metadata.uid"]
      switch self {
      case .environment:
        return identity + [
          "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP",
          "status.podIPs",
        ]
      case .volume: return identity + ["metadata.labels", "metadata.annotations"]
      }
    }
  }

  func problems(in place: Place, at path: FieldPath) -> [FieldError] {
    guard let text = self.fieldPath, !text.isEmpty else { return [] }
    let field = PodField(text)
    if let key = field.key {
      guard ["metadata.labels", "metadata.annotations"].contains(field.path) else {
        return [.invalid(path, .string(field.path), "does not support subscript")]
      }
      let name = field.path == "metadata.labels" ? key : key.lowercased()
      return Names.qualifiedNameProblems(name).map { .invalid(path, .string(name), $0) }
    }
    if place.fields.contains(text) { return [] }
    let path = path["fieldPath"]
    return PodField.known.contains(text)
      ? [.notSupported(path, .string(text), supported: place.fields)]
      : [.invalid(path, .string(text), "error converting fieldPath: field label not supported: \(text)")]
  }
}

extension ResourceFieldSelector {
  func problems(at path: FieldPath) -> [FieldError] {
    guard let resource = self.resource, !resource.isEmpty else { return [] }
    let name = String(resource.split(separator: ".", maxSplits: 1).last ?? "")
    var errors: [FieldError] = []
    if !Self.known.contains(resource),
      !["limits.hugepages-", "requests.hugepages-"].contains(where: resource.hasPrefix)
    {
      errors.append(.notSupported(path["resource"], .string(resource), supported: Self.known))
    }
    if let divisor = self.divisor, divisor != .zero {
      let (units, noun) = name == "cpu" ? (["1m", "1"], "cpu") : (Self.units, Self.nouns[name] ?? "hugepages")
      if !units.contains(divisor.description) {
        let values = name == "cpu" ? "1m and 1" : units.joined(separator: ", ")
        let sentence = "only divisor's values \(values) are supported with the \(noun) resource"
        errors.append(.invalid(path["divisor"], .string(resource), sentence))
      }
    }
    return errors
  }

  private static let known = ["limits", "requests"].flatMap { kind in
    ["cpu", "memory", "ephemeral-storage"].map { "\(kind).\($0)" }
  }
  private static let units = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"]
  private static let nouns = ["memory": "memory", "ephemeral-storage": "local ephemeral storage"]
}
