// Reads a JSONPath template, one character after the other.

import Objects

extension JSONPath {
  init(_ template: String) throws(JSONPathError) {
    var parser = JSONPathParser(template)
    parts = try parser.template(isInRange: false)
  }

  /// Reads a path that may be written without braces or without its first dot, as `--sort-by` and columns allow.
  init(relaxed text: String) throws(JSONPathError) {
    var text = text[...]
    if text.hasPrefix("{"), text.hasSuffix("}") { text = text.dropFirst().dropLast() }
    guard !text.isEmpty else { throw JSONPathError("unexpected path string, expected a 'name1.name2'") }
    let startsPath = [".", "[", "$", "@"].contains { text.hasPrefix($0) }
    try self.init("{" + (startsPath ? "" : ".") + text + "}")
  }
}

struct JSONPathParser {
  private let characters: [Character]
  private var position = 0

  init(_ text: String) { characters = Array(text) }

  private var next: Character? { characters.indices.contains(position) ? characters[position] : nil }

  private mutating func take(_ character: Character) -> Bool {
    guard next == character else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() { while next == " " || next == "\t" { position += 1 } }

  private mutating func take(while isWanted: (Character) -> Bool) -> String {
    let start = position
    while let next, isWanted(next) { position += 1 }
    return String(characters[start..<position])
  }

  private mutating func takeWord(_ word: String) -> Bool {
    let end = position + word.count
    guard end <= characters.count, String(characters[position..<end]) == word,
      end == characters.count || !(characters[end].isLetter || characters[end].isNumber)
    else { return false }
    position = end
    return true
  }
}

extension JSONPathParser {
  mutating func template(isInRange: Bool) throws(JSONPathError) -> [JSONPath.Part] {
    var parts: [JSONPath.Part] = []
    while next != nil {
      let text = take { $0 != "{" }
      if !text.isEmpty { parts.append(.text(text)) }
      guard take("{") else { break }
      skipSpace()
      if takeWord("end") {
        try close()
        guard isInRange else { throw JSONPathError("not in range, nothing to end") }
        return parts
      } else if takeWord("range") {
        skipSpace()
        let path = try path()
        try close()
        parts.append(.range(path, try template(isInRange: true)))
      } else {
        try action(into: &parts)
      }
    }
    if isInRange { throw JSONPathError("unclosed range: write {end} after it") }
    return parts
  }

  /// What stands between two braces: one path or literal, or several.
  private mutating func action(into parts: inout [JSONPath.Part]) throws(JSONPathError) {
    repeat {
      skipSpace()
      if let quote = next, quote == "\"" || quote == "'" {
        parts.append(.text(try quoted()))
      } else if next != "}" {
        parts.append(.path(try path()))
      }
      skipSpace()
    } while next != nil && next != "}"
    try close()
  }

  private mutating func close() throws(JSONPathError) {
    skipSpace()
    guard take("}") else { throw JSONPathError("unclosed action") }
  }

  private mutating func path() throws(JSONPathError) -> JSONPath.Path {
    var path = JSONPath.Path()
    let start = position
    if take("$") { path.isFromRoot = true } else { _ = take("@") }
    while let character = next {
      switch character {
      case ".":
        position += 1
        if take(".") {
          path.steps.append(.descent)
          if next != "[" { path.steps += fieldOrWildcard() }
        } else {
          path.steps += fieldOrWildcard()
        }
      case "[":
        position += 1
        path.steps.append(try subscripted())
      default:
        if position == start { throw unrecognized(character) }
        guard " \t})=!<>,]".contains(character) else { throw unrecognized(character) }
        return path
      }
    }
    return path
  }

  private func unrecognized(_ character: Character) -> JSONPathError {
    let code = String(character.unicodeScalars.first?.value ?? 0, radix: 16, uppercase: true)
    let padded = String(repeating: "0", count: max(0, 4 - code.count)) + code
    return JSONPathError("unrecognized character in action: U+\(padded) '\(character)'")
  }

  private mutating func fieldOrWildcard() -> [JSONPath.Step] {
    if take("*") { return [.wildcard] }
    var name = ""
    while let character = next, !" \t.[]{}()=!<>,|&\"'".contains(character) || character == "\\" {
      position += 1
      if character == "\\" {
        guard let escaped = next else { break }
        position += 1
        name.append(escaped)
      } else {
        name.append(character)
      }
    }
    return name.isEmpty ? [] : [.field(name)]
  }
}

// MARK: - Inside brackets

extension JSONPathParser {
  private mutating func subscripted() throws(JSONPathError) -> JSONPath.Step {
    skipSpace()
    if take("?") { return try filter() }
    var elements: [JSONPath.Step] = []
    repeat {
      skipSpace()
      elements.append(try element())
      skipSpace()
    } while take(",")
    guard take("]") else { throw JSONPathError("unterminated array") }
    if elements.count == 1 { return elements[0] }
    return .union(elements.map { JSONPath.Path(steps: [$0]) })
  }

  private mutating func element() throws(JSONPathError) -> JSONPath.Step {
    if take("*") { return .wildcard }
    if next == "'" || next == "\"" { return .field(try quoted()) }
    let text = take { !",] ".contains($0) }
    let numbers = text.split(separator: ":", omittingEmptySubsequences: false)
    guard !text.isEmpty, numbers.count <= 3, numbers.allSatisfy({ $0.isEmpty || Int($0) != nil }) else {
      throw JSONPathError("invalid array index \(text)")
    }
    if numbers.count == 1, let index = Int(text) { return .index(index) }
    let step = numbers.count == 3 ? Int(numbers[2]) ?? 1 : 1
    guard step > 0 else { throw JSONPathError("step must be > 0") }
    return .slice(from: Int(numbers[0]), to: Int(numbers[1]), by: step)
  }

  private mutating func filter() throws(JSONPathError) -> JSONPath.Step {
    guard take("(") else { throw JSONPathError("unterminated filter") }
    skipSpace()
    let left = try operand()
    skipSpace()
    let comparison = take { "=!<>".contains($0) }
    skipSpace()
    let right = comparison.isEmpty ? nil : try operand()
    skipSpace()
    guard take(")"), take("]") else { throw JSONPathError("unterminated filter") }
    return .filter(left, comparison: comparison.isEmpty ? nil : comparison, right)
  }

  private mutating func operand() throws(JSONPathError) -> JSONPath.Operand {
    switch next {
    case "\"", "'": return .literal(.string(try quoted()))
    case "@", "$", ".", "[": return .path(try path())
    default:
      let text = take { !" )=!<>".contains($0) }
      switch text {
      case "true", "false": return .literal(.bool(text == "true"))
      case "null", "nil": return .literal(.null)
      default:
        if let integer = Int64(text) { return .literal(.integer(integer)) }
        if let double = Double(text) { return .literal(.double(double)) }
        throw JSONPathError("unrecognized operand \"\(text)\" in a filter: put a string in quotes")
      }
    }
  }

  private mutating func quoted() throws(JSONPathError) -> String {
    guard let quote = next else { throw JSONPathError("unterminated quoted string") }
    position += 1
    var text = ""
    while let character = next {
      position += 1
      if character == quote { return text }
      guard character == "\\" else {
        text.append(character)
        continue
      }
      guard let escaped = next else { break }
      position += 1
      switch escaped {
      case "n": text += "\n"
      case "t": text += "\t"
      case "r": text += "\r"
      default: text.append(escaped)
      }
    }
    throw JSONPathError("unterminated quoted string")
  }
}
