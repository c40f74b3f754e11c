import ControlLoop
import Objects

/// The paths of one kind and what can be done there.
struct OpenAPIPaths {
  private let kind: Kind
  /// Where the kind's group and version begin: "/apis/apps/v1".
  private let root: String

  init(of kind: Kind, under root: String) {
    self.kind = kind
    self.root = root
  }

  var all: [(String, Value)] {
    let scope = kind.isNamespaced ? "\(root)/namespaces/{namespace}" : root
    let collection = "\(scope)/\(kind.resource)"
    let object = "\(collection)/{name}"
    var paths = [
      (collection, item([.list, .create, .deleteCollection], isNamed: false)),
      (object, item([.read, .replace, .patch, .delete], isNamed: true)),
    ]
    if kind.isNamespaced, kind.verbs.contains("list") {
      paths.append(("\(root)/\(kind.resource)", ["get": operation(.list, ofAllNamespaces: true)]))
    }
    paths += kind.parts.map { ("\(object)/\($0.name)", item($0)) }
    // What is only written to, such as a review, has no objects with names.
    return paths.filter { path, item in item.members?.contains { $0.name != "parameters" } ?? false }
  }

  private func item(_ operations: [Operation], isNamed: Bool) -> Value {
    var item = Value.emptyObject
    for one in operations where kind.verbs.contains(one.verb) { item[one.method] = operation(one) }
    item["parameters"] = pathParameters(isNamed: isNamed)
    return item
  }

  private func item(_ part: KindPart) -> Value {
    var item = Value.emptyObject
    for one in [Operation.read, .replace, .patch, .create, .delete] where part.verbs.contains(one.verb) {
      item[one.method] = operation(one, part)
    }
    item["parameters"] = pathParameters(isNamed: true)
    return item
  }

  private func pathParameters(isNamed: Bool) -> Value {
    var parameters: [Value] = []
    if isNamed { parameters.append(Self.pathParameter("name", "The name of the object.")) }
    if kind.isNamespaced { parameters.append(Self.pathParameter("namespace", "The namespace that it is in.")) }
    return .array(parameters)
  }

  private static func pathParameter(_ name: String, _ documentation: String) -> Value {
    [
      "name": .string(name), "in": "path", "required": true, "description": .string(documentation),
      "schema": ["type": "string"],
    ]
  }
}

// MARK: Operations

extension OpenAPIPaths {
  /// Something that can be done at a path.
  private struct Operation {
    /// Of HTTP.
    var method: String
    /// As kinds list it.
    var verb: String
    /// As OpenAPI's readers know it.
    var action: String
    /// The beginning of its identifier.
    var word: String
    var sentence: String
    var parameters: [Value]

    static let list = Operation(
      method: "get", verb: "list", action: "list", word: "list", sentence: "Lists or watches objects of the kind",
      parameters: OpenAPIParameters.list)
    static let create = Operation(
      method: "post", verb: "create", action: "post", word: "create", sentence: "Creates an object of the kind",
      parameters: OpenAPIParameters.write)
    static let deleteCollection = Operation(
      method: "delete", verb: "deletecollection", action: "deletecollection", word: "delete",
      sentence: "Deletes all selected objects of the kind",
      parameters: OpenAPIParameters.list + OpenAPIParameters.delete)
    static let read = Operation(
      method: "get", verb: "get", action: "get", word: "read", sentence: "Reads an object of the kind", parameters: [])
    static let replace = Operation(
      method: "put", verb: "update", action: "put", word: "replace", sentence: "Replaces an object of the kind",
      parameters: OpenAPIParameters.write)
    static let patch = Operation(
      method: "patch", verb: "patch", action: "patch", word: "patch",
      sentence: "Changes parts of an object of the kind", parameters: OpenAPIParameters.patch)
    static let delete = Operation(
      method: "delete", verb: "delete", action: "delete", word: "delete", sentence: "Deletes an object of the kind",
      parameters: OpenAPIParameters.delete)
  }

  private func operation(_ operation: Operation, _ part: KindPart? = nil, ofAllNamespaces: Bool = false) -> Value {
    let type = part?.type ?? kind
    var value: Value = [
      "operationId": .string(identifier(operation, part, ofAllNamespaces)),
      "description": .string("\(operation.sentence) \(kind.name)\(part.map { ": its \($0.name)" } ?? "")."),
      "tags": [.string("\(groupWord(isCapital: false))_\(kind.version)")],
      "parameters": .array(operation.parameters),
    ]
    switch operation.action {
    case "post", "put": value["requestBody"] = Self.content("application/json", type.definition, isRequired: true)
    case "patch": value["requestBody"] = patchBody
    case "delete", "deletecollection":
      value["requestBody"] = Self.content("application/json", OpenAPISchemas.name(DeletionOptions.schemaName))
    default: break
    }
    value["responses"] = [operation.action == "post" ? "201" : "200": answer(operation, part)]
    value["x-kubernetes-action"] = .string(operation.action)
    value[OpenAPISchemas.Extension.groupVersionKind] = type.groupVersionKind
    return value
  }

