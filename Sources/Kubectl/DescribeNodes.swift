// Nodes, and what their pods ask for, as `kubectl describe` shows them.

import Objects

extension Description {
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
    let taints = (spec["taints"]?.array ?? []).sorted {
      ($0["effect"].text, $0["key"].text) < ($1["effect"].text, $1["key"].text)
    }.map { taint in
      "\(taint["key"].text)\(taint["value"]?.string.nonEmpty.map { "=" + $0 } ?? ""):\(taint["effect"].text)"
    }
    line(0, "Taints:", taints.first ?? "<none>")
    for taint in taints.dropFirst() { line(0, "", taint) }
    line(0, "Unschedulable:", spec["unschedulable"] == true ? "true" : "false")
    line(0, "Lease:")
    line(1, "HolderIdentity:", lease?["spec"]?["holderIdentity"]?.string ?? "<unset>")
    line(1, "AcquireTime:", (lease?["spec"]?["acquireTime"].longTime).nonEmpty ?? "<unset>")
    line(1, "RenewTime:", (lease?["spec"]?["renewTime"].longTime).nonEmpty ?? "<unset>")
    conditions(
      object,
      [
        ("Type", "type"), ("Status", "status"), ("LastHeartbeatTime", "lastHeartbeatTime"),
        ("LastTransitionTime", "lastTransitionTime"), ("Reason", "reason"), ("Message", "message"),
      ], spaced: 5)
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
    let ranges = spec["podCIDRs"].strings
    if !ranges.isEmpty { line(0, "PodCIDRs:", ranges.joined(separator: ",")) }
    podsOfNode(pods, status["allocatable"] ?? status["capacity"], at: now)
  }

  private mutating func podsOfNode(_ pods: [Value], _ allocatable: Value?, at now: Time) {
    func share(_ quantity: Quantity, _ resource: String) -> String {
      let whole = (try? Quantity(allocatable?[resource]?.plainText ?? "0")) ?? .zero
      let percent = whole.milliValue == 0 ? 0 : Double(quantity.milliValue) / Double(whole.milliValue) * 100
      return "\(quantity) (\(Int(percent))%)"
    }
    let columns = [("cpu", "requests"), ("cpu", "limits"), ("memory", "requests"), ("memory", "limits")]
    line(0, "Non-terminated Pods:", "(\(pods.count) in total)")
    let rows = pods.map { pod -> [String] in
      [pod["metadata"]?["namespace"].text ?? "", pod["metadata"]?["name"].text ?? "", ""]
        + columns.map { share(pod.amount($0.1, of: $0.0), $0.0) }
        + [now.age(since: pod["metadata"]?["creationTimestamp"]?.string.flatMap { Time($0) })]
    }
    // kubectl has a column without a name behind that of the names.
    let headers = ["Namespace", "Name", "", "CPU Requests", "CPU Limits", "Memory Requests", "Memory Limits", "Age"]
    for row in [headers, headers.map { String(repeating: "-", count: $0.count) }] + rows {
      line(0, "  " + row.joined(separator: "\t"))
    }
    line(0, "Allocated resources:")
    line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)")
    line(1, "Resource", "Requests", "Limits")
    line(1, "--------", "--------", "------")
    func sum(_ list: String, _ resource: String) -> Quantity {
      pods.reduce(.zero) { $0 + $1.amount(list, of: resource) }
    }
    let others = (allocatable?.members?.names ?? []).sorted().filter { !["cpu", "memory", "pods"].contains($0) }
    let shared = others.filter { $0.hasPrefix("hugepages-") }
    for resource in ["cpu", "memory", "ephemeral-storage"] + shared {
      line(1, resource, share(sum("requests", resource), resource), share(sum("limits", resource), resource))
    }
    for resource in others where resource != "ephemeral-storage" && !resource.hasPrefix("hugepages-") {
      line(1, resource, "\(sum("requests", resource))", "\(sum("limits", resource))")
    }
  }
}

extension Value {
  /// What a pod asks for, or is limited to: its containers together, or what one needs that runs before them if that is
  /// more; and its overhead.
  fileprivate func amount(_ list: String, of resource: String) -> Quantity {
    func amount(_ amounts: Value?) -> Quantity { (try? Quantity(amounts?[resource]?.plainText ?? "0")) ?? .zero }
    let spec = self["spec"]
    let running = (spec?["containers"]?.array ?? []).reduce(Quantity.zero) { $0 + amount($1["resources"]?[list]) }
    var (sidecars, starting) = (Quantity.zero, Quantity.zero)
    for container in spec?["initContainers"]?.array ?? [] {
      let own = amount(container["resources"]?[list])
      starting = max(starting, sidecars + own)
      if container["restartPolicy"] == "Always" { sidecars = sidecars + own }
    }
    let total = max(running + sidecars, starting)
    return list == "requests" || total > .zero ? total + amount(spec?["overhead"]) : total
  }
}
