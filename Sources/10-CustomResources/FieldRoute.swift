import Objects

/// A way through an object, as a column or a scale names it: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`,
/// `.metadata.annotations.example\.com/color`.
///
/// Specified by the Kubernetes documentation, "JSONPath Support"; of it, what leads through one object.
struct FieldRoute: Sendable {
  private enum Step: Equatable {
    case member(String)
    case element(Int)
    case all
    /// The elements whose member, reached by these names, is a value.
    case elements([String], Value)
  }

  private var steps: [Step] = []

  /// Nil for what is no such way.
  init?(_ text: String) {
    var rest = Substring(text)
    guard rest.first == "." || rest.first == "[" else { return nil }
    while let first = rest.popFirst() {
      switch first {
      case ".":
        if rest.first == "[" { continue }
        let name = Self.name(&rest)
        guard !name.isEmpty else { return nil }
        steps.append(name == "*" ? .all : .member(name))
      case "[":
        guard let end = rest.firstIndex(of: "]"), let step = Self.bracket(rest[..<end]) else { return nil }
        steps.append(step)
        rest = rest[rest.index(after: end)...]
      default: return nil
      }
    }
  }

  // Up to the next dot or bracket that no backslash protects.
  private static func name(_ rest: inout Substring) -> String {
    var name = ""
    while let next = rest.first, next != ".", next != "[" {
      rest.removeFirst()
      if next == "\\", let escaped = rest.popFirst() { name.append(escaped) } else { name.append(next) }
    }
    return name
  }

  private static func bracket(_ text: Substring) -> Step? {
    if text == "*" { return .all }
    if let index = Int(text) { return .element(index) }
    if let quoted = unquoted(text) { return .member(quoted) }
    guard text.hasPrefix("?(@."), text.hasSuffix(")"), let equals = text.firstRange(of: "==") else { return nil }
    let names = text[..<equals.lowerBound].dropFirst(4).split(separator: ".").map { $0.filter { $0 != " " } }
    let wanted = text[equals.upperBound...].dropLast().drop { $0 == " " }
    let value = unquoted(wanted).map(Value.string) ?? (try? Value(parsing: Array(wanted.utf8)))
    return value.map { .elements(names, $0) }
  }

  private static func unquoted(_ text: Substring) -> String? {
    guard text.count >= 2, let quote = text.first, quote == "'" || quote == "\"", text.last == quote else { return nil }
    return String(text.dropFirst().dropLast())
  }

  /// The members on the way, where it leads through nothing else.
  var names: [String]? {
    let names = steps.compactMap { step in if case .member(let name) = step { name } else { nil } }
    return names.count == steps.count ? names : nil
  }

  /// The first value that the way leads to.
  func first(in value: Value) -> Value? {
    var found = [value]
    for step in steps {
      found = found.flatMap { value -> [Value] in
        switch step {
        case .member(let name): value[name].map { [$0] } ?? []
        case .element(let index):
          value.array.flatMap { array in
            let index = index < 0 ? array.count + index : index
            return array.indices.contains(index) ? [array[index]] : nil
          } ?? []
        case .all: value.array ?? value.members.map { $0.map(\.value) } ?? []
        case .elements(let names, let wanted): (value.array ?? []).filter { $0.at(names) == wanted }
        }
      }
    }
    return found.first
  }
}
