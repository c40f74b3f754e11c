// The other kinds that `kubectl describe` has a layout for, and one for all the rest.

import Objects

extension Description {
  mutating func deployment(_ object: Value, oldSets: [Value], newSet: Value?) {
    let (spec, status) = (object["spec"] ?? .emptyObject, object["status"] ?? .emptyObject)
    metadata(object)
    line(0, "CreationTimestamp:", object["metadata"]?["creationTimestamp"].longTime ?? "")
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    line(0, "Selector:", selectorText(spec["selector"]))
    func count(_ field: String) -> String { status[field]?.plainText ?? "0" }
    line(
      0, "Replicas:",
      "\(spec["replicas"]?.plainText ?? "0") desired | \(count("updatedReplicas")) updated | "
        + "\(count("replicas")) total | \(count("availableReplicas")) available | \(count("unavailableReplicas")) unavailable"
    )
    line(0, "StrategyType:", spec["strategy"]?["type"].text ?? "")
    line(0, "MinReadySeconds:", spec["minReadySeconds"]?.plainText ?? "0")
    if let rolling = spec["strategy"]?["rollingUpdate"] {
      line(
        0, "RollingUpdateStrategy:",
        "\(rolling["maxUnavailable"]?.plainText ?? "25%") max unavailable, \(rolling["maxSurge"]?.plainText ?? "25%") max surge"
      )
    }
    podTemplate(spec["template"] ?? .emptyObject)
    conditions(object, [("Type", "type"), ("Status", "status"), ("Reason", "reason")])
    line(0, "OldReplicaSets:", setsText(oldSets))
    line(0, "NewReplicaSet:", setsText(newSet.map { [$0] } ?? []))
  }

  private func setsText(_ sets: [Value]) -> String {
    guard !sets.isEmpty else { return "<none>" }
    return sets.map { set in
      let wanted = set["spec"]?["replicas"]?.plainText ?? "0"
      return
        "\(set["metadata"]?["name"].text ?? "") (\(set["status"]?["replicas"]?.plainText ?? "0")/\(wanted) replicas created)"
    }.joined(separator: ", ")
  }

  mutating func replicaSet(_ object: Value, pods: [Value]) {
    let (spec, status) = (object["spec"] ?? .emptyObject, object["status"] ?? .emptyObject)
    metadata(object)
    line(0, "Selector:", selectorText(spec["selector"]))
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    controller(object)
    line(
      0, "Replicas:", "\(status["replicas"]?.plainText ?? "0") current / \(spec["replicas"]?.plainText ?? "0") desired")
    func count(_ phase: String) -> Int { pods.filter { $0["status"]?["phase"]?.string == phase }.count }
    line(
      0, "Pods Status:",
      "\(count("Running")) Running / \(count("Pending")) Waiting / \(count("Succeeded")) Succeeded / \(count("Failed")) Failed"
    )
    podTemplate(spec["template"] ?? .emptyObject)
    conditions(object, [("Type", "type"), ("Status", "status"), ("Reason", "reason")])
  }

  private func selectorText(_ selector: Value?) -> String {
    guard let selector else { return "<unset>" }
    let labels = joinedPairs(selector["matchLabels"])
    let expressions = (selector["matchExpressions"]?.array ?? []).map { rule in
      let (key, values) = (rule["key"].text, rule["values"].strings.joined(separator: ","))
      return switch rule["operator"].text {
      case "Exists": key
      case "DoesNotExist": "!\(key)"
      case "NotIn": "\(key) notin (\(values))"
      default: "\(key) in (\(values))"
      }
    }
    return ((labels == "<none>" ? [] : [labels]) + expressions).joined(separator: ",")
  }

  /// - Parameter hasLimits: Whether the server knows quotas and limits at all.
  mutating func namespace(_ object: Value, hasLimits: Bool) {
    metadata(object, isNamespaced: false)
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    line(0, "Status:", object["status"]?["phase"].text ?? "")
    conditions(
      object,
      [("Type", "type"), ("LastTransitionTime", "lastTransitionTime"), ("Reason", "reason"), ("Message", "message")])
    guard hasLimits else { return }
    line(0, "")
    line(0, "No resource quota.")
    line(0, "")
    line(0, "No LimitRange resource.")
  }

