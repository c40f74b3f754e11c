// Text in columns, as Go's tabwriter lays it out. kubectl's tables and its descriptions both come out of one, and
// people compare them by eye, so the rule is kept to the space.

/// A table whose rows all have the same number of cells. It remembers how wide its columns were, so that rows that a
/// watch adds later stand under the first ones.
struct Columns {
  private var widths: [Int] = []

  /// The rows as lines. Cells are three spaces apart and at least six wide; the last one is not padded.
  mutating func lines(_ rows: [[String]]) -> String {
    for row in rows {
      for (index, cell) in row.dropLast().enumerated() {
        if index == widths.count { widths.append(0) }
        widths[index] = max(widths[index], max(cell.unicodeScalars.count + 3, 6))
      }
    }
    var text = ""
    for row in rows {
      for (index, cell) in row.enumerated() {
        text += cell
        if index < row.count - 1 { text += spaces(widths[index] - cell.unicodeScalars.count) }
      }
      text += "\n"
    }
    return text
  }
}

/// Lines whose cells end in tabs, with each run of lines that have a column aligned in it.
func aligned(_ text: String, padding: Int = 2) -> String {
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
    $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
  }
  alignColumn(0, of: &lines, in: lines.indices, padding)
  return lines.map { $0.joined() }.joined(separator: "\n")
}

private func alignColumn(_ column: Int, of lines: inout [[String]], in range: Range<Int>, _ padding: Int) {
  var start = range.lowerBound
  while start < range.upperBound {
    // Only a cell with a tab behind it belongs to a column.
    guard lines[start].count > column + 1 else {
      start += 1
      continue
    }
    let end = lines[start..<range.upperBound].firstIndex { $0.count <= column + 1 } ?? range.upperBound
    let width = lines[start..<end].map { $0[column].unicodeScalars.count + padding }.max() ?? 0
    for index in start..<end {
      lines[index][column] += spaces(width - lines[index][column].unicodeScalars.count)
    }
    alignColumn(column + 1, of: &lines, in: start..<end, padding)
    start = end
  }
}

func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
