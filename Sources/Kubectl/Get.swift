// `kubectl get`. The table is the server's own: it knows the columns of every kind, custom ones too.

import Foundation
import Objects

extension Command {
  static let get = Command(
    name: "get", summary: "Display one or many resources",
    usage: "[(-o|--output=)json|yaml|name|jsonpath|custom-columns|wide] "
      + "(TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags] [options]",
    flags: Flag.objects + Flag.printing + [
      .allNamespaces, .fieldSelector,
      Flag("chunk-size", nil, .number, "Return large lists in chunks rather than all at once"),
      Flag("ignore-not-found", nil, .toggle, "Suppress the error for an object that does not exist"),
      Flag("label-columns", "L", .list, "Labels that are shown as columns"),
      Flag("no-headers", nil, .toggle, "Don't print headers"),
      Flag("output-watch-events", nil, .toggle, "Output watch event objects"),
      Flag("raw", "Raw URI to request from the server"),
      Flag("show-kind", nil, .toggle, "List the resource type for the requested object(s)"),
      Flag("show-labels", nil, .toggle, "Show all labels as the last column"),
      Flag("sort-by", "Sort list types using this field specification, a JSONPath"),
      Flag("subresource", "Fetch this subresource of the object, such as status or scale"),
      Flag("watch", "w", .toggle, "After listing/getting the requested object, watch for changes"),
      Flag("watch-only", nil, .toggle, "Watch for changes without listing/getting first"),
    ]
  ) { try await Get(invocation: $0).run() }
}

struct Get {
  let invocation: Invocation

  var arguments: Arguments { invocation.arguments }

  func run() async throws {
    if let path = arguments["raw"] { return try await printRaw(path) }
    let output = try invocation.output()
    guard !invocation.operands.isEmpty || !arguments.all("filename").isEmpty else {
      throw Failure(
        text: """
          You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported \
          resources.

          error: Required resource not specified.
          Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).
          See 'kubectl get -h' for help and examples
          """)
    }
    let discovery = try await Discovery(try invocation.server())
    let requests = try requests(discovery)
    if arguments.isOn("watch") || arguments.isOn("watch-only") { return try await watch(requests, output) }
    switch output {
    case .human(let isWide): try await printTables(requests, isWide)
    default: try await printObjects(requests, output)
    }
  }

  /// One GET: of an object, or of all objects of a type.
  struct ToGet {
    var resource: Resource
    var namespace: String?
    var name: String?
  }

  private func requests(_ discovery: Discovery) throws -> [ToGet] {
    if !arguments.all("filename").isEmpty {
      return try invocation.items(try invocation.manifests(), discovery).map {
        ToGet(resource: $0.resource, namespace: $0.namespace, name: $0.name)
      }
    }
    return try Selection.all(invocation.operands, discovery).flatMap { selection -> [ToGet] in
      let resource = selection.resource
      if selection.names.isEmpty {
        return [ToGet(resource: resource, namespace: resource.isNamespaced ? invocation.scope : nil)]
      }
      if arguments.isOn("all-namespaces") {
        throw Failure.error("a resource cannot be retrieved by name across all namespaces")
      }
      if !invocation.selectorQuery.isEmpty {
        throw Failure.error("name cannot be provided when a selector is specified")
      }
      return selection.names.map {
        ToGet(resource: resource, namespace: resource.isNamespaced ? invocation.namespace : nil, name: $0)
      }
    }
  }

  private func printRaw(_ target: String) async throws {
    let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
    let query: Client.Query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { pair in
      let name = pair.prefix { $0 != "=" }
      let value = String(pair.dropFirst(name.count + 1))
      return (String(name), value.removingPercentEncoding ?? value)
    }
    invocation.world.write(
      try await invocation.server().bytes("GET", parts.first ?? "/", query: query, accept: "application/json, */*"))
  }

