// Which objects a command is about: `TYPE NAME…`, `TYPE/NAME`, `TYPE1,TYPE2`, `-l`, `--all` or `-f`.

import Objects

/// One object on a server, or one that shall be there.
struct Item: Sendable {
  var resource: Resource
  /// Nil for what has no namespace.
  var namespace: String?
  var name: String
  /// What the server or the file says it is.
  var object: Value = .null
  /// Set when it came from a file.
  var source: Manifest?

  /// "deployment.apps/web".
  var title: String { "\(resource.printName)/\(name)" }
  var path: String { resource.path(in: namespace, name) }
  var collectionPath: String { resource.path(in: namespace) }
}

/// One type with the names that were asked for; none means all of them.
struct Selection: Equatable {
  var resource: Resource
  var names: [String]
}

extension Selection {
  /// Takes the operands apart.
  ///
  /// - Throws: `Failure` in kubectl's words, for an unknown type among other things.
  static func all(_ operands: [String], _ discovery: Discovery) throws -> [Selection] {
    guard let first = operands.first else { return [] }
    if operands.contains(where: { $0.contains("/") }) { return try pairs(operands, discovery) }
    var resources: [Resource] = []
    for word in first.split(separator: ",").map(String.init) {
      let category = discovery.category(word)
      resources += category.isEmpty ? [try discovery.require(word)] : category
    }
    let names = Array(operands.dropFirst())
    if names.contains("") { throw Failure.error("resource name may not be empty") }
    return resources.map { Selection(resource: $0, names: names) }
  }

  private static func pairs(_ operands: [String], _ discovery: Discovery) throws -> [Selection] {
    if operands.count > 1, let plain = operands.first(where: { !$0.contains("/") }) {
      if plain == operands.first {
        throw Failure.error(
          "there is no need to specify a resource type as a separate argument when passing arguments in "
            + "resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource "
            + "resource/<resource_name>'")
      }
      throw Failure.error("resource names may not be mixed with arguments in resource/name form: \"\(plain)\"")
    }
    return try operands.map { operand in
      let parts = operand.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else {
        throw Failure.error("arguments in resource/name form may not have more than one slash")
      }
      guard !parts[0].isEmpty, !parts[1].isEmpty, !parts[0].contains(",") else {
        throw Failure.error("arguments in resource/name form must have a single resource and name")
      }
      return Selection(resource: try discovery.require(parts[0]), names: [parts[1]])
    }
  }
}

extension Discovery {
  func require(_ word: String) throws -> Resource {
    guard let resource = resource(named: word) else {
      throw Failure.error("the server doesn't have a resource type \"\(word)\"")
    }
    return resource
  }
}

extension Invocation {
  static let noResources = Failure.error(
    """
    You must provide one or more resources by argument or filename.
    Example resource specifications include:
       '-f rsrc.yaml'
       '--filename=rsrc.json'
       '<resource> <name>'
       '<resource>'
    """)

  /// `-l` and `--field-selector` as a query.
  var selectorQuery: Client.Query {
    var query: Client.Query = []
    if let selector = arguments["selector"].nonEmpty { query.append((name: "labelSelector", value: selector)) }
    if let selector = arguments["field-selector"].nonEmpty { query.append((name: "fieldSelector", value: selector)) }
    return query
  }

  /// The objects that operands or files name, as the server has them.
  ///
  /// - Parameter operands: Those that name objects, where a command has others too.
  /// - Parameter allowsAll: Whether a type alone means all of its objects.
  func liveItems(
    _ discovery: Discovery, of operands: [String]? = nil, allowsAll: Bool = false
  ) async throws -> [Item] {
    let client = try server()
    let operands = operands ?? self.operands
    if !arguments.all("filename").isEmpty {
      var live: [Item] = []
      for var item in try items(try manifests(), discovery) {
        item.object = try await client.get(item.path)
        live.append(item)
      }
      return live
    }
    let selections = try Selection.all(operands, discovery)
    guard !selections.isEmpty else { throw Self.noResources }
    let isSelecting = !selectorQuery.isEmpty || arguments.isOn("all") || arguments.isOn("all-namespaces")
    var live: [Item] = []
    for selection in selections {
      if selection.names.isEmpty {
        guard isSelecting || allowsAll else {
          throw Failure.error("resource(s) were provided, but no name was specified")
        }
        live += try await list(selection.resource)
      } else {
        if arguments["selector"].nonEmpty != nil {
          throw Failure.error("name cannot be provided when a selector is specified")
        }
        for name in selection.names { live.append(try await fetch(selection.resource, name)) }
      }
    }
    return live
  }

  func fetch(_ resource: Resource, _ name: String) async throws -> Item {
    let namespace = resource.isNamespaced ? self.namespace : nil
    let object = try await server().get(resource.path(in: namespace, name))
    return Item(resource: resource, namespace: namespace, name: name, object: object)
  }

  /// All objects that the selectors let through, page after page.
  func list(
    _ resource: Resource, query: Client.Query? = nil, everywhere: Bool = false
  ) async throws -> [Item] {
    var items: [Item] = []
    var page = query ?? selectorQuery
    page.append((name: "limit", value: "500"))
    let first = page
    while true {
      let answer = try await server().get(resource.path(in: everywhere ? nil : scope), query: page)
      for var object in answer["items"]?.array ?? [] {
        // The items of a list leave out what the list says for all of them.
        if object["kind"] == nil { object["kind"] = .string(resource.kind) }
        if object["apiVersion"] == nil { object["apiVersion"] = .string(resource.apiVersion) }
        items.append(
          Item(
            resource: resource, namespace: object["metadata"]?["namespace"]?.string,
            name: object["metadata"]?["name"].text ?? "", object: object))
      }
      guard let token = answer["metadata"]?["continue"]?.string.nonEmpty else { return items }
      page = first + [(name: "continue", value: token)]
    }
  }
}
