// What a server serves. Which word means which resource, and at which path it lies, is asked of the server and never
// assumed: that is how custom resources work like built-in ones.

import Objects

/// One kind of object of a server, in one version.
struct Resource: Sendable, Equatable {
  var group: String
  var version: String
  /// Plural: "deployments".
  var name: String
  var singular: String
  var kind: String
  var shortNames: [String] = []
  var categories: [String] = []
  var isNamespaced: Bool
  var verbs: [String] = []
  /// "scale", "status", "log".
  var subresources: [String] = []

  /// "apps/v1", "v1".
  var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// "deployments.apps", "pods".
  var qualifiedName: String { group.isEmpty ? name : "\(name).\(group)" }

  /// How output names its objects: "deployment.apps", "pod".
  var printName: String { group.isEmpty ? kind.lowercased() : "\(kind.lowercased()).\(group)" }

  func path(in namespace: String?, _ name: String? = nil, _ subresource: String? = nil) -> String {
    var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    if isNamespaced, let namespace { path += "/namespaces/\(namespace.pathSegment)" }
    path += "/\(self.name)"
    if let name { path += "/\(name.pathSegment)" }
    if let subresource { path += "/\(subresource)" }
    return path
  }
}

/// All resources, those of the preferred version of each group first.
struct Discovery: Sendable {
  var resources: [Resource]
  /// "apps/v1", "v1", sorted.
  var apiVersions: [String]

  /// The resource that a word means: a plural, a singular, a kind, a short name, with or without ".group" or
  /// ".version.group".
  func resource(named word: String) -> Resource? {
    let word = word.lowercased()
    let parts = word.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let name = parts.first ?? word
    let suffix = parts.count > 1 ? parts[1] : nil
    let candidates = resources.filter { resource in
      guard let suffix else { return true }
      let versioned = resource.group.isEmpty ? resource.version : "\(resource.version).\(resource.group)"
      return resource.group == suffix || versioned == suffix
        || (!resource.group.isEmpty && resource.group.hasPrefix(suffix + "."))
    }
    // A name wins over another resource's short name.
    return candidates.first { $0.name == name }
      ?? candidates.first { $0.singular == name || $0.kind.lowercased() == name }
      ?? candidates.first { $0.shortNames.contains(name) }
  }

  func resource(apiVersion: String, kind: String) -> Resource? {
    resources.first { $0.apiVersion == apiVersion && $0.kind == kind }
  }

  /// The resources of a category, such as "all", in their preferred versions.
  func category(_ name: String) -> [Resource] {
    var seen: Set<String> = []
    return resources.filter { $0.categories.contains(name) && seen.insert($0.qualifiedName).inserted }
  }
}

extension Discovery {
  /// Asks the server, in one request for each of its two roots where it can answer so, or in one for each version.
  init(_ client: Client) async throws {
    resources = []
    apiVersions = []
    for root in ["/api", "/apis"] {
      let answer = try await client.get(root, accept: Client.Media.discovery)
      if answer["kind"] == "APIGroupDiscoveryList" {
        for group in answer["items"]?.array ?? [] { add(aggregated: group) }
      } else if root == "/api" {
        for version in answer["versions"]?.array ?? [] {
          guard let version = version.string else { continue }
          try await add(list: "/api/\(version)", "", version, client)
        }
      } else {
        for group in answer["groups"]?.array ?? [] {
          let name = group["name"]?.string ?? ""
          for entry in group["versions"]?.array ?? [] {
            guard let version = entry["version"]?.string else { continue }
            try await add(list: "/apis/\(name)/\(version)", name, version, client)
          }
        }
      }
    }
    apiVersions.sort()
  }

  private mutating func add(aggregated group: Value) {
    let name = group["metadata"]?["name"]?.string ?? ""
    for entry in group["versions"]?.array ?? [] {
      guard let version = entry["version"]?.string else { continue }
      apiVersions.append(name.isEmpty ? version : "\(name)/\(version)")
      for item in entry["resources"]?.array ?? [] {
        guard let plural = item["resource"]?.string, let kind = item["responseKind"]?["kind"]?.string else { continue }
        resources.append(
          Resource(
            group: name, version: version, name: plural,
            singular: item["singularResource"]?.string.nonEmpty ?? kind.lowercased(), kind: kind,
            shortNames: item["shortNames"].strings, categories: item["categories"].strings,
            isNamespaced: item["scope"] == "Namespaced", verbs: item["verbs"].strings,
            subresources: (item["subresources"]?.array ?? []).compactMap { $0["subresource"]?.string }))
      }
    }
  }

  private mutating func add(list path: String, _ group: String, _ version: String, _ client: Client) async throws {
    apiVersions.append(group.isEmpty ? version : "\(group)/\(version)")
    let items = (try await client.get(path))["resources"]?.array ?? []
    for item in items {
      guard let plural = item["name"]?.string, !plural.contains("/"), let kind = item["kind"]?.string else { continue }
      let subresources = items.compactMap { $0["name"]?.string }.filter { $0.hasPrefix(plural + "/") }
      resources.append(
        Resource(
          group: group, version: version, name: plural,
          singular: item["singularName"]?.string.nonEmpty ?? kind.lowercased(), kind: kind,
          shortNames: item["shortNames"].strings, categories: item["categories"].strings,
          isNamespaced: item["namespaced"] == true, verbs: item["verbs"].strings,
          subresources: subresources.map { String($0.dropFirst(plural.count + 1)) }))
    }
  }
}

extension Value? {
  /// The strings of a list.
  var strings: [String] { self?.array?.compactMap(\.string) ?? [] }
}

extension String? {
  /// Nil instead of an empty text.
  var nonEmpty: String? {
    guard let self, !self.isEmpty else { return nil }
    return self
  }
}
