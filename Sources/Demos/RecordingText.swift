import Simulation

/// The timeline at the end of a demo, as text.
extension Recording {
  private static let columnsPerBlock = 50

  /// A row for each thing, a column for each unit of time; long ones in several blocks, to fit into 80 columns.
  var text: String {
    let blocks = stride(from: 0, to: columns, by: Self.columnsPerBlock).map { start in
      block(start..<min(start + Self.columnsPerBlock, columns))
    }
    return (["One column is \(unit); the numbers above are the steps."] + blocks).joined(separator: "\n\n")
  }

  private func block(_ range: Range<Int>) -> String {
    let width = timeline.rows.map(\.name.count).max() ?? 0
    var marks = Array(repeating: Character(" "), count: range.count)
    for (number, column) in zip(1..., stepColumns) where range.contains(column) {
      for (offset, digit) in "\(number)".enumerated() where column - range.lowerBound + offset < marks.count {
        marks[column - range.lowerBound + offset] = digit
      }
    }
    let rows = timeline.rows.compactMap { row -> String? in
      let symbols = row.symbols.dropFirst(range.lowerBound).prefix(range.count)
      guard symbols.contains(where: { $0 != " " }) else { return nil }
      return (row.name.padded(to: width) + "  " + String(symbols)).withoutTrailingBlanks
    }
    let ruler = ("".padded(to: width + 2) + String(marks)).withoutTrailingBlanks
    return ((ruler.isEmpty ? [] : [ruler]) + rows).joined(separator: "\n")
  }

  /// The same in sentences: "web: starting at 2, ready from 3 to 9."
  var inWords: String {
    let rows = timeline.rows.map { row in
      let phrases = runs(of: row.symbols).map { run in
        let meaning = legend.first { $0.symbol == run.symbol }?.meaning ?? String(run.symbol)
        let (first, last) = (run.columns.lowerBound + 1, run.columns.upperBound)
        return first == last ? "\(meaning) at \(first)" : "\(meaning) from \(first) to \(last)"
      }
      return "  \(row.name): \(phrases.joined(separator: ", "))."
    }
    return (["The timeline in words; a number stands for \(unit)."] + rows).joined(separator: "\n")
  }

  /// A stretch of equal symbols in a row.
  struct Run: Equatable {
    var symbol: Character
    var columns: Range<Int>
  }

  /// Blanks are left out.
  func runs(of symbols: [Character]) -> [Run] {
    var runs: [Run] = []
    for (column, symbol) in symbols.enumerated() where symbol != " " {
      if let last = runs.indices.last, runs[last].symbol == symbol, runs[last].columns.upperBound == column {
        runs[last].columns = runs[last].columns.lowerBound..<(column + 1)
      } else {
        runs.append(Run(symbol: symbol, columns: column..<(column + 1)))
      }
    }
    return runs
  }
}
