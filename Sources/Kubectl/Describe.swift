// `kubectl describe`: an object, what belongs to it, and what happened to it.

import Objects

extension Command {
  static let describe = Command(
    name: "describe", summary: "Show details of a specific resource or group of resources",
    usage: "(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME) [options]",
    flags: Flag.objects + [
      .allNamespaces, Flag("chunk-size", nil, .number, "Return large lists in chunks rather than all at once"),
      Flag("show-events", nil, .toggle, "If true, display events related to the described object"),
    ]
  ) { invocation in
    guard !invocation.operands.isEmpty || !invocation.arguments.all("filename").isEmpty else {
      throw Failure.error(
        "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of "
          + "supported resources.")
    }
    let items = try await invocation.itemsToDescribe()
    if items.isEmpty {
      let place = invocation.scope == nil ? "" : " in \(invocation.namespace) namespace."
      return invocation.complain("No resources found\(place)")
    }
    for (index, item) in items.enumerated() {
      if index > 0 { invocation.write("\n\n") }
      invocation.write(try await invocation.description(of: item))
    }
  }
}

extension Invocation {
  /// As for other commands; a name that does not exist is taken for the beginning of names.
  fileprivate func itemsToDescribe() async throws -> [Item] {
    let discovery = try await Discovery(try server())
    do { return try await liveItems(discovery, allowsAll: true) } catch let error as ServerError where error.isNotFound
    {
      let selections = operands.contains { $0.contains("/") } ? [] : try Selection.all(operands, discovery)
      guard let selection = selections.first, selections.count == 1, let prefix = selection.names.first,
        selection.names.count == 1
      else { throw error }
      let items = try await list(selection.resource).filter { $0.name.hasPrefix(prefix) }
      if items.isEmpty { throw error }
      return items
    }
  }

  fileprivate func description(of item: Item) async throws -> String {
    var description = Description()
    let (object, now) = (item.object, world.now())
    switch (item.resource.group, item.resource.kind) {
    case ("", "Pod"): description.pod(object)
    case ("", "Namespace"):
      let quotas = try? await server().get("/api/v1/namespaces/\(item.name.pathSegment)/resourcequotas")
      description.namespace(object, hasLimits: quotas != nil)
      return description.text
    case ("", "Node"):
      let selector = "spec.nodeName=\(item.name),status.phase!=Succeeded,status.phase!=Failed"
      let pods = try await server().get("/api/v1/pods", query: [(name: "fieldSelector", value: selector)])
      let lease = try? await server().get(
        "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/\(item.name.pathSegment)")
      description.node(object, pods: pods["items"]?.array ?? [], lease: lease, at: now)
    case ("apps", "Deployment"):
      let sets = try await owned("/apis/apps/v1", "replicasets", by: item)
      let newest = sets.first { $0.revision == object.revision }
      let old = sets.filter { $0["metadata"]?["uid"] != newest?["metadata"]?["uid"] && $0["spec"]?["replicas"] != 0 }
      description.deployment(object, oldSets: old, newSet: newest)
    case ("apps", "ReplicaSet"):
      description.replicaSet(object, pods: try await owned("/api/v1", "pods", by: item))
    case ("", "Service"):
      description.service(object, slices: try await slices(of: item.name, in: item.namespace))
    case ("networking.k8s.io", "Ingress"):
      var slices: [String: [Value]] = [:]
      var services: [String: Value] = [:]
      for name in object.backendServices where services[name] == nil {
        let path = "/api/v1/namespaces/\((item.namespace ?? namespace).pathSegment)/services/\(name.pathSegment)"
        guard let service = try? await server().get(path) else { continue }
        services[name] = service
        slices[name] = try await self.slices(of: name, in: item.namespace)
      }
      let known = description
      description.ingress(object) { name, port in
        guard let service = services[name] else { return "<error: services \"\(name)\" not found>" }
        let found = (service["spec"]?["ports"]?.array ?? []).first { candidate in
          port?["name"].text.isEmpty == false
            ? candidate["name"] == port?["name"] : candidate["port"] == port?["number"]
        }
        return known.endpointsText(slices[name] ?? [], port: found?["name"]?.string ?? "")
      }
    case ("", "ConfigMap"): description.configMap(object)
    case ("", "Secret"):
      description.secret(object)
      return description.text
    case ("", "PersistentVolume"): description.persistentVolume(object)
    case ("", "PersistentVolumeClaim"):
      let pods = try await server().get("/api/v1/namespaces/\((item.namespace ?? namespace).pathSegment)/pods")
      let users = (pods["items"]?.array ?? []).filter { $0.claims.contains(item.name) }
      description.persistentVolumeClaim(object, users: users.map { $0["metadata"]?["name"].text ?? "" })
    case ("storage.k8s.io", "StorageClass"): description.storageClass(object)
    case ("batch", "Job"): description.job(object)
    case ("batch", "CronJob"): description.cronJob(object)
    case ("apps", "StatefulSet"): description.statefulSet(object, pods: try await owned("/api/v1", "pods", by: item))
    case ("apps", "DaemonSet"): description.daemonSet(object, pods: try await owned("/api/v1", "pods", by: item))
    case ("scheduling.k8s.io", "PriorityClass"): description.priorityClass(object)
    default: description.generic(object)
    }
    if arguments.isOn("show-events", default: true) {
      description.events(try await events(of: item), at: now)
    }
    return description.text
  }

