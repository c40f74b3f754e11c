import CustomResources
import Objects

// What can be asked for: groups, their versions, the resources of each. Clients read it before anything else, and
// turn the words that people type ("deploy", "all") into paths with it.
// Specified by the Kubernetes documentation, "The Kubernetes API" ("Discovery API").

/// The answers of discovery, made from the kinds of a scheme.
struct Discovery: Sendable {
  let groups: [Group]

  /// A group of the API with its versions, the preferred one first.
  struct Group: Sendable {
    var name: String
    var versions: [Version]
  }

  /// A version of a group with its kinds, in the order of their resources' names.
  struct Version: Sendable {
    var group: String
    var name: String
    var kinds: [Kind]

    var apiVersion: String { group.isEmpty ? name : "\(group)/\(name)" }

    /// "/api/v1", "/apis/apps/v1".
    var path: String { group.isEmpty ? "/api/\(name)" : "/apis/\(group)/\(name)" }

    var schemas: [any ObjectSchema] { kinds.compactMap(\.schema) }
  }

  /// Groups stand in the order in which the layers bring them.
  init(scheme: Scheme) {
    var groups: [Group] = [Group(name: "", versions: [])]
    var positions = ["": 0]
    for kind in scheme.kinds {
      let group = positions[kind.group] ?? groups.endIndex
      if group == groups.endIndex {
        positions[kind.group] = group
        groups.append(Group(name: kind.group, versions: []))
      }
      let known = groups[group].versions.firstIndex { $0.name == kind.version }
      let version = known ?? groups[group].versions.endIndex
      if known == nil {
        groups[group].versions.append(Version(group: kind.group, name: kind.version, kinds: []))
      }
      groups[group].versions[version].kinds.append(kind)
    }
    for group in groups.indices {
      for version in groups[group].versions.indices {
        groups[group].versions[version].kinds.sort { $0.resource < $1.resource }
      }
      // Several definitions share a group, and none of them knows all of its versions.
      if groups[group].versions.contains(where: { !$0.schemas.isEmpty }) {
        groups[group].versions.sort { VersionName($0.name) > VersionName($1.name) }
      }
    }
    self.groups = groups.filter { !$0.versions.isEmpty }
  }

  var versions: [Version] { groups.flatMap(\.versions) }

  /// What was defined while the cluster runs.
  var schemas: [any ObjectSchema] { versions.flatMap(\.schemas) }
}

// MARK: One document for each group and version

extension Discovery {
  /// The versions of the group without a name.
  var coreVersions: Value {
    let names = groups.first { $0.name.isEmpty }?.versions.map { Value.string($0.name) } ?? []
    return ["kind": "APIVersions", "versions": .array(names), "serverAddressByClientCIDRs": []]
  }

  var groupList: Value {
    let named = groups.filter { !$0.name.isEmpty }.map(\.document)
    return ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(named)]
  }

  func group(_ name: String) -> Value? {
    guard !name.isEmpty, var document = groups.first(where: { $0.name == name })?.document else { return nil }
    document["kind"] = "APIGroup"
    document["apiVersion"] = "v1"
    return document
  }

  /// - Parameter path: "/apis/apps/v1".
  func resources(at path: String) -> Value? {
    guard let version = versions.first(where: { $0.path == path }) else { return nil }
    return [
      "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(version.apiVersion),
      "resources": .array(version.kinds.flatMap { kind in [kind.resourceEntry] + kind.parts.map(\.resourceEntry) }),
    ]
  }
}

extension Discovery.Group {
  fileprivate var document: Value {
    let versions = versions.map { version -> Value in
      ["groupVersion": .string(version.apiVersion), "version": .string(version.name)]
    }
    return ["name": .string(name), "versions": .array(versions), "preferredVersion": versions.first ?? [:]]
  }
}

