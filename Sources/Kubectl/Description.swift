// The layout of `kubectl describe`: names with values in columns, indented by what they belong to.

import Objects

struct Description {
  /// The text with tabs between its columns, as `rollout history` prints it.
  private(set) var source = ""

  /// The text, its columns aligned.
  var text: String { aligned(source) }

  mutating func line(_ level: Int, _ cells: String...) {
    source += spaces(level * 2) + cells.joined(separator: "\t") + "\n"
  }

  /// "Labels:" and one pair a line, sorted.
  mutating func pairs(_ title: String, _ pairs: Value?, level: Int = 0) {
    let members = (pairs?.members ?? Members()).sorted { $0.name < $1.name }
    guard !members.isEmpty else { return line(level, title, "<none>") }
    for (index, pair) in members.enumerated() {
      // From the second on nothing stands before the column, however deep the title is.
      line(index == 0 ? level : 0, index == 0 ? title : "", "\(pair.name)=\(pair.value.plainText)")
    }
  }

  /// Annotations, without the one that only `apply` reads; long ones are cut.
  mutating func annotations(_ object: Value) {
    let members = (object["metadata"]?["annotations"]?.members ?? Members())
      .filter { $0.name != LastApplied.annotation }.sorted { $0.name < $1.name }
    guard !members.isEmpty else { return line(0, "Annotations:", "<none>") }
    for (index, pair) in members.enumerated() {
      let value = pair.value.plainText
      let shown = value.count > 140 ? value.prefix(140) + "..." : value[...]
      line(0, index == 0 ? "Annotations:" : "", "\(pair.name): \(shown.split(separator: "\n").joined(separator: " "))")
    }
  }

  mutating func metadata(_ object: Value, isNamespaced: Bool = true) {
    line(0, "Name:", object["metadata"]?["name"].text ?? "")
    if isNamespaced { line(0, "Namespace:", object["metadata"]?["namespace"].text ?? "") }
  }

  mutating func controller(_ object: Value) {
    let owner = object["metadata"]?["ownerReferences"]?.array?.first { $0["controller"] == true }
    if let owner { line(0, "Controlled By:", "\(owner["kind"].text)/\(owner["name"].text)") }
  }

  /// A table under a title: headers, a rule under each, rows.
  mutating func table(_ title: String, _ headers: [String], _ rows: [[String]], hasRule: Bool = true) {
    line(0, title)
    // kubectl's rule under an age is one longer than the word.
    let rule = hasRule ? [headers.map { String(repeating: "-", count: $0 == "Age" ? 4 : $0.count) }] : []
    for row in [headers] + rule + rows {
      source += "  " + row.joined(separator: "\t") + "\n"
    }
  }

  /// - Parameter spaced: the first so many columns are one space wider, as kubectl writes a space behind each value.
  mutating func conditions(
    _ object: Value, _ columns: [(header: String, field: String)], hasRule: Bool = true, spaced: Int = 1
  ) {
    guard let conditions = object["status"]?["conditions"]?.array, !conditions.isEmpty else { return }
    table(
      "Conditions:", columns.map(\.header),
      conditions.map { condition in
        columns.enumerated().map { index, column in
          let value = condition[column.field].text
          let text = column.field.hasSuffix("Time") ? Time(value)?.longText ?? value : value
          return index < spaced ? text + " " : text
        }
      }, hasRule: hasRule)
  }

  mutating func events(_ events: [Value], at now: Time) {
    guard !events.isEmpty else { return line(0, "Events:", "<none>") }
    let rows = events.sorted { $0.lastSeen < $1.lastSeen }.map { event -> [String] in
      let age = (now - event.lastSeen).humanReadable
      let count = event["count"]?.integer ?? event["series"]?["count"]?.integer ?? 1
      let first = event["firstTimestamp"]?.string.flatMap { Time($0) } ?? event.lastSeen
      let component = event["source"]?["component"]?.string.nonEmpty ?? event["reportingComponent"].text
      return [
        event["type"].text, event["reason"].text,
        count > 1 ? "\(age) (x\(count) over \((now - first).humanReadable))" : age, component,
        event["message"].text.trimmed,
      ]
    }
    table("Events:", ["Type", "Reason", "Age", "From", "Message"], rows)
  }
}

extension Value {
  fileprivate var lastSeen: Time {
    for field in ["lastTimestamp", "eventTime", "firstTimestamp"] {
      if let time = self[field]?.string.flatMap({ Time($0) }) { return time }
    }
    return self["metadata"]?["creationTimestamp"]?.string.flatMap { Time($0) } ?? .distantPast
  }
}

extension Time {
  /// "Sat, 21 Nov 2026 03:37:00 +0000" (RFC 1123 with a numeric zone).
  var longText: String {
    let text = rfc3339
    let days = Int((microseconds / 86_400_000_000) % 7)
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][(days + 7) % 7]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let parts = text.prefix(10).split(separator: "-")
    guard parts.count == 3, let month = Int(parts[1]), months.indices.contains(month - 1) else { return text }
    return "\(weekday), \(parts[2]) \(months[month - 1]) \(parts[0]) \(text.dropFirst(11).prefix(8)) +0000"
  }
}

extension Value? {
  /// A time of the API in long form; empty when there is none.
  var longTime: String { self?.string.flatMap { Time($0) }?.longText ?? "" }
}
