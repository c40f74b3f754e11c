// `kubectl explain`: the documentation of a field, from the schemas that the server publishes (OpenAPI 3).

import Objects

extension Command {
  static let explain = Command(
    name: "explain", summary: "Get documentation for a resource",
    usage: "TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [options]",
    flags: [
      Flag("api-version", "Use given api-version (group/version) of the resource"),
      Flag("recursive", nil, .toggle, "When true, print the name of all the fields recursively"),
      Flag("output", "Format in which to render the schema (plaintext)"),
    ]
  ) { invocation in
    guard let operand = invocation.operands.first else {
      throw Failure.error(
        "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of "
          + "supported resources.")
    }
    guard invocation.operands.count == 1 else {
      throw Failure.error("We accept only this format: explain RESOURCE")
    }
    let discovery = try await Discovery(try invocation.server())
    let words = operand.split(separator: ".").map(String.init)
    guard let word = words.first else { throw Failure.error("We accept only this format: explain RESOURCE") }
    var resource = try discovery.require(word)
    if let version = invocation.arguments["api-version"] {
      guard let other = discovery.resources.first(where: { $0.name == resource.name && $0.apiVersion == version })
      else {
        throw Failure.error("couldn't find resource for \"\(version), Resource=\(resource.name)\"")
      }
      resource = other
    }
    let root = resource.group.isEmpty ? "api/\(resource.version)" : "apis/\(resource.group)/\(resource.version)"
    let index = try await invocation.server().get("/openapi/v3")
    guard let address = index["paths"]?[root]?["serverRelativeURL"]?.string else {
      throw Failure.error("couldn't find resource for \"\(resource.apiVersion), Kind=\(resource.kind)\"")
    }
    let parts = address.split(separator: "?", maxSplits: 1).map(String.init)
    let query: Client.Query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map {
      let pieces = $0.split(separator: "=", maxSplits: 1).map(String.init)
      return (pieces[0], pieces.count > 1 ? pieces[1] : "")
    }
    let document = try await invocation.server().get(parts.first ?? "", query: query)
    let explanation = Explanation(document: document, resource: resource)
    invocation.write(
      try explanation.text(fields: Array(words.dropFirst()), isRecursive: invocation.arguments.isOn("recursive")))
  }
}

/// The documentation of one resource.
struct Explanation {
  let document: Value
  let resource: Resource

  private var schemas: Members { document["components"]?["schemas"]?.members ?? Members() }

  /// - Throws: `Failure` for a field that there is not.
  func text(fields path: [String], isRecursive: Bool) throws -> String {
    let root = schemas.first { _, schema in
      (schema["x-kubernetes-group-version-kind"]?.array ?? []).contains {
        $0["group"].text == resource.group && $0["version"].text == resource.version && $0["kind"].text == resource.kind
      }
    }
    guard var schema = root?.value else {
      throw Failure.error("GVR (\(resource.apiVersion), Resource=\(resource.name)) not found in OpenAPI schema")
    }
    var field: Value?
    for name in path {
      guard let next = fields(of: schema)[name] else {
        throw Failure.error("field \"\(path.joined(separator: "."))\" does not exist")
      }
      (field, schema) = (next, elementSchema(of: next))
    }
    var text = resource.group.isEmpty ? "" : "GROUP:      \(resource.group)\n"
    text += "KIND:       \(resource.kind)\nVERSION:    \(resource.version)\n\n"
    if let name = path.last, let field { text += "FIELD: \(name) <\(typeName(of: field))>\(enumeration(field, 0))\n\n" }
    text += "DESCRIPTION:\n"
    let own = field?["description"]?.string.nonEmpty
    let inner = schema["description"]?.string.nonEmpty
    for paragraph in [own, inner == own ? nil : inner].compactMap({ $0 }) { text += wrapped(paragraph, indent: 4) }
    if own == nil, inner == nil { text += "    <empty>\n" }
    let members = fields(of: schema)
    if !members.isEmpty {
      text += "    \nFIELDS:\n" + list(schema, level: 1, isRecursive: isRecursive, seen: [])
    }
    return text + "\n"
  }

  private func list(_ schema: Value, level: Int, isRecursive: Bool, seen: [Value]) -> String {
    var text = ""
    let required = schema["required"].strings
    for (name, field) in fields(of: schema).sorted(by: { $0.name < $1.name }) {
      text += spaces(level * 2) + "\(name)\t<\(typeName(of: field))>"
      text += (required.contains(name) ? " -required-" : "") + enumeration(field, level) + "\n"
      let inner = elementSchema(of: field)
      if isRecursive {
        // Types may hold themselves: JSON schemas do.
        if !seen.contains(inner) { text += list(inner, level: level + 1, isRecursive: true, seen: seen + [inner]) }
      } else {
        text += wrapped(field["description"].text.nonEmptyOr("<no description>"), indent: level * 2 + 2) + "\n"
      }
    }
    return text
  }

  private func enumeration(_ field: Value, _ level: Int) -> String {
    let values = elementSchema(of: field)["enum"]?.array ?? field["enum"]?.array ?? []
    return values.isEmpty ? "" : "\n" + spaces(level * 2) + "enum: " + values.map(\.plainText).joined(separator: ", ")
  }

  /// The name of the schema that a field refers to, through `$ref` or a one-part `allOf`.
  private func reference(_ field: Value) -> String? {
    let reference = field["$ref"]?.string ?? field["allOf"]?[0]?["$ref"]?.string
    return reference.flatMap { $0.split(separator: "/").last.map(String.init) }
  }

  private func resolved(_ field: Value) -> Value { reference(field).flatMap { schemas[$0] } ?? field }

  /// What the elements of a list or a map are; otherwise the field's own schema.
  private func elementSchema(of field: Value) -> Value {
    let schema = resolved(field)
    if let items = schema["items"] { return elementSchema(of: items) }
    if let values = schema["additionalProperties"], values.members != nil { return elementSchema(of: values) }
    return schema
  }

  private func fields(of schema: Value) -> Members { resolved(schema)["properties"]?.members ?? Members() }

  private func typeName(of field: Value) -> String {
    if let name = reference(field) {
      // Kubernetes names these two although they are texts: what they accept is more than any text.
      let short = name.split(separator: ".").last.map(String.init) ?? name
      return schemas[name]?["type"] == "string" && !["Quantity", "IntOrString"].contains(short) ? "string" : short
    }
    if let items = field["items"] { return "[]\(typeName(of: items))" }
    if let values = field["additionalProperties"], values.members != nil { return "map[string]\(typeName(of: values))" }
    return field["type"].text.isEmpty || field["type"] == "object" ? "Object" : field["type"].text
  }

  /// Lines of at most 80 characters; lines that begin so stay apart.
  private func wrapped(_ text: String, indent: Int) -> String {
    var output = ""
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      for word in paragraph.split(separator: " ") {
        if !line.isEmpty, indent + line.count + 1 + word.count > 80 {
          output += spaces(indent) + line + "\n"
          line = ""
        }
        line += (line.isEmpty ? "" : " ") + word
      }
      output += spaces(indent) + line + "\n"
    }
    return output
  }
}

extension String {
  fileprivate func nonEmptyOr(_ other: String) -> String { isEmpty ? other : self }
}
