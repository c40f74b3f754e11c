public import APIServer
import Dispatch
public import Objects

/// Timers of the operating system.
public struct SystemTimers: Timers {
  private static let longest = Duration.seconds(86_400 * 365)

  public init() {}

  public func call(at time: Time, _ ring: @escaping @Sendable () -> Void) {
    let now = SystemClock.now()
    // No difference is taken that could overflow: callers may say distantPast, or distantFuture.
    let wait = time <= now ? 0 : min(time, now + Self.longest).microseconds - now.microseconds
    DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(Int(wait)), execute: ring)
  }
}