  /// What the server has, a list in all its pages as one.
  func fetch(_ request: ToGet, accept: String, query extra: Client.Query = []) async throws -> Value {
    let client = try invocation.server()
    let path = request.resource.path(in: request.namespace, request.name, arguments["subresource"])
    guard request.name == nil else { return try await client.get(path, query: extra, accept: accept) }
    let limit = arguments.number("chunk-size") ?? 500
    let query = invocation.selectorQuery + extra + (limit > 0 ? [(name: "limit", value: String(limit))] : [])
    var whole: Value
    do { whole = try await client.get(path, query: query, accept: accept) } catch let error as ServerError {
      throw error.whenListing(request.resource)
    }
    let list = whole["rows"] == nil ? "items" : "rows"
    while let token = whole["metadata"]?["continue"]?.string.nonEmpty {
      let page = try await client.get(path, query: query + [(name: "continue", value: token)], accept: accept)
      whole[list] = .array((whole[list]?.array ?? []) + (page[list]?.array ?? []))
      whole["metadata"] = page["metadata"]
    }
    return whole
  }

  /// Leaves out what is not there, when that is wanted.
  func unlessMissing<Result>(_ body: () async throws -> Result) async throws -> Result? {
    do { return try await body() } catch let error as ServerError
      where error.isNotFound && arguments.isOn("ignore-not-found")
    { return nil }
  }
}

// MARK: - Objects

extension Get {
  private func printObjects(_ requests: [ToGet], _ output: Output) async throws {
    var objects: [Value] = []
    var failures: [any Error] = []
    for request in requests {
      do {
        guard let answer = try await unlessMissing({ try await fetch(request, accept: Client.Media.json) })
        else { continue }
        guard let items = answer["items"]?.array, request.name == nil else {
          objects.append(answer)
          continue
        }
        objects += items.map { item in
          var item = item
          if item["kind"] == nil { item["kind"] = .string(request.resource.kind) }
          if item["apiVersion"] == nil { item["apiVersion"] = .string(request.resource.apiVersion) }
          return item
        }
      } catch let error as ServerError { failures.append(error) }
    }
    if let path = arguments["sort-by"].nonEmpty { objects = try Sorting(path).sorted(objects) { $0 } }
    let isOne = requests.count == 1 && requests[0].name != nil
    if isOne {
      if let object = objects.first { try invocation.show(object, output) }
    } else if !objects.isEmpty || failures.isEmpty {
      try invocation.show(
        ["apiVersion": "v1", "items": .array(objects), "kind": "List", "metadata": ["resourceVersion": ""]], output)
    }
    if let first = failures.first { throw failures.count == 1 ? first : Failures(all: failures) }
  }
}

/// `--sort-by`: objects in the order of what a path finds in them.
struct Sorting {
  private let path: JSONPath

  init(_ text: String) throws {
    do { path = try JSONPath(relaxed: text) } catch { throw Failure.error("\(error)") }
  }

  /// Sorted so that equals stay in their order. Objects without the field come first.
  ///
  /// - Throws: `Failure` when some object has to have the field and none does.
  func sorted<Element>(
    _ elements: [Element], isRequired: Bool = true, _ object: (Element) -> Value
  ) throws -> [Element] {
    let keyed = try elements.enumerated().map { position, element in
      (key: try path.values(in: object(element)).first, position: position, element: element)
    }
    if isRequired, !keyed.isEmpty, keyed.allSatisfy({ $0.key == nil }) {
      throw Failure.error("couldn't find any field with path in the list of objects")
    }
    return keyed.sorted { left, right in
      let order =
        switch (left.key, right.key) {
        case (nil, nil): 0
        case (nil, _): -1
        case (_, nil): 1
        case (let left?, let right?): Self.order(left, right)
        }
      return order != 0 ? order < 0 : left.position < right.position
    }.map(\.element)
  }

  private static func order(_ left: Value, _ right: Value) -> Int {
    if let left = left.string, let right = right.string, let one = try? Quantity(left), let other = try? Quantity(right)
    {
      return one < other ? -1 : one == other ? 0 : 1
    }
    return left.compare(right) ?? 0
  }
}