extension Kind {
  fileprivate var resourceEntry: Value {
    var entry: Value = [
      "name": .string(resource), "singularName": .string(singular), "namespaced": .bool(isNamespaced),
      "kind": .string(name), "verbs": .strings(verbs),
    ]
    if !shortNames.isEmpty { entry["shortNames"] = .strings(shortNames) }
    if !categories.isEmpty { entry["categories"] = .strings(categories) }
    if verbs.contains("list") { entry["storageVersionHash"] = .string(storageVersionHash) }
    return entry
  }

  // Changes with the version in which objects are stored.
  private var storageVersionHash: String {
    let hash = Hash("\(group)/\(storageVersion)/\(name)".utf8).value
    return Base64.encoded((0..<8).map { UInt8(truncatingIfNeeded: hash >> (56 - 8 * $0)) })
  }

  /// The subresources, in the order of their names.
  var parts: [KindPart] {
    let own = subresources.map { KindPart(of: self, $0.name, verbs: $0.verbs, type: $0.body ?? self) }
    let status = hasStatus ? [KindPart(of: self, "status", verbs: KindPart.readAndWrite, type: self)] : []
    let scale = scale == nil ? [] : [KindPart(of: self, "scale", verbs: KindPart.readAndWrite, type: Scale.kind)]
    return (own + status + scale).sorted { $0.name < $1.name }
  }

  /// Group, version and name as clients compare them.
  var groupVersionKind: Value { ["group": .string(group), "version": .string(version), "kind": .string(name)] }
}

/// A subresource as discovery and OpenAPI see it.
struct KindPart {
  let owner: Kind
  let name: String
  let verbs: [String]
  /// What is written to it and read from it.
  let type: Kind

  static let readAndWrite = ["get", "patch", "update"]

  init(of owner: Kind, _ name: String, verbs: [String], type: Kind) {
    self.owner = owner
    self.name = name
    self.verbs = verbs
    self.type = type
  }

  fileprivate var resourceEntry: Value {
    var entry: Value = [
      "name": .string("\(owner.resource)/\(name)"), "singularName": "", "namespaced": .bool(owner.isNamespaced),
    ]
    // A reader takes the list's group and version where the entry has none.
    if type.apiVersion != owner.apiVersion {
      entry["group"] = .string(type.group)
      entry["version"] = .string(type.version)
    }
    entry["kind"] = .string(type.name)
    entry["verbs"] = .strings(verbs)
    return entry
  }
}

// MARK: Everything in one document

extension Discovery {
  /// All groups with their resources, or the core group with its own.
  /// - Parameter version: of the format: "v2".
  func aggregated(core: Bool, version: String) -> Value {
    let items = groups.filter { $0.name.isEmpty == core }.map { group -> Value in
      [
        "metadata": group.name.isEmpty ? [:] : ["name": .string(group.name)],
        "versions": .array(group.versions.map(\.aggregated)),
      ]
    }
    return [
      "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(version)"), "metadata": [:],
      "items": .array(items),
    ]
  }
}

extension Discovery.Version {
  fileprivate var aggregated: Value {
    ["version": .string(name), "resources": .array(kinds.map(\.aggregatedEntry)), "freshness": "Current"]
  }
}

extension Kind {
  fileprivate var aggregatedEntry: Value {
    var entry: Value = [
      "resource": .string(resource), "responseKind": groupVersionKind,
      "scope": isNamespaced ? "Namespaced" : "Cluster", "singularResource": .string(singular),
      "verbs": .strings(verbs),
    ]
    if !shortNames.isEmpty { entry["shortNames"] = .strings(shortNames) }
    if !categories.isEmpty { entry["categories"] = .strings(categories) }
    let parts = parts.map { part -> Value in
      ["subresource": .string(part.name), "responseKind": part.type.groupVersionKind, "verbs": .strings(part.verbs)]
    }
    if !parts.isEmpty { entry["subresources"] = .array(parts) }
    return entry
  }
}

extension Value {
  static func strings(_ strings: [String]) -> Value { .array(strings.map(Value.string)) }
}
