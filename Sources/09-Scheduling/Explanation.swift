public import ControlLoop
public import Pods

/// Why a pod goes where it goes: every node against every plugin. The scheduler itself stops at the first rejection.
public struct Explanation: Sendable, CustomStringConvertible {
  public struct Row: Sendable {
    public let node: String
    /// The plugin that says no, and what it says.
    public fileprivate(set) var rejection: (plugin: String, reasons: [String])?
    /// By plugin, normalized and weighed.
    public fileprivate(set) var scores: [(plugin: String, score: Int)] = []

    public var total: Int { scores.reduce(0) { $0 + $1.score } }
  }

  public let rows: [Row]
  /// What keeps the pod from every node.
  public let obstacle: String?

  /// As a table for people, the best node first.
  public var description: String {
    if let obstacle { return obstacle }
    let plugins = rows.first { $0.rejection == nil }?.scores.map(\.plugin) ?? []
    let left = rows.filter { $0.rejection == nil }.sorted { $0.total > $1.total }
    let table =
      [["NODE", "TOTAL"] + plugins] + left.map { [$0.node, "\($0.total)"] + $0.scores.map { "\($0.score)" } }
      + rows.compactMap { row in
        row.rejection.map { [row.node, "-", "\($0.plugin): \($0.reasons.joined(separator: ", "))"] }
      }
    let widths = (0...plugins.count + 1).map { column in
      table.filter { $0.count == plugins.count + 2 || column < 2 }.map { $0.count > column ? $0[column].count : 0 }
        .max() ?? 0
    }
    return table.map { cells in
      zip(cells, widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }.joined(separator: "   ")
        .replacing(/\s+$/, with: "")
    }.joined(separator: "\n")
  }
}

extension ClusterState {
  /// Explains a choice. Asks everybody, and remembers nothing.
  public mutating func explain(_ pod: Pod, by profile: SchedulerProfile, _ view: View) -> Explanation {
    let shape = shape(of: pod)
    var prepared = profile.clusterPlugins.compactMap { entry in
      entry.plugin.prepare(shape, in: self, view).map { (entry: entry, work: $0) }
    }
    var rows = nodes.map { Explanation.Row(node: $0.name) }
    for index in rows.indices {
      let local = profile.filters.lazy.compactMap { [nodes] plugin in
        plugin.rejection(of: shape, on: nodes[index]).map { (plugin.name, $0.reasons) }
      }.first
      rows[index].rejection = local
      for work in prepared.indices where prepared[work].entry.filters && rows[index].rejection == nil {
        rows[index].rejection = prepared[work].work.rejection(on: index).map {
          (prepared[work].entry.plugin.name, $0.reasons)
        }
      }
    }
    let left = rows.indices.filter { rows[$0].rejection == nil }
    func add(_ scores: [Int], _ weight: Int, of plugin: String) {
      for (index, score) in zip(left, scores) { rows[index].scores.append((plugin, score * weight)) }
    }
    for (plugin, weight) in profile.scorers where plugin.concerns(shape) {
      let scores = left.map { plugin.score(shape, on: nodes[$0]) }
      let largest = scores.max() ?? 0
      add(scores.map { plugin.normalization?.scaled($0, largest: largest) ?? $0 }, weight, of: plugin.name)
    }
    for index in prepared.indices where prepared[index].entry.weight > 0 {
      guard let scores = prepared[index].work.scores(of: left) else { continue }
      add(scores, prepared[index].entry.weight, of: prepared[index].entry.plugin.name)
    }
    return Explanation(rows: rows, obstacle: profile.obstacle(to: pod, view))
  }
}
