public import Objects

/// Something that takes turns: the controllers' driver, a node's agent. The simulator gives turns in an order of its
/// own choosing; the real cluster gives each participant a thread.
public protocol Participant: AnyObject {
  /// "controllers", "node-1".
  var name: String { get }

  /// Does a piece of work, if there is any.
  func turn(at now: Time) -> Turn

  /// Loses everything that is only in memory, as a crash would.
  func restart()
}

public struct Turn: Sendable {
  /// Whether there may be more to do at once.
  public var didWork: Bool
  /// When there will be something to do although nothing changes.
  public var wakeAt: Time?

  public init(didWork: Bool, wakeAt: Time?) {
    self.didWork = didWork
    self.wakeAt = wakeAt
  }
}
