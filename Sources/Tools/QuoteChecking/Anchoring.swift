/// Finds the lines that a drifted quote meant.
///
/// After an edit of the source most lines of an old quote still stand there, some are changed, some are gone and new
/// ones stand between them. A local alignment (Smith and Waterman, on lines instead of bases) finds the stretch of the
/// file that resembles the old text most. Lines that other quotes own are walls.
package struct Anchoring {
  let file: [Line]
  let isTaken: (Int) -> Bool

  package init(file: [String], isTaken: @escaping (Int) -> Bool) {
    self.file = file.map(Line.init)
    self.isTaken = isTaken
  }

  /// A stretch of the file, and how many lines at either end of the old text found no counterpart in it.
  package struct Anchor: Hashable {
    package var lines: Range<Int>
    package var lostAbove: Int
    package var lostBelow: Int
  }

  /// Anchors of the pieces that are runs, in order; nil when one of them resembles nothing any more.
  package func anchors(of pieces: [Piece]) -> [Anchor]? {
    var found: [Anchor] = []
    var position = 0
    for case .run(let lines) in pieces {
      guard let anchor = anchor(of: lines.map(Line.init), from: position) else { return nil }
      found.append(anchor)
      position = anchor.lines.upperBound
    }
    return found
  }

  private func anchor(of old: [Line], from start: Int) -> Anchor? {
    var best = Cell()
    var above = Array(repeating: Cell(), count: file.count + 1)
    for row in old.indices {
      var current = Array(repeating: Cell(), count: file.count + 1)
      for column in file.indices.dropFirst(start) where !isTaken(column) {
        let gain = old[row].resemblance(to: file[column]) * old[row].weight
        let matched = gain > 0 ? above[column].matching(row, column, gain) : above[column].skipping
        current[column + 1] = max(matched, above[column + 1].skipping, current[column].skipping)
        if current[column + 1].score > best.score { best = current[column + 1] }
      }
      above = current
    }
    guard best.score >= 0.25 * old.reduce(0, { $0 + $1.weight }), best.score > 0 else { return nil }
    return Anchor(lines: best.lines, lostAbove: best.old.lowerBound, lostBelow: old.count - best.old.upperBound)
  }

  /// The best alignment that ends at a place: its score, and what it has matched of the old text and of the file.
  private struct Cell {
    var score = 0.0
    var old = 0..<0
    var lines = 0..<0

    func matching(_ row: Int, _ column: Int, _ gain: Double) -> Cell {
      score > 0
        ? Cell(score: score + gain, old: old.lowerBound..<row + 1, lines: lines.lowerBound..<column + 1)
        : Cell(score: gain, old: row..<row + 1, lines: column..<column + 1)
    }

    /// A line without counterpart costs a little, so that a stretch does not reach for a lone brace far away.
    var skipping: Cell {
      score > 0.2 ? Cell(score: score - 0.2, old: old, lines: lines) : Cell()
    }
  }

  private func max(_ cells: Cell...) -> Cell {
    cells.reduce(Cell()) { $1.score > $0.score ? $1 : $0 }
  }
}

/// A line prepared for comparison: its text, and the pairs of neighbouring characters in it, sorted.
struct Line {
  let text: String
  let pairs: [UInt16]
  /// What a match of this line is worth: a brace says little, a long line much.
  let weight: Double

  init(_ text: String) {
    self.text = text
    let bytes = text.utf8.filter { $0 != UInt8(ascii: " ") }
    pairs = zip(bytes, bytes.dropFirst()).map { UInt16($0) << 8 | UInt16($1) }.sorted()
    weight = bytes.isEmpty ? 0.1 : 0.5 + Double(min(bytes.count, 40)) / 10
  }

  /// 1 for the same line, less for a changed one, 0 for another line (Dice's coefficient over the pairs).
  func resemblance(to other: Line) -> Double {
    if text == other.text { return 1 }
    guard !pairs.isEmpty, !other.pairs.isEmpty else { return 0 }
    var shared = 0
    var (left, right) = (0, 0)
    while left < pairs.count, right < other.pairs.count {
      if pairs[left] == other.pairs[right] {
        shared += 1
        left += 1
        right += 1
      } else if pairs[left] < other.pairs[right] {
        left += 1
      } else {
        right += 1
      }
    }
    let likeness = 2 * Double(shared) / Double(pairs.count + other.pairs.count)
    return likeness >= 0.5 ? likeness * 0.9 : 0
  }
}
