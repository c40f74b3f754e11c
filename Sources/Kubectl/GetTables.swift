// The tables of `kubectl get`, printed and followed.

import Objects

/// A server's table, ready to be printed.
struct ServerTable {
  var headers: [String]
  var rows: [(cells: [String], object: Value)]

  /// - Parameter columns: Those of an earlier answer, for an event of a watch that leaves them out.
  init(_ table: Value, isWide: Bool, columns: [Value]? = nil) {
    let definitions = table["columnDefinitions"]?.array.flatMap { $0.isEmpty ? nil : $0 } ?? columns ?? []
    let shown = definitions.indices.filter { isWide || (definitions[$0]["priority"]?.integer ?? 0) == 0 }
    headers = shown.map { definitions[$0]["name"].text.uppercased() }
    rows = (table["rows"]?.array ?? []).map { row in
      (shown.map { Self.text(row["cells"]?[$0]) }, row["object"] ?? .null)
    }
  }

  /// A cell in one line: what follows a line's end is only hinted at.
  private static func text(_ cell: Value?) -> String {
    guard let cell, cell != .null else { return "" }
    let text = cell.array.map { $0.map(\.plainText).joined(separator: ",") } ?? cell.plainText
    guard let end = text.firstIndex(where: \.isNewline) else { return text }
    return text[..<end] + "..."
  }
}

/// Which columns the flags add to the server's.
struct TableStyle {
  var isWide = false
  var showsNamespace = false
  var showsLabels = false
  var labelColumns: [String] = []
  /// "pod" before each name: "pod/web".
  var kindPrefix: String?

  func headers(_ table: ServerTable) -> [String] {
    (showsNamespace ? ["NAMESPACE"] : []) + table.headers
      + labelColumns.map { label in (label.split(separator: "/").last.map(String.init) ?? label).uppercased() }
      + (showsLabels ? ["LABELS"] : [])
  }

  func cells(_ row: (cells: [String], object: Value)) -> [String] {
    var cells = row.cells
    let metadata = row.object["metadata"]
    let labels = metadata?["labels"]
    if let kindPrefix, !cells.isEmpty { cells[0] = "\(kindPrefix)/\(cells[0])" }
    if showsNamespace { cells.insert(metadata?["namespace"].text ?? "", at: 0) }
    cells += labelColumns.map { labels?[$0].text ?? "" }
    if showsLabels { cells.append(joinedPairs(labels)) }
    return cells
  }
}

/// "a=b,c=d", sorted; "<none>" when there are none.
func joinedPairs(_ pairs: Value?, separator: String = ",") -> String {
  guard let members = pairs?.members, !members.isEmpty else { return "<none>" }
  return members.sorted { $0.name < $1.name }.map { "\($0.name)=\($0.value.plainText)" }.joined(separator: separator)
}

extension Get {
  private func style(_ resource: Resource, isWide: Bool, isOneOfMany: Bool) -> TableStyle {
    TableStyle(
      isWide: isWide, showsNamespace: arguments.isOn("all-namespaces") && resource.isNamespaced,
      showsLabels: arguments.isOn("show-labels"), labelColumns: arguments.list("label-columns"),
      kindPrefix: isOneOfMany || arguments.isOn("show-kind") ? resource.printName : nil)
  }

  func printTables(_ requests: [ToGet], _ isWide: Bool) async throws {
    let sorting = try arguments["sort-by"].nonEmpty.map(Sorting.init)
    let isOneOfMany = requests.contains { $0.resource != requests[0].resource }
    var failures: [any Error] = []
    var printed: Resource?
    var layout = Columns()
    for request in requests {
      do {
        let extra: Client.Query = sorting == nil ? [] : [(name: "includeObject", value: "Object")]
        guard
          let answer = try await unlessMissing({ try await fetch(request, accept: Client.Media.table, query: extra) })
        else { continue }
        var table = ServerTable(answer.asTable(request.resource), isWide: isWide)
        guard !table.rows.isEmpty else { continue }
        if let sorting { table.rows = try sorting.sorted(table.rows, isRequired: false) { $0.object } }
        let style = style(request.resource, isWide: isWide, isOneOfMany: isOneOfMany)
        var rows = table.rows.map(style.cells)
        if printed != request.resource {
          if printed != nil { invocation.say("") }
          layout = Columns()
          if !arguments.isOn("no-headers") { rows.insert(style.headers(table), at: 0) }
        }
        printed = request.resource
        invocation.write(layout.lines(rows))
      } catch let error as ServerError { failures.append(error) }
    }
    if printed == nil, failures.isEmpty, !arguments.isOn("ignore-not-found") {
      let isNamespaced = requests.contains { $0.resource.isNamespaced }
      let place = isNamespaced && invocation.scope != nil ? " in \(invocation.namespace) namespace." : ""
      invocation.complain("No resources found\(place)")
    }
    if let first = failures.first { throw failures.count == 1 ? first : Failures(all: failures) }
  }