  private func answer(_ operation: Operation, _ part: KindPart?) -> Value {
    var answer: Value
    switch (operation.action, part?.name) {
    case (_, "log"): answer = ["content": ["text/plain": ["schema": ["type": "string"]]]]
    case ("list", _): answer = Self.content("application/json", kind.definition + "List")
    case ("delete", _), ("deletecollection", _):
      answer = Self.content("application/json", OpenAPISchemas.name(Status.schemaName))
    default: answer = Self.content("application/json", (part?.type ?? kind).definition)
    }
    answer["description"] = "It was done."
    return answer
  }

  private static func content(_ mediaType: String, _ definition: String, isRequired: Bool = false) -> Value {
    var content: Value = ["content": [mediaType: ["schema": OpenAPISchemas.reference(to: definition)]]]
    if isRequired { content["required"] = true }
    return content
  }

  private var patchBody: Value {
    var content: Value = [
      "application/json-patch+json": ["schema": ["type": "array", "items": ["type": "object"]]],
      "application/merge-patch+json": ["schema": ["type": "object"]],
    ]
    if kind.schema == nil { content["application/strategic-merge-patch+json"] = ["schema": ["type": "object"]] }
    return ["content": content, "required": true]
  }

  /// "listAppsV1NamespacedDeployment": unique in all documents, and what generated clients call their functions.
  private func identifier(_ operation: Operation, _ part: KindPart?, _ ofAllNamespaces: Bool) -> String {
    let group = groupWord(isCapital: true) + kind.version.capitalized
    let collection = operation.verb == "deletecollection" ? "Collection" : ""
    let namespaced = kind.isNamespaced && !ofAllNamespaces ? "Namespaced" : ""
    let scope = ofAllNamespaces ? "ForAllNamespaces" : ""
    return operation.word + group + collection + namespaced + kind.name + (part?.name.capitalized ?? "") + scope
  }

  private func groupWord(isCapital: Bool) -> String {
    let word = kind.group.isEmpty ? "core" : String(kind.group.prefix { $0 != "." })
    return isCapital ? word.capitalized : word
  }
}

extension String {
  fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}

/// What can stand in the query.
enum OpenAPIParameters {
  static let list = [
    parameter("allowWatchBookmarks", "boolean", "Whether a watch is told from time to time how far it has come."),
    parameter("continue", "string", "Goes on where the page with this token ended."),
    parameter("fieldSelector", "string", "Only objects with these values of fields."),
    parameter("labelSelector", "string", "Only objects with such labels."),
    parameter("limit", "integer", "How many objects a page may have."),
    parameter("resourceVersion", "string", "The version to list at, or to watch from."),
    parameter("resourceVersionMatch", "string", "Exact, or NotOlderThan."),
    parameter("sendInitialEvents", "boolean", "Whether a watch begins with the objects that exist."),
    parameter("timeoutSeconds", "integer", "When a watch ends."),
    parameter("watch", "boolean", "Whether changes are sent as they happen."),
  ]

  static let write = [
    parameter("dryRun", "string", "All: everything is checked and nothing is written."),
    parameter("fieldManager", "string", "Who writes."),
    parameter("fieldValidation", "string", "What becomes of unknown fields: Ignore, Warn or Strict."),
  ]

  static let patch = write + [parameter("force", "boolean", "Takes fields from other writers: for apply patches only.")]

  static let delete = [
    parameter("dryRun", "string", "All: everything is checked and nothing is deleted."),
    parameter("gracePeriodSeconds", "integer", "How long the object may take to end."),
    parameter("orphanDependents", "boolean", "Whether dependents stay: the older form of propagationPolicy."),
    parameter("propagationPolicy", "string", "What happens to dependents: Orphan, Background or Foreground."),
  ]

  private static func parameter(_ name: String, _ type: String, _ documentation: String) -> Value {
    [
      "name": .string(name), "in": "query", "description": .string(documentation),
      "schema": ["type": .string(type), "uniqueItems": true],
    ]
  }
}
