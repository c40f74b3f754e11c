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
  /// Boxes drawn with lines.
  var drawn: String { boxes.map(\.drawn).joined(separator: "\n") }

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
  fileprivate var drawn: String {
    let rows = lines.isEmpty ? ["(\(empty))"] : lines.map { line in line.symbol.map { "\($0) \(line.text)" } ?? line.text }
    let width = max(title.count + 2, rows.map(\.count).max() ?? 0)
    let top = "  ┌ \(title) " + String(repeating: "─", count: width - title.count) + "┐"
    let bottom = "  └" + String(repeating: "─", count: width + 2) + "┘"
    return ([top] + rows.map { "  │ \($0.padded(to: width)) │" } + [bottom]).joined(separator: "\n")
  }
}

extension String {
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
