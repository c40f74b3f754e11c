import ControlLoop
import CustomResources
import Objects
import Store

extension Endpoint {
  static let openAPI = [
    Endpoint("/openapi/v3") { server, request throws(StatusError) in
      _ = try Form(request)
      // Short and asked for often: clients ask each time, and are told that nothing has changed.
      return try server.openAPIIndex().response(
        to: request, as: Response.json.value, caching: Response.uncached.value)
    },
    Endpoint("/openapi/v3/") { server, request throws(StatusError) in
      _ = try Form(request)
      let path = request.path.dropFirst("/openapi/v3".count)
      let snapshot = server.store.snapshot
      let discovery = server.discovery(of: snapshot)
      guard let version = discovery.versions.first(where: { $0.path == path }) else { throw .unknownPath }
      let document = try server.openAPI(of: version, in: snapshot)
      // A path with the hash of its document stands for this document for ever.
      let isExact = request.parameter("hash") == document.hash
      return document.response(
        to: request, as: Response.json.value,
        caching: isExact ? "public, max-age=31536000, immutable" : Response.uncached.value)
    },
    Endpoint("/openapi/v2") { server, request throws(StatusError) in
      let wishes = MediaType.wishes(request).map(\.essence).prefix { $0 != Response.json.value }
      let isProtobuf = wishes.contains { [OpenAPI2.mediaType, OpenAPI2.oldMediaType].contains($0) }
      if !isProtobuf { _ = try Form(request) }
      return try server.openAPI2(asProtobuf: isProtobuf).response(
        to: request, as: isProtobuf ? OpenAPI2.mediaType : Response.json.value, caching: Response.uncached.value)
    },
  ]
}

extension APIServer {
  /// Where to find the document of each version.
  fileprivate func openAPIIndex() throws(StatusError) -> Document {
    let snapshot = store.snapshot
    let discovery = self.discovery(of: snapshot)
    return try documents.document("/openapi/v3", of: discovery.schemas) { () throws(StatusError) in
      documents.keepOnly(Set(discovery.versions.map { "/openapi/v3\($0.path)" }))
      var paths = Members()
      for version in discovery.versions {
        let address = "/openapi/v3\(version.path)?hash=\(try openAPIHash(of: version, in: snapshot))"
        paths.append(new: String(version.path.dropFirst()), ["serverRelativeURL": .string(address)])
      }
      return Value.object(Members([("paths", .object(paths))])).encoded()
    }
  }

  fileprivate func openAPI2(asProtobuf: Bool) throws(StatusError) -> Document {
    let discovery = self.discovery(of: store.snapshot)
    return try documents.document("/openapi/v2 \(asProtobuf)", of: discovery.schemas) {
      let document = OpenAPI2.document(of: discovery.versions.flatMap(\.kinds), in: cluster.scheme)
      return asProtobuf ? OpenAPI2.protobuf(document) : document.encoded()
    }
  }

  fileprivate func openAPI(of version: Discovery.Version, in snapshot: Snapshot) throws(StatusError) -> Document {
    let hash = version.schemas.isEmpty ? nil : try openAPIHash(of: version, in: snapshot)
    return try documents.document("/openapi/v3\(version.path)", of: version.schemas, hash: hash) {
      OpenAPI(scheme: cluster.scheme).document(of: version).encoded()
    }
  }

  /// The hash of a version's document. For kinds that were defined while the cluster runs it is made of what tells this
  /// state of their definitions from all others: an index of a thousand versions makes none of their documents.
  private func openAPIHash(of version: Discovery.Version, in snapshot: Snapshot) throws(StatusError) -> String {
    if version.schemas.isEmpty { return try openAPI(of: version, in: snapshot).hash }
    var states = [try builtInHash(snapshot)]
    for kind in version.kinds where kind.schema != nil {
      let key = Key(resource: CustomResourceDefinition.kind.groupResource, namespace: "", name: kind.groupResource)
      let definition = Object(json: snapshot.record(key)?.value ?? .emptyObject)
      let generation = definition.metadata.generation ?? 0
      states.append("\(kind.apiVersion) \(kind.name) \(kind.listName) \(definition.uid) \(generation)")
    }
    return Hash(states.joined(separator: "\n").utf8).text
  }

  // Another version of this server may describe the same kinds otherwise.
  private func builtInHash(_ snapshot: Snapshot) throws(StatusError) -> String {
    try documents.document("built-in kinds", of: []) { () throws(StatusError) in
      let versions = Discovery(scheme: cluster.scheme).versions
      let hashes = try versions.map { version throws(StatusError) in try openAPI(of: version, in: snapshot).hash }
      return Array(hashes.joined().utf8)
    }.hash
  }
}
