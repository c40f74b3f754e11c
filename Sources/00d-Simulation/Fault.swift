/// What can go wrong in a simulated world. Each is a switch, so that a failure can be narrowed down to the few that
/// it needs.
public enum Fault: String, CaseIterable, Sendable, Hashable, Comparable {
  /// The controllers' process ends between any two writes and starts again with an empty memory.
  case crash
  /// A controller is shown an older snapshot than the latest one.
  case stale
  /// A change is not told to the controllers.
  case dropped
  /// A change is told twice.
  case doubled
  /// Somebody else writes an object while a controller is thinking about it.
  case conflict
  /// A participant, a node for example, gets no turns for minutes and then comes back, or starts again.
  case outage
  /// The clock jumps ahead by minutes.
  case jump

  public static func < (left: Fault, right: Fault) -> Bool { left.rawValue < right.rawValue }
}

extension Fault {
  /// Of so many occasions each fault takes one: turns, writes, looks at the store, changes to tell.
  static let occasions: [Fault: UInt64] = [
    .crash: 50, .stale: 3, .dropped: 20, .doubled: 10, .conflict: 20, .outage: 500, .jump: 2_000,
  ]

  /// How many seconds an outage may last.
  static let outages: ClosedRange<Int64> = 1...300
  /// How many seconds the clock may jump.
  static let jumps: ClosedRange<Int64> = 30...600
  /// How many snapshots a view may be late.
  static let snapshotsKept = 16
}