  /// The objects that an object controls, by its selector and their owner references.
  private func owned(_ root: String, _ resource: String, by item: Item) async throws -> [Value] {
    let labels = joinedPairs(item.object["spec"]?["selector"]?["matchLabels"])
    let list = try await server().get(
      "\(root)/namespaces/\((item.namespace ?? namespace).pathSegment)/\(resource)",
      query: labels == "<none>" ? [] : [(name: "labelSelector", value: labels)])
    let uid = item.object["metadata"]?["uid"]
    return (list["items"]?.array ?? []).filter { object in
      (object["metadata"]?["ownerReferences"]?.array ?? []).contains { $0["controller"] == true && $0["uid"] == uid }
    }
  }

  private func slices(of service: String, in space: String?) async throws -> [Value] {
    let list = try await server().get(
      "/apis/discovery.k8s.io/v1/namespaces/\((space ?? namespace).pathSegment)/endpointslices",
      query: [(name: "labelSelector", value: "kubernetes.io/service-name=\(service)")])
    return list["items"]?.array ?? []
  }

  private func events(of item: Item) async throws -> [Value] {
    let uid = item.object["metadata"]?["uid"].text ?? ""
    let selector =
      "involvedObject.name=\(item.name),involvedObject.namespace=\(item.namespace ?? ""),"
      + "involvedObject.kind=\(item.resource.kind),involvedObject.uid=\(uid)"
    let path = item.namespace.map { "/api/v1/namespaces/\($0.pathSegment)/events" } ?? "/api/v1/events"
    let answer = try? await server().get(
      path, query: [(name: "fieldSelector", value: selector), (name: "limit", value: "500")])
    return answer?["items"]?.array ?? []
  }
}

extension Value {
  /// The services that an Ingress names.
  fileprivate var backendServices: [String] {
    let paths = (self["spec"]?["rules"]?.array ?? []).flatMap { $0["http"]?["paths"]?.array ?? [] }
    let backends = [self["spec"]?["defaultBackend"]] + paths.map { $0["backend"] }
    return backends.compactMap { $0?["service"]?["name"]?.string }
  }

  /// The claims that a pod's volumes name, those of its ephemeral volumes among them.
  fileprivate var claims: [String] {
    (self["spec"]?["volumes"]?.array ?? []).compactMap { volume in
      if volume["ephemeral"] != nil { return "\(self["metadata"]?["name"].text ?? "")-\(volume["name"].text)" }
      return volume["persistentVolumeClaim"]?["claimName"]?.string
    }
  }
}
