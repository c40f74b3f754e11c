import Objects

// What can be done with texts. Positions count characters (Unicode scalars), not bytes.

extension CELLibrary {
  static let texts: [CELFunction] = [
    method("contains", .searching) { (text: String, part: String) in
      firstIndex(of: Array(part.utf8), in: Array(text.utf8), from: 0) != nil
    },
    method("startsWith", .comparing) { (text: String, part: String) in text.utf8.starts(with: part.utf8) },
    method("endsWith", .comparing) { (text: String, part: String) in
      text.utf8.reversed().starts(with: part.utf8.reversed())
    },
    method("charAt", .reading) { (text: String, index: Int64) in
      let letters = text.letters
      if index == letters.count { return "" }
      return try String(letters: letters[letters.range(index, index + 1)])
    },
    method("indexOf", .searching) { (text: String, part: String) in
      Int64(firstIndex(of: part.letters, in: text.letters, from: 0) ?? -1)
    },
    method("indexOf", .searching) { (text: String, part: String, start: Int64) in
      let letters = text.letters
      let range = try letters.range(start, Int64(letters.count))
      return Int64(firstIndex(of: part.letters, in: letters, from: range.lowerBound) ?? -1)
    },
    method("lastIndexOf", .searching) { (text: String, part: String) in
      lastIndex(of: part.letters, in: text.letters, upTo: .max)
    },
    method("lastIndexOf", .searching) { (text: String, part: String, end: Int64) in
      let letters = text.letters
      let range = try letters.range(0, end)
      return lastIndex(of: part.letters, in: letters, upTo: range.upperBound)
    },
    method("join", .reading) { (list: Items<String>) in try list.elements().joined() },
    method("join", .multiplying) { (list: Items<String>, separator: String) in
      try list.elements().joined(separator: separator)
    },
    method("lowerAscii", .reading) { (text: String) in
      String(letters: text.letters.map { ("A"..."Z").contains($0) ? $0.shifted(by: 32) : $0 })
    },
    method("upperAscii", .reading) { (text: String) in
      String(letters: text.letters.map { ("a"..."z").contains($0) ? $0.shifted(by: -32) : $0 })
    },
    method("replace", .multiplying) { (text: String, old: String, new: String) in
      pieces(of: text, separatedBy: old, limit: .max).joined(separator: new)
    },
    method("replace", .multiplying) { (text: String, old: String, new: String, limit: Int64) in
      pieces(of: text, separatedBy: old, limit: limit < 0 ? .max : Int(limit)).joined(separator: new)
    },
    method("split", .searching) { (text: String, separator: String) in
      Items<String>(elements: split(text, separator, limit: .max))
    },
    method("split", .searching) { (text: String, separator: String, limit: Int64) in
      Items<String>(elements: limit == 0 ? [] : split(text, separator, limit: limit < 0 ? .max : Int(limit) - 1))
    },
    method("substring", .reading) { (text: String, start: Int64) in
      let letters = text.letters
      return try String(letters: letters[letters.range(start, Int64(letters.count))])
    },
    method("substring", .reading) { (text: String, start: Int64, end: Int64) in
      let letters = text.letters
      return try String(letters: letters[letters.range(start, end)])
    },
    method("trim", .reading) { (text: String) in
      let letters = text.letters
      let start = letters.prefix { $0.properties.isWhitespace }.count
      return String(letters: letters.dropFirst(start).reversed().drop { $0.properties.isWhitespace }.reversed())
    },
    function("strings.quote", .reading) { (text: String) in quote(text) },
    // Nobody knows beforehand how long the result will be.
    CELFunction(
      "format", isMethod: true, [.string, .list(of: .dyn)],
      CELType(.simple("string"), limit: CELType.string.largestSize), .filling
    ) { arguments in
      guard case .string(let template) = arguments[0], case .list(let values) = arguments[1] else { return nil }
      return .string(
        try CELTemplate.filled(template, count: values.count) { try CELTemplate.text(values[$0], $1) })
    },
  ]

  static func quote(_ text: String) -> String {
    "\"" + text.letters.map { quoted[$0] ?? String($0) }.joined() + "\""
  }

  private static let quoted: [Unicode.Scalar: String] = [
    "\u{7}": "\\a", "\u{8}": "\\b", "\u{c}": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\u{b}": "\\v", "\\": "\\\\",
    "\"": "\\\"",
  ]

  private static func firstIndex<E: Equatable>(of part: [E], in whole: [E], from start: Int) -> Int? {
    guard start + part.count <= whole.count else { return nil }
    return (start...whole.count - part.count).first { whole[$0..<$0 + part.count].elementsEqual(part) }
  }

  private static func lastIndex(of part: [Unicode.Scalar], in whole: [Unicode.Scalar], upTo end: Int) -> Int64 {
    guard part.count <= whole.count else { return -1 }
    let last = min(end, whole.count - part.count)
    return Int64((0...last).last { whole[$0..<$0 + part.count].elementsEqual(part) } ?? -1)
  }

  private static func split(_ text: String, _ separator: String, limit: Int) -> [String] {
    if !separator.isEmpty { return pieces(of: text, separatedBy: separator, limit: limit) }
    let letters = text.letters
    let count = min(limit, max(0, letters.count - 1))
    return text.isEmpty ? [] : letters.prefix(count).map(String.init) + [String(letters: letters.dropFirst(count))]
  }

  /// What is left of a text when the separator is taken out at most so many times. Nothing separates all letters, and
  /// stands before the first and behind the last as well.
  private static func pieces(of text: String, separatedBy separator: String, limit: Int) -> [String] {
    let (letters, part) = (text.letters, separator.letters)
    if part.isEmpty {
      let count = min(limit, letters.count + 1)
      if count == 0 { return [text] }
      return [""] + letters.prefix(count - 1).map(String.init) + [String(letters: letters.dropFirst(count - 1))]
    }
    var (pieces, start): ([String], Int) = ([], 0)
    while pieces.count < limit, let found = firstIndex(of: part, in: letters, from: start) {
      pieces.append(String(letters: letters[start..<found]))
      start = found + part.count
    }
    return pieces + [String(letters: letters[start...])]
  }
}

extension String {
  var letters: [Unicode.Scalar] { Array(unicodeScalars) }

  init(letters: some Sequence<Unicode.Scalar>) {
    var view = UnicodeScalarView()
    view.append(contentsOf: letters)
    self.init(view)
  }
}

extension Unicode.Scalar {
  fileprivate func shifted(by distance: Int32) -> Unicode.Scalar {
    Unicode.Scalar(UInt32(bitPattern: Int32(bitPattern: value) &+ distance)) ?? self
  }
}

extension Array {
  /// - Throws: when it does not lie in the array.
  func range(_ start: Int64, _ end: Int64) throws -> Range<Int> {
    guard start >= 0, start <= count else { throw CELFailure.fault("index out of range: \(start)") }
    guard end >= 0, end <= count else { throw CELFailure.fault("index out of range: \(end)") }
    guard start <= end else { throw CELFailure.fault("invalid substring range. start: \(start), end: \(end)") }
    return Int(start)..<Int(end)
  }
}
