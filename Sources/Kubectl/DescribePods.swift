// Pods, and the templates that pods are made from, as `kubectl describe` shows them.

import Objects

extension Description {
  mutating func pod(_ pod: Value) {
    let (spec, status) = (pod["spec"] ?? .emptyObject, pod["status"] ?? .emptyObject)
    metadata(pod)
    if let priority = spec["priority"] { line(0, "Priority:", priority.plainText) }
    if let name = spec["priorityClassName"]?.string.nonEmpty { line(0, "Priority Class Name:", name) }
    if let account = spec["serviceAccountName"]?.string.nonEmpty { line(0, "Service Account:", account) }
    let node = spec["nodeName"]?.string.nonEmpty
    line(0, "Node:", node.map { "\($0)/\(status["hostIP"].text)" } ?? "<none>")
    if status["startTime"] != nil { line(0, "Start Time:", status["startTime"].longTime) }
    pairs("Labels:", pod["metadata"]?["labels"])
    annotations(pod)
    if let deleted = pod["metadata"]?["deletionTimestamp"]?.string {
      line(0, "Status:", "Terminating (since \(deleted))")
      line(0, "Termination Grace Period:", "\(pod["metadata"]?["deletionGracePeriodSeconds"]?.plainText ?? "30")s")
    } else {
      line(0, "Status:", status["phase"].text)
    }
    if let reason = status["reason"]?.string.nonEmpty { line(0, "Reason:", reason) }
    if let message = status["message"]?.string.nonEmpty { line(0, "Message:", message) }
    line(0, "IP:", status["podIP"].text)
    let addresses = status["podIPs"]?.array ?? []
    if addresses.isEmpty { line(0, "IPs:", "<none>") } else { line(0, "IPs:") }
    for address in addresses { line(1, "IP:", address["ip"].text) }
    controller(pod)
    if let name = status["nominatedNodeName"]?.string.nonEmpty { line(0, "NominatedNodeName:", name) }
    if let containers = spec["initContainers"]?.array, !containers.isEmpty {
      self.containers("Init Containers:", containers, status["initContainerStatuses"]?.array ?? [], level: 0)
    }
    containers("Containers:", spec["containers"]?.array ?? [], status["containerStatuses"]?.array ?? [], level: 0)
    if let gates = spec["readinessGates"]?.array, !gates.isEmpty {
      let conditions = status["conditions"]?.array ?? []
      line(0, "Readiness Gates:")
      line(1, "Type", "Status")
      for gate in gates {
        let condition = conditions.first { $0["type"] == gate["conditionType"] }
        line(1, gate["conditionType"].text, condition?["status"].text ?? "<none>")
      }
    }
    conditions(pod, [("Type", "type"), ("Status", "status")], hasRule: false, spaced: 2)
    volumes(spec, level: 0)
    if let qosClass = status["qosClass"]?.string { line(0, "QoS Class:", qosClass) }
    pairs("Node-Selectors:", spec["nodeSelector"])
    tolerations(spec)
    spread(spec)
  }

  /// What a Deployment or a ReplicaSet makes pods from.
  mutating func podTemplate(_ template: Value) {
    line(0, "Pod Template:")
    pairs("Labels:", template["metadata"]?["labels"], level: 1)
    if let annotations = template["metadata"]?["annotations"], annotations.members?.isEmpty == false {
      pairs("Annotations:", annotations, level: 1)
    }
    let spec = template["spec"] ?? .emptyObject
    if let account = spec["serviceAccountName"]?.string.nonEmpty { line(1, "Service Account:", account) }
    if let containers = spec["initContainers"]?.array, !containers.isEmpty {
      self.containers("Init Containers:", containers, nil, level: 1)
    }
    containers("Containers:", spec["containers"]?.array ?? [], nil, level: 1)
    volumes(spec, level: 1)
    spread(spec, level: 1)
    if let name = spec["priorityClassName"]?.string.nonEmpty { line(1, "Priority Class Name:", name) }
    pairs("Node-Selectors:", spec["nodeSelector"], level: 1)
    tolerations(spec, level: 1)
  }

  private mutating func tolerations(_ spec: Value, level: Int = 0) {
    let tolerations = (spec["tolerations"]?.array ?? []).sorted { $0["key"].text < $1["key"].text }
    guard !tolerations.isEmpty else { return line(level, "Tolerations:", "<none>") }
    for (index, toleration) in tolerations.enumerated() {
      var text = toleration["key"].text
      if let value = toleration["value"]?.string.nonEmpty { text += "=\(value)" }
      if let effect = toleration["effect"]?.string.nonEmpty { text += ":\(effect)" }
      if toleration["operator"] == "Exists", toleration["value"] == nil {
        text += text.isEmpty ? "op=Exists" : " op=Exists"
      }
      if let seconds = toleration["tolerationSeconds"]?.integer { text += " for \(seconds)s" }
      line(level, index == 0 ? "Tolerations:" : "", text)
    }
  }

