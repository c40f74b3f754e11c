// What a server is and serves: `api-resources`, `api-versions`, `version`, `cluster-info`.

import Objects
import YAMLCoding

extension Command {
  static let apiResources = Command(
    name: "api-resources", summary: "Print the supported API resources on the server", usage: "[options]",
    flags: [
      .output, Flag("api-group", "Limit to resources in the specified API group"),
      Flag("categories", nil, .list, "Limit to resources that belong to the specified categories"),
      Flag("cached", nil, .toggle, "Use the cached list of resources if available"),
      Flag("namespaced", nil, .toggle, "If false, non-namespaced resources will be returned"),
      Flag("no-headers", nil, .toggle, "Don't print headers"),
      Flag("sort-by", "If non-empty, sort list of resources using specified field: (name, kind)"),
      Flag("verbs", nil, .list, "Limit to resources that support the specified verbs"),
    ]
  ) { invocation in
    let (arguments, discovery) = (invocation.arguments, try await Discovery(try invocation.server()))
    let verbs = arguments.list("verbs")
    let categories = arguments.list("categories")
    var seen: Set<String> = []
    let resources = discovery.resources.filter { resource in
      (arguments["api-group"] == nil || resource.group == arguments["api-group"])
        && (arguments["namespaced"] == nil || resource.isNamespaced == arguments.isOn("namespaced"))
        && !resource.verbs.isEmpty && verbs.allSatisfy(resource.verbs.contains)
        && categories.allSatisfy(resource.categories.contains)
        // Only the preferred version of each group, which comes first.
        && seen.insert(resource.qualifiedName).inserted
    }
    let sorted = resources.sorted { left, right in
      switch arguments["sort-by"] {
      case "name": left.name < right.name
      case "kind": left.kind < right.kind
      default: (left.group, left.name) < (right.group, right.name)
      }
    }
    switch arguments["output"] ?? "" {
    case "name": for resource in sorted { invocation.say(resource.qualifiedName) }
    case let format where ["", "wide"].contains(format):
      let isWide = format == "wide"
      var rows = [
        ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"] + (isWide ? ["VERBS", "CATEGORIES"] : [])
      ]
      if arguments.isOn("no-headers") { rows = [] }
      rows += sorted.map { resource in
        [
          resource.name, resource.shortNames.joined(separator: ","), resource.apiVersion,
          resource.isNamespaced ? "true" : "false", resource.kind,
        ] + (isWide ? [resource.verbs.joined(separator: ","), resource.categories.joined(separator: ",")] : [])
      }
      var columns = Columns()
      invocation.write(columns.lines(rows))
    case let format: throw Failure.error("--output \(format) is not available")
    }
  }

  static let apiVersions = Command(
    name: "api-versions", summary: "Print the supported API versions on the server, in the form of \"group/version\"",
    usage: "[options]"
  ) { invocation in
    for version in try await Discovery(try invocation.server()).apiVersions { invocation.say(version) }
  }

  static let version = Command(
    name: "version", summary: "Print the client and server version information", usage: "[--client] [options]",
    flags: [.output, Flag("client", nil, .toggle, "If true, shows client version only (no server required)")],
    needsServer: { !$0.isOn("client") }
  ) { invocation in
    let own: Value = ["gitVersion": "v1.36.0+swiftlet", "major": "1", "minor": "36"]
    let server = try await invocation.client?.get("/version")
    var versions: Value = ["clientVersion": own]
    if let server { versions["serverVersion"] = server }
    switch invocation.arguments["output"] ?? "" {
    case "json": invocation.write(versions.kubectlJSON)
    case "yaml": invocation.write(YAML.text(versions))
    case "":
      invocation.say("Client Version: \(own["gitVersion"].text)")
      if let server { invocation.say("Server Version: \(server["gitVersion"].text)") }
    default: throw Failure.error("--output must be 'yaml' or 'json'")
    }
  }

  static let clusterInfo = Command(
    name: "cluster-info", summary: "Display cluster information", usage: "[options]"
  ) { invocation in
    // Any answer shows that there is a server.
    _ = try await invocation.server().get("/version")
    invocation.say("Kubernetes control plane is running at \(invocation.connection?.server ?? "")")
    let query: Client.Query = [(name: "labelSelector", value: "kubernetes.io/cluster-service=true")]
    let services = try? await invocation.server().get("/api/v1/namespaces/kube-system/services", query: query)
    for service in services?["items"]?.array ?? [] {
      let name = service["metadata"]?["name"].text ?? ""
      let path = "/api/v1/namespaces/kube-system/services/\(name)/proxy"
      invocation.say("\(name) is running at \(invocation.connection?.server ?? "")\(path)")
    }
    invocation.say("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.")
  }
}
