// Lists that are merged element by element, not replaced. A server knows this from its types; a client that makes a
// patch has to know it as well. The facts are those of the Kubernetes 1.36 API ("patch merge key").

enum ListMerge: Equatable {
  /// Elements are objects that this member tells apart.
  case byKey(String)
  /// Elements are plain values; the list is a set.
  case set
}

/// How the list at a path is merged; nil when it is replaced as a whole.
///
/// - Parameters:
///   - kind: The kind of the object.
///   - path: The names of the members on the way to the list, lists left out:
///     `["spec", "template", "spec", "containers", "ports"]`.
func listMerge(kind: String, path: [String]) -> ListMerge? {
  guard let name = path.last else { return nil }
  let parent = path.dropLast().last ?? ""
  let isContainer = ["containers", "initContainers", "ephemeralContainers"].contains(parent)
  switch name {
  case "containers", "initContainers", "ephemeralContainers", "volumes", "imagePullSecrets", "schedulingGates",
    "resourceClaims":
    return parent == "spec" ? .byKey("name") : nil
  case "env": return isContainer ? .byKey("name") : nil
  case "volumeMounts": return isContainer ? .byKey("mountPath") : nil
  case "volumeDevices": return isContainer ? .byKey("devicePath") : nil
  case "ports":
    if isContainer { return .byKey("containerPort") }
    return kind == "Service" && path == ["spec", "ports"] ? .byKey("port") : nil
  case "hostAliases": return parent == "spec" ? .byKey("ip") : nil
  case "topologySpreadConstraints": return parent == "spec" ? .byKey("topologyKey") : nil
  case "conditions": return parent == "status" ? .byKey("type") : nil
  case "addresses": return kind == "Node" && parent == "status" ? .byKey("type") : nil
  case "podIPs", "hostIPs": return parent == "status" ? .byKey("ip") : nil
  case "ownerReferences": return parent == "metadata" ? .byKey("uid") : nil
  case "finalizers": return parent == "metadata" ? .set : nil
  case "podCIDRs": return kind == "Node" ? .set : nil
  case "secrets": return kind == "ServiceAccount" && path.count == 1 ? .byKey("name") : nil
  case "webhooks": return path.count == 1 ? .byKey("name") : nil
  default: return nil
  }
}

/// Whether a member that the patch does not name has to go: exactly one of these kinds of thing may be there.
func retainsKeys(kind: String, path: [String]) -> Bool {
  (kind == "Deployment" && path == ["spec", "strategy"]) || path.suffix(2) == ["spec", "volumes"]
}

/// Whether a kind is one of the API's own, of which the server can merge lists.
func hasMergeKeys(group: String) -> Bool {
  !group.contains(".") || group.hasSuffix(".k8s.io") && group != "metrics.k8s.io"
}
