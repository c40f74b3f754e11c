/// What there is to see at one moment: boxes with lines in them.
struct Scene: Equatable {
  var boxes: [Box] = []

  struct Box: Equatable {
    var title: String
    var lines: [Line]
    /// What stands there without a line.
    var empty = "empty"
  }

  struct Line: Equatable {
    var symbol: Character?
    var text: String

    init(_ symbol: Character? = nil, _ text: String) {
      self.symbol = symbol
      self.text = text
    }
  }
}

extension Scene {
  private static let widest = 78

  /// Boxes drawn with lines, side by side while there is room.
  var drawn: String {
    var rows: [[[String]]] = []
    for box in boxes.map(\.drawn) {
      let width = (rows.last ?? []).reduce(2 + (box.first?.count ?? 0)) { $0 + ($1.first?.count ?? 0) + 2 }
      if rows.isEmpty || width > Self.widest { rows.append([box]) } else { rows[rows.count - 1].append(box) }
    }
    return rows.map(Self.sideBySide).joined(separator: "\n")
  }

  private static func sideBySide(_ boxes: [[String]]) -> String {
    (0..<(boxes.map(\.count).max() ?? 0)).map { line in
      let parts = boxes.map { $0.indices.contains(line) ? $0[line] : "".padded(to: $0.first?.count ?? 0) }
      return ("  " + parts.joined(separator: "  ")).withoutTrailingBlanks
    }.joined(separator: "\n")
  }

  /// The same in words, a line for each box, for screen readers and for terminals without these characters.
  func inWords(_ legend: [(symbol: Character, meaning: String)]) -> String {
    boxes.map { box in
      let lines = box.lines.map { line in
        let meaning = legend.first { $0.symbol == line.symbol }?.meaning
        return line.text.replacing("  ", with: ", ") + (meaning.map { ", \($0)" } ?? "")
      }
      return "  \(box.title): \(lines.isEmpty ? box.empty : lines.joined(separator: "; "))."
    }.joined(separator: "\n")
  }
}

extension Scene.Box {
  fileprivate var drawn: [String] {
    let rows =
      lines.isEmpty ? ["(\(empty))"] : lines.map { line in line.symbol.map { "\($0) \(line.text)" } ?? line.text }
    let width = max(title.count + 2, rows.map(\.count).max() ?? 0)
    let top = "┌ \(title) " + String(repeating: "─", count: width - title.count) + "┐"
    let bottom = "└" + String(repeating: "─", count: width + 2) + "┘"
    return [top] + rows.map { "│ \($0.padded(to: width)) │" } + [bottom]
  }
}

extension String {
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  var withoutTrailingBlanks: String { String(reversed().drop { $0 == " " }.reversed()) }

  /// Broken into lines between words; later lines begin under the first word.
  func wrapped(after label: String) -> String {
    var lines = [""]
    for word in split(separator: " ") {
      if lines[lines.count - 1].count + word.count + 1 > 78 - label.count, lines != [""] { lines.append("") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
    }
    return label + lines.joined(separator: "\n".padded(to: label.count + 1))
  }
}
