public import Objects
public import Store

/// A promise that a layer makes, as code. Tests, exercises and the simulator check the same ones.
public struct Invariant: Sendable {
  /// The promise, as a sentence: "never more than replicas + maxSurge pods".
  public let name: String
  public let promise: Promise
  /// Makes a check with a memory of its own, for one history.
  public let makeCheck: @Sendable () -> Check

  public enum Promise: Sendable {
    /// Holds after every write.
    case always
    /// Holds within this much time, once faults and outside changes have stopped.
    case eventually(within: Duration)
  }

  /// Says what is broken, or nil. `event` is the change that led to the view; nil when only time has passed.
  public typealias Check = (_ view: View, _ event: Event?, _ now: Time) -> String?

  public init(_ name: String, _ promise: Promise, makeCheck: @escaping @Sendable () -> Check) {
    self.name = name
    self.promise = promise
    self.makeCheck = makeCheck
  }

  /// A safety promise that each state keeps or breaks by itself.
  public static func always(_ name: String, check: @escaping @Sendable (View, Event?, Time) -> String?) -> Invariant {
    Invariant(name, .always) { check }
  }

  /// A liveness promise.
  public static func eventually(
    _ name: String, within: Duration, check: @escaping @Sendable (View, Time) -> String?
  ) -> Invariant {
    Invariant(name, .eventually(within: within)) { { view, _, now in check(view, now) } }
  }
}
