public import ControlLoop
import Objects

/// What a world looked like from second to second, as text: a row for each thing, a column for each second.
///
///     v1  ●●●··
///     v2  ···◐●●●
public struct Timeline: Sendable, CustomStringConvertible {
  /// In the order in which they first appeared.
  public private(set) var rows: [(name: String, symbols: [Character])] = []
  private var columns = 0

  public init() {}

  /// Adds a column. A row that is not named shows nothing in it.
  public mutating func append(_ column: [(name: String, symbol: Character)]) {
    for (name, symbol) in column {
      let index = rows.firstIndex { $0.name == name }
      if let index {
        rows[index].symbols += Array(repeating: " ", count: max(0, columns - rows[index].symbols.count)) + [symbol]
      } else {
        rows.append((name, Array(repeating: " ", count: columns) + [symbol]))
      }
    }
    columns += 1
  }

  public var description: String {
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { name, symbols in
      name + String(repeating: " ", count: width - name.count + 2) + String(symbols)
    }.joined(separator: "\n")
  }
}

extension World {
  /// Lets seconds pass and writes down a column after each.
  public func timeline(
    seconds: Int, column: (View) -> [(name: String, symbol: Character)]
  ) -> Timeline {
    var timeline = Timeline()
    for _ in 0..<seconds {
      run(for: .seconds(1))
      timeline.append(column(view))
    }
    return timeline
  }
}
