/// Who quotes which line of one file.
struct Ledger {
  let file: [String]
  private(set) var quotesOfLine: [[Quote]]

  init(file: [String]) {
    self.file = file
    quotesOfLine = Array(repeating: [], count: file.count)
  }

  mutating func enter(_ quote: Quote, _ match: Match) {
    for line in match.lines { quotesOfLine[line].append(quote) }
  }

  func isTaken(_ line: Int) -> Bool { !quotesOfLine[line].isEmpty }

  /// Enters every quote that matches, and returns the rest. Quotes that fit in one place only choose first.
  mutating func enter(_ quotes: [Quote]) -> [Quote] {
    let fitting = quotes.map { (quote: $0, places: matches(of: $0.pieces, in: file)) }
    for entry in fitting where entry.places.count == 1 { enter(entry.quote, entry.places[0]) }
    for entry in fitting where entry.places.count > 1 {
      if let best = entry.places.min(by: { overlap($0) < overlap($1) }) { enter(entry.quote, best) }
    }
    return fitting.filter(\.places.isEmpty).map(\.quote)
  }

  private func overlap(_ match: Match) -> Int {
    match.lines.count { isTaken($0) && !file[$0].isBlank }
  }

  /// Blank lines need no quote, so they are neither counted nor missed.
  var lineCount: Int { file.count { !$0.isBlank } }
  var quotedCount: Int { file.indices.count { !file[$0].isBlank && isTaken($0) } }

  /// Runs of lines that no quote shows, counted from 1; each begins and ends with a line that is not blank.
  var uncovered: [ClosedRange<Int>] {
    runs { !isTaken($0) }
  }

  /// Runs of lines that the same several quotes show.
  var quotedTwice: [(lines: ClosedRange<Int>, quotes: [Quote])] {
    var found: [(lines: ClosedRange<Int>, quotes: [Quote])] = []
    for index in file.indices where quotesOfLine[index].count > 1 && !file[index].isBlank {
      if let last = found.last, last.quotes == quotesOfLine[index], last.lines.upperBound == index {
        found[found.count - 1].lines = last.lines.lowerBound...index + 1
      } else {
        found.append((index + 1...index + 1, quotesOfLine[index]))
      }
    }
    return found
  }

  private func runs(where belongs: (Int) -> Bool) -> [ClosedRange<Int>] {
    var found: [ClosedRange<Int>] = []
    var isOpen = false
    for index in file.indices where !file[index].isBlank {
      if belongs(index) {
        if isOpen, let last = found.popLast() {
          found.append(last.lowerBound...index + 1)
        } else {
          found.append(index + 1...index + 1)
        }
      }
      isOpen = belongs(index)
    }
    return found
  }
}
