/// A chapter's Markdown and the quotes that stand in it.
///
/// Only fences matter here, wherever they stand (in lists, inside `<details>`), and a fence inside a longer fence is
/// text. All other lines are kept as they are.
public struct ChapterText: Sendable {
  public let path: String
  public private(set) var lines: [String]
  /// In the order of the text.
  public private(set) var quotes: [Quote] = []
  private var fences: [FencedLines] = []

  public init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    findQuotes()
  }

  public var text: String { lines.joined(separator: "\n") }

  /// Gives quotes new bodies, and takes away what they requested; `bodies` is keyed by position in `quotes`.
  public mutating func replaceBodies(_ bodies: [Int: [String]]) {
    // From the end, so that earlier positions stay valid.
    for (index, fence) in fences.enumerated().reversed() {
      guard let body = bodies[index] else { continue }
      let indentation = String(repeating: " ", count: fence.opening.indentation)
      lines.replaceSubrange(fence.body, with: body.map { $0.isEmpty ? $0 : indentation + $0 })
      lines[fence.body.lowerBound - 1] = fence.opening.line(without: "lines")
    }
    findQuotes()
  }

  private mutating func findQuotes() {
    quotes = []
    fences = []
    var index = 0
    while index < lines.count {
      guard let opening = Fence(lines[index]) else {
        index += 1
        continue
      }
      let start = index + 1
      let end = lines[start...].firstIndex(where: opening.isClosed(by:)) ?? lines.count
      if let file = opening.attributes["file"] {
        fences.append(FencedLines(opening: opening, body: start..<end))
        quotes.append(
          Quote(
            chapter: path, line: start, file: file,
            requested: opening.attributes["lines"].map(lineRanges) ?? [],
            body: lines[start..<end].map(opening.removingIndentation)))
      }
      index = end + 1
    }
  }
}

private struct FencedLines {
  var opening: Fence
  var body: Range<Int>
}

/// The opening line of a fenced block (CommonMark 0.31, 4.5), at any indentation.
package struct Fence {
  package let indentation: Int
  let marker: Substring
  package let info: Substring

  package init?(_ line: String) {
    let text = line.drop { $0 == " " }
    guard let sign = text.first, sign == "`" || sign == "~" else { return nil }
    marker = text.prefix { $0 == sign }
    info = text[marker.endIndex...]
    indentation = line.count - text.count
    guard marker.count >= 3, sign == "~" || !info.contains("`") else { return nil }
  }

  package func isClosed(by line: String) -> Bool {
    let text = line.drop { $0 == " " }
    let signs = text.prefix { $0 == marker.first }
    return signs.count >= marker.count && text[signs.endIndex...].allSatisfy(\.isWhitespace)
  }

  package func removingIndentation(_ line: String) -> String {
    let spaces = line.prefix(indentation).prefix { $0 == " " }
    return String(line[spaces.endIndex...])
  }

  /// The words `name=value` after the language.
  var attributes: [String: String] {
    var found: [String: String] = [:]
    for word in info.split(separator: " ") {
      guard let sign = word.firstIndex(of: "=") else { continue }
      found[String(word[..<sign])] = String(word[word.index(after: sign)...])
    }
    return found
  }

  func line(without attribute: String) -> String {
    let words = info.split(separator: " ").filter { !$0.hasPrefix(attribute + "=") }
    return String(repeating: " ", count: indentation) + marker + words.joined(separator: " ")
  }
}

/// `10-14,30` as ranges; a part that makes no sense becomes an empty request at line 0, which no file can meet.
private func lineRanges(_ text: String) -> [ClosedRange<Int>] {
  text.split(separator: ",", omittingEmptySubsequences: false).map { part in
    let ends = part.split(separator: "-").map { Int($0) }
    guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
      return 0...0
    }
    return first...last
  }
}
