import ControlLoop
import Objects

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
      guard let version = Discovery(scheme: server.scheme).versions.first(where: { $0.path == path }) else {
        throw .unknownPath
      }
      let document = try server.openAPI(of: version)
      // A path with the hash of its document stands for this document for ever.
      let isExact = request.parameter("hash") == document.hash
      return document.response(
        to: request, as: Response.json.value,
        caching: isExact ? "public, max-age=31536000, immutable" : Response.uncached.value)
    },
  ]
}

extension APIServer {
  /// Where to find the document of each version.
  fileprivate func openAPIIndex() throws(StatusError) -> Document {
    let discovery = Discovery(scheme: scheme)
    return try documents.document("/openapi/v3", of: discovery.schemas) { () throws(StatusError) in
      documents.keepOnly(Set(discovery.versions.map { "/openapi/v3\($0.path)" }))
      var paths = Value.emptyObject
      for version in discovery.versions {
        let address = "/openapi/v3\(version.path)?hash=\(try openAPI(of: version).hash)"
        paths[String(version.path.dropFirst())] = ["serverRelativeURL": .string(address)]
      }
      return ["paths": paths]
    }
  }

  fileprivate func openAPI(of version: Discovery.Version) throws(StatusError) -> Document {
    try documents.document("/openapi/v3\(version.path)", of: version.schemas) {
      OpenAPI(scheme: cluster.scheme).document(of: version)
    }
  }
}