  private mutating func spread(_ spec: Value, level: Int = 0) {
    let constraints = spec["topologySpreadConstraints"]?.array ?? []
    let texts = constraints.sorted { $0["topologyKey"].text < $1["topologyKey"].text }.map { constraint in
      "\(constraint["topologyKey"].text):\(constraint["whenUnsatisfiable"].text) when max skew "
        + "\(constraint["maxSkew"]?.plainText ?? "0") is exceeded"
        + (constraint["labelSelector"].map { " for selector \(selectorText($0))" } ?? "")
    }
    for (index, text) in texts.enumerated() { line(level, index == 0 ? "Topology Spread Constraints:" : "", text) }
  }

  /// - Parameter statuses: Nil for containers that only a template names.
  private mutating func containers(_ title: String, _ containers: [Value], _ statuses: [Value]?, level: Int) {
    line(level, title)
    for container in containers {
      let status = statuses?.first { $0["name"] == container["name"] }
      line(1, "\(spaces(level))\(container["name"].text):")
      self.container(container, status, level: 2)
    }
  }

  private mutating func container(_ container: Value, _ status: Value?, level: Int) {
    if let status { line(level, "Container ID:", status["containerID"].text) }
    line(level, "Image:", container["image"].text)
    if let status { line(level, "Image ID:", status["imageID"].text) }
    let ports = container["ports"]?.array ?? []
    func list(_ field: String) -> String {
      let texts = ports.map { "\($0[field]?.plainText ?? "0")/\($0["protocol"]?.string ?? "TCP")" }
      return texts.isEmpty ? "<none>" : texts.joined(separator: ", ")
    }
    line(level, ports.count > 1 ? "Ports:" : "Port:", list("containerPort"))
    line(level, ports.count > 1 ? "Host Ports:" : "Host Port:", list("hostPort"))
    for (title, field) in [("Command:", "command"), ("Args:", "args")] {
      guard let words = container[field]?.array, !words.isEmpty else { continue }
      line(level, title)
      for word in words { for part in word.plainText.split(separator: "\n") { line(level + 1, String(part)) } }
    }
    if let status {
      state("State:", status["state"], level)
      if let last = status["lastState"], last.members?.isEmpty == false { state("Last State:", last, level) }
      line(level, "Ready:", status["ready"] == true ? "True" : "False")
      line(level, "Restart Count:", status["restartCount"]?.plainText ?? "0")
    }
    for (title, field) in [("Limits:", "limits"), ("Requests:", "requests")] {
      guard let amounts = container["resources"]?[field]?.members, !amounts.isEmpty else { continue }
      line(level, title)
      for (name, amount) in amounts.sorted(by: { $0.name < $1.name }) { line(level + 1, "\(name):", amount.plainText) }
    }
    for (title, field) in [
      ("Liveness:", "livenessProbe"), ("Readiness:", "readinessProbe"), ("Startup:", "startupProbe"),
    ] {
      if let probe = container[field] { line(level, title, probeText(probe)) }
    }
    environment(container, level)
    let mounts = (container["volumeMounts"]?.array ?? []).sorted { $0["mountPath"].text < $1["mountPath"].text }
    if mounts.isEmpty { line(level, "Mounts:", "<none>") } else { line(level, "Mounts:") }
    for mount in mounts {
      let flags =
        [mount["readOnly"] == true ? "ro" : "rw"] + (mount["subPath"]?.string.nonEmpty.map { ["path=\"\($0)\""] } ?? [])
      line(level + 1, "\(mount["mountPath"].text) from \(mount["name"].text) (\(flags.joined(separator: ",")))")
    }
  }

  private mutating func state(_ title: String, _ state: Value?, _ level: Int) {
    if let running = state?["running"] {
      line(level, title, "Running")
      line(level + 1, "Started:", running["startedAt"].longTime)
    } else if let ended = state?["terminated"] {
      line(level, title, "Terminated")
      if let reason = ended["reason"]?.string.nonEmpty { line(level + 1, "Reason:", reason) }
      if let message = ended["message"]?.string.nonEmpty { line(level + 1, "Message:", message) }
      line(level + 1, "Exit Code:", ended["exitCode"]?.plainText ?? "0")
      if let signal = ended["signal"]?.integer, signal > 0 { line(level + 1, "Signal:", "\(signal)") }
      line(level + 1, "Started:", ended["startedAt"].longTime)
      line(level + 1, "Finished:", ended["finishedAt"].longTime)
    } else {
      line(level, title, "Waiting")
      if let reason = state?["waiting"]?["reason"]?.string.nonEmpty { line(level + 1, "Reason:", reason) }
    }
  }
}
