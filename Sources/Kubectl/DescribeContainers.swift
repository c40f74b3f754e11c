// What surrounds a container, as `kubectl describe` shows it: variables, probes, volumes.

import Objects

extension Description {
  func probeText(_ probe: Value) -> String {
    func number(_ field: String, _ otherwise: Int) -> String { probe[field]?.plainText ?? "\(otherwise)" }
    let attributes =
      "delay=\(number("initialDelaySeconds", 0))s timeout=\(number("timeoutSeconds", 1))s "
      + "period=\(number("periodSeconds", 10))s #success=\(number("successThreshold", 1)) "
      + "#failure=\(number("failureThreshold", 3))"
    if let exec = probe["exec"] { return "exec [\(exec["command"].strings.joined(separator: " "))] \(attributes)" }
    if let get = probe["httpGet"] {
      let port = get["port"]?.plainText ?? ""
      let path = get["path"].text
      let url = "\((get["scheme"]?.string ?? "HTTP").lowercased())://\(get["host"].text):\(port)"
      return "http-get \(url)\(path.hasPrefix("/") || path.isEmpty ? path : "/" + path) \(attributes)"
    }
    if let socket = probe["tcpSocket"] {
      return "tcp-socket \(socket["host"].text):\(socket["port"]?.plainText ?? "") \(attributes)"
    }
    if let call = probe["grpc"] {
      return "grpc <pod>:\(call["port"]?.plainText ?? "") \(call["service"].text) \(attributes)"
    }
    return "unknown \(attributes)"
  }

  mutating func environment(_ container: Value, _ level: Int) {
    let sources = container["envFrom"]?.array ?? []
    if !sources.isEmpty { line(level, "Environment Variables from:") }
    for source in sources {
      let (kind, reference) =
        source["configMapRef"].map { ("ConfigMap", $0) } ?? ("Secret", source["secretRef"] ?? .emptyObject)
      let prefix = source["prefix"]?.string.nonEmpty.map { " with prefix '\($0)'" } ?? ""
      line(level + 1, reference["name"].text, kind + prefix, optional(reference))
    }
    let variables = container["env"]?.array ?? []
    guard !variables.isEmpty else { return line(level, "Environment:", "<none>") }
    line(level, "Environment:")
    for variable in variables {
      let (name, source) = ("\(variable["name"].text):", variable["valueFrom"])
      if let key = source?["configMapKeyRef"] {
        line(
          level + 1, name, "<set to the key '\(key["key"].text)' of config map '\(key["name"].text)'>", optional(key))
      } else if let key = source?["secretKeyRef"] {
        line(level + 1, name, "<set to the key '\(key["key"].text)' in secret '\(key["name"].text)'>", optional(key))
      } else if let field = source?["fieldRef"] {
        line(level + 1, name, " (\(field["apiVersion"]?.string ?? "v1"):\(field["fieldPath"].text))")
      } else if let field = source?["resourceFieldRef"] {
        line(level + 1, name, "\(amount(field, of: container)) (\(field["resource"].text))")
      } else {
        line(level + 1, name, variable["value"].text)
      }
    }
  }

  private func optional(_ reference: Value) -> String { "Optional: \(reference["optional"] == true)" }

  // "limits.cpu" of the container; a node's whole capacity is not known here.
  private func amount(_ field: Value, of container: Value) -> String {
    let parts = field["resource"].text.split(separator: ".", maxSplits: 1).map { String($0) }
    guard parts.count == 2 else { return "" }
    return container["resources"]?[parts[0]]?[parts[1]]?.plainText ?? "node allocatable"
  }

  mutating func volumes(_ spec: Value, level: Int) {
    let volumes = spec["volumes"]?.array ?? []
    guard !volumes.isEmpty else { return line(level, "Volumes:", "<none>") }
    line(level, "Volumes:")
    for volume in volumes {
      line(1, "\(spaces(level))\(volume["name"].text):")
      guard let (type, source) = volume.members?.first(where: { $0.name != "name" }) else { continue }
      self.volume(type, source)
    }
  }

  private mutating func volume(_ type: String, _ source: Value) {
    switch type {
    case "configMap":
      line(2, "Type:", "ConfigMap (a volume populated by a ConfigMap)")
      line(2, "Name:", source["name"].text)
      line(2, "Optional:", "\(source["optional"] == true)")
    case "secret":
      line(2, "Type:", "Secret (a volume populated by a Secret)")
      line(2, "SecretName:", source["secretName"].text)
      line(2, "Optional:", "\(source["optional"] == true)")
    case "downwardAPI":
      line(2, "Type:", "DownwardAPI (a volume populated by information about the pod)")
      line(2, "Items:")
      for item in source["items"]?.array ?? [] {
        let field = item["fieldRef"]?["fieldPath"]?.string ?? item["resourceFieldRef"]?["resource"].text ?? ""
        line(3, "\(field) -> \(item["path"].text)")
      }
    case "projected":
      line(2, "Type:", "Projected (a volume that contains injected data from multiple sources)")
      for part in source["sources"]?.array ?? [] {
        if let secret = part["secret"] {
          line(2, "SecretName:", secret["name"].text)
          line(2, "Optional:", "\(secret["optional"] == true)")
        } else if part["downwardAPI"] != nil {
          line(2, "DownwardAPI:", "true")
        } else if let map = part["configMap"] {
          line(2, "ConfigMapName:", map["name"].text)
          line(2, "Optional:", "\(map["optional"] == true)")
        } else if let token = part["serviceAccountToken"] {
          line(2, "TokenExpirationSeconds:", token["expirationSeconds"]?.plainText ?? "3600")
        }
      }
    case "emptyDir":
      line(2, "Type:", "EmptyDir (a temporary directory that shares a pod's lifetime)")
      line(2, "Medium:", source["medium"].text)
      line(2, "SizeLimit:", source["sizeLimit"]?.plainText ?? "<unset>")
    case "hostPath":
      line(2, "Type:", "HostPath (bare host directory volume)")
      line(2, "Path:", source["path"].text)
      line(2, "HostPathType:", source["type"].text)
    case "persistentVolumeClaim":
      line(2, "Type:", "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)")
      line(2, "ClaimName:", source["claimName"].text)
      line(2, "ReadOnly:", "\(source["readOnly"] == true)")
    case "ephemeral":
      let claim = source["volumeClaimTemplate"]?["spec"]
      line(
        2, "Type:",
        "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)")
      line(2, "StorageClass:", claim?["storageClassName"].text ?? "")
      line(2, "Volume:", claim?["volumeName"].text ?? "")
      line(2, "Capacity:", claim?["resources"]?["requests"]?["storage"]?.plainText ?? "")
    default:
      line(2, "Type:", type.prefix(1).uppercased() + type.dropFirst())
      for (name, value) in source.members ?? Members() where value.members == nil && value.array == nil {
        line(2, "\(name.prefix(1).uppercased() + name.dropFirst()):", value.plainText)
      }
    }
  }
}
