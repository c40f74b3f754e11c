import ControlLoop
import Objects
import Store

/// What a path of the API names: all objects of a kind, those of a namespace, one object, or a part of one.
/// Specified by the Kubernetes API reference ("API concepts", "Resource URIs").
struct Target: Sendable {
  var kind: Kind
  /// Empty for all namespaces, and for kinds that are in none.
  var namespace = ""
  var name: String?
  var subresource: String?

  /// Whether new objects can be made there: a namespace, or the whole cluster for kinds that are in none.
  var isPlace: Bool { name == nil && !(kind.isNamespaced && namespace.isEmpty) }

  var key: Key { Key(resource: kind.groupResource, namespace: namespace, name: name ?? "") }
}

extension Target {
  /// Nil when the path names nothing that is served.
  init?(path: String, in scheme: Scheme) {
    var names = Self.names(in: path)[...]
    let group: String
    switch names.popFirst() {
    case "api": group = ""
    case "apis":
      guard let name = names.popFirst() else { return nil }
      group = name
    default: return nil
    }
    guard let version = names.popFirst(), let first = names.first else { return nil }
    var namespace = ""
    // "namespaces/one/pods" is inside a namespace; "namespaces/one" and its parts are the namespace itself.
    if first == "namespaces", names.count >= 3, !Self.partsOfNamespace.contains(names[names.startIndex + 2]) {
      namespace = names[names.startIndex + 1]
      names = names.dropFirst(2)
    }
    guard let resource = names.popFirst(), !names.contains(""), names.count <= 2,
      let kind = scheme.kind(resource: group.isEmpty ? resource : "\(resource).\(group)", version: version),
      namespace.isEmpty || kind.isNamespaced, names.isEmpty || !namespace.isEmpty || !kind.isNamespaced
    else { return nil }
    self.init(kind: kind, namespace: namespace, name: names.first, subresource: names.dropFirst().first)
  }

  private static let partsOfNamespace = ["status", "finalize"]

  private static func names(in path: String) -> [String] {
    path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst().map { name in
      name.contains(UInt8(ascii: "%")) ? percentDecoded(name) : String(Substring(name))
    }
  }

  private static func percentDecoded(_ text: Substring.UTF8View) -> String {
    var bytes: [UInt8] = []
    var rest = text[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2, let code = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
        bytes.append(code)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A request for objects, with what the path says of it.
struct Call: Sendable {
  var request: Request
  var target: Target

  var verb: Verb { Verb(request, target) }
}

/// What is done to objects, in the words of the API.
enum Verb: String, Sendable {
  case get = "GET"
  case list = "LIST"
  case watch = "WATCH"
  case create = "POST"
  case update = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
  case deleteCollection = "DELETECOLLECTION"
  case other = "OTHER"

  /// As kinds list what can be done with them.
  var inDiscovery: String? {
    switch self {
    case .create: "create"
    case .update: "update"
    case .other: nil
    default: rawValue.lowercased()
    }
  }

  init(_ request: Request, _ target: Target) {
    self =
      switch (request.method, target.name) {
      case ("GET", let name):
        target.subresource == nil && request.flag("watch") ? .watch : name == nil ? .list : .get
      case ("POST", _): .create
      case ("PUT", _?): .update
      case ("PATCH", _?): .patch
      case ("DELETE", _?): .delete
      case ("DELETE", nil): .deleteCollection
      default: .other
      }
  }
}
