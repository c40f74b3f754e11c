/// What each byte of a Swift file is, read just closely enough that a brace in a sentence opens nothing. Code inside an
/// interpolation is code. Regex literals between slashes are taken for code.
struct Marks {
  enum Mark: Sendable { case code, comment, literal }

  private enum Context {
    /// `parentheses` counts those open inside an interpolation.
    case code(parentheses: Int)
    case literal(hashes: Int, isMultiline: Bool)
  }

  private let bytes: [UInt8]
  private var position = 0
  private var marks: [Mark] = []
  private var contexts: [Context] = [.code(parentheses: 0)]

  /// One mark a byte.
  static func of(_ bytes: [UInt8]) -> [Mark] {
    var reader = Marks(bytes)
    reader.marks.reserveCapacity(bytes.count)
    while reader.position < bytes.count { reader.step() }
    return reader.marks
  }

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  private mutating func step() {
    switch contexts.last {
    case .literal(let hashes, let isMultiline): readLiteral(hashes, isMultiline)
    case .code(let parentheses): readCode(parentheses)
    case nil: take(1, .code)
    }
  }

  private mutating func take(_ count: Int, _ mark: Mark) {
    let end = min(bytes.count, position + count)
    marks += repeatElement(mark, count: end - position)
    position = end
  }

  private func sees(_ text: StaticString, at offset: Int = 0) -> Bool {
    let start = position + offset
    guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
    return text.withUTF8Buffer { $0.elementsEqual(bytes[start..<start + text.utf8CodeUnitCount]) }
  }

  private func hashCount(at offset: Int) -> Int {
    bytes[min(bytes.count, position + offset)...].prefix { $0 == UInt8(ascii: "#") }.count
  }

  private mutating func readLiteral(_ hashes: Int, _ isMultiline: Bool) {
    if sees("\\"), hashCount(at: 1) >= hashes {
      if sees("(", at: 1 + hashes) {
        contexts.append(.code(parentheses: 0))
        take(2 + hashes, .literal)
      } else {
        // The escaped sign too; an escaped line break leaves the literal open.
        take(2 + hashes, .literal)
      }
    } else if isMultiline ? sees("\"\"\"") : sees("\""), hashCount(at: isMultiline ? 3 : 1) >= hashes {
      contexts.removeLast()
      take((isMultiline ? 3 : 1) + hashes, .literal)
    } else if sees("\n"), !isMultiline {
      // A literal of one line ends with it, whatever it contains.
      contexts.removeLast()
    } else {
      take(1, .literal)
    }
  }

  private mutating func readCode(_ parentheses: Int) {
    if sees("//") {
      take(bytes[position...].prefix { $0 != UInt8(ascii: "\n") }.count, .comment)
    } else if sees("/*") {
      readComment()
    } else if let literal = literalStart() {
      contexts.append(.literal(hashes: literal.hashes, isMultiline: literal.isMultiline))
      take(literal.length, .literal)
    } else if contexts.count > 1, sees(")"), parentheses == 0 {
      contexts.removeLast()
      take(1, .literal)
    } else {
      if contexts.count > 1, sees("(") || sees(")") {
        contexts[contexts.count - 1] = .code(parentheses: parentheses + (sees("(") ? 1 : -1))
      }
      take(1, .code)
    }
  }

  private mutating func readComment() {
    var depth = 0
    repeat {
      if sees("/*") {
        depth += 1
        take(2, .comment)
      } else if sees("*/") {
        depth -= 1
        take(2, .comment)
      } else {
        take(1, .comment)
      }
    } while depth > 0 && position < bytes.count
  }

  private func literalStart() -> (hashes: Int, isMultiline: Bool, length: Int)? {
    let hashes = hashCount(at: 0)
    if sees("\"\"\"", at: hashes) { return (hashes, true, hashes + 3) }
    if sees("\"", at: hashes) { return (hashes, false, hashes + 1) }
    return nil
  }
}
