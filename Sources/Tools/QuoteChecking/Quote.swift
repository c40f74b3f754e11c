/// A piece of a chapter that claims to be a piece of a file: a fence with a `file=` attribute.
///
///     ```swift file=Sources/02-ReplicaSets/ReplicaSetController.swift
///
/// An author may write `lines=10-34` (or `lines=10-14,30-34`) and leave the body empty; refreshing fills it.
public struct Quote: Hashable, Sendable {
  /// The chapter's path in the repository.
  public var chapter: String
  /// The line of the opening fence, counted from 1.
  public var line: Int
  /// The quoted file's path in the repository.
  public var file: String
  /// The lines that an unfilled quote asks for, counted from 1; empty in a finished quote.
  public var requested: [ClosedRange<Int>]
  /// The quoted lines, without the fence's own indentation.
  public var body: [String]

  public init(chapter: String, line: Int, file: String, requested: [ClosedRange<Int>] = [], body: [String]) {
    self.chapter = chapter
    self.line = line
    self.file = file
    self.requested = requested
    self.body = body
  }

  public var place: String { "\(chapter):\(line)" }
}

/// A quote's body, cut where it leaves something out.
package enum Piece: Hashable {
  /// Lines that stand in the file one below the other.
  case run([String])
  /// A comment that ends in `⋯`, without that sign. It stands for lines that another quote shows; where the file has
  /// the same comment at this place, the comment itself counts as quoted.
  case fold(String)
}

extension Quote {
  static let foldSign: Character = "⋯"

  /// Blank lines beside a fold are the author's layout and belong to no run.
  var pieces: [Piece] {
    var pieces: [Piece] = []
    var run: [String] = []
    var afterFold = false
    func finish(beforeFold: Bool) {
      var lines = run[...]
      if afterFold { lines = lines.drop(while: \.isBlank) }
      while beforeFold, let last = lines.last, last.isBlank { lines = lines.dropLast() }
      if !lines.isEmpty { pieces.append(.run(Array(lines))) }
      run = []
    }
    for line in body {
      guard let comment = Self.foldedComment(line) else {
        run.append(line)
        continue
      }
      finish(beforeFold: true)
      pieces.append(.fold(comment))
      afterFold = true
    }
    finish(beforeFold: false)
    return pieces
  }

  /// `  // the cases ⋯` gives `  // the cases`; a line that is no fold gives nil. YAML's `#` comments fold too.
  static func foldedComment(_ line: String) -> String? {
    let text = line.drop(while: \.isWhitespace)
    guard text.hasPrefix("//") || text.hasPrefix("#"), line.last == foldSign else { return nil }
    return String(line.dropLast()).droppingTrailingSpaces
  }
}

extension String {
  var isBlank: Bool { allSatisfy(\.isWhitespace) }

  var droppingTrailingSpaces: String {
    var text = self[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  var indentation: String { String(prefix { $0 == " " || $0 == "\t" }) }
}
