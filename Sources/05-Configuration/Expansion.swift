import Pods

/// `$(NAME)` in a text stands for a variable's value, `$$` for a dollar sign. A reference to a variable that is not
/// there stays as it is written, for a shell in the container may know it.
enum Expansion {
  static func expand(_ text: String, _ value: (String) -> String?) -> String {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
    var expanded = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      expanded += rest[..<dollar]
      rest = rest[dollar...].dropFirst()
      if rest.first == "$" {
        expanded += "$"
        rest.removeFirst()
      } else if rest.first == "(", let end = rest.firstIndex(of: ")") {
        let name = String(rest[..<end].dropFirst())
        expanded += value(name) ?? "$(\(name))"
        rest = rest[end...].dropFirst()
      } else {
        expanded += "$"
      }
    }
    return expanded + rest
  }

  /// - Throws: ``Unresolved`` for the first variable that is not there.
  static func expandAll(_ text: String, _ values: [String: String]) throws(Unresolved) -> String {
    var missing: String?
    let expanded = expand(text) { name in
      if values[name] == nil { missing = missing ?? name }
      return values[name]
    }
    if let missing { throw Unresolved("missing value for \"\(missing)\"") }
    return expanded
  }
}

/// Why something that a container or a volume needs cannot be had: a sentence for people, without contents.
struct Unresolved: Error, Equatable {
  let message: String

  init(_ message: String) { self.message = message }
}
