/// Where a quote stands in its file.
///
/// A quote without folds is one run of whole lines. Each fold lets the match jump forward to a later place where the
/// quote goes on. Short quotes may fit in several places; all are returned, the nearest first, and the ledger prefers
/// one that no other quote has taken.
struct Match: Hashable {
  /// Positions of quoted lines, counted from 0, ascending.
  var runs: [Range<Int>]

  var lines: [Int] { runs.flatMap { Array($0) } }
}

/// A quote of a single brace can fit anywhere; beyond this many places, more choice helps nobody.
private let mostMatches = 500

func matches(of pieces: [Piece], in file: [String]) -> [Match] {
  var found: [Match] = []

  func search(_ rest: ArraySlice<Piece>, from position: Int, mayJump: Bool, taken: [Range<Int>]) {
    guard found.count < mostMatches else { return }
    guard let piece = rest.first else {
      if !taken.isEmpty { found.append(Match(runs: taken)) }
      return
    }
    switch piece {
    case .run(let lines):
      let last = mayJump ? file.count - lines.count : min(position, file.count - lines.count)
      guard position <= last else { return }
      for start in position...last where file[start..<start + lines.count].elementsEqual(lines) {
        let end = start + lines.count
        search(rest.dropFirst(), from: end, mayJump: false, taken: taken + [start..<end])
      }
    case .fold(let comment):
      if position < file.count, file[position].droppingTrailingSpaces == comment {
        search(rest.dropFirst(), from: position + 1, mayJump: true, taken: taken + [position..<position + 1])
      } else {
        search(rest.dropFirst(), from: position, mayJump: true, taken: taken)
      }
    }
  }

  search(pieces[...], from: 0, mayJump: true, taken: [])
  return found
}
