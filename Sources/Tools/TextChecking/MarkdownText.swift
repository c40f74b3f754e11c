import QuoteChecking

/// A Markdown file, taken apart as far as the checks need it: fenced blocks, and the prose between them.
public struct MarkdownText: Sendable {
  /// From the repository's root: `chapters/02-replica-sets.md`.
  public let path: String
  public let lines: [String]
  public let blocks: [Block]

  /// A fenced block.
  public struct Block: Sendable, Hashable {
    public var marking: Marking
    /// The line of the opening fence, counted from 1.
    public var line: Int
    /// Positions of the lines between the fences, counted from 0.
    public var body: Range<Int>
    /// Those lines without the fence's own indentation.
    public var content: [String]
    var indentation: Int
  }

  public init(path: String, text: String) {
    self.path = path
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var blocks: [Block] = []
    var index = 0
    while index < lines.count {
      guard let opening = Fence(lines[index]) else {
        index += 1
        continue
      }
      let start = index + 1
      let end = lines[start...].firstIndex(where: opening.isClosed(by:)) ?? lines.count
      blocks.append(
        Block(
          marking: Marking(String(opening.info)), line: start, body: start..<end,
          content: lines[start..<end].map(opening.removingIndentation), indentation: opening.indentation))
      index = end + 1
    }
    self.lines = lines
    self.blocks = blocks
  }

  public var text: String { lines.joined(separator: "\n") }

  /// Lines outside the blocks, with their numbers counted from 1.
  public var prose: [(number: Int, line: String)] {
    var found: [(number: Int, line: String)] = []
    var index = 0
    for block in blocks {
      found += (index..<block.line - 1).map { ($0 + 1, lines[$0]) }
      index = min(block.body.upperBound + 1, lines.count)
    }
    return found + (index..<lines.count).map { ($0 + 1, lines[$0]) }
  }

  /// The text with new contents of some blocks, keyed by the line of their opening fence.
  func replacing(_ contents: [Int: [String]]) -> String {
    var lines = lines
    for block in blocks.reversed() {
      guard let content = contents[block.line] else { continue }
      let indentation = String(repeating: " ", count: block.indentation)
      lines.replaceSubrange(block.body, with: content.map { $0.isEmpty ? $0 : indentation + $0 })
    }
    return lines.joined(separator: "\n")
  }
}

/// What stands behind the opening fence: a language, words, and values.
///
///     console cluster=1
///     console norun="builds everything"
///     swift try
public struct Marking: Sendable, Hashable {
  public var language = ""
  /// Words without a value have the empty one.
  private var values: [String: String] = [:]

  init(_ info: String) {
    for (position, word) in Self.words(of: info).enumerated() {
      guard position > 0 else {
        language = word
        continue
      }
      let sign = word.firstIndex(of: "=") ?? word.endIndex
      values[String(word[..<sign])] = String(word[sign...].dropFirst())
    }
  }

  var words: [String] { Array(values.keys) }

  /// nil when the word is not there.
  subscript(_ word: String) -> String? { values[word] }

  /// Quotation marks hold words together and are taken off.
  private static func words(of info: String) -> [String] {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    for character in info {
      if character == "\"" {
        isQuoted.toggle()
        word = word ?? ""
      } else if character.isWhitespace, !isQuoted {
        if let finished = word { words.append(finished) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }
}
