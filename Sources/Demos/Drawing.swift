import Simulation

/// A recording as an SVG picture, drawn from the run itself: a row for each thing, bars for its states, a line where a
/// step begins.
struct Drawing {
  private let recording: Recording
  private let left: Int
  private let cell: Double

  private static let width = 640
  private static let margin = 16
  private static let row = 24
  private static let top = 44

  init(_ recording: Recording) {
    self.recording = recording
    let longest = recording.timeline.rows.map(\.name.count).max() ?? 0
    left = Self.margin + longest * 8 + 12
    cell = Double(Self.width - Self.margin - left) / Double(max(1, recording.columns))
  }

  var svg: String {
    let rows = recording.timeline.rows
    let below = Self.top + rows.count * Self.row
    let height = below + 14 + (legend.count + 2) / 3 * 22 + 10
    let body =
      [ruler(to: below)] + zip(0..., rows).map { draw($1.name, $1.symbols, at: Self.top + $0 * Self.row) }
      + [drawLegend(at: below + 28)]
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.width) \(height)" role="img" aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="14">
        <title id="title">Chapter \(recording.chapter): \(escaped(recording.title))</title>
        <desc id="desc">\(escaped(alternative))</desc>
        <style>\(Self.style)</style>
        <rect class="paper" width="\(Self.width)" height="\(height)" rx="8"/>
      \(body.joined(separator: "\n"))
      </svg>

      """
  }

  /// What the picture shows, for people who do not see it.
  var alternative: String {
    let steps = zip(1..., recording.steps).map { "\($0). \($1)" }.joined(separator: " ")
    return "\(recording.inWords.replacing("\n  ", with: " ")) The steps: \(steps)"
  }

  // MARK: Parts

  private func x(_ column: Int) -> Double { Double(left) + Double(column) * cell }

  private func ruler(to bottom: Int) -> String {
    var lastLabel = -100.0
    let marks = zip(1..., recording.stepColumns).map { number, column in
      // Steps that take no time share a line; their numbers stand side by side.
      let position = max(x(column), lastLabel + 14)
      lastLabel = position
      return "  <path class=\"step\" d=\"M\(short(x(column))) \(Self.top - 8)V\(bottom)\"/>"
        + "<text class=\"quiet\" x=\"\(short(position))\" y=\"\(Self.top - 14)\" text-anchor=\"middle\">\(number)</text>"
    }
    return (marks + ["  <text class=\"quiet\" x=\"\(Self.margin)\" y=\"\(Self.top - 14)\">step</text>"])
      .joined(separator: "\n")
  }

  private func draw(_ name: String, _ symbols: [Character], at y: Int) -> String {
    let bars = recording.runs(of: symbols).map { run in
      let (start, end) = (x(run.columns.lowerBound), x(run.columns.upperBound))
      return bar(run.symbol, from: start, to: end, at: y)
    }
    return "  <text class=\"ink name\" x=\"\(Self.margin)\" y=\"\(y + 16)\">\(escaped(name))</text>" + bars.joined()
  }

  /// What the symbols that occur mean.
  private var legend: [(symbol: Character, meaning: String)] {
    let used = Set(recording.timeline.rows.flatMap(\.symbols))
    return recording.legend.filter { used.contains($0.symbol) }
  }

  private func drawLegend(at y: Int) -> String {
    zip(0..., legend).map { index, entry in
      let (left, top) = (Self.margin + index % 3 * 205, y + index / 3 * 22)
      return "  " + bar(entry.symbol, from: Double(left), to: Double(left) + 24, at: top - 16)
        + "<text class=\"ink\" x=\"\(left + 32)\" y=\"\(top)\">\(escaped(entry.meaning))</text>"
    }.joined(separator: "\n")
  }

  /// States differ in form as well as in colour; what is no state, a number for example, stands there as text.
  private func bar(_ symbol: Character, from start: Double, to end: Double, at y: Int) -> String {
    guard let name = Self.states[symbol] else {
      return "<text class=\"ink\" x=\"\(short(start + 4))\" y=\"\(y + 16)\">\(symbol)</text>"
    }
    let (inset, radius) = symbol == "✕" ? (5, 0) : (0, symbol == "✓" ? 8 : 3)
    return "<rect class=\"\(name)\" x=\"\(short(start + 1))\" y=\"\(y + 3 + inset)\" "
      + "width=\"\(short(max(1.5, end - start - 2)))\" height=\"\(16 - 2 * inset)\" rx=\"\(radius)\"/>"
  }

  private static let states: [Character: String] = [
    "·": "waiting", "◐": "starting", "●": "ready", "○": "ending", "✕": "failed", "✓": "completed",
  ]

  private static let style = """
    .paper{fill:#fbfaf7}.ink{fill:#1c1917}.quiet{fill:#57534e}.name{font-family:ui-monospace,monospace;font-size:13px}\
    .step{stroke:#a8a29e;stroke-dasharray:2 3;fill:none}\
    .ready{fill:#0f766e}.completed{fill:#1d4ed8}.failed{fill:#b91c1c}\
    .waiting{fill:none;stroke:#78716c;stroke-dasharray:1 3}.starting{fill:none;stroke:#c2410c;stroke-width:2}\
    .ending{fill:none;stroke:#57534e;stroke-dasharray:4 3}\
    @media(prefers-color-scheme:dark){.paper{fill:#1f1e1c}.ink{fill:#f5f5f4}.quiet{fill:#c7c2bd}.step{stroke:#6b6560}\
    .ready{fill:#2dd4bf}.completed{fill:#93c5fd}.failed{fill:#f87171}.waiting{stroke:#a8a29e}\
    .starting{stroke:#fdba74}.ending{stroke:#c7c2bd}}
    """

  private func short(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