  /// Prints what is there, then each change until the server, or the caller, ends it.
  func watch(_ requests: [ToGet], _ output: Output) async throws {
    guard let request = requests.first, requests.count == 1 else {
      throw Failure.error("you may only specify a single resource type")
    }
    let (isTable, isWide) = if case .human(let wide) = output { (true, wide) } else { (false, false) }
    let accept = isTable ? Client.Media.table : Client.Media.json
    let collection = request.resource.path(in: request.namespace)
    var printer = WatchPrinter(
      invocation: invocation, output: output,
      style: style(request.resource, isWide: isWide, isOneOfMany: false))
    let initial = try await fetch(request, accept: accept)
    if isTable { printer.columns = initial["columnDefinitions"]?.array }
    if !arguments.isOn("watch-only") {
      for object in initial["items"]?.array ?? (isTable ? [initial.asTable(request.resource)] : [initial]) {
        try printer.print(object, event: "ADDED")
      }
    }
    var version = initial["metadata"]?["resourceVersion"].text ?? ""
    if version.isEmpty {
      version = initial["rows"]?[0]?["object"]?["metadata"]?["resourceVersion"].text ?? "0"
    }
    var query = invocation.selectorQuery
    if let name = request.name { query.append((name: "fieldSelector", value: "metadata.name=\(name)")) }
    query.append((name: "resourceVersion", value: version))
    for try await event in try await invocation.server().watch(collection, query: query, accept: accept) {
      let type = event["type"].text
      guard let object = event["object"], type != "BOOKMARK" else { continue }
      if type == "ERROR" { throw ServerError(code: Int(object["code"]?.integer ?? 500), status: object) }
      try printer.print(object, event: type)
    }
  }
}

/// Prints the events of a watch, tables under one header.
private struct WatchPrinter {
  let invocation: Invocation
  let output: Output
  let style: TableStyle
  var columns: [Value]?
  private var layout = Columns()
  private var hasHeader = false

  init(invocation: Invocation, output: Output, style: TableStyle) {
    self.invocation = invocation
    self.output = output
    self.style = style
  }

  mutating func print(_ object: Value, event: String) throws {
    guard case .human = output else { return try invocation.show(object, output) }
    let table = ServerTable(object, isWide: style.isWide, columns: columns)
    guard !table.rows.isEmpty else { return }
    let showsEvent = invocation.arguments.isOn("output-watch-events")
    var rows = table.rows.map { (showsEvent ? [event] : []) + style.cells($0) }
    if !hasHeader, !invocation.arguments.isOn("no-headers") {
      rows.insert((showsEvent ? ["EVENT"] : []) + style.headers(table), at: 0)
    }
    hasHeader = true
    invocation.write(layout.lines(rows))
  }
}

extension Value {
  /// The table itself, or one of names made for a server that does not make tables.
  func asTable(_ resource: Resource) -> Value {
    guard self["kind"] != "Table" else { return self }
    let objects = self["items"]?.array ?? [self]
    return [
      "kind": "Table",
      "columnDefinitions": [["name": "Name", "type": "string"], ["name": "Created At", "type": "date"]],
      "rows": .array(
        objects.map { object in
          [
            "cells": [object["metadata"]?["name"] ?? "", object["metadata"]?["creationTimestamp"] ?? ""],
            "object": object,
          ]
        }),
    ]
  }
}
