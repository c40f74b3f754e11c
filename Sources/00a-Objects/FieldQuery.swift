// Selecting by fields: `kubectl get pods --field-selector status.phase=Running,spec.nodeName!=node-1`.
// Unlike labels, fields have to be looked for in the object, so each kind says which ones can be asked for.

/// Requirements on fields, all of which must hold. Without any, everything matches.
public struct FieldQuery: Sendable, Hashable {
  public var requirements: [FieldRequirement]

  public init(_ requirements: [FieldRequirement] = []) { self.requirements = requirements }

  public var isEmpty: Bool { requirements.isEmpty }

  /// - Parameter field: the text of the field at a path; empty when the object does not have it.
  public func matches(_ field: (String) -> String) -> Bool {
    requirements.allSatisfy { (field($0.path) == $0.value) == $0.isEqual }
  }

  /// The value that all matching objects have in this field.
  public func equality(at path: String) -> String? {
    requirements.first { $0.path == path && $0.isEqual }?.value
  }
}

/// What one field has to be, or must not be.
public struct FieldRequirement: Sendable, Hashable {
  public var path: String
  public var isEqual: Bool
  public var value: String

  public init(_ path: String, isEqual: Bool = true, _ value: String) {
    self.path = path
    self.isEqual = isEqual
    self.value = value
  }
}

extension FieldQuery {
  /// Reads "a=b,c!=d,e==f". In a value, a backslash stands before a comma, an equals sign or a backslash.
  /// - Throws: a sentence in Kubernetes' words for the first thing that does not fit.
  public init(parsing text: String) throws(SelectorError) {
    self.init()
    for term in Self.terms(of: text) where !term.isEmpty {
      guard let sign = term.firstIndex(of: "="), term.startIndex < sign else {
        throw SelectorError("invalid selector: '\(text)'; can't understand '\(term)'")
      }
      let before = term[..<sign]
      let after = term[term.index(after: sign)...]
      let isEqual = before.last != "!"
      let value = isEqual && after.first == "=" ? after.dropFirst() : after
      requirements.append(
        FieldRequirement(String(isEqual ? before : before.dropLast()), isEqual: isEqual, try Self.unescaped(value)))
    }
  }

  /// The parts between commas that no backslash protects.
  private static func terms(of text: String) -> [Substring] {
    var isEscaped = false
    return text.split(omittingEmptySubsequences: false) { character in
      let isComma = character == "," && !isEscaped
      isEscaped = character == "\\" && !isEscaped
      return isComma
    }
  }

  private static func unescaped(_ value: Substring) throws(SelectorError) -> String {
    var unescaped = ""
    var rest = value
    while let character = rest.popFirst() {
      if character == "=" {
        throw SelectorError("invalid field selector: unescaped character in value: \(character)")
      }
      guard character == "\\" else {
        unescaped.append(character)
        continue
      }
      let escaped = rest.popFirst().map(String.init) ?? ""
      guard ["\\", ",", "="].contains(escaped) else {
        throw SelectorError("invalid field selector: invalid escape sequence: \\\(escaped)")
      }
      unescaped += escaped
    }
    return unescaped
  }
}