  mutating func node(_ object: Value, pods: [Value], lease: Value?, at now: Time) {
    let (spec, status) = (object["spec"] ?? .emptyObject, object["status"] ?? .emptyObject)
    metadata(object, isNamespaced: false)
    let prefix = "node-role.kubernetes.io/"
    let roles = (object["metadata"]?["labels"]?.members?.names ?? []).filter { $0.hasPrefix(prefix) }
      .map { String($0.dropFirst(prefix.count)) }.sorted()
    line(0, "Roles:", roles.isEmpty ? "<none>" : roles.joined(separator: ","))
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    line(0, "CreationTimestamp:", object["metadata"]?["creationTimestamp"].longTime ?? "")
    let taints = (spec["taints"]?.array ?? []).map { taint in
      "\(taint["key"].text)\(taint["value"]?.string.nonEmpty.map { "=" + $0 } ?? ""):\(taint["effect"].text)"
    }
    line(0, "Taints:", taints.first ?? "<none>")
    for taint in taints.dropFirst() { line(0, "", taint) }
    line(0, "Unschedulable:", spec["unschedulable"] == true ? "true" : "false")
    line(0, "Lease:")
    line(1, "HolderIdentity:", lease?["spec"]?["holderIdentity"]?.string ?? "<unset>")
    line(1, "AcquireTime:", lease?["spec"]?["acquireTime"].longTime.nonEmptyText ?? "<unset>")
    line(1, "RenewTime:", lease?["spec"]?["renewTime"].longTime.nonEmptyText ?? "<unset>")
    conditions(
      object,
      [
        ("Type", "type"), ("Status", "status"), ("LastHeartbeatTime", "lastHeartbeatTime"),
        ("LastTransitionTime", "lastTransitionTime"), ("Reason", "reason"), ("Message", "message"),
      ])
    line(0, "Addresses:")
    for address in status["addresses"]?.array ?? [] { line(1, "\(address["type"].text):", address["address"].text) }
    for (title, field) in [("Capacity:", "capacity"), ("Allocatable:", "allocatable")] {
      line(0, title)
      for (name, amount) in (status[field]?.members ?? Members()).sorted(by: { $0.name < $1.name }) {
        line(1, "\(name):", amount.plainText)
      }
    }
    line(0, "System Info:")
    let fields = [
      ("Machine ID", "machineID"), ("System UUID", "systemUUID"), ("Boot ID", "bootID"),
      ("Kernel Version", "kernelVersion"),
      ("OS Image", "osImage"), ("Operating System", "operatingSystem"), ("Architecture", "architecture"),
      ("Container Runtime Version", "containerRuntimeVersion"), ("Kubelet Version", "kubeletVersion"),
      ("Kube-Proxy Version", "kubeProxyVersion"),
    ]
    for (title, field) in fields { line(1, "\(title):", status["nodeInfo"]?[field].text ?? "") }
    if let range = spec["podCIDR"]?.string.nonEmpty { line(0, "PodCIDR:", range) }
    podsOfNode(pods, status["allocatable"], at: now)
  }

  private mutating func podsOfNode(_ pods: [Value], _ allocatable: Value?, at now: Time) {
    func amount(_ pod: Value, _ list: String, _ resource: String) -> Quantity {
      (pod["spec"]?["containers"]?.array ?? []).reduce(.zero) { sum, container in
        sum + ((try? Quantity(container["resources"]?[list]?[resource].text ?? "0")) ?? .zero)
      }
    }
    func share(_ quantity: Quantity, _ resource: String) -> String {
      let whole = (try? Quantity(allocatable?[resource]?.plainText ?? "0")) ?? .zero
      let percent = whole.milliValue == 0 ? 0 : Double(quantity.milliValue) / Double(whole.milliValue) * 100
      return "\(quantity) (\(Int(percent))%)"
    }
    let columns = [("cpu", "requests"), ("cpu", "limits"), ("memory", "requests"), ("memory", "limits")]
    line(0, "Non-terminated Pods:", "(\(pods.count) in total)")
    let rows = pods.map { pod -> [String] in
      [pod["metadata"]?["namespace"].text ?? "", pod["metadata"]?["name"].text ?? ""]
        + columns.map { share(amount(pod, $0.1, $0.0), $0.0) }
        + [now.age(since: pod["metadata"]?["creationTimestamp"]?.string.flatMap { Time($0) })]
    }
    let headers = ["Namespace", "Name", "CPU Requests", "CPU Limits", "Memory Requests", "Memory Limits", "Age"]
    for row in [headers, headers.map { String(repeating: "-", count: $0.count) }] + rows {
      line(0, "  " + row.joined(separator: "\t"))
    }
    line(0, "Allocated resources:")
    line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)")
    line(1, "Resource", "Requests", "Limits")
    line(1, "--------", "--------", "------")
    for resource in ["cpu", "memory"] {
      let sums = ["requests", "limits"].map { list in pods.reduce(Quantity.zero) { $0 + amount($1, list, resource) } }
      line(1, resource, share(sums[0], resource), share(sums[1], resource))
    }
  }

  /// Any object: its metadata, then everything else with spaced-out names.
  mutating func generic(_ object: Value, isNamespaced: Bool) {
    metadata(object, isNamespaced: isNamespaced)
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    let hidden = ["name", "namespace", "labels", "annotations", "managedFields"]
    for (name, value) in (object.members ?? Members()).sorted(by: { $0.name.titled < $1.name.titled }) {
      if name == "metadata" {
        line(0, "Metadata:")
        for (field, value) in (value.members ?? Members()).sorted(by: { $0.name.titled < $1.name.titled })
        where !hidden.contains(field) {
          nested(field, value, level: 1)
        }
      } else {
        nested(name, value, level: 0)
      }
    }
  }

  private mutating func nested(_ name: String, _ value: Value, level: Int) {
    switch value {
    case .object(let members):
      line(level, "\(name.titled):")
      for (name, value) in members.sorted(by: { $0.name.titled < $1.name.titled }) {
        nested(name, value, level: level + 1)
      }
    case .array(let elements):
      line(level, "\(name.titled):")
      for element in elements {
        if let members = element.members {
          for (name, value) in members.sorted(by: { $0.name.titled < $1.name.titled }) {
            nested(name, value, level: level + 1)
          }
        } else {
          line(level + 1, element.plainText)
        }
      }
    default: line(level, "\(name.titled):", value.plainText)
    }
  }
}

extension String {
  /// "apiVersion" as "API Version", "renewTime" as "Renew Time".
  var titled: String {
    if self == "apiVersion" { return "API Version" }
    if self == "uid" { return "UID" }
    var words = ""
    for (index, character) in enumerated() {
      if index == 0 {
        words += character.uppercased()
      } else {
        if character.isUppercase { words += " " }
        words.append(character)
      }
    }
    return words
  }

  fileprivate var nonEmptyText: String? { isEmpty ? nil : self }
}
