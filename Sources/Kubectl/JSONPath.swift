// JSONPath in kubectl's dialect: a template of text with paths in braces, loops (`{range .items[*]}…{end}`), filters,
// slices, unions and recursive descent. Described in the Kubernetes documentation, "JSONPath Support".

import Objects

/// A template that has been read.
struct JSONPath: Sendable {
  let parts: [Part]

  indirect enum Part: Sendable {
    case text(String)
    case path(Path)
    case range(Path, [Part])
  }

  struct Path: Sendable {
    /// Whether it begins at the whole document, `$`, and not at the current object.
    var isFromRoot = false
    var steps: [Step] = []
  }

  indirect enum Step: Sendable {
    case field(String)
    case wildcard
    /// The object itself and everything inside of it.
    case descent
    case slice(from: Int?, to: Int?, by: Int)
    case index(Int)
    case union([Path])
    case filter(Operand, comparison: String?, Operand?)
  }

  enum Operand: Sendable {
    case path(Path)
    case literal(Value)
  }
}

/// Why a template cannot be read or carried out.
struct JSONPathError: Error, Equatable, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

// MARK: - Evaluation

extension JSONPath {
  /// The template filled in: the values of a path joined by spaces. A field that is not there is nothing.
  func text(of root: Value) throws(JSONPathError) -> String { try Self.text(parts, root, root) }

  private static func text(_ parts: [Part], _ current: Value, _ root: Value) throws(JSONPathError) -> String {
    var output = ""
    for part in parts {
      switch part {
      case .text(let text): output += text
      case .path(let path): output += try path.values(in: current, root).map(\.plainText).joined(separator: " ")
      case .range(let path, let body):
        for element in try path.values(in: current, root) { output += try text(body, element, root) }
      }
    }
    return output
  }

  /// All values that the template's paths find.
  func values(in root: Value) throws(JSONPathError) -> [Value] {
    var values: [Value] = []
    for case .path(let path) in parts { values += try path.values(in: root, root) }
    return values
  }
}

extension JSONPath.Path {
  func values(in current: Value, _ root: Value) throws(JSONPathError) -> [Value] {
    var values = [isFromRoot ? root : current]
    for step in steps {
      var next: [Value] = []
      for value in values { next += try step.values(in: value, root) }
      values = next
    }
    return values
  }
}

extension JSONPath.Step {
  func values(in value: Value, _ root: Value) throws(JSONPathError) -> [Value] {
    switch self {
    case .field(let name):
      return value[name].map { [$0] } ?? []
    case .wildcard:
      return value.children
    case .descent:
      return value.descendants
    case .index(let index):
      guard let elements = value.array else { return [] }
      let position = index < 0 ? elements.count + index : index
      guard elements.indices.contains(position) else {
        throw JSONPathError("array index out of bounds: index \(index), length \(elements.count)")
      }
      return [elements[position]]
    case .slice(let from, let to, let by):
      guard let elements = value.array else { return [] }
      func position(_ index: Int) -> Int { min(max(index < 0 ? elements.count + index : index, 0), elements.count) }
      return stride(from: position(from ?? 0), to: position(to ?? elements.count), by: by).map { elements[$0] }
    case .union(let paths):
      var values: [Value] = []
      for path in paths { values += try path.values(in: value, root) }
      return values
    case .filter(let left, let comparison, let right):
      var values: [Value] = []
      for element in value.children where try passes(element, root, left, comparison, right) { values.append(element) }
      return values
    }
  }

  private func passes(
    _ element: Value, _ root: Value, _ left: JSONPath.Operand, _ comparison: String?, _ right: JSONPath.Operand?
  ) throws(JSONPathError) -> Bool {
    let found = try left.value(in: element, root)
    guard let comparison, let right else { return found != nil }
    guard let found, let other = try right.value(in: element, root) else { return false }
    switch comparison {
    case "==", "=": return found.compare(other) == 0
    case "!=": return found.compare(other) != 0
    case "<": return found.compare(other).map { $0 < 0 } ?? false
    case "<=": return found.compare(other).map { $0 <= 0 } ?? false
    case ">": return found.compare(other).map { $0 > 0 } ?? false
    case ">=": return found.compare(other).map { $0 >= 0 } ?? false
    default: throw JSONPathError("unrecognized filter operator \(comparison)")
    }
  }
}

extension JSONPath.Operand {
  fileprivate func value(in current: Value, _ root: Value) throws(JSONPathError) -> Value? {
    switch self {
    case .literal(let value): return value
    case .path(let path):
      let values = try path.values(in: current, root)
      guard values.count <= 1 else { throw JSONPathError("can only compare one element at a time") }
      return values.first
    }
  }
}

extension Value {
  fileprivate var children: [Value] {
    switch self {
    case .array(let elements): elements
    case .object(let members): members.map(\.value)
    default: []
    }
  }

  fileprivate var descendants: [Value] { [self] + children.flatMap(\.descendants) }

  /// Negative, zero or positive; nil for values that have no order between them.
  func compare(_ other: Value) -> Int? {
    func order<T: Comparable>(_ left: T, _ right: T) -> Int { left < right ? -1 : left == right ? 0 : 1 }
    switch (self, other) {
    case (.integer(let left), .integer(let right)): return order(left, right)
    case (.string(let left), .string(let right)): return order(left, right)
    case (.bool(let left), .bool(let right)): return left == right ? 0 : 1
    default:
      guard let left = number, let right = other.number else { return self == other ? 0 : nil }
      return order(left, right)
    }
  }

  private var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .double(let double): double
    default: nil
    }
  }

  /// A string as it is; everything else as JSON.
  var plainText: String {
    if case .string(let text) = self { return text }
    return String(decoding: encoded(as: .canonical), as: UTF8.self).escapedForHTML
  }
}

extension String {
  /// Go's JSON encoder writes these three as escapes, so kubectl does too.
  var escapedForHTML: String {
    guard utf8.contains(where: { $0 == 0x3C || $0 == 0x3E || $0 == 0x26 }) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "<": text += "\\u003c"
      case ">": text += "\\u003e"
      case "&": text += "\\u0026"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
