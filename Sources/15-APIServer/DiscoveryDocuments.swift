import ControlLoop
import Objects
import Store
import Synchronization

// Documents that say what the server serves depend on its kinds alone. Each is made when it is first asked for and
// kept as bytes until one of its kinds changes; its hash tells a client whether the copy that it has is still good.

/// A document with a hash that changes when the document does.
struct Document: Sendable {
  let bytes: [UInt8]
  /// Sixteen hexadecimal digits.
  let hash: String

  /// - Parameter hash: made of the bytes unless it is known otherwise.
  init(_ bytes: [UInt8], hash: String? = nil) {
    self.bytes = bytes
    self.hash = hash ?? Hash(bytes).text
  }
}

/// Documents by name, each made once for the kinds that it is about.
final class Documents: Sendable {
  private struct Made {
    var document: Document
    var schemas: [any ObjectSchema]
  }

  private let made = Mutex<[String: Made]>([:])

  /// Of those that have been made.
  var names: Set<String> { made.withLock { Set($0.keys) } }

  /// - Parameter schemas: the definitions that the document is made from, beside the kinds that never change.
  // Made outside the lock, since one document may need others; two at the same time make the same bytes.
  func document(
    _ name: String, of schemas: [any ObjectSchema], hash: String? = nil, _ make: () throws(StatusError) -> [UInt8]
  ) throws(StatusError) -> Document {
    let known = made.withLock { $0[name] }
    if let known, known.schemas.elementsEqual(schemas, by: ===) { return known.document }
    let document = Document(try make(), hash: hash)
    made.withLock { $0[name] = Made(document: document, schemas: schemas) }
    return document
  }

  /// Lets go of the documents of versions that are no longer served.
  func keepOnly(_ names: Set<String>) {
    made.withLock { made in made = made.filter { !$0.key.hasPrefix("/openapi/v3/") || names.contains($0.key) } }
  }
}

/// A number that changes when bytes change, the same in every process: FNV-1a with 64 bits, specified by RFC 9923.
struct Hash {
  let value: UInt64

  var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  init(_ bytes: some Sequence<UInt8>) {
    value = bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

extension Document {
  /// The document, or word that the client has it already. Specified by RFC 9110, 13.1.2.
  /// - Parameter caching: the value of Cache-Control.
  func response(to request: Request, as type: String, caching: String) -> Response {
    let tag = "\"\(hash)\""
    let headers = [
      (name: "Cache-Control", value: caching), (name: "ETag", value: tag), (name: "Vary", value: "Accept"),
    ]
    let known = request.header("if-none-match") ?? ""
    if known == "*" || known.split(separator: ",").contains(where: { $0.contains(tag) }) {
      return Response(status: 304, headers: headers)
    }
    return Response(status: 200, headers: headers + [(name: "Content-Type", value: type)], body: .pieces([bytes]))
  }
}

// MARK: Discovery

extension Endpoint {
  static let discovery = [
    Endpoint("/api") { server, request throws(StatusError) in try server.discovery(request, isCore: true) },
    Endpoint("/apis") { server, request throws(StatusError) in try server.discovery(request, isCore: false) },
    Endpoint("/api/") { server, request throws(StatusError) in try server.resources(request) },
    Endpoint("/apis/") { server, request throws(StatusError) in try server.resources(request) },
  ]
}

extension APIServer {
  /// Made again only when a definition has changed.
  func discovery(of snapshot: Snapshot) -> Discovery {
    let scheme = cluster.scheme(of: snapshot)
    return latestDiscovery.withLock { latest in
      if let latest, latest.generation == scheme.generation { return latest.discovery }
      let discovery = Discovery(scheme: scheme)
      latest = (scheme.generation, discovery)
      return discovery
    }
  }

  fileprivate func discovery(_ request: Request, isCore: Bool) throws(StatusError) -> Response {
    let form = try DiscoveryForm(request)
    let discovery = self.discovery(of: store.snapshot)
    let document = try documents.document("\(request.path) \(form)", of: discovery.schemas) {
      switch form {
      case .plain: (isCore ? discovery.coreVersions : discovery.groupList).encoded()
      case .aggregated(let version): discovery.aggregated(core: isCore, version: version).encoded()
      }
    }
    return document.response(to: request, as: form.mediaType, caching: "public")
  }

  /// The resources of a version, or the versions of a group.
  fileprivate func resources(_ request: Request) throws(StatusError) -> Response {
    _ = try Form(request)
    let discovery = self.discovery(of: store.snapshot)
    let names = request.path.split(separator: "/")
    let group = names.count > 1 && names[0] == "apis" ? String(names[1]) : ""
    let schemas = discovery.versions.filter { $0.group == group }.flatMap(\.schemas)
    let document = try documents.document(request.path, of: schemas) { () throws(StatusError) in
      if let resources = discovery.resources(at: request.path) { return resources.encoded() }
      if names.count == 2, let group = discovery.group(group) { return group.encoded() }
      throw .unknownPath
    }
    return document.response(to: request, as: Response.json.value, caching: "public")
  }
}

/// In which form a client wants discovery.
private enum DiscoveryForm {
  case plain
  /// With everything in one document, in this version of its format.
  case aggregated(String)

  /// The first acceptable form among those that the client likes best; what is not discovery's own is judged as
  /// for objects.
  init(_ request: Request) throws(StatusError) {
    for wish in MediaType.wishes(request) where wish.essence == "application/json" {
      guard let name = wish["as"] else { break }
      if name == "APIGroupDiscoveryList", wish["g"] == "apidiscovery.k8s.io", let version = wish["v"],
        ["v2", "v2beta1"].contains(version)
      {
        self = .aggregated(version)
        return
      }
    }
    _ = try Form(request)
    self = .plain
  }

  var mediaType: String {
    switch self {
    case .plain: Response.json.value
    case .aggregated(let version):
      "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
    }
  }
}
