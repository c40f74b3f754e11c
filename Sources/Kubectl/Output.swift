// `-o`: the forms in which objects are printed.

import Objects
import YAMLCoding

enum Output {
  /// kubectl's own table, or one sentence for a command that changes something.
  case human(isWide: Bool)
  case json
  case yaml
  case name
  case jsonpath(JSONPath, source: String)
  case customColumns([(header: String, path: JSONPath)])
}

extension Invocation {
  /// - Throws: `Failure` for a format that does not exist or whose template cannot be read.
  func output() throws -> Output {
    let text = arguments["output"] ?? ""
    let format = String(text.prefix { $0 != "=" })
    let argument = text.contains("=") ? String(text.dropFirst(format.count + 1)) : nil
    switch format {
    case "": return .human(isWide: false)
    case "wide": return .human(isWide: true)
    case "json": return .json
    case "yaml": return .yaml
    case "name": return .name
    case "jsonpath":
      guard let argument else { throw Failure.error("template format specified but no template given") }
      return try jsonpath(argument)
    case "jsonpath-file": return try jsonpath(try contents(of: argument ?? ""))
    case "custom-columns":
      guard let argument, !argument.isEmpty else {
        throw Failure.error("custom-columns format specified but no custom columns given")
      }
      return .customColumns(try CustomColumns.parse(argument))
    case "custom-columns-file":
      return .customColumns(try CustomColumns.parse(file: try contents(of: argument ?? "")))
    default:
      throw Failure.error(
        "unable to match a printer suitable for the output format \"\(text)\", allowed formats are: "
          + "custom-columns,custom-columns-file,json,jsonpath,jsonpath-file,name,wide,yaml")
    }
  }

  private func jsonpath(_ template: String) throws -> Output {
    do { return .jsonpath(try JSONPath(template), source: template) } catch {
      throw Failure.error("error parsing jsonpath \(template), \(error)")
    }
  }

  private func contents(of path: String) throws -> String {
    guard let bytes = world.read(path) else { throw Failure.error("open \(path): no such file or directory") }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Prints an object that a command changed: in the form of `-o`, or as "deployment.apps/web configured".
  func report(_ item: Item, _ done: String) throws {
    let output = try output()
    switch output {
    case .human: say("\(item.title) \(done)")
    case .name: say(item.title)
    default: try show(item.object, output)
    }
  }

  /// Prints one object, or a list as one object.
  func show(_ object: Value, _ output: Output) throws {
    let shown = arguments.isOn("show-managed-fields") ? object : object.withoutManagedFields
    switch output {
    case .json: write(shown.kubectlJSON)
    case .yaml: write(YAML.text(shown))
    case .jsonpath(let path, let source):
      do { write(try path.text(of: shown)) } catch {
        throw Failure.error("error executing jsonpath \"\(source)\": Error executing template: \(error)")
      }
    case .customColumns(let columns):
      let objects = shown["items"]?.array ?? [shown]
      write(try CustomColumns.text(columns, objects, hasHeader: !arguments.isOn("no-headers")))
    case .name, .human:
      for object in shown["items"]?.array ?? [shown] {
        let group = object["apiVersion"].text.split(separator: "/").dropLast().map { "." + $0 }.joined()
        say("\(object["kind"].text.lowercased())\(group)/\(object["metadata"]?["name"].text ?? "")")
      }
    }
  }
}

extension Value {
  /// As `-o json` prints it: sorted, indented by four, with Go's escapes.
  var kubectlJSON: String {
    String(decoding: encoded(as: .indented), as: UTF8.self).escapedForHTML + "\n"
  }

  /// Without the record of who owns which field; of a list, without that of its items.
  var withoutManagedFields: Value {
    var object = self
    if object["metadata"]?["managedFields"] != nil { object["metadata"]?["managedFields"] = nil }
    if let items = object["items"]?.array { object["items"] = .array(items.map(\.withoutManagedFields)) }
    return object
  }
}

/// `-o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image`
enum CustomColumns {
  typealias Column = (header: String, path: JSONPath)

  static func parse(_ text: String) throws -> [Column] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let pieces = part.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard pieces.count == 2 else {
        throw Failure.error("unexpected custom-columns spec: \(part), expected <header>:<json-path-expr>")
      }
      return (pieces[0], try path(pieces[1]))
    }
  }

  /// Headers in the first line, paths in the second.
  static func parse(file text: String) throws -> [Column] {
    let lines = text.split(whereSeparator: \.isNewline).map {
      $0.split(whereSeparator: \.isWhitespace).map(String.init)
    }
    guard lines.count >= 2, lines[0].count == lines[1].count else {
      throw Failure.error("custom-columns-file: a line of headers and a line of as many paths are expected")
    }
    return try zip(lines[0], lines[1]).map { ($0, try path($1)) }
  }

  private static func path(_ text: String) throws -> JSONPath {
    do { return try JSONPath(relaxed: text) } catch { throw Failure.error("\(error)") }
  }

  static func text(_ columns: [Column], _ objects: [Value], hasHeader: Bool) throws -> String {
    var rows = hasHeader ? [columns.map(\.header)] : []
    for object in objects {
      rows.append(
        try columns.map { column in
          let values = try column.path.values(in: object)
          return values.isEmpty ? "<none>" : values.map { $0 == .null ? "<nil>" : $0.plainText }.joined(separator: ",")
        })
    }
    var layout = Columns()
    return layout.lines(rows)
  }
}
